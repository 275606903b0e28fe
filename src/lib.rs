//! wip
pub mod create_user_input;
pub mod failure;
pub mod intake;
pub mod joiner;
pub mod json;
pub mod person_key;
pub mod person_name;
pub mod rules;
pub mod source;
pub mod template;
pub mod username;
