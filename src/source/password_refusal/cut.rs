//! A text -> the same text with something else in the place of what follows each key `password`.

/// Puts `instead` where a password stands: after `"password":` at any depth of escaping, `password=` or `<password>`.
pub(super) fn out(text: &str, instead: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut copied = 0;
    for (key, _) in lower.match_indices(KEY) {
        if let Some((start, end)) = secret_after(text, key)
            && start >= copied
        {
            kept.push_str(&text[copied..start]);
            kept.push_str(instead);
            copied = end;
        }
    }
    kept.push_str(&text[copied..]);
    kept
}

const KEY: &str = "password";

/// Where the value of the key at a place begins and ends, if it is one and holds something.
fn secret_after(text: &str, key: usize) -> Option<(usize, usize)> {
    let before = text[..key].chars().next_back();
    let after = key + KEY.len();
    let (start, end) = match (before, text[after..].chars().next()?) {
        (Some('"'), '"' | '\\') => quoted_value(text, after)?,
        (Some(c), _) if c.is_alphanumeric() => return None,
        (_, '=' | '>') => (
            after + 1,
            until(text, after + 1, |c| {
                c == '&' || c == '<' || c.is_whitespace()
            }),
        ),
        _ => return None,
    };
    (start < end).then_some((start, end))
}

// The number of backslashes before a quotation mark tells how many strings it stands in.
fn quoted_value(text: &str, after_key: usize) -> Option<(usize, usize)> {
    let depth = backslashes(&text[after_key..]);
    let rest = text[after_key + depth..]
        .strip_prefix('"')?
        .trim_start()
        .strip_prefix(':')?
        .trim_start();
    let value = text.len() - rest.len();
    let opening = backslashes(rest);
    if !rest[opening..].starts_with('"') {
        // A number, or what was meant to be one; an object or list is left to be found by its structure.
        let bare = !rest.starts_with(['{', '[', 'n', 't', 'f']);
        return bare.then(|| {
            (
                value,
                until(text, value, |c| {
                    matches!(c, ',' | '}' | ']') || c.is_whitespace()
                }),
            )
        });
    }
    let start = value + opening + 1;
    Some((start, closing_quote(text, start, opening)))
}

// Before a closing mark stand `depth` backslashes, and pairs that are backslashes of the value itself; before a mark of
// the value stands one backslash more for each string.
fn closing_quote(text: &str, start: usize, depth: usize) -> usize {
    let mut run = 0;
    for (at, c) in text[start..].char_indices() {
        match c {
            '\\' => run += 1,
            '"' if run < depth || run % (2 * (depth + 1)) == depth => {
                return start + at - run.min(depth);
            }
            _ => run = 0,
        }
    }
    text.len()
}

fn backslashes(text: &str) -> usize {
    text.len() - text.trim_start_matches('\\').len()
}

fn until(text: &str, start: usize, ends: impl Fn(char) -> bool) -> usize {
    text[start..]
        .find(ends)
        .map_or(text.len(), |length| start + length)
}
