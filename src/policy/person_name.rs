//! A person's name as HR wrote it -> the form that Connect takes: NFC, without marks that are not part of a name.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Removes format marks (bidirectional overrides, zero-width characters), emoji and unassigned code points, folds
/// white space, and composes the rest to NFC, the only form that Connect accepts (CreateUser, `UserIdentityInfo`).
#[must_use]
pub fn clean(name: &str) -> String {
    // ASCII is composed, and has none of the marks.
    let kept = if name.is_ascii() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.nfc().filter(|c| belongs_to_a_name(*c)).nfc().collect())
    };
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn belongs_to_a_name(c: char) -> bool {
    // Where a character was lost the name is refused later, and must not look whole until then.
    if c == char::REPLACEMENT_CHARACTER {
        return true;
    }
    // Variation selectors and enclosing keycaps are all that is left of an emoji once its symbol is gone.
    let left_of_an_emoji = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{20e3}');
    !left_of_an_emoji
        && !matches!(
            c.general_category(),
            GeneralCategory::Format
                | GeneralCategory::OtherSymbol
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
        )
        // The skin tones of emoji are modifier symbols.
        && !matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(clean(name), expected);
    }

    #[test]
    fn all_of_ascii_belongs_to_a_name() {
        assert!((0..128_u8).map(char::from).all(belongs_to_a_name));
    }

    #[test]
    fn names_are_composed_and_freed_of_marks() {
        check("Mu\u{308}ller", "Müller");
        check("J\u{1f600}hn", "Jhn");
        check("Z\u{202e}o\u{200b}ë", "Zoë");
        check("  Anna \u{a0} Maria ", "Anna Maria");
        check("Brückner-O’Neill", "Brückner-O’Neill");
        check("Anna\tMaria", "Anna Maria");
        check("Z\u{0}oë", "Z\u{0}oë");
        check("山田", "山田");
        check("\u{1f44d}\u{1f3fd}\u{fe0f}", "");
    }
}
