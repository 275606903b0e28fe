//! A text -> the text without its passwords, or nothing where it holds none: JSON by its structure, all else as it runs.

mod patch;
mod running;
mod spans;
mod structure;

use serde::de::IgnoredAny;

/// Parts that every name of a password has one of.
const STEMS: [&str; 2] = ["pass", "pwd"];

/// Cuts the passwords out of a message's body, and gives nothing back where there are none.
pub(super) fn out(body: &str) -> Option<String> {
    if is_json(body) {
        structure::cut(body, 0)
    } else {
        running::cut_raw(body)
    }
}

// `intake` opens six envelopes, each of which may hold the next as text; a bound keeps a hostile body from nesting for ever.
const MOST_LEVELS: usize = 8;

/// Cuts the passwords out of a text that stands in JSON, so many texts deep.
fn out_of_text(text: &str, level: usize) -> Option<String> {
    if !may_hold_password(text) {
        None
    } else if level <= MOST_LEVELS && is_json(text) {
        structure::cut(text, level)
    } else {
        running::cut_text_of_json(text)
    }
}

/// Tells JSON from other text by its syntax alone: more nesting is taken than any event may have, and half characters too.
fn is_json(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A number or a word holds nothing to cut, and most texts need not be parsed to be known as no JSON.
    text.trim_start().starts_with(['{', '[', '"'])
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Tells whether a text, or a JSON string with its escapes, is worth a closer look.
fn may_hold_password(text: &str) -> bool {
    let bytes = text.as_bytes();
    let holds = |word: &str| {
        let mut windows = bytes.windows(word.len());
        windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    };
    bytes.contains(&b'\\') || STEMS.into_iter().any(holds) || holds(structure::BASE64)
}
