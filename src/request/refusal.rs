//! A member of a request that breaks a rule -> its refusal.

use crate::failure::{Failure, FieldName};

/// Form of a phone number.
pub(super) const E164: &str = "an E.164 number such as +15555550123";

pub(super) fn missing(member: &str, accepted: &str) -> Failure {
    Failure::missing(FieldName::new(member), accepted)
}

pub(super) fn invalid(member: &str, accepted: &str) -> Failure {
    Failure::invalid(FieldName::new(member), accepted)
}

pub(super) fn ensure(holds: bool, failure: impl FnOnce() -> Failure) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(failure()) }
}
