//! Why a join did not become a user: one type for every step, and the one place that judges what happens next.
//!
//! Steps and adapters only report. [`Reason::class`] decides between the dead-letter queue, another try and a full
//! stop of its instance; settlement acts on it. An explanation is written for the person on call and never repeats what the event
//! or a service said: those texts may hold personal data or the password.

mod field_name;
#[cfg(test)]
mod tests;

use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};

pub use field_name::FieldName;

/// Failure of one person's join: its reason, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{explanation}")]
pub struct Failure {
    reason: Reason,
    explanation: String,
}

impl Failure {
    /// A failure with its reason and a sentence that names the field, the rule and what would be accepted.
    pub fn new(reason: Reason, explanation: impl Into<String>) -> Self {
        Self {
            reason,
            explanation: explanation.into(),
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

    /// An AWS call that did not succeed, with AWS's own error code and nothing of AWS's message.
    pub fn aws<E, R>(operation: &'static str, err: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        let code = match err {
            SdkError::TimeoutError(_) => "Timeout".to_owned(),
            SdkError::DispatchFailure(_) => "DispatchFailure".to_owned(),
            SdkError::ResponseError(_) => "UnreadableResponse".to_owned(),
            SdkError::ServiceError(service) => {
                service.err().code().unwrap_or("UnknownError").to_owned()
            }
            _ => "RequestNotBuilt".to_owned(),
        };
        let explanation = format!("{operation} answered {code}");
        Self::new(Reason::Aws { operation, code }, explanation)
    }

    /// Adds a sentence about what may be the cause.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self {
            explanation: format!("{}; {hint}", self.explanation),
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

/// Class of a failure: it decides what happens to the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Trying again cannot help: to the dead-letter queue now.
    Permanent,
    /// Trying again may help: back to the queue.
    Transient,
    /// Others whose users belong in the same instance would fail too, until somebody fixes it: their messages stay on the queue.
    Systemic,
}

/// The closed set of reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NotJson,
    NotUtf8,
    UnknownShape,
    UnsupportedVersion,
    /// The record's text cannot be decoded, so no faithful copy of its message exists.
    UnreplayableRecord,
    /// The message lists more people than can be served or split.
    TooLarge,
    InsufficientData,
    MissingField(FieldName),
    InvalidField(FieldName),
    UsernameNotDerivable,
    UsernameInvalid,
    NoAssignment,
    UnknownProfile,
    /// The event or an assignment asks for what the configuration does not permit.
    NotPermitted,
    /// The instance lacks a security profile that the configuration forbids, so nobody can be kept from it.
    ForbiddenProfileUnknown,
    /// As many users were made in this hour as the configuration permits.
    TooManyUsers,
    UsernameTaken,
    UsernameExistsUnmanaged,
    ConflictingReplay,
    /// Too large to wait for its start date, or not to be kept whole, since a text of it gives a password.
    Unschedulable,
    /// Sent back from the dead-letter queue as often as the configuration allows.
    ReplayExhausted,
    NotVisibleYet,
    /// Another attempt for the person holds the claim on a username.
    ClaimHeld,
    Secret(SecretFault, SecretSharing),
    Aws {
        operation: &'static str,
        code: String,
    },
    DeadLetterRefused,
    /// Not started, because an earlier failure's cause would fail it too.
    Stopped {
        /// The code of that earlier failure.
        code: String,
    },
    /// Not started, since there was too little time left to end it.
    OutOfTime,
    /// Not started, since an earlier message of its group comes back first.
    OutOfTurn,
    /// Started, and not ended in the time that one person may take.
    TookTooLong,
    /// Several people in a row were refused for this reason, so the cause is not in their events.
    SameRefusal {
        code: String,
    },
    /// It could have helped to try again, and it was tried often and long enough.
    AttemptsExhausted {
        code: String,
    },
    Internal,
}

/// Fault of the secret that holds an initial password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFault {
    Missing,
    PendingDeletion,
    AccessDenied,
    Undecryptable,
    Binary,
    NotJson,
    /// A JSON object or array where no `json_key` is configured.
    JsonWithoutKey,
    KeyAbsent,
    Empty,
    /// Holds a character that nobody sees or can type.
    Invisible,
    /// White space at its beginning or end.
    Padded,
    Quoted,
    BreaksPolicy,
}

/// Whether one secret serves everybody or each person has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretSharing {
    Shared,
    PerPerson,
}

impl Reason {
    /// The code as it stands in dead-letter messages, logs and `--json` output.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::MissingField(field) => format!("missing_field:{field}"),
            Self::InvalidField(field) => format!("invalid_field:{field}"),
            Self::Aws { code, .. } if self.class() != Class::Permanent => format!("aws:{code}"),
            Self::SameRefusal { code } => format!("same_refusal:{code}"),
            Self::Stopped { code } => format!("stopped:{code}"),
            Self::AttemptsExhausted { code } => format!("attempts_exhausted:{code}"),
            _ => self.family().to_owned(),
        }
    }

    /// The code without its detail: few enough values to be a metric's dimension.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::NotUtf8 => "not_utf8",
            Self::UnknownShape => "unknown_shape",
            Self::UnsupportedVersion => "unsupported_version",
            Self::UnreplayableRecord => "unreplayable_record",
            Self::TooLarge => "too_large",
            Self::InsufficientData => "insufficient_data",
            Self::MissingField(_) => "missing_field",
            Self::InvalidField(_) => "invalid_field",
            Self::UsernameNotDerivable => "username_not_derivable",
            Self::UsernameInvalid => "username_invalid",
            Self::NoAssignment => "no_assignment",
            Self::UnknownProfile => "unknown_profile",
            Self::NotPermitted => "not_permitted",
            Self::ForbiddenProfileUnknown => "forbidden_profile_unknown",
            Self::TooManyUsers => "too_many_users",
            Self::UsernameTaken => "username_taken",
            Self::UsernameExistsUnmanaged => "username_exists_unmanaged",
            Self::ConflictingReplay => "conflicting_replay",
            Self::Unschedulable => "unschedulable",
            Self::ReplayExhausted => "replay_exhausted",
            Self::NotVisibleYet => "not_visible_yet",
            Self::ClaimHeld => "claim_held",
            Self::Secret(fault, _) => fault.code(),
            Self::Aws { .. } if self.class() == Class::Permanent => "connect_rejected",
            Self::Aws { .. } => "aws",
            Self::DeadLetterRefused => "dead_letter_refused",
            Self::Stopped { .. } => "stopped",
            Self::OutOfTime => "out_of_time",
            Self::OutOfTurn => "out_of_turn",
            Self::TookTooLong => "took_too_long",
            Self::SameRefusal { .. } => "same_refusal",
            Self::AttemptsExhausted { .. } => "attempts_exhausted",
            Self::Internal => "internal",
        }
    }

    /// Whether a text is the family of a reason that a dead letter of this program can have.
    #[must_use]
    pub fn is_family(text: &str) -> bool {
        matches!(
            text,
            "not_json"
                | "not_utf8"
                | "unknown_shape"
                | "unsupported_version"
                | "unreplayable_record"
                | "too_large"
                | "insufficient_data"
                | "missing_field"
                | "invalid_field"
                | "username_not_derivable"
                | "username_invalid"
                | "no_assignment"
                | "unknown_profile"
                | "not_permitted"
                | "username_taken"
                | "username_exists_unmanaged"
                | "conflicting_replay"
                | "unschedulable"
                | "replay_exhausted"
                | "connect_rejected"
                | "attempts_exhausted"
        ) || SecretFault::ALL.iter().any(|fault| fault.code() == text)
    }

    /// Returns the class of the reason: the only place that decides what a reason means for its message.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::NotJson
            | Self::NotUtf8
            | Self::UnknownShape
            | Self::UnsupportedVersion
            | Self::UnreplayableRecord
            | Self::TooLarge
            | Self::InsufficientData
            | Self::MissingField(_)
            | Self::InvalidField(_)
            | Self::UsernameNotDerivable
            | Self::UsernameInvalid
            | Self::NoAssignment
            | Self::UnknownProfile
            | Self::NotPermitted
            | Self::UsernameTaken
            | Self::UsernameExistsUnmanaged
            | Self::ConflictingReplay
            | Self::Unschedulable
            | Self::ReplayExhausted => Class::Permanent,
            Self::NotVisibleYet
            | Self::ClaimHeld
            | Self::DeadLetterRefused
            | Self::OutOfTime
            | Self::OutOfTurn
            | Self::TookTooLong
            | Self::Internal => Class::Transient,
            Self::AttemptsExhausted { .. } => Class::Permanent,
            Self::Stopped { .. }
            | Self::SameRefusal { .. }
            | Self::ForbiddenProfileUnknown
            | Self::TooManyUsers => Class::Systemic,
            Self::Secret(_, SecretSharing::Shared) => Class::Systemic,
            // HR's event may come before the person's secret does.
            Self::Secret(SecretFault::Missing, SecretSharing::PerPerson) => Class::Transient,
            Self::Secret(_, SecretSharing::PerPerson) => Class::Permanent,
            Self::Aws { operation, code } => class_of_aws_code(operation, code),
        }
    }
}

/// Tells whether an error code of AWS says that calls come too fast (AWS API reference, "Common errors").
pub(crate) fn is_throttling(code: &str) -> bool {
    matches!(code, "ThrottlingException" | "TooManyRequestsException")
}

// Codes: Amazon Connect API reference, CreateUser, "Errors"; AWS "Common errors".
fn class_of_aws_code(operation: &str, code: &str) -> Class {
    match code {
        // The dead-letter queue's trouble is its own: users can still be made.
        _ if operation == "SendMessage" => Class::Transient,
        "InvalidRequestException" | "InvalidParameterException" => match operation {
            "CreateUser" => Class::Permanent,
            // Nothing of the event goes into the other calls but an exact username, so the configuration is wrong.
            _ => Class::Systemic,
        },
        "AccessDeniedException"
        | "AccessDenied"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "ExpiredTokenException"
        | "InvalidSignatureException"
        // CreateUser's LimitExceededException is the quota of users, not a throttle: a person must act.
        | "LimitExceededException" => Class::Systemic,
        // The directory proved that the profiles exist, so only a look-up can mean that the instance is gone.
        "ResourceNotFoundException" if operation != "CreateUser" => Class::Systemic,
        // Unknown codes are tried again: the queue bounds the tries, and nothing is lost.
        _ => Class::Transient,
    }
}

impl SecretFault {
    const ALL: [Self; 13] = [
        Self::Missing,
        Self::PendingDeletion,
        Self::AccessDenied,
        Self::Undecryptable,
        Self::Binary,
        Self::NotJson,
        Self::JsonWithoutKey,
        Self::KeyAbsent,
        Self::Empty,
        Self::Invisible,
        Self::Padded,
        Self::Quoted,
        Self::BreaksPolicy,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Missing => "secret_missing",
            Self::PendingDeletion => "secret_pending_deletion",
            Self::AccessDenied => "secret_access_denied",
            Self::Undecryptable => "secret_undecryptable",
            Self::Binary => "secret_binary",
            Self::NotJson => "secret_not_json",
            Self::JsonWithoutKey => "secret_json_without_key",
            Self::KeyAbsent => "secret_key_absent",
            Self::Empty => "secret_empty",
            Self::Invisible => "secret_invisible_character",
            Self::Padded => "secret_padded",
            Self::Quoted => "secret_quoted",
            Self::BreaksPolicy => "secret_breaks_policy",
        }
    }
}
