//! Text that is no JSON -> the text without the values that it gives to `password`, wherever it gives them.

use std::ops::Range;

use super::STEMS;
use super::patch::Patch;
use super::spans::{backslashes, end_of_brackets, end_of_content, until};
use crate::source::password_refusal::{REMOVED, is_password, is_yes_or_no, means_password};

/// Cuts a body that is no JSON; it may be the beginning of one, so a bare value ends with the string that it stands in.
pub(super) fn cut_raw(text: &str) -> Option<String> {
    cut(text, |c| ends_bare_value(c) || matches!(c, '"' | '\\'))
}

/// Cuts a text out of JSON, whose end is known: a bare value may hold quotation marks and backslashes.
pub(super) fn cut_text_of_json(text: &str) -> Option<String> {
    cut(text, ends_bare_value)
}

fn ends_bare_value(c: char) -> bool {
    matches!(c, '&' | '<') || c.is_whitespace()
}

fn cut(text: &str, ends: fn(char) -> bool) -> Option<String> {
    let mut patch = Patch::new(text);
    let lower = text.to_ascii_lowercase();
    let mut at = 0;
    // Neither a name nor a value that is cut is looked at again, so that the time stays linear.
    while let Some(stem) = next_stem(lower.as_bytes(), at) {
        let name = name_around(text, at, stem);
        at = name.end;
        if means_password(&text[name.clone()])
            && let Some(value) = value_of(text, name.clone(), ends)
            && is_cut(&text[name], &text[value.clone()])
        {
            at = value.end;
            patch.replace(value, REMOVED);
        }
    }
    patch.finish()
}

/// Finds the value of the key at a place, if it is one: `"password":`, `<password>` or `password=`, at any depth of escaping.
fn value_of(text: &str, name: Range<usize>, ends: fn(char) -> bool) -> Option<Range<usize>> {
    let (key, after) = (name.start, name.end);
    let next = text[after..].chars().next()?;
    if text[..key].ends_with('"') && matches!(next, '"' | '\\') {
        return member(text, after);
    }
    match next {
        '=' => Some(assigned(text, after + 1, ends)),
        '>' | ' ' | '\t' | '\r' | '\n' if opens_element(&text[..key]) => element(text, after, ends),
        '>' => Some(after + 1..until(text, after + 1, ends)),
        _ => None,
    }
}

fn next_stem(lower: &[u8], from: usize) -> Option<usize> {
    let is_stem = |at: &usize| {
        STEMS
            .iter()
            .any(|stem| lower[*at..].starts_with(stem.as_bytes()))
    };
    (from..lower.len()).find(|at| lower[*at] == b'p' && is_stem(at))
}

/// Finds the whole name around a part of it, as far as it does not begin before a place.
fn name_around(text: &str, from: usize, stem: usize) -> Range<usize> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let before = text[from..stem].trim_end_matches(is_of_name);
    from + before.len()..until(text, stem, |c| !is_of_name(c))
}

fn is_cut(name: &str, value: &str) -> bool {
    !value.trim().is_empty() && (is_password(name) || !is_yes_or_no(value))
}

fn member(text: &str, after_key: usize) -> Option<Range<usize>> {
    let rest = text[after_key..].trim_start_matches('\\');
    let rest = rest.strip_prefix('"')?.trim_start();
    let rest = rest.strip_prefix(':')?.trim_start();
    let value = text.len() - rest.len();
    if let Some(content) = quoted(text, value) {
        return Some(content);
    }
    if rest.starts_with(['{', '[']) {
        let end = end_of_brackets(text, value);
        let inside = text[value + 1..end].trim();
        return (inside.len() > 1).then_some(value..end);
    }
    let end = until(text, value, |c| {
        matches!(c, ',' | '}' | ']' | '"' | '\\') || c.is_whitespace()
    });
    let is_blank = matches!(&text[value..end], "null" | "true" | "false");
    (!is_blank).then_some(value..end)
}

fn assigned(text: &str, start: usize, ends: fn(char) -> bool) -> Range<usize> {
    quoted(text, start).unwrap_or_else(|| start..until(text, start, ends))
}

fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let depth = backslashes(&text[start..]);
    let content = start + depth + 1;
    let is_quoted = text[start + depth..].starts_with('"');
    is_quoted.then(|| content..end_of_content(text, content, depth))
}

/// Tells whether a name that follows opens an element of XML, with a prefix or without.
fn opens_element(before: &str) -> bool {
    let in_prefix = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let tag = match before.strip_suffix(':') {
        Some(prefixed) => prefixed.trim_end_matches(in_prefix),
        None => before,
    };
    tag.ends_with('<')
}

const CDATA: &str = "<![CDATA[";

fn element(text: &str, after_name: usize, ends: fn(char) -> bool) -> Option<Range<usize>> {
    let attributes = text[after_name..].find(['<', '>'])?;
    let tag = &text[after_name..after_name + attributes];
    let start = after_name + attributes + 1;
    if !text[..start].ends_with('>') || tag.ends_with('/') {
        return None;
    }
    if text[start..].starts_with(CDATA) {
        let content = start + CDATA.len();
        let length = text[content..].find("]]>");
        return Some(content..length.map_or(text.len(), |length| content + length));
    }
    let length = text[start..].find('<');
    Some(start..length.map_or_else(|| until(text, start, ends), |length| start + length))
}
