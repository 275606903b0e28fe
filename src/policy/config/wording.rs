//! A message of the TOML reader -> a sentence about the key: the kind of its value, and the kind to write instead.

/// Words of the reader, and the value to write.
const KINDS: [(&str, &str); 13] = [
    ("u64", "a whole number, 0 or more"),
    ("u32", "a whole number, 0 or more"),
    ("usize", "a whole number, 0 or more"),
    ("i64", "a whole number"),
    ("f64", "a number"),
    ("a boolean", "true or false, without quotes"),
    ("a string", "a text in quotes"),
    ("a sequence", "a list in [ ]"),
    ("a map", "a table"),
    (
        "a table of expressions",
        "a table of expressions, such as `department.code = \"item.dept\"`",
    ),
    ("struct ", "a table of keys"),
    ("string or table", "a text in quotes, or a table"),
    ("literal string", "a text in quotes"),
];

/// Values as the reader names them, and as people do.
const FOUND: [(&str, &str); 7] = [
    ("string ", "the text "),
    ("integer ", "the number "),
    ("floating point ", "the number "),
    ("boolean ", "the word "),
    ("sequence", "a list"),
    ("map", "a table"),
    ("unit", "nothing"),
];

/// Says what is wrong with the value of a key, from the first line of the reader's message; `None` where it is of another kind.
pub(super) fn of_value(key: &str, message: &str) -> Option<String> {
    let rest = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|start| message.strip_prefix(start));
    if let Some((found, expected)) = rest.and_then(|rest| rest.split_once(", expected ")) {
        let found = FOUND
            .iter()
            .find_map(|(word, plain)| Some(format!("{plain}{}", found.strip_prefix(word)?)));
        let found = found?.replace('`', "");
        let kind = KINDS.iter().find(|(word, _)| expected.starts_with(word));
        let kind = kind.map_or(expected, |(_, plain)| plain);
        return Some(format!("`{key}` is {found}; write {kind}"));
    }
    if let Some((found, accepted)) = message
        .strip_prefix("unknown variant `")
        .and_then(|rest| rest.split_once("`, expected "))
    {
        let accepted = accepted.replace('`', "\"");
        return Some(format!("`{key}` is \"{found}\"; write {accepted}"));
    }
    // An untagged kind says only what it takes.
    let is_taken = message.starts_with("a ") || message.starts_with("an ");
    is_taken.then(|| format!("`{key}` is of another kind; write {message}"))
}

/// Says what is wrong with TOML itself, from the reader's message and the text that it is about.
pub(super) fn of_syntax(message: &str, about: &str) -> String {
    let about = about.trim();
    match message {
        "duplicate key" if about.is_empty() => {
            "a key stands twice in one section; leave one out".to_owned()
        }
        "duplicate key" => format!("the key `{about}` stands twice in one section; leave one out"),
        _ if about.is_empty() || about.len() > 40 || message.contains(&format!("`{about}`")) => {
            message.to_owned()
        }
        _ => format!("{message}, at `{about}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_kind_is_said_in_plain_words() {
        for (message, expected) in [
            (
                "invalid type: string \"20\", expected u64",
                Some("`k` is the text \"20\"; write a whole number, 0 or more"),
            ),
            (
                "invalid value: integer `-1`, expected u64",
                Some("`k` is the number -1; write a whole number, 0 or more"),
            ),
            (
                "invalid type: floating point `2.5`, expected u32",
                Some("`k` is the number 2.5; write a whole number, 0 or more"),
            ),
            (
                "invalid type: boolean `true`, expected a string",
                Some("`k` is the word true; write a text in quotes"),
            ),
            (
                "invalid type: string \"yes\", expected a boolean",
                Some("`k` is the text \"yes\"; write true or false, without quotes"),
            ),
            (
                "invalid type: string \"Agent\", expected a sequence",
                Some("`k` is the text \"Agent\"; write a list in [ ]"),
            ),
            (
                "invalid type: sequence, expected a string",
                Some("`k` is a list; write a text in quotes"),
            ),
            (
                "invalid type: map, expected a string",
                Some("`k` is a table; write a text in quotes"),
            ),
            (
                "invalid type: string \"x\", expected struct Connect",
                Some("`k` is the text \"x\"; write a table of keys"),
            ),
            (
                "unknown variant `MANAGED`, expected `SAML` or `OTHER`",
                Some("`k` is \"MANAGED\"; write \"SAML\" or \"OTHER\""),
            ),
            (
                "a name, or { id = \"...\" }",
                Some("`k` is of another kind; write a name, or { id = \"...\" }"),
            ),
            ("missing field `name`", None),
        ] {
            assert_eq!(of_value("k", message).as_deref(), expected, "{message}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_named() {
        assert_eq!(
            of_syntax("duplicate key", "burst"),
            "the key `burst` stands twice in one section; leave one out"
        );
        assert_eq!(
            of_syntax("string values must be quoted, expected literal string", "x"),
            "string values must be quoted, expected literal string, at `x`"
        );
    }
}
