//! A broken rule becomes the exception that the reference lists for it. The sentence names the
//! member and the rule, never the value: members carry personal data.
//!
//! The reference does not say which of the two bad-request exceptions a rule ends in. Here a value
//! that is wrong by itself is an `InvalidParameterException` ("one or more of the specified
//! parameters are not valid"), and members that don't go together, or not with this instance, are an
//! `InvalidRequestException` ("the request is not valid").

use super::super::refusal::Refusal;

pub(super) type Checked = Result<(), Refusal>;

/// A value that breaks the rule of its member.
pub(super) fn invalid(member: &str, rule: &str) -> Refusal {
    Refusal::bad_request("InvalidParameterException", format!("{member} {rule}"))
}

/// A member that does not go with the others or with the instance.
pub(super) fn conflict(member: &str, rule: &str) -> Refusal {
    Refusal::bad_request("InvalidRequestException", format!("{member} {rule}"))
}

/// A condition that the stand-in has not learned is refused: ignored, it would find too much.
pub(super) fn not_here(member: &str) -> Refusal {
    conflict(member, "is not known to the stand-in")
}

/// Something named that is not there ("the specified resource was not found").
pub(super) fn not_found(member: &str) -> Refusal {
    let message = format!("{member} names a resource that was not found");
    Refusal::new("ResourceNotFoundException", 404, message)
}

/// The value of a required member.
pub(super) fn required<'input, T: ?Sized>(
    member: &str,
    value: Option<&'input T>,
) -> Result<&'input T, Refusal> {
    value.ok_or_else(|| invalid(member, "is required"))
}

/// The length of a string as service models count it: in characters.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

pub(super) fn check(holds: bool, refusal: impl FnOnce() -> Refusal) -> Checked {
    if holds { Ok(()) } else { Err(refusal()) }
}
