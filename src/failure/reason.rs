//! Every reason for which a join fails -> its code, and the class that decides what happens to its message.

use super::FieldName;

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
