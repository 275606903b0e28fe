//! A payload with the source that reads it.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::intake::Beside;

/// A payload, and the source that reads it; it holds personal data, so it has no `Debug`.
#[derive(Clone)]
pub struct Delivery {
    /// Shared by everybody in it.
    pub payload: Arc<Map<String, Value>>,
    /// The members of the innermost envelope, but for the payload.
    pub envelope: Arc<Map<String, Value>>,
    /// Facts about the event that its payload does not have.
    pub beside: Beside,
    /// The source that reads it, or why none does.
    pub(super) reader: Result<Reader, Failure>,
}

/// The source that reads a payload.
#[derive(Clone)]
pub(super) enum Reader {
    /// This program's own event, `hr.join/1`.
    HrJoin,
    /// A ready CreateUser request.
    CreateUser,
    /// A source of the configuration.
    Configured(Recognised),
}

/// A configured source that has recognised a payload.
#[derive(Clone)]
pub(super) struct Recognised {
    /// Its place in the configuration, from 0.
    pub(super) source: usize,
    /// The variables of its expressions.
    pub(super) seen: minijinja::Value,
    /// The person's place, where there are several in the payload.
    pub(super) item: Option<usize>,
}

impl Delivery {
    /// Tells whether a source of the configuration reads it, which another configuration may lack.
    pub(crate) fn is_read_by_configuration(&self) -> bool {
        matches!(self.reader, Ok(Reader::Configured(_)))
    }
}
