//! Text that is no JSON -> the names and values of XML or of a form, or the text that base64 holds.

mod form;
mod xml;

use serde_json::{Map, Value};

use crate::failure::Failure;

/// Content of a text that is no JSON.
pub(super) enum Content {
    /// The names and values of XML or of a form.
    Object(Map<String, Value>),
    /// The text that base64 holds.
    Base64(String),
}

/// Reads a text that is no JSON, or gives nothing back where it is none of these forms either.
///
/// # Errors
/// `not_json` where it begins as XML and breaks its rules.
pub(super) fn read(text: &str) -> Option<Result<Content, Failure>> {
    if xml::begins(text) {
        return Some(xml::read(text).map(Content::Object));
    }
    if let Some(inner) = in_base64(text) {
        return Some(Ok(Content::Base64(inner)));
    }
    form::read(text).map(Content::Object).map(Ok)
}

/// Tells whether a text begins as JSON, as far as its first character shows.
pub(super) fn begins_as_json(text: &str) -> bool {
    first_character(text).is_some_and(|first| matches!(first, '{' | '[' | '"'))
}

/// Tells whether a text may be JSON, XML, or base64 of them, which are opened where a text stands in JSON.
pub(super) fn may_be_opened(text: &str) -> bool {
    begins_as_json(text) || xml::begins(text) || in_base64(text).is_some()
}

/// Tells whether a text may be the body of a request: a form too.
pub(super) fn may_be_body(text: &str) -> bool {
    may_be_opened(text) || form::read(text).is_some()
}

/// Returns the JSON or XML that a text holds as base64 (RFC 4648, section 4).
pub(crate) fn in_base64(text: &str) -> Option<String> {
    // A word may be base64 by chance; it does not decode to a beginning of JSON or XML.
    const SHORTEST: usize = 12;
    let text = text.trim();
    let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    if text.len() < SHORTEST || !text.bytes().all(of_base64) {
        return None;
    }
    let bytes = aws_smithy_types::base64::decode(text).ok()?;
    let inner = String::from_utf8(bytes).ok()?;
    (begins_as_json(&inner) || xml::begins(&inner)).then_some(inner)
}

/// Adds a value under a name: the second one makes a list of them.
fn add(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        None => {
            members.insert(name.to_owned(), value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn first_character(text: &str) -> Option<char> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.trim_start().chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match read(text) {
            None => "nothing".to_owned(),
            Some(Err(failure)) => failure.reason().code(),
            Some(Ok(Content::Base64(text))) => format!("base64 of {text}"),
            Some(Ok(Content::Object(object))) => Value::Object(object).to_string(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn a_text_is_known_by_its_form() {
        check("<a><b>1</b></a>", r#"{"a":{"b":"1"}}"#);
        check("<a>", "not_json");
        check("a=1&b=x+y", r#"{"a":"1","b":"x y"}"#);
        check("eyJhIjogMSwgImIiOiAyfQ==", r#"base64 of {"a": 1, "b": 2}"#);
        check("PGE+PGI+MTwvYj48L2E+", "base64 of <a><b>1</b></a>");
        for text in [
            "",
            "Zoe",
            "Customer",
            "CustomerCare",
            "ping 7",
            "a = b",
            "E104233,Zoe",
            "https://a.example/x?a=b",
        ] {
            check(text, "nothing");
        }
    }
}
