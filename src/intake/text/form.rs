//! A form-encoded body -> its names and values.

use serde_json::{Map, Value};

/// Reads `name=value` pairs that `&` divides (WHATWG URL Standard, "application/x-www-form-urlencoded").
///
/// A name that stands several times has a list, and `person[name][first]` is the member of an object, as PHP and Rails write
/// it. Gives nothing back where the text is no such form.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim();
    if text.is_empty() || !text.split('&').all(is_pair) {
        return None;
    }
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        insert(
            &mut members,
            &path(&name),
            Value::String(value.into_owned()),
        );
    }
    Some(members)
}

// The name in front of the brackets, and those within them; the whole where they are not closed.
fn path(name: &str) -> Vec<&str> {
    let parts = name.split_once('[').and_then(|(first, rest)| {
        let rest = rest.strip_suffix(']')?;
        let inner: Vec<&str> = rest.split("][").collect();
        let is_plain = !first.is_empty()
            && inner.len() <= DEEPEST
            && inner.iter().all(|part| !part.contains(['[', ']']));
        is_plain.then(|| [&[first], &inner[..]].concat())
    });
    parts.unwrap_or_else(|| vec![name])
}

// Nobody nests deeper, and all of it is walked through again and again.
const DEEPEST: usize = 8;

fn insert(members: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        // `tags[]` is one of several.
        [name] | [name, ""] => super::add(members, name, value),
        [name, rest @ ..] => {
            let inner = members
                .entry(*name)
                .or_insert_with(|| Value::Object(Map::new()));
            match inner {
                Value::Object(inner) => insert(inner, rest, value),
                // A text and an object of one name.
                _ => super::add(members, name, value),
            }
        }
        [] => (),
    }
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
            Some(json!({"name": {"first": "Zoë"}})),
        );
        check(
            "e[55][fields][First+Name]=Zo%C3%AB&e[55][changed][0]=x&tags[]=a&tags[]=b",
            Some(
                json!({"e": {"55": {"fields": {"First Name": "Zoë"}, "changed": {"0": "x"}}}, "tags": ["a", "b"]}),
            ),
        );
        check(
            "a=1&a[b]=2&c[=3&d[e=4",
            Some(json!({"a": ["1", "2"], "c[": "3", "d[e": "4"})),
        );
        check("a=1&", None);
        check("=1", None);
        check("Zoe starts = today", None);
    }
}
