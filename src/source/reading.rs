//! Meaning of a payload: a joiner, a ready request, or no join.

use std::borrow::Cow;

use crate::request::create_user_input::CreateUserInput;
use crate::source::joiner::Joiner;

/// Meaning of a payload.
pub enum Reading {
    /// Somebody joins; the configuration decides what Connect must have.
    Joiner(Box<Joiner>),
    /// The producer has decided that already.
    Request(Box<CreateUserInput>),
    /// An event about something else, recorded and left alone.
    NoJoin(Cow<'static, str>),
}
