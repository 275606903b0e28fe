//! Why a join did not become a user: one type for every step, and the one place that judges what happens next.
//!
//! Steps and adapters only report. [`Reason::class`] decides between the dead-letter queue, another try and a full
//! stop of its instance; settlement acts on it. An explanation is written for the person on call and never repeats a value of the
//! event, nor of a service's message: those may be personal data or the password.

mod aws_code;
mod aws_message;
mod family;
mod field_name;
mod reason;
#[cfg(test)]
mod tests;

use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};
use aws_types::request_id::RequestId;

pub(crate) use aws_code::is_throttling;
pub use family::{Family, FamilyClass, Remedy};
pub use field_name::FieldName;
pub use reason::{Class, Reason, SecretFault, SecretSharing};

/// Failure of one person's join: its reason, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{explanation}")]
pub struct Failure {
    reason: Reason,
    explanation: String,
    /// The id of the AWS call that failed, for AWS Support and `CloudTrail`.
    aws_request_id: Option<String>,
}

impl Failure {
    /// A failure with its reason and a sentence that names the field, the rule and what would be accepted.
    pub fn new(reason: Reason, explanation: impl Into<String>) -> Self {
        Self {
            reason,
            explanation: explanation.into(),
            aws_request_id: None,
        }
    }

    /// A field that must be there is absent, null, empty or blank.
    #[must_use]
    pub fn missing(field: FieldName, accepted: &str) -> Self {
        let explanation = format!("{field} is missing or blank; send {accepted}");
        Self::new(Reason::MissingField(field), explanation)
    }

    /// A field is there and breaks a rule.
    #[must_use]
    pub fn invalid(field: FieldName, accepted: &str) -> Self {
        let explanation = format!("{field} is not acceptable; send {accepted}");
        Self::new(Reason::InvalidField(field), explanation)
    }

    /// An AWS call that did not succeed: AWS's own error code, the id of the call, and of AWS's message the words that quote
    /// nothing.
    pub fn aws<E, R>(operation: &'static str, err: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        Self::aws_with_password(operation, err, None)
    }

    /// An AWS call with a password that did not succeed; a message that may quote the password is dropped.
    pub(crate) fn aws_with_password<E, R>(
        operation: &'static str,
        err: &SdkError<E, R>,
        password: Option<&str>,
    ) -> Self
    where
        E: ProvideErrorMetadata,
    {
        let answer = match err {
            SdkError::ServiceError(service) => Some(service.err().meta()),
            _ => None,
        };
        let code = match err {
            SdkError::TimeoutError(_) => "Timeout",
            SdkError::DispatchFailure(_) => "DispatchFailure",
            SdkError::ResponseError(_) => "UnreadableResponse",
            SdkError::ServiceError(service) => service.err().code().unwrap_or("UnknownError"),
            _ => "RequestNotBuilt",
        };
        let code = code.to_owned();
        let message = answer.and_then(|answer| answer.message());
        let message = message.and_then(|message| aws_message::kept(message, password));
        let explanation = match message {
            Some(message) => format!("{operation} answered {code}: {message}"),
            None => format!("{operation} answered {code}"),
        };
        let request_id = answer.and_then(RequestId::request_id);
        Self {
            aws_request_id: request_id.filter(|id| is_request_id(id)).map(str::to_owned),
            ..Self::new(Reason::Aws { operation, code }, explanation)
        }
    }

    /// Adds a sentence about what may be the cause.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self {
            explanation: format!("{}; {hint}", self.explanation),
            ..self
        }
    }

    /// Names the AWS call that the cause of this failure came from.
    pub(crate) fn caused_by(self, cause: &Self) -> Self {
        Self {
            aws_request_id: cause.aws_request_id.clone(),
            ..self
        }
    }

    /// Not tried, because the cause of an earlier failure would fail this person too.
    pub(crate) fn stopped(cause: &Self) -> Self {
        Self::new(
            Reason::Stopped {
                code: cause.reason.code(),
            },
            format!("not tried, since it would fail too: {}", cause.explanation),
        )
        .caused_by(cause)
    }

    /// The program itself failed; the panic hook has logged the place.
    pub(crate) fn panicked() -> Self {
        Self::new(
            Reason::Internal,
            "the program failed on this person; the log names the place",
        )
    }

    /// Not tried, since it has been sent back so often already.
    pub(crate) fn replay_exhausted(replays: u32, earlier: &str) -> Self {
        Self::new(
            Reason::ReplayExhausted,
            format!(
                "replayed {replays} times, which is [retry] most_replays, and failed each time, lastly with {earlier}; fix the \
                 cause, then replay it with --anyway, which starts the count anew"
            ),
        )
    }

    /// Not tried, since the invocation has too little time left.
    pub(crate) fn out_of_time() -> Self {
        Self::new(
            Reason::OutOfTime,
            "not tried: too little time was left in this invocation",
        )
    }

    /// The reason, for filters and counts.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The sentence for people; holds no personal data.
    #[must_use]
    pub fn explanation(&self) -> &str {
        &self.explanation
    }

    /// Returns the id of the AWS call that failed, where AWS has given one.
    #[must_use]
    pub fn aws_request_id(&self) -> Option<&str> {
        self.aws_request_id.as_deref()
    }

    /// Tells whether too many people at once are the cause, which ends by itself however long it takes.
    #[must_use]
    pub(crate) fn comes_of_load(&self) -> bool {
        match &self.reason {
            Reason::OutOfTime | Reason::OutOfTurn => true,
            Reason::Aws { code, .. } => is_throttling(code),
            _ => false,
        }
    }

    /// Returns the class of the failure, which decides what happens to its message.
    #[must_use]
    pub fn class(&self) -> Class {
        self.reason.class()
    }
}

// Anything else is no id, and may be a text of somebody's.
fn is_request_id(id: &str) -> bool {
    let of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '=' | '_' | '/' | '+');
    (1..=128).contains(&id.len()) && id.chars().all(of_id)
}
