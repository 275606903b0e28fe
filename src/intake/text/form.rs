//! A form-encoded body -> its names and values.

use serde_json::{Map, Value};

/// Reads `name=value` pairs that `&` divides (WHATWG URL Standard, "application/x-www-form-urlencoded"); a name that stands
/// several times has a list. Gives nothing back where the text is no such form.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim();
    if text.is_empty() || !text.split('&').all(is_pair) {
        return None;
    }
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        super::add(&mut members, &name, Value::String(value.into_owned()));
    }
    Some(members)
}

// In a form all else is written as `%XX`; a sentence with a sign in it is none.
fn is_pair(pair: &str) -> bool {
    let encoded = |text: &str, more: &str| {
        let plain =
            |c: char| c.is_ascii_alphanumeric() || "*-._+%~".contains(c) || more.contains(c);
        text.chars().all(plain)
    };
    // Senders leave these as they are.
    let parts = pair.split_once('=');
    parts.is_some_and(|(name, value)| {
        !name.is_empty() && encoded(name, "[]") && encoded(value, "@:/,!'()")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expected: Option<Value>) {
        assert_eq!(read(text).map(Value::Object), expected, "{text}");
    }

    #[test]
    fn pairs_are_decoded() {
        check(
            "EmailID=kavya.iyer%40example.com&Department=Customer+Care&none=\n",
            Some(
                json!({"EmailID": "kavya.iyer@example.com", "Department": "Customer Care", "none": ""}),
            ),
        );
        check(
            "tag=a&tag=b&x=1",
            Some(json!({"tag": ["a", "b"], "x": "1"})),
        );
        check(
            "name%5Bfirst%5D=Zo%C3%AB",
            Some(json!({"name[first]": "Zoë"})),
        );
        check("a=1&", None);
        check("=1", None);
        check("Zoe starts = today", None);
    }
}
