//! The body of an event -> its text on the screen, with possibly personal values masked.

use serde_json::Value;

use crate::terminal::printable;

// Members that describe the kind of event, and hold no personal data.
const HARMLESS: [&str; 22] = [
    "specversion",
    "type",
    "Type",
    "code",
    "department",
    "job",
    "detail-type",
    "source",
    "version",
    "time",
    "occurredAt",
    "region",
    "startDate",
    "employmentType",
    "PhoneType",
    "RoutingProfileId",
    "SecurityProfileIds",
    "HierarchyGroupId",
    "InstanceId",
    "AutoAccept",
    "Channel",
    "datacontenttype",
];

/// Returns the body as indented JSON, with possibly personal values masked.
pub(super) fn masked(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => pretty(&mask(value, false)),
        Err(_) => format!(
            "({} bytes that are not JSON; --reveal shows them)",
            body.len()
        ),
    }
}

/// Returns the body with all values, and control characters escaped.
pub(super) fn revealed(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => pretty(&value),
        Err(_) => printable(body),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn mask(value: Value, harmless: bool) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| {
                let harmless = HARMLESS.contains(&key.as_str());
                let masked = mask(value, harmless);
                (key, masked)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| mask(item, harmless)).collect(),
        Value::Null | Value::Bool(_) => value,
        Value::String(text) if text.trim().is_empty() => Value::String(text),
        Value::String(_) | Value::Number(_) if harmless => value,
        Value::String(_) | Value::Number(_) => Value::String("***".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_personal_is_left() {
        let body = r#"{"specversion":"hr.join/1","worker":{"employeeId":104233,"givenName":"Zoë","familyName":" ",
            "department":{"code":"CC-UK","name":"Care"},"mobile":null}}"#;
        let shown: Value = serde_json::from_str(&masked(body)).expect("JSON");
        assert_eq!(shown["specversion"], "hr.join/1");
        assert_eq!(shown["worker"]["department"]["code"], "CC-UK");
        assert_eq!(shown["worker"]["familyName"], " ");
        for personal in ["employeeId", "givenName"] {
            assert_eq!(shown["worker"][personal], "***");
        }
        assert_eq!(shown["worker"]["department"]["name"], "***");
        assert!(!masked("Zoë, no JSON").contains("Zoë"));
        assert_eq!(revealed("a\u{1b}[2J\nb"), "a\\u{1b}[2J\nb");
    }
}
