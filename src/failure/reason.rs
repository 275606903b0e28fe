//! Every reason for which a join fails -> its code and its class.

use super::aws_code;
use super::family::{Family, FamilyClass};
use super::field_name::FieldName;

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
        let family = self.family().code();
        match self {
            Self::MissingField(field) | Self::InvalidField(field) => format!("{family}:{field}"),
            Self::Aws { code, .. } if self.class() != Class::Permanent => {
                format!("{family}:{code}")
            }
            Self::SameRefusal { code }
            | Self::Stopped { code }
            | Self::AttemptsExhausted { code } => format!("{family}:{code}"),
            _ => family.to_owned(),
        }
    }

    /// Returns the family: the reason without its detail.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::NotJson => Family::NotJson,
            Self::NotUtf8 => Family::NotUtf8,
            Self::UnknownShape => Family::UnknownShape,
            Self::UnsupportedVersion => Family::UnsupportedVersion,
            Self::UnreplayableRecord => Family::UnreplayableRecord,
            Self::TooLarge => Family::TooLarge,
            Self::InsufficientData => Family::InsufficientData,
            Self::MissingField(_) => Family::MissingField,
            Self::InvalidField(_) => Family::InvalidField,
            Self::UsernameNotDerivable => Family::UsernameNotDerivable,
            Self::UsernameInvalid => Family::UsernameInvalid,
            Self::NoAssignment => Family::NoAssignment,
            Self::UnknownProfile => Family::UnknownProfile,
            Self::NotPermitted => Family::NotPermitted,
            Self::ForbiddenProfileUnknown => Family::ForbiddenProfileUnknown,
            Self::TooManyUsers => Family::TooManyUsers,
            Self::UsernameTaken => Family::UsernameTaken,
            Self::UsernameExistsUnmanaged => Family::UsernameExistsUnmanaged,
            Self::ConflictingReplay => Family::ConflictingReplay,
            Self::Unschedulable => Family::Unschedulable,
            Self::ReplayExhausted => Family::ReplayExhausted,
            Self::NotVisibleYet => Family::NotVisibleYet,
            Self::ClaimHeld => Family::ClaimHeld,
            Self::Secret(fault, _) => fault.family(),
            Self::Aws { operation, code } => match aws_code::class(operation, code) {
                Class::Permanent => Family::ConnectRejected,
                Class::Transient | Class::Systemic => Family::Aws,
            },
            Self::DeadLetterRefused => Family::DeadLetterRefused,
            Self::Stopped { .. } => Family::Stopped,
            Self::OutOfTime => Family::OutOfTime,
            Self::OutOfTurn => Family::OutOfTurn,
            Self::TookTooLong => Family::TookTooLong,
            Self::SameRefusal { .. } => Family::SameRefusal,
            Self::AttemptsExhausted { .. } => Family::AttemptsExhausted,
            Self::Internal => Family::Internal,
        }
    }

    /// Returns the class of the reason: the only place that decides what a reason means for its message.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Aws { operation, code } => aws_code::class(operation, code),
            Self::Secret(fault, sharing) => fault.class(*sharing),
            _ => match self.family().class() {
                FamilyClass::Permanent => Class::Permanent,
                FamilyClass::Transient => Class::Transient,
                FamilyClass::Systemic | FamilyClass::ByAwsCode | FamilyClass::BySecret => {
                    Class::Systemic
                }
            },
        }
    }
}

impl SecretFault {
    fn class(self, sharing: SecretSharing) -> Class {
        match (self, sharing) {
            (_, SecretSharing::Shared) => Class::Systemic,
            // HR's event may come before the person's secret does.
            (Self::Missing, SecretSharing::PerPerson) => Class::Transient,
            (_, SecretSharing::PerPerson) => Class::Permanent,
        }
    }

    fn family(self) -> Family {
        match self {
            Self::Missing => Family::SecretMissing,
            Self::PendingDeletion => Family::SecretPendingDeletion,
            Self::AccessDenied => Family::SecretAccessDenied,
            Self::Undecryptable => Family::SecretUndecryptable,
            Self::Binary => Family::SecretBinary,
            Self::NotJson => Family::SecretNotJson,
            Self::JsonWithoutKey => Family::SecretJsonWithoutKey,
            Self::KeyAbsent => Family::SecretKeyAbsent,
            Self::Empty => Family::SecretEmpty,
            Self::Invisible => Family::SecretInvisible,
            Self::Padded => Family::SecretPadded,
            Self::Quoted => Family::SecretQuoted,
            Self::BreaksPolicy => Family::SecretBreaksPolicy,
        }
    }
}
