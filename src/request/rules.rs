//! The patterns of CreateUser's members, each a question about one text.
//!
//! Source: Amazon Connect API reference, CreateUser, `UserIdentityInfo` and `UserPhoneConfig`.

/// Whether a text has control characters, which no name or identifier has, or U+FFFD, which stands where somebody
/// before us lost a character.
#[must_use]
pub fn has_control_characters(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

/// Tells whether nobody sees a character or can type it: control and format characters, unassigned and private ones,
/// fillers, variation selectors, and U+FFFD, but not white space.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    use unicode_properties::{GeneralCategoryGroup as Group, UnicodeGeneralCategory};
    // Unicode Character Database, `Default_Ignorable_Code_Point`: letters and marks that have no shape.
    let is_blank_letter = matches!(
        c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}'
    );
    let is_other = c.general_category_group() == Group::Other && !c.is_whitespace();
    is_other || is_blank_letter || c == char::REPLACEMENT_CHARACTER
}

/// The most characters of an e-mail address (the rule of `SecondaryEmail`).
pub const LONGEST_EMAIL: usize = 265;

/// `[a-zA-Z0-9._%+-]+@([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,63}`, at most [`LONGEST_EMAIL`] characters: the pattern of the reference, but for
/// blank labels, which no domain has (RFC 1034, section 3.1).
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some((host, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let in_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let in_host = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_label = |label: &str| !label.is_empty() && label.chars().all(in_host);
    text.len() <= LONGEST_EMAIL
        && !local.is_empty()
        && local.chars().all(in_local)
        && host.split('.').all(is_label)
        && (2..=63).contains(&top.len())
        && top.chars().all(|c| c.is_ascii_alphabetic())
}

/// `\+[1-9]\d{1,14}` (E.164, ITU-T).
#[must_use]
pub fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else {
        return false;
    };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.chars().all(|c| c.is_ascii_digit())
}

/// `[a-zA-Z0-9_\-.@]`, the alphabet of usernames.
#[must_use]
pub fn in_username_alphabet(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.@".contains(c)
}

/// An `@` stands in a username only in the form of an e-mail address.
#[must_use]
pub fn is_username(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(in_username_alphabet)
        && (!text.contains('@') || is_email(text))
}

/// `^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d\S]{8,64}$`, the policy of initial passwords.
#[must_use]
pub fn is_password(text: &str) -> bool {
    (8..=64).contains(&text.chars().count())
        && !text.chars().any(char::is_whitespace)
        && text.chars().any(|c| c.is_ascii_lowercase())
        && text.chars().any(|c| c.is_ascii_uppercase())
        && text.chars().any(|c| c.is_ascii_digit())
}

/// `^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`, 1 to 128 characters.
#[must_use]
pub fn is_tag_key(text: &str) -> bool {
    use unicode_properties::{GeneralCategoryGroup as Group, UnicodeGeneralCategory};
    let allowed = |c: char| {
        matches!(
            c.general_category_group(),
            Group::Letter | Group::Separator | Group::Number
        ) || "_.:/=+-@".contains(c)
    };
    (1..=128).contains(&text.chars().count())
        && !text.starts_with("aws:")
        && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: fn(&str) -> bool, accepted: &[&str], refused: &[&str]) {
        for text in accepted {
            assert!(rule(text), "{text} should be accepted");
        }
        for text in refused {
            assert!(!rule(text), "{text} should be refused");
        }
    }

    #[test]
    fn the_patterns_are_those_of_the_reference() {
        let long = format!("{}@example.com", "a".repeat(254));
        check(
            is_email,
            &["a.b%c+d-e@x-y.example.com"],
            &[
                "jane@example",
                "@jane.example",
                "a@b@c.de",
                "a b@c.de",
                "a@b..co",
                "a@.b.co",
                &long,
            ],
        );
        check(
            is_e164,
            &["+15555551212", "+12"],
            &[
                "15555551212",
                "+0155",
                "+1",
                "+44 7700",
                "+1234567890123456",
            ],
        );
        check(
            is_username,
            &["testuser", "testuser@example.com", "a_b-c.d"],
            &["", "testuser@example", "zoë", "a b", "a@b@c"],
        );
        check(
            is_password,
            &["Passw0rd", "Pass@Word1", "Äbcdefg1A"],
            &["Passw0r", "password1", "PASSWORD1", "Password", "Pass w0rd"],
        );
        check(
            is_tag_key,
            &["cost centre", "Größe:x/y=+-@."],
            &["", "aws:x", "a;b", "a\u{301}"],
        );
        check(
            has_control_characters,
            &["a\u{0}", "a\nb", "Br\u{fffd}ckner"],
            &["Zoë"],
        );
    }
}
