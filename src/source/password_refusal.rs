//! Events that carry a password: refused, and taken out of the copy that goes to the dead-letter queue.

mod cut;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::failure::{Failure, FieldName};
use crate::intake;

/// Refuses a payload in which any object, at any depth, has a `Password` that is not blank.
pub(super) fn refuse(payload: &Map<String, Value>) -> Result<(), Failure> {
    if passwords_of(payload) == 0 {
        return Ok(());
    }
    Err(Failure::invalid(
        FieldName::of("Password"),
        "the event without it: the initial password comes from Secrets Manager only, and the one sent here must be \
         considered disclosed",
    ))
}

/// Takes the passwords out of a message's text, so that it may stand in a queue for days.
///
/// JSON keeps its shape and every other byte: only what `refuse` refuses goes, in JSON that stands in a text too, and what
/// `password=` or `<password>` is followed by in a text. All else is cut as it runs. Where a password is found to be left all
/// the same, nothing of the text is kept.
#[must_use]
pub fn without_passwords(body: &str) -> String {
    let cut = cut::out(body).unwrap_or_else(|| body.to_owned());
    if passwords_in(&cut) == 0 {
        cut
    } else {
        r#"{"removed":"the message held a password"}"#.to_owned()
    }
}

const REMOVED: &str = "[removed]";

const PASSWORD: &str = "password";

/// Tells whether a name is that of a password: `password` in any case, and no longer name that holds it.
///
/// So `Password` in JSON, `;password=X` and `?password=X` are passwords; `passwordPolicy`, `user_password`, `initialPassword`,
/// `forgot_password=1` and `reset-password=1` are not. A letter, a digit, `_` or `-` before it makes a longer name.
fn is_password_key(name: &str) -> bool {
    name.eq_ignore_ascii_case(PASSWORD)
}

fn passwords_in(body: &str) -> usize {
    let mut found = 0;
    for parcel in intake::open(body) {
        if let Ok(intake::Content::Delivery(delivery)) = parcel.content {
            found += passwords_of(&delivery.payload);
        }
    }
    found
}

fn passwords_of(object: &Map<String, Value>) -> usize {
    object
        .iter()
        .map(|(key, value)| {
            if is_password_key(key) {
                usize::from(!is_blank(value))
            } else {
                nested(value)
            }
        })
        .sum()
}

fn nested(value: &Value) -> usize {
    match value {
        Value::Object(object) => passwords_of(object),
        Value::Array(items) => items.iter().map(nested).sum(),
        _ => 0,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => is_blank_text(text),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Number(_) => false,
    }
}

/// Tells as `is_blank` does whether well-formed JSON is blank, without making a value of it.
fn is_blank_json(json: &str) -> bool {
    match json.as_bytes().first() {
        Some(b'n' | b't' | b'f') => true,
        Some(b'"') => serde_json::from_str::<String>(json).is_ok_and(|text| is_blank_text(&text)),
        Some(b'{' | b'[') => json[1..json.len() - 1].trim().is_empty(),
        _ => false,
    }
}

fn is_blank_text(text: &str) -> bool {
    text.trim().is_empty() || text == REMOVED
}
