//! Events that carry a password: refused, and taken out of the copy that goes to the dead-letter queue.

mod cut;
mod name;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::failure::{Failure, FieldName};
use crate::intake;

pub use name::means_password;
use name::{is_password, is_yes_or_no};

/// Refuses a payload in which any object, at any depth, has a `Password` that is not blank.
pub(super) fn refuse(payload: &Map<String, Value>) -> Result<(), Failure> {
    if !holds(payload, &is_refused) {
        return Ok(());
    }
    Err(Failure::invalid(
        FieldName::new("Password"),
        "the event without it: the initial password comes from Secrets Manager only, and the one sent here must be \
         considered disclosed",
    ))
}

/// Takes the passwords out of a message's text, so that it may stand in a queue for days.
///
/// JSON keeps its shape and every other byte: only the values of members go whose names are those of passwords, such as
/// `Password`, `initialPassword` or `pwd`, in JSON that stands in a text too, and what `password=` or `<password>` is
/// followed by in a text. All else is cut as it runs. Where a password is found to be left all the same, nothing of the text
/// is kept.
#[must_use]
pub fn without_passwords(body: &str) -> String {
    let cut = cut::out(body).unwrap_or_else(|| body.to_owned());
    if is_password_left(&cut) {
        r#"{"removed":"the message held a password"}"#.to_owned()
    } else {
        cut
    }
}

const REMOVED: &str = "[removed]";

fn is_password_left(body: &str) -> bool {
    intake::open(body)
        .into_iter()
        .any(|parcel| match parcel.content {
            Ok(intake::Content::Delivery(payload)) => {
                // A text of XML or of a form may hold JSON or XML of its own, which was cut as it runs.
                let is_of_text = payload.beside.text.is_some();
                let in_text = |_: &str, value: &Value| {
                    is_of_text && value.as_str().is_some_and(cut::is_in_text)
                };
                holds(&payload.object, &is_cut) || holds(&payload.object, &in_text)
            }
            _ => false,
        })
}

/// Tells whether an object has a member, at any depth, that a rule is for.
fn holds(object: &Map<String, Value>, rule: &impl Fn(&str, &Value) -> bool) -> bool {
    let mut members = object.iter();
    members.any(|(name, value)| rule(name, value) || (!is_password(name) && nested(value, rule)))
}

fn nested(value: &Value, rule: &impl Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(object) => holds(object, rule),
        Value::Array(items) => items.iter().any(|item| nested(item, rule)),
        _ => false,
    }
}

fn is_refused(name: &str, value: &Value) -> bool {
    is_password(name) && !is_blank(value)
}

fn is_cut(name: &str, value: &Value) -> bool {
    let is_answer = match value {
        Value::String(text) => is_yes_or_no(text),
        Value::Number(number) => is_yes_or_no(&number.to_string()),
        _ => false,
    };
    is_refused(name, value) || (!is_blank(value) && !is_answer && means_password(name))
}

/// Tells as `is_cut` does about a member of well-formed JSON, without making a value of it.
fn is_cut_json(name: &str, json: &str) -> bool {
    let is_answer = || is_yes_or_no(json.trim_matches('"'));
    (is_password(name) || (means_password(name) && !is_answer())) && !is_blank_json(json)
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
