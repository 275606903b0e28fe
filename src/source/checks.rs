//! A field's text -> the same text, held to the rule of that field, whatever source it comes from.

use crate::failure::{Failure, FieldName};
use crate::request::rules;
use crate::source::start_date;

pub(super) const EMPLOYEE_ID: &str = "an identifier of 1 to 128 characters";
pub(super) const LONGEST_EMPLOYEE_ID: usize = 128;

/// An employee id is at most [`LONGEST_EMPLOYEE_ID`] characters long.
pub(super) fn employee_id(id: String, name: impl Fn() -> FieldName) -> Result<String, Failure> {
    if id.chars().count() <= LONGEST_EMPLOYEE_ID {
        Ok(id)
    } else {
        Err(Failure::invalid(name(), EMPLOYEE_ID))
    }
}

/// An e-mail address is one.
pub(super) fn email(email: String, name: impl Fn() -> FieldName) -> Result<String, Failure> {
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
pub(super) fn start_date(text: &str, name: impl Fn() -> FieldName) -> Result<String, Failure> {
    start_date::parse(text)
        .map(|date| date.to_string())
        .ok_or_else(|| Failure::invalid(name(), start_date::ACCEPTED))
}
