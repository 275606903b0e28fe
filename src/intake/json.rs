//! Text -> JSON value, stricter than the parser: a byte order mark is dropped, a key that stands twice is refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::failure::{Failure, FieldName, Reason};

/// Parses an event's text into a JSON value.
///
/// # Errors
/// `not_json` with the parser's line and column, or `invalid_field:duplicate_key` where an object names a key twice
/// (RFC 8259 section 4 leaves that undefined; keeping the last one would create the wrong user silently).
pub fn parse(text: &str) -> Result<Value, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str::<Unique>(text) {
        Ok(Unique(value)) => Ok(value),
        Err(err) => Err(refusal(&err)),
    }
}

const DUPLICATE: &str = "duplicate key ";

// Only the parser's category and position are repeated: its own text may quote the input.
fn refusal(err: &serde_json::Error) -> Failure {
    let place = format!("line {}, column {}", err.line(), err.column());
    let text = err.to_string();
    if let Some(key) = text.strip_prefix(DUPLICATE) {
        let key = key
            .rsplit_once(" at line ")
            .map_or(key, |(key, _place)| key);
        let key = FieldName::from_event(key);
        return Failure::new(
            Reason::InvalidField(FieldName::new("duplicate_key")),
            format!("the key {key} stands twice in one object ({place}); send it once"),
        );
    }
    let fault = match err.classify() {
        serde_json::error::Category::Eof => "the text ends too early",
        _ if text.starts_with("recursion limit") => "it is nested deeper than 127 levels",
        _ => "it breaks JSON's syntax",
    };
    Failure::new(
        Reason::NotJson,
        format!(
            "the event is not JSON: {fault} at {place}; send one JSON object (RFC 8259) in UTF-8"
        ),
    )
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if values.contains_key(&key) {
                return Err(A::Error::custom(format!("{DUPLICATE}{key}")));
            }
            let Unique(value) = map.next_value()?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<Value, &str>) {
        let got = parse(text).map_err(|failure| failure.reason().code());
        assert_eq!(got, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn only_one_reading_of_a_text_is_accepted() {
        check("{\"a\":1}", Ok(serde_json::json!({"a": 1})));
        check("\u{feff}[]", Ok(serde_json::json!([])));
        check("", Err("not_json"));
        check("{\"a\":\"\\ud800\"}", Err("not_json"));
        check("<xml/>", Err("not_json"));
        check(&"[".repeat(200), Err("not_json"));
        check(
            "{\"a\":{\"email\":1,\"email\":2}}",
            Err("invalid_field:duplicate_key"),
        );
    }

    #[test]
    fn a_refusal_never_quotes_the_input() {
        for text in ["{\"given\": Zoe}", "{\"Zoe B\":1,\"Zoe B\":2}", "Zoe"] {
            let failure = parse(text).expect_err("not acceptable");
            assert!(
                !failure.explanation().contains("Zo"),
                "{}",
                failure.explanation()
            );
        }
    }
}
