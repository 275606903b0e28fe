//! The rules for `Tags` (`TagMap`, Amazon Connect API reference).

use std::collections::BTreeMap;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::rule::{Checked, check, invalid, length};

pub(super) type Tags = BTreeMap<String, String>;

pub(super) fn check_tags(tags: &Tags) -> Checked {
    check((1..=50).contains(&tags.len()), || {
        invalid("Tags", "must have 1 to 50 entries")
    })?;
    tags.iter().try_for_each(|(key, value)| {
        check_key(key)?;
        check(length(value) <= 256, || {
            invalid("Tags", "can have values of up to 256 characters")
        })
    })
}

fn check_key(key: &str) -> Checked {
    check((1..=128).contains(&length(key)), || {
        invalid("Tags", "must have keys of 1 to 128 characters")
    })?;
    check(!key.starts_with("aws:"), || {
        invalid("Tags", "can't have keys that start with aws:")
    })?;
    check(key.chars().all(is_allowed), || {
        invalid(
            "Tags",
            "can have only letters, numbers, blanks and _.:/=+-@ in keys",
        )
    })
}

/// `^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$` of the service model.
fn is_allowed(c: char) -> bool {
    let group = c.general_category_group();
    let by_group = matches!(
        group,
        GeneralCategoryGroup::Letter
            | GeneralCategoryGroup::Separator
            | GeneralCategoryGroup::Number
    );
    by_group || "_.:/=+-@".contains(c)
}
