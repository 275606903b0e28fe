//! Events that carry a password: refused, and taken out of the copy that goes to the dead-letter queue.

mod cut;

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

/// The text of a message that may stand in a queue for days: the message's own, without any password that it holds.
///
/// What follows a key `password` is cut out, at every depth of escaping and in text that is no JSON too; where a password
/// is found to be left all the same, nothing of the text is kept.
#[must_use]
pub fn without_passwords(body: &str) -> String {
    let cut = cut::out(body, REMOVED);
    if passwords_in(&cut) == 0 {
        cut
    } else {
        r#"{"removed":"the message held a password"}"#.to_owned()
    }
}

const REMOVED: &str = "[removed]";

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
            if key.eq_ignore_ascii_case("password") {
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
        Value::String(text) => text.trim().is_empty() || text == REMOVED,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Number(_) => false,
    }
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
        check(r#"{"Username":"mary","Password":"aWord1","Password":"bWord1"}"#);
        check(r#"{"Username":"mary","Password":"PassWord1""#);
        check(r#""{\"Password\":\"PassWord1\"}""#);
        check(r#"{"specversion":"0.3","data":{"password" : "PassWord1"}}"#);
        check(r#"[{"Username":"mary","Password":12345Word1}]"#);
        check("username=mary&password=PassWord1&x=y");
        check("<user><password>PassWord1</password></user>");
    }

    #[test]
    fn the_rest_of_the_event_is_kept() {
        let kept =
            without_passwords(&json!({"Username": "mary", "Password": PASSWORD}).to_string());
        assert_eq!(kept, r#"{"Password":"[removed]","Username":"mary"}"#);
        let same_elsewhere = r#"{"Password":"Mary","FirstName":"Mary","note":"password policy"}"#;
        assert_eq!(
            without_passwords(same_elsewhere),
            r#"{"Password":"[removed]","FirstName":"Mary","note":"password policy"}"#
        );
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
