//! The text of a secret -> the password in it, or the rule that it breaks; nothing of the text is ever repeated.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::failure::SecretFault;
use crate::request::rules;

/// Takes the password out of a secret's text: the text itself, or the member `json_key` of the JSON object that it is.
///
/// # Errors
/// Returns the first rule that the text or the password breaks.
pub(super) fn password_in(
    text: SecretString,
    json_key: Option<&str>,
) -> Result<SecretString, SecretFault> {
    let password = match json_key {
        Some(key) => member(text.expose_secret(), key)?,
        None if is_json(text.expose_secret()) => return Err(SecretFault::JsonWithoutKey),
        None => text,
    };
    match broken_rule(password.expose_secret()) {
        None => Ok(password),
        Some(fault) => Err(fault),
    }
}

fn member(text: &str, key: &str) -> Result<SecretString, SecretFault> {
    let value: Value = serde_json::from_str(text).map_err(|_| not_json(text))?;
    match value {
        Value::Object(mut object) => match object.remove(key) {
            Some(Value::String(password)) => Ok(password.into()),
            _ => Err(SecretFault::KeyAbsent),
        },
        _ => Err(SecretFault::NotJson),
    }
}

// A byte order mark before the object is why it cannot be read, and nobody would see it.
fn not_json(text: &str) -> SecretFault {
    if text.starts_with(rules::is_invisible) {
        SecretFault::Invisible
    } else {
        SecretFault::NotJson
    }
}

// A password may begin with a brace; only what is JSON from its first character to its last is the console's key/value form.
fn is_json(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || rules::is_invisible(c));
    text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn broken_rule(password: &str) -> Option<SecretFault> {
    if password.is_empty() {
        Some(SecretFault::Empty)
    } else if password.chars().any(rules::is_invisible) {
        Some(SecretFault::Invisible)
    } else if password.trim().len() < password.len() {
        Some(SecretFault::Padded)
    } else if is_quoted(password) {
        Some(SecretFault::Quoted)
    } else if !rules::is_password(password) {
        Some(SecretFault::BreaksPolicy)
    } else {
        None
    }
}

fn is_quoted(password: &str) -> bool {
    let quotes = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
    ];
    let within = |(first, last): (char, char)| {
        let rest = password.strip_prefix(first);
        rest.is_some_and(|rest| rest.ends_with(last))
    };
    quotes.into_iter().any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, json_key: Option<&str>, expected: Result<&str, SecretFault>) {
        let got = password_in(text.to_owned().into(), json_key);
        let got = got.as_ref().map(SecretString::expose_secret);
        assert_eq!(got.map_err(|fault| *fault), expected, "{text:?}");
    }

    #[test]
    fn each_fault_of_a_secret_is_told_apart() {
        use SecretFault::{BreaksPolicy, Empty, KeyAbsent, NotJson};
        let key = Some("password");
        check("Passw0rd", None, Ok("Passw0rd"));
        check(
            r#"{"password":"Passw0rd","rotated":1}"#,
            key,
            Ok("Passw0rd"),
        );
        check("Passw0rd", key, Err(NotJson));
        check("[\"Passw0rd\"]", key, Err(NotJson));
        check(r#"{"pass":"Passw0rd"}"#, key, Err(KeyAbsent));
        check(r#"{"password":7}"#, key, Err(KeyAbsent));
        check("", None, Err(Empty));
        check("password", None, Err(BreaksPolicy));
        check("Pass w0rd", None, Err(BreaksPolicy));
    }

    #[test]
    fn json_is_no_password_where_no_key_is_configured() {
        for json in [
            r#"{"password":"Welcome2Desk"}"#,
            "{\"password\":\"Welcome2Desk\"}\n",
            "\u{feff}{\"password\":\"Welcome2Desk\"}",
            r#"["Welcome2Desk"]"#,
        ] {
            check(json, None, Err(SecretFault::JsonWithoutKey));
        }
        // A text that only looks quoted was chosen by somebody.
        for password in ["{Welcome2Desk", "{Welcome2Desk}", "[Welcome2Desk]"] {
            check(password, None, Ok(password));
        }
    }

    #[test]
    fn nobody_is_given_a_password_that_cannot_be_typed_as_it_is_read() {
        for invisible in [
            "\u{feff}Welcome2Desk",
            "Welcome\u{200b}2Desk",
            "Welcome2Desk\u{2060}",
            "Welcome2\u{ad}Desk",
            "Welcome2Desk\0",
            "Welcome2\u{fe0f}Desk",
            "Welcome2\u{3164}Desk",
            "Welcome2\u{202e}Desk",
            "W\u{fffd}lcome2Desk",
        ] {
            check(invisible, None, Err(SecretFault::Invisible));
            let json = serde_json::json!({ "password": invisible }).to_string();
            check(&json, Some("password"), Err(SecretFault::Invisible));
        }
        let before_json = "\u{feff}{\"password\":\"Welcome2Desk\"}";
        check(before_json, Some("password"), Err(SecretFault::Invisible));
        for padded in [
            "Welcome2Desk\n",
            "Welcome2Desk\r\n",
            " Welcome2Desk",
            "Welcome2Desk\u{a0}",
        ] {
            check(padded, None, Err(SecretFault::Padded));
        }
        for quoted in [
            "\"Welcome2Desk\"",
            "'Welcome2Desk'",
            "\u{201c}Welcome2Desk\u{201d}",
        ] {
            check(quoted, None, Err(SecretFault::Quoted));
        }
        for fine in ["Welcome\"2Desk", "'Welcome2Desk", "W\u{e9}lcome2Desk"] {
            check(fine, None, Ok(fine));
        }
    }
}
