//! Events that carry a password: refused, and taken out of the copy that goes to the dead-letter queue.

use serde_json::{Map, Value};

use crate::failure::{Failure, FieldName};
use crate::intake;

/// Refuses a payload in which any object, at any depth, has a `Password` that is not blank.
pub(super) fn refuse(payload: &Map<String, Value>) -> Result<(), Failure> {
    let mut found = Vec::new();
    collect(payload, &mut found);
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::invalid(
        FieldName::of("Password"),
        "the event without it: the initial password comes from Secrets Manager only, and the one sent here must be \
         considered disclosed",
    ))
}

/// The text of a message that may stand in a queue for days: the message's own, without any password that it holds.
///
/// Every escaped form of the password is cut out of the text; where one is found to be left all the same, nothing of
/// the text is kept.
#[must_use]
pub fn without_passwords(body: &str) -> String {
    let passwords = passwords_in(body);
    if passwords.is_empty() {
        return body.to_owned();
    }
    let cut = passwords.iter().fold(body.to_owned(), cut_out);
    if passwords_in(&cut)
        .iter()
        .any(|left| passwords.contains(left))
    {
        return r#"{"removed":"the message held a password"}"#.to_owned();
    }
    cut
}

const REMOVED: &str = "[removed]";

fn passwords_in(body: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for parcel in intake::open(body) {
        if let Ok(intake::Content::Delivery(delivery)) = parcel.content {
            collect(&delivery.payload, &mut found);
        }
    }
    found
}

fn collect(object: &Map<String, Value>, found: &mut Vec<Value>) {
    for (key, value) in object {
        if key.eq_ignore_ascii_case("password") && !is_blank(value) {
            found.push(value.clone());
        } else {
            collect_nested(value, found);
        }
    }
}

fn collect_nested(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(object) => collect(object, found),
        Value::Array(items) => items.iter().for_each(|item| collect_nested(item, found)),
        _ => (),
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty() || text == REMOVED,
        _ => false,
    }
}

fn cut_out(text: String, password: &Value) -> String {
    let Value::String(password) = password else {
        return text;
    };
    // Once for each string that JSON may have wrapped around it, the most escaped form first.
    let forms: Vec<String> =
        std::iter::successors(Some(password.clone()), |inner| Some(escaped(inner)))
            .take(4)
            .collect();
    forms
        .iter()
        .rev()
        .fold(text, |text, form| text.replace(form.as_str(), REMOVED))
}

fn escaped(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PASSWORD: &str = "Pa\"ss\\Word1é";

    #[track_caller]
    fn check(body: &str) {
        let kept = without_passwords(body);
        let residue = kept.contains("Word1") || kept.contains("\\u0057ord1");
        assert!(!residue, "{kept}");
    }

    #[test]
    fn a_password_is_cut_out_at_every_depth_of_escaping() {
        let event = json!({"Username": "mary", "Password": PASSWORD});
        check(&event.to_string());
        let sns = json!({"Type": "Notification", "TopicArn": "t", "Message": event.to_string()});
        check(&sns.to_string());
        check(&json!({"worker": {"login": [{"passWord": PASSWORD}]}}).to_string());
        check(r#"{"Username":"mary","Password":"Pass\u0057ord1"}"#);
        check(r#"{"Username":"mary","Password":{"value":"PassWord1"}}"#);
    }

    #[test]
    fn the_rest_of_the_event_is_kept() {
        let kept =
            without_passwords(&json!({"Username": "mary", "Password": PASSWORD}).to_string());
        assert_eq!(kept, r#"{"Password":"[removed]","Username":"mary"}"#);
        let clean = r#"{ "Username" : "mary", "Password": "" }"#;
        assert_eq!(without_passwords(clean), clean);
    }

    #[test]
    fn any_password_in_an_event_is_refused() {
        let refused = |payload: Value| refuse(payload.as_object().expect("an object")).is_err();
        assert!(refused(json!({"Password": "x"})));
        assert!(refused(json!({"worker": {"password": "x"}})));
        assert!(!refused(
            json!({"Password": "", "worker": {"passwordPolicy": "x"}})
        ));
    }
}
