//! The message of an AWS error -> the words of it that may be kept: they tell the rule that was broken, and no value.
//!
//! AWS quotes values of the request in its messages, in spellings of its own, so nothing is looked for: a word stays where it
//! is one of a list, and every other one becomes `…`.

mod words;

use words::{BEGINNINGS, LIMITS, MEMBERS, WORDS};

/// Longest text that is kept, in characters.
const LONGEST: usize = 300;

/// Fewest words that say something; fewer are the rest of a sentence about a value.
const FEWEST: usize = 3;

/// Number of characters in a row that a message may not share with a password.
const SHARED: usize = 4;

const MASK: &str = "…";

/// Keeps the words of a message that are on the lists; nothing where it shares four characters in a row with the password, or
/// where too few words are left.
pub(super) fn kept(message: &str, password: Option<&str>) -> Option<String> {
    if password.is_some_and(|password| shares(message, password)) {
        return None;
    }
    let mut kept = String::new();
    let mut words = 0;
    for part in parts(message) {
        let word = match part {
            Part::Between(text) => text,
            Part::Word { text, quoted } if is_kept(text, quoted) => {
                words += 1;
                text
            }
            Part::Word { .. } => MASK,
        };
        // Several words in a row that are none stand for one value.
        let repeats = word == MASK && kept.trim_end().ends_with(MASK);
        if !repeats {
            kept.push_str(word);
        }
    }
    let kept: Vec<&str> = kept.split_whitespace().collect();
    let kept = kept.join(" ");
    (words >= FEWEST).then(|| kept.chars().take(LONGEST).collect())
}

enum Part<'m> {
    /// Spaces and signs.
    Between(&'m str),
    Word {
        text: &'m str,
        /// Whether it stands in quotation marks.
        quoted: bool,
    },
}

// A word ends with a space or a sign that no identifier has; a point and a colon at its end are signs too.
fn parts(message: &str) -> Vec<Part<'_>> {
    let is_between = |c: char| c.is_whitespace() || "'\"`,;()[]{}<>=!?|".contains(c);
    let mut parts = Vec::new();
    let mut open: Option<char> = None;
    let mut rest = message;
    while !rest.is_empty() {
        let length = rest.find(is_between).unwrap_or(rest.len());
        if length == 0 {
            let sign = rest.chars().next().unwrap_or_default();
            if matches!(sign, '\'' | '"' | '`') {
                open = if open == Some(sign) {
                    None
                } else {
                    open.or(Some(sign))
                };
            }
            // A sign says nothing, but one of another script might.
            let between = if sign.is_ascii() {
                &rest[..sign.len_utf8()]
            } else {
                " "
            };
            parts.push(Part::Between(between));
            rest = &rest[sign.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(length);
        let text = word.trim_end_matches(['.', ':']);
        parts.push(Part::Word {
            text,
            quoted: open.is_some(),
        });
        parts.push(Part::Between(&word[text.len()..]));
        rest = after;
    }
    parts
}

// In quotation marks stands a value, or the path of a member.
fn is_kept(word: &str, quoted: bool) -> bool {
    let action = word.strip_prefix("connect:").unwrap_or(word);
    let is_path = || {
        action
            .split('.')
            .all(|part| is_member(part) || LIMITS.contains(&part))
    };
    if quoted {
        return is_path() && !LIMITS.contains(&word);
    }
    WORDS.contains(&word) || BEGINNINGS.contains(&word) || LIMITS.contains(&word) || is_path()
}

fn is_member(word: &str) -> bool {
    MEMBERS
        .iter()
        .any(|member| member.eq_ignore_ascii_case(word))
}

/// Tells whether two texts share some characters in a row, whatever their case.
fn shares(message: &str, password: &str) -> bool {
    let message = message.to_lowercase();
    let password: Vec<char> = password.to_lowercase().chars().collect();
    let mut windows = password.windows(SHARED);
    windows.any(|window| message.contains(&window.iter().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(message: &str, expected: Option<&str>) {
        assert_eq!(
            kept(message, Some("Xy7#qwertzP")).as_deref(),
            expected,
            "{message}"
        );
    }

    #[test]
    fn the_rule_stays_and_the_value_goes() {
        check(
            "1 validation error detected: Value 'zoe.brückner' at 'username' failed to satisfy constraint: Member must have length less than or equal to 100",
            Some(
                "1 validation error detected: Value '…' at 'username' failed to satisfy constraint: Member must have length less than or equal to 100",
            ),
        );
        check(
            "Value at 'identityInfo.firstName' is not valid: Zoe",
            Some("Value at 'identityInfo.firstName' is not valid: …"),
        );
        check("The password does not meet the policy of Xy7#qwertzP", None);
        check(
            "User: arn:aws:sts::111122223333:assumed-role/r is not authorized to perform: connect:CreateUser",
            Some("User: … is not authorized to perform: connect:CreateUser"),
        );
        check("Zoe Brückner (E104233) 'the' \"user\"", None);
        check("Rate exceeded", None);
        check("", None);
        check("Zoe", None);
    }

    fn spellings(value: &str) -> Vec<String> {
        vec![
            value.to_owned(),
            value.to_uppercase(),
            value.to_lowercase(),
            format!("'{value}'"),
            format!("\"{value}\""),
            format!("[{value}]"),
            format!("username={value}"),
            serde_json::Value::from(value).to_string(),
            value.chars().take(12).collect(),
            value.escape_unicode().to_string(),
            value.replace(' ', "%20"),
        ]
    }

    proptest! {
        // Values are those that people have: whatever is no word of the lists.
        #[test]
        fn no_value_of_a_request_gets_through(
            value in "[A-Z][a-zäöüé]{4,12}( [A-Z][a-z'’-]{4,12})?|[a-z]{4,9}\\.[a-z]{4,9}(@[a-z]{4,9}\\.example)?|\\+[1-9][0-9]{9,13}|E[0-9]{5,7}",
            spelling in 0..11_usize,
            before in prop::sample::select(vec!["Value ", "Invalid request: username ", "The user ", ""]),
            after in prop::sample::select(vec![" at 'username' failed to satisfy constraint", " already exists", ""]),
        ) {
            let is_word = |word: &str| is_kept(word, false) || is_kept(&word.to_lowercase(), false);
            prop_assume!(!value.split(|c: char| !c.is_alphanumeric()).any(is_word));
            let quoted = &spellings(&value)[spelling];
            let shown = kept(&format!("{before}{quoted}{after}"), None).unwrap_or_default();
            let shown = shown.to_lowercase();
            for part in value.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 3) {
                prop_assert!(!shown.contains(part), "{shown}");
            }
        }

        #[test]
        fn a_message_that_quotes_a_password_is_dropped(
            password in "[A-Z][a-z]{2}[0-9]{2}[!-~]{4,20}",
            start in 0..5_usize,
            before in prop::sample::select(vec!["Value '", "password=", "the password "]),
        ) {
            let part: String = password.chars().skip(start).take(4).collect();
            let message = format!("{before}{part}' must satisfy the pattern");
            prop_assert_eq!(kept(&message, Some(&password)), None);
        }
    }
}
