//! A text and a place in it -> where the string, object or list that begins there ends, at any depth of escaping.

/// Finds where a string's content ends: before its closing mark with the backslashes that belong to it, or with the text.
///
/// The number of backslashes before a quotation mark tells how many strings it stands in. Before a closing mark stand `depth`
/// of them, and pairs that are backslashes of the string itself; before a mark of the string stands one more for each string.
pub(super) fn end_of_content(text: &str, start: usize, depth: usize) -> usize {
    let mut run = 0;
    for (length, byte) in text[start..].bytes().enumerate() {
        match byte {
            b'\\' => run += 1,
            b'"' if run < depth || run % (2 * (depth + 1)) == depth => {
                return start + length - run.min(depth);
            }
            _ => run = 0,
        }
    }
    text.len()
}

/// Finds where the string ends whose opening mark is at a place: behind its closing mark, or with the text.
pub(super) fn end_of_string(text: &str, mark: usize, depth: usize) -> usize {
    let content = end_of_content(text, mark + 1, depth);
    let closing = text[content..].find('"');
    closing.map_or(text.len(), |marks| content + marks + 1)
}

/// Finds where the object or list ends that begins at a place: behind its last bracket, or with the text.
pub(super) fn end_of_brackets(text: &str, start: usize) -> usize {
    let mut open = 0_usize;
    let mut at = start;
    while let Some(found) = text[at..].find(['"', '{', '}', '[', ']']) {
        let place = at + found;
        match text.as_bytes()[place] {
            b'"' => {
                let depth = trailing_backslashes(&text[at..place]);
                at = end_of_string(text, place, depth);
                continue;
            }
            b'{' | b'[' => open += 1,
            _ => open = open.saturating_sub(1),
        }
        at = place + 1;
        if open == 0 {
            return at;
        }
    }
    text.len()
}

/// Counts the backslashes that a text begins with.
pub(super) fn backslashes(text: &str) -> usize {
    text.len() - text.trim_start_matches('\\').len()
}

fn trailing_backslashes(text: &str) -> usize {
    text.len() - text.trim_end_matches('\\').len()
}

/// Finds the first character behind a place that ends something, or the text's end.
pub(super) fn until(text: &str, start: usize, ends: impl Fn(char) -> bool) -> usize {
    let found = text[start..].find(ends);
    found.map_or(text.len(), |length| start + length)
}
