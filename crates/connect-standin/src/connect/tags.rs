//! The rules for `Tags` (`TagMap`, Amazon Connect API reference).

use std::collections::BTreeMap;

use serde::Deserialize;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::super::refusal::Refusal;
use super::rule::{Checked, check, invalid, length, required};

pub(super) type Tags = BTreeMap<String, String>;

/// Members of a `TagResource` call.
#[derive(Deserialize)]
pub(super) struct TagResource {
    tags: Option<Tags>,
}

impl TagResource {
    pub(super) fn checked(self) -> Result<Tags, Refusal> {
        required("tags", self.tags.as_ref())?;
        let tags = self.tags.unwrap_or_default();
        check_tags(&tags)?;
        Ok(tags)
    }
}

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
