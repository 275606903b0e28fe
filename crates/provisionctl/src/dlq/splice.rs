//! A JSON text, a path and a value -> the text with that value replaced or added, and all other bytes unchanged.

use std::collections::BTreeMap;
use std::str::FromStr;

use connect_provisioner::intake::Step;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ending::CannotRun;

/// Argument of `--set`: a path of member names and list indexes, and a value.
#[derive(Clone, Debug)]
pub(super) struct Change {
    path: Vec<String>,
    value: String,
}

impl FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or("give a path and a value, such as worker.familyName=Baker")?;
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(
                "the path has an empty part; give one such as worker.familyName".to_owned(),
            );
        }
        let value = value.to_owned();
        Ok(Self { path, value })
    }
}

impl Change {
    /// Returns the path in the form of the argument.
    pub(super) fn path(&self) -> String {
        self.path.join(".")
    }

    /// Changes the event at a place in a body, and returns the new body and the old value.
    ///
    /// # Errors
    /// Returns an error if the event is not JSON, or if the path does not exist in it.
    pub(super) fn apply(&self, body: &str, place: &[Step]) -> Result<(String, Value), CannotRun> {
        let mut old = Value::Null;
        let body = self.apply_inside(body, place, &mut old)?;
        Ok((body, old))
    }

    fn apply_inside(
        &self,
        text: &str,
        place: &[Step],
        old: &mut Value,
    ) -> Result<String, CannotRun> {
        let json = text.trim_start_matches('\u{feff}').trim();
        let Some((step, rest)) = place.split_first() else {
            let changed = self.set(json, &self.path, old)?;
            return Ok(spliced(text, json, &changed));
        };
        let inner = match step {
            Step::Member(name) | Step::Text(name) | Step::Base64(name) => member(json, name)?,
            Step::Item(index) => item(json, *index)?,
            Step::Encoded | Step::WholeBase64 => Some(json),
        };
        let inner = inner.ok_or_else(|| self.no_such_path())?;
        let changed = match step {
            Step::Member(_) | Step::Item(_) => self.apply_inside(inner, rest, old)?,
            Step::Text(_) | Step::Encoded => {
                quoted(&self.apply_inside(&decoded(inner)?, rest, old)?)?
            }
            Step::Base64(_) => quoted(&self.apply_in_base64(&decoded(inner)?, rest, old)?)?,
            Step::WholeBase64 => self.apply_in_base64(inner, rest, old)?,
        };
        Ok(spliced(text, inner, &changed))
    }

    fn apply_in_base64(
        &self,
        encoded: &str,
        place: &[Step],
        old: &mut Value,
    ) -> Result<String, CannotRun> {
        let bytes = aws_smithy_types::base64::decode(encoded).map_err(CannotRun::because)?;
        let text = String::from_utf8(bytes).map_err(CannotRun::because)?;
        let changed = self.apply_inside(&text, place, old)?;
        Ok(aws_smithy_types::base64::encode(changed))
    }

    fn set(&self, json: &str, path: &[String], old: &mut Value) -> Result<String, CannotRun> {
        let Some((name, rest)) = path.split_first() else {
            *old = serde_json::from_str(json).map_err(|_| not_json())?;
            return value_like(old, &self.value);
        };
        let inner = match name.parse::<usize>() {
            Ok(index) if json.starts_with('[') => {
                Some(item(json, index)?.ok_or_else(|| self.no_such_path())?)
            }
            _ if json.starts_with('{') => member(json, name)?,
            _ if serde_json::from_str::<IgnoredAny>(json).is_err() => return Err(not_json()),
            _ => return Err(self.no_such_path()),
        };
        match inner {
            Some(inner) => Ok(spliced(json, inner, &self.set(inner, rest, old)?)),
            None => self.with_member(json, name, rest),
        }
    }

    // Adds the value before the closing brace, inside objects for the rest of the path.
    fn with_member(&self, object: &str, name: &str, rest: &[String]) -> Result<String, CannotRun> {
        let mut value = value_like(&Value::Null, &self.value)?;
        for name in rest.iter().rev() {
            value = format!("{{{}:{value}}}", quoted(name)?);
        }
        let members = &object[..object.len() - 1];
        let comma = if members.trim_end().ends_with('{') {
            ""
        } else {
            ","
        };
        Ok(format!("{members}{comma}{}:{value}}}", quoted(name)?))
    }

    fn no_such_path(&self) -> CannotRun {
        CannotRun(format!(
            "the event has no path {}; see provisionctl dlq show ID",
            self.path()
        ))
    }
}

/// Converts a text to JSON of the old value's type; without an old value, to a string unless it is an object, a list or
/// quoted.
fn value_like(old: &Value, text: &str) -> Result<String, CannotRun> {
    let new = serde_json::from_str::<Value>(text).ok();
    let fits = match (old, &new) {
        (_, None) | (Value::String(_), _) => false,
        (Value::Number(_), Some(new)) => new.is_number(),
        (Value::Bool(_), Some(new)) => new.is_boolean(),
        (Value::Array(_), Some(new)) => new.is_array(),
        (Value::Object(_), Some(new)) => new.is_object(),
        (Value::Null, Some(new)) => new.is_object() || new.is_array() || new.is_string(),
    };
    if fits {
        Ok(text.trim().to_owned())
    } else {
        quoted(text)
    }
}

fn member<'a>(object: &'a str, name: &str) -> Result<Option<&'a str>, CannotRun> {
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(object).map_err(|_| not_json())?;
    Ok(members.get(name).map(|raw| raw.get()))
}

fn item(list: &str, index: usize) -> Result<Option<&str>, CannotRun> {
    let items: Vec<&RawValue> = serde_json::from_str(list).map_err(|_| not_json())?;
    Ok(items.get(index).map(|raw| raw.get()))
}

fn decoded(json: &str) -> Result<String, CannotRun> {
    serde_json::from_str(json).map_err(|_| not_json())
}

fn quoted(text: &str) -> Result<String, CannotRun> {
    serde_json::to_string(text).map_err(CannotRun::because)
}

// Replaces `part`, which must be a slice of `text`.
fn spliced(text: &str, part: &str, new: &str) -> String {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    format!("{}{new}{}", &text[..start], &text[start + part.len()..])
}

fn not_json() -> CannotRun {
    CannotRun(
        "the event is not JSON at that path, so --set cannot change it; have it sent again"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use connect_provisioner::intake;

    #[track_caller]
    fn check(body: &str, change: &str, expected: Result<(&str, Value), &str>) {
        let change: Change = change.parse().expect("a change");
        let parcels = intake::open(body);
        let got = change.apply(body, &parcels.last().expect("a parcel").place);
        match (got, expected) {
            (Ok((text, old)), Ok((expected, was))) => {
                assert_eq!((text.as_str(), old), (expected, was));
            }
            (Err(why), Err(expected)) => {
                assert!(why.to_string().contains(expected), "{why}");
            }
            (got, _) => panic!("{body}: {:?}", got.map_err(|why| why.to_string())),
        }
    }

    #[test]
    fn one_value_changes_and_no_other_byte_does() {
        let body = "\u{feff}{ \"id\" : 12345678901234567890123, \"w\":{\"n\" : \"a\\u0062\" } }\n";
        let expected = body.replace("\"a\\u0062\"", "\"Zoë\"");
        check(body, "w.n=Zoë", Ok((&expected, "ab".into())));
        check(
            r#"{"a":[{"b":1}]}"#,
            "a.0.b=2",
            Ok((r#"{"a":[{"b":2}]}"#, 1.into())),
        );
    }

    #[test]
    fn the_kind_of_the_value_stays() {
        for (was, given, now) in [
            ("\"x\"", "7", "\"7\""),
            ("7", "8", "8"),
            ("7", "E8", "\"E8\""),
            ("true", "false", "false"),
            ("null", "7", "\"7\""),
            ("null", "{\"c\":1}", "{\"c\":1}"),
            ("[1]", "[2]", "[2]"),
        ] {
            let body = format!("{{\"a\":{was}}}");
            let old = serde_json::from_str(was).expect("JSON");
            check(
                &body,
                &format!("a={given}"),
                Ok((&format!("{{\"a\":{now}}}"), old)),
            );
        }
    }

    #[test]
    fn absent_values_are_added_with_the_objects_around_them() {
        check("{}", "a=b", Ok(("{\"a\":\"b\"}", Value::Null)));
        check(
            r#"{"w":{"x":{}}}"#,
            "w.job.code=AGT1",
            Ok((r#"{"w":{"x":{},"job":{"code":"AGT1"}}}"#, Value::Null)),
        );
        check("{\"a\":[]}", "a.0=b", Err("no path a.0"));
        check("{\"a\":7}", "a.b=c", Err("no path a.b"));
        check("no JSON", "a=b", Err("is not JSON at that path"));
    }

    #[test]
    fn xml_and_forms_stay_as_they_are() {
        check("<w><a>x</a></w>", "w.a=y", Err("is not JSON at that path"));
        check("a=x&b=z", "a=y", Err("is not JSON at that path"));
    }

    #[test]
    fn events_in_every_envelope_are_changed() {
        let sns = |message: &str| {
            format!(
                r#"{{"Type":"Notification","TopicArn":"arn:t","Message":{}}}"#,
                quoted(message).expect("text")
            )
        };
        let bridge = |detail: &str| {
            format!(r#"{{"id":"1","detail-type":"t","source":"hr","detail":{detail}}}"#)
        };
        let cloud = |data: &str| format!(r#"{{"specversion":"1.0","id":"1",{data}}}"#);
        let base64 = |text: &str| {
            let encoded = aws_smithy_types::base64::encode(text);
            cloud(&format!(r#""data_base64":"{encoded}""#))
        };
        let text = |text: &str| cloud(&format!(r#""data":{}"#, quoted(text).expect("text")));
        let encoded = |json: &str| quoted(json).expect("text");
        let http = |body: &str| format!(r#"{{"httpMethod":"POST","body":{}}}"#, encoded(body));
        let in_base64 = |text: &str| aws_smithy_types::base64::encode(text);
        let http_base64 = |body: &str| {
            let body = in_base64(body);
            format!(r#"{{"routeKey":"POST /hr","isBase64Encoded":true,"body":"{body}"}}"#)
        };
        let kinesis = |data: &str| {
            let data = in_base64(data);
            format!(
                r#"{{"Records":[{{"eventSource":"aws:kinesis","kinesis":{{"sequenceNumber":"1","data":"{data}"}}}}]}}"#
            )
        };
        let pub_sub = |data: &str| {
            let data = in_base64(data);
            format!(
                r#"{{"message":{{"data":"{data}"}},"subscription":"projects/p/subscriptions/hr"}}"#
            )
        };
        let last = |item: &str| format!(r#"[{{"a":"z"}}, {item}]"#);
        let (old, new) = (r#"{"a":"x"}"#, r#"{"a":"y"}"#);
        for (body, expected) in [
            (sns(old), sns(new)),
            (bridge(old), bridge(new)),
            (sns(&bridge(old)), sns(&bridge(new))),
            (
                cloud(&format!("\"data\":{old}")),
                cloud(&format!("\"data\":{new}")),
            ),
            (text(old), text(new)),
            (base64(old), base64(new)),
            (last(old), last(new)),
            (bridge(&last(old)), bridge(&last(new))),
            (format!("[{old}]"), format!("[{new}]")),
            (encoded(old), encoded(new)),
            (encoded(&encoded(old)), encoded(&encoded(new))),
            (bridge(&encoded(old)), bridge(&encoded(new))),
            (last(&encoded(old)), last(&encoded(new))),
            (http(old), http(new)),
            (http_base64(old), http_base64(new)),
            (kinesis(old), kinesis(new)),
            (pub_sub(old), pub_sub(new)),
            (in_base64(old), in_base64(new)),
            (encoded(&in_base64(old)), encoded(&in_base64(new))),
        ] {
            check(&body, "a=y", Ok((&expected, "x".into())));
        }
    }
}
