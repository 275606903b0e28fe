//! Rendered username templates -> a username of Connect's alphabet and length, or the reason why there is none.

use crate::failure::{Failure, Reason};
use crate::policy::person_name;
use crate::policy::{TooLong, UsernameCase};
use crate::request::rules;

/// Chooses a username from texts in order of preference: the first that fits as it is, else the first that may be cut
/// to the length, in characters. An e-mail address is never cut.
///
/// # Errors
/// `username_not_derivable` where nothing is left of any text, `username_invalid` where none fits.
pub fn choose(
    texts: impl Iterator<Item = String>,
    length: usize,
    too_long: TooLong,
    case: UsernameCase,
) -> Result<String, Failure> {
    let candidates: Vec<String> = texts
        .map(|text| fold(&text, case))
        .filter(|name| !name.is_empty())
        .collect();
    let fits = |name: &&String| rules::is_username(name) && name.len() <= length;
    let may_be_cut = |name: &&String| rules::is_username(name) && !name.contains('@');
    match candidates.iter().find(fits) {
        Some(name) => return Ok(name.clone()),
        None if candidates.is_empty() => return Err(not_derivable()),
        None => (),
    }
    match candidates.iter().find(may_be_cut) {
        Some(name) if too_long == TooLong::Cut => Ok(cut(name, length)),
        _ => Err(username_invalid(length)),
    }
}

fn not_derivable() -> Failure {
    Failure::new(
        Reason::UsernameNotDerivable,
        "no username template gives a letter or digit of a-z, 0-9 for this person; add a template over other fields, \
         such as \"{{ employee_id }}\", to [user] username",
    )
}

fn username_invalid(length: usize) -> Failure {
    Failure::new(
        Reason::UsernameInvalid,
        format!(
            "every username template gives more than {length} characters or a broken e-mail address; add a shorter \
             one to [user] username"
        ),
    )
}

/// Folds text to the alphabet of usernames: letters are transliterated, characters without a counterpart are dropped, and
/// punctuation at either end goes. An e-mail address stays whole or gives the empty text.
///
/// A script that would have to be read aloud to be transliterated (Han, Arabic, Hebrew ...) gives the empty text: a
/// reading would be invented.
#[must_use]
pub fn fold(text: &str, case: UsernameCase) -> String {
    let clean = person_name::clean(text);
    // An e-mail address with one character less is somebody else's.
    if clean.contains('@') {
        let address = in_case(clean, case);
        return if address.chars().all(rules::in_username_alphabet) {
            address
        } else {
            String::new()
        };
    }
    if clean.chars().any(has_no_spelling) {
        return String::new();
    }
    let folded: String = clean
        .chars()
        .filter_map(ascii)
        .flat_map(|part| part.chars())
        .collect();
    let kept: String = in_case(folded, case)
        .chars()
        .filter(|c| rules::in_username_alphabet(*c))
        .collect();
    kept.trim_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_owned()
}

fn in_case(text: String, case: UsernameCase) -> String {
    match case {
        UsernameCase::Keep => text,
        UsernameCase::Lower => text.to_lowercase(),
    }
}

/// Cuts a username to a length in characters; punctuation that the cut lays bare at its end goes too.
#[must_use]
pub fn cut(username: &str, length: usize) -> String {
    let cut: String = username.chars().take(length).collect();
    cut.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_owned()
}

fn ascii(c: char) -> Option<&'static str> {
    deunicode::deunicode_char(c)
}

// Alphabets (Latin, Greek, Cyrillic, Armenian, Georgian) have letters with one usual Latin spelling; beyond them,
// vowels are unwritten or a sign has many readings.
fn has_no_spelling(c: char) -> bool {
    let alphabet = matches!(u32::from(c), 0..=0x058f | 0x10a0..=0x10ff | 0x1c90..=0x1cbf | 0x1d00..=0x1fff | 0x2c60..=0x2c7f | 0xa720..=0xa7ff);
    c.is_alphabetic() && !alphabet && !matches!(u32::from(c), 0xfb00..=0xfb06 | 0xff21..=0xff5a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_case(text, UsernameCase::Lower, expected);
    }

    #[track_caller]
    fn check_case(text: &str, case: UsernameCase, expected: &str) {
        let folded = fold(text, case);
        assert_eq!(folded, expected, "{text}");
        assert_eq!(
            fold(&folded, case),
            folded,
            "folding {text} twice changes it"
        );
    }

    #[test]
    fn case_is_kept_or_lowered() {
        for (text, kept, lower) in [
            (
                "Mary.Major@Example.com",
                "Mary.Major@Example.com",
                "mary.major@example.com",
            ),
            ("ALee", "ALee", "alee"),
            (
                "Zoë.Brückner-O’Neill",
                "Zoe.Bruckner-ONeill",
                "zoe.bruckner-oneill",
            ),
            ("ŁUKASZ.Żółć", "LUKASZ.Zolc", "lukasz.zolc"),
            ("O'Neil@Example.com", "", ""),
            ("山田", "", ""),
        ] {
            check_case(text, UsernameCase::Keep, kept);
            check_case(text, UsernameCase::Lower, lower);
        }
    }

    #[test]
    fn names_fold_to_the_alphabet_of_usernames() {
        check("Zoë.Brückner-O’Neill", "zoe.bruckner-oneill");
        check("Mu\u{308}ller", "muller");
        check("d'Souza", "dsouza");
        check("Łukasz.Żółć", "lukasz.zolc");
        check("Nguyễn.Văn", "nguyen.van");
        check("Þór", "thor");
        check("Юлия", "iuliia");
        check("J\u{1f600}hn", "jhn");
        check("\u{202e}Anna", "anna");
        check(".-jane-.", "jane");
        check("Zoe@example.com", "zoe@example.com");
        check("o'neil@example.com", "");
        check("山田", "");
        check("محمد", "");
        check("\u{1f600}", "");
        check("", "");
    }

    #[test]
    fn a_cut_never_ends_in_punctuation() {
        assert_eq!(cut("zoe.brueckner-oneill", 13), "zoe.brueckner");
        assert_eq!(cut("zoe.brueckner-oneill", 14), "zoe.brueckner");
        assert_eq!(cut("zoe", 20), "zoe");
    }
}
