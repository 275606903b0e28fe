//! A field's text -> the same text, held to the rule of that field, whatever source it comes from.

use crate::failure::{Failure, FieldName};
use crate::request::rules;
use crate::source::field::Kind;
use crate::source::start_date;

pub(super) const EMPLOYEE_ID: &str = "an identifier of 1 to 128 characters";
pub(super) const LONGEST_EMPLOYEE_ID: usize = 128;

/// Holds a text to the rule of its kind, and returns it as a joiner has it.
pub(super) fn checked(
    kind: Kind,
    text: String,
    name: impl Fn() -> FieldName,
) -> Result<String, Failure> {
    match kind {
        Kind::EmployeeId => employee_id(text, name),
        Kind::Email => email(text, name),
        Kind::StartDate => start_date(&text, name),
        Kind::Identifier | Kind::Text => Ok(text),
    }
}

/// An employee id is at most [`LONGEST_EMPLOYEE_ID`] characters long.
pub(super) fn employee_id(id: String, name: impl Fn() -> FieldName) -> Result<String, Failure> {
    if id.chars().count() <= LONGEST_EMPLOYEE_ID {
        Ok(id)
    } else {
        Err(Failure::invalid(name(), EMPLOYEE_ID))
    }
}

/// An e-mail address is one.
fn email(email: String, name: impl Fn() -> FieldName) -> Result<String, Failure> {
    if rules::is_email(&email) {
        Ok(email)
    } else {
        Err(Failure::invalid(
            name(),
            "an e-mail address such as name@company.example",
        ))
    }
}

/// A start date in any of its forms becomes `YYYY-MM-DD`.
fn start_date(text: &str, name: impl Fn() -> FieldName) -> Result<String, Failure> {
    start_date::parse(text)
        .map(|date| date.to_string())
        .ok_or_else(|| Failure::invalid(name(), start_date::ACCEPTED))
}
