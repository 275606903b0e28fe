//! An account -> plain facts about the resources of a deployment, by read-only calls.

pub(super) mod claims;
pub(super) mod function;
pub(super) mod instance;
pub(super) mod named_queues;
pub(super) mod queue;
pub(super) mod secrets;
