//! A place within a text of TOML, counted after its escapes -> the place in the file.

use std::ops::Range;

/// Returns the place in the file of a byte of a text; the start of the text where it is no text.
///
/// `span` is the text with its quotation marks, `offset` the number of bytes from the start of its value (TOML 1.0, "String").
pub(super) fn in_file(file: &str, span: &Range<usize>, offset: usize) -> usize {
    let raw = file.get(span.clone()).unwrap_or_default();
    let (marks, has_escapes) = marks(raw);
    let mut at = marks;
    if marks == 3 {
        // The line break behind the opening marks is no part of the text.
        let rest = &raw[marks..];
        at += [("\r\n", 2), ("\n", 1)]
            .into_iter()
            .find_map(|(end, length)| rest.starts_with(end).then_some(length))
            .unwrap_or(0);
    }
    let mut decoded = 0;
    while decoded < offset && at < raw.len() {
        let (length, gives) = next(&raw[at..], has_escapes);
        at += length;
        decoded += gives;
    }
    span.start + at.min(raw.len())
}

fn marks(raw: &str) -> (usize, bool) {
    let found = [("'''", false), ("\"\"\"", true), ("'", false), ("\"", true)];
    let found = found.into_iter().find(|(marks, _)| raw.starts_with(marks));
    found.map_or((0, false), |(marks, has_escapes)| {
        (marks.len(), has_escapes)
    })
}

// Bytes of the file, and of the value, that the next character or escape takes.
fn next(raw: &str, has_escapes: bool) -> (usize, usize) {
    let Some(first) = raw.chars().next() else {
        return (1, 1);
    };
    if first != '\\' || !has_escapes {
        return (first.len_utf8(), first.len_utf8());
    }
    let code = |digits: usize| {
        let code = raw.get(2..2 + digits);
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        code.and_then(char::from_u32).map_or(1, char::len_utf8)
    };
    match raw[1..].chars().next() {
        Some('u') => (6, code(4)),
        Some('U') => (10, code(8)),
        // It takes away all the space up to the next word.
        Some(c) if c.is_whitespace() => (raw.len() - raw[1..].trim_start().len(), 0),
        _ => (2, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, offset: usize, expected: char) {
        let start = file.find(['"', '\'']).expect("a text");
        let place = in_file(file, &(start..file.len()), offset);
        assert_eq!(file[place..].chars().next(), Some(expected), "{file}");
    }

    #[test]
    fn a_place_is_found_behind_escapes_and_line_breaks() {
        check("when = 'ab&'", 2, '&');
        check("when = \"ab&\"", 2, '&');
        check("when = \"a\\\"b\\\"&\"", 4, '&');
        check("when = \"\\u00e9&\"", 2, '&');
        check("when = \"\\U0001F600&\"", 4, '&');
        check("when = 'é&'", 2, '&');
        check("when = '''\nab\ncd&'''", 5, '&');
        check("when = \"\"\"\nab\\\n   cd&\"\"\"", 4, '&');
    }
}
