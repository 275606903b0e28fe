//! JSON -> the JSON of equal shape without its passwords: a member's value as a whole, in texts only what is one.

use std::borrow::Cow;

use super::patch::Patch;
use super::spans::{end_of_brackets, end_of_string, until};
use super::{may_hold_password, out_of_text, running};
use crate::source::password_refusal::{REMOVED, is_cut_json, means_password};

/// Members of envelopes that `intake` opens as base64, whatever text it holds.
const BASE64: [&str; 3] = ["data_base64", "data", "body"];

/// Cuts the passwords out of well-formed JSON that stands so many texts deep.
///
/// Keys stay as they are. Time and memory are linear in the text's length: it is gone through from string to string, in
/// whatever way they nest.
pub(super) fn cut(json: &str, level: usize) -> Option<String> {
    let mut patch = Patch::new(json);
    let mut at = 0;
    while let Some(found) = json[at..].find('"') {
        let start = at + found;
        let end = end_of_string(json, start, 0);
        let string = &json[start..end];
        if let Some(value) = value_behind(json, end) {
            at = cut_member(&mut patch, json, string, value, level);
            continue;
        }
        if let Some(text) = cut_string(string, level) {
            patch.replace(start..end, &text);
        }
        at = end;
    }
    patch.finish()
}

/// Finds where the value of a key begins; a string is a key where a colon follows.
fn value_behind(json: &str, end: usize) -> Option<usize> {
    let value = json[end..].trim_start().strip_prefix(':')?.trim_start();
    Some(json.len() - value.len())
}

/// Cuts a member's value where its key asks for that, and tells where to go on.
fn cut_member(patch: &mut Patch, json: &str, key: &str, value: usize, level: usize) -> usize {
    let key = decoded(key).unwrap_or_default();
    // Few names are worth the end of their value, which is long where much is nested.
    if means_password(&key) {
        let end = end_of_value(json, value);
        if is_cut_json(&key, &json[value..end]) {
            patch.replace(value..end, &encoded(REMOVED));
        }
        return end;
    }
    if BASE64.contains(&key.as_ref()) && json[value..].starts_with('"') {
        let end = end_of_string(json, value, 0);
        if let Some(cut) = cut_base64(&json[value..end], level) {
            patch.replace(value..end, &cut);
            return end;
        }
    }
    value
}

fn end_of_value(json: &str, start: usize) -> usize {
    match json.as_bytes().get(start) {
        Some(b'"') => end_of_string(json, start, 0),
        Some(b'{' | b'[') => end_of_brackets(json, start),
        _ => until(json, start, |c| {
            matches!(c, ',' | '}' | ']') || c.is_ascii_whitespace()
        }),
    }
}

fn cut_string(string: &str, level: usize) -> Option<String> {
    if !may_hold_password(string) {
        return None;
    }
    match decoded(string) {
        Some(text) => out_of_text(&text, level + 1).map(|text| encoded(&text)),
        // Half a character: nobody can read the string, so none of it is kept where something of it is to be cut.
        None => running::cut_raw(string).map(|_| encoded(REMOVED)),
    }
}

fn cut_base64(string: &str, level: usize) -> Option<String> {
    let bytes = aws_smithy_types::base64::decode(decoded(string)?.as_ref()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    // A text that is base64 by chance holds nothing that reads like a password's name.
    let text = out_of_text(&text, level + 1)?;
    Some(encoded(&aws_smithy_types::base64::encode(text)))
}

fn decoded(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        serde_json::from_str(string).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(&string[1..string.len() - 1]))
    }
}

fn encoded(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
