//! A refused call: the code, status and sentence that AWS would answer with.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Answer to a call: the members of its output, or a refusal.
pub(super) type Answer = Result<Value, Refusal>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Cow<'static, str>,
    pub(super) status: u16,
    pub(super) message: String,
    /// Members that the error has besides its message.
    pub(super) members: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(
        code: impl Into<Cow<'static, str>>,
        status: u16,
        message: impl Into<String>,
    ) -> Self {
        let (code, message) = (code.into(), message.into());
        Self {
            code,
            status,
            message,
            members: Map::new(),
        }
    }

    /// Adds a member that the error of this code has.
    pub(super) fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// A refusal with status 400, as most are.
    pub(super) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, 400, message)
    }

    /// The refusal of a body that is not the JSON of its operation. It says where, never what:
    /// the text of a serde error repeats values, and a password may be one of them.
    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::bad_request(
            "SerializationException",
            format!("the body is not valid at line {line}, column {column}"),
        )
    }

    pub(super) fn unknown_operation(name: &str) -> Self {
        Self::bad_request(
            "UnknownOperationException",
            format!("the stand-in does not know the operation {name}"),
        )
    }
}
