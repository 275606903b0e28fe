//! A failure, a field or a row -> the reason why a message is not sent.

use connect_provisioner::failure::{Failure, FieldName, Reason};

/// Reason why a message is not sent: a code, and an explanation.
#[derive(Clone)]
pub(super) struct SendFault {
    pub(super) reason: String,
    pub(super) text: String,
}

impl SendFault {
    /// Builds the fault of a row of a CSV file.
    pub(super) fn for_row(reason: &str, text: String) -> Self {
        Self {
            reason: reason.to_owned(),
            text,
        }
    }

    /// Builds the fault of a member of the CreateUser request.
    pub(super) fn for_field(member: &str, text: &str) -> Self {
        Self {
            reason: Reason::InvalidField(FieldName::new(member)).code(),
            text: text.to_owned(),
        }
    }
}

impl From<Failure> for SendFault {
    fn from(failure: Failure) -> Self {
        Self {
            reason: failure.reason().code(),
            text: failure.explanation().to_owned(),
        }
    }
}
