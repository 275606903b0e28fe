//! A text -> the text without its passwords, or nothing where it holds none: JSON by its structure, all else as it runs.

mod patch;
mod running;
mod spans;
mod structure;

use serde::de::IgnoredAny;

use crate::intake::in_base64;

/// Parts that every name of a password has one of.
const STEMS: [&str; 2] = ["pass", "pwd"];

/// Cuts the passwords out of a message's body, and gives nothing back where there are none.
pub(super) fn out(body: &str) -> Option<String> {
    if is_json(body) {
        structure::cut(body, 0)
    } else if let Some(inner) = in_base64(body) {
        let cut = out_of_text(&inner, 1)?;
        Some(aws_smithy_types::base64::encode(cut))
    } else {
        running::cut_raw(body)
    }
}

/// Tells whether a text that stands in XML or in a form holds a password.
pub(super) fn is_in_text(text: &str) -> bool {
    out_of_text(text, 1).is_some()
}

// `intake` opens six envelopes, each of which may hold the next as text; a bound keeps a hostile body from nesting for ever.
const MOST_LEVELS: usize = 8;

/// Cuts the passwords out of a text that stands in JSON, so many texts deep.
fn out_of_text(text: &str, level: usize) -> Option<String> {
    if level <= MOST_LEVELS
        && let Some(inner) = in_base64(text)
    {
        let cut = out_of_text(&inner, level + 1)?;
        Some(aws_smithy_types::base64::encode(cut))
    } else if !may_hold_password(text) {
        None
    } else if level <= MOST_LEVELS && is_json(text) {
        structure::cut(text, level)
    } else {
        running::cut_text_of_json(text)
    }
}

// Base64 of the shortest JSON that has a password in it is longer.
const SHORTEST_BASE64: usize = 20;

/// Tells JSON from other text by its syntax alone: more nesting is taken than any event may have, and half characters too.
fn is_json(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A number or a word holds nothing to cut, and most texts need not be parsed to be known as no JSON.
    text.trim_start().starts_with(['{', '[', '"'])
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Tells whether a text, or a JSON string with its escapes, is worth a closer look: it names a password, or has escapes or
/// base64 behind which one may stand.
fn may_hold_password(text: &str) -> bool {
    let bytes = text.as_bytes();
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let mut runs = bytes.split(|byte| !of_base64(byte));
    let holds = |word: &str| {
        let mut windows = bytes.windows(word.len());
        windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    };
    bytes.contains(&b'\\')
        || STEMS.into_iter().any(holds)
        || runs.any(|run| run.len() >= SHORTEST_BASE64)
}
