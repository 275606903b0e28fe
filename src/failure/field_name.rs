//! A field's path -> a name that may be printed, whoever chose it.

use std::fmt;

/// The path of a field in an event, safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldName(String);

impl FieldName {
    /// A field that this program knows.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// A name that the event chose: kept only where it is short and plain, since a key may hold anything.
    #[must_use]
    pub fn from_event(name: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
        if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
            Self(name.to_owned())
        } else {
            Self("(unprintable)".to_owned())
        }
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_from_an_event_is_printed_only_if_plain() {
        assert_eq!(
            FieldName::from_event("worker.e-mail[0]").to_string(),
            "worker.e-mail[0]"
        );
        assert_eq!(
            FieldName::from_event("Zoë Brückner").to_string(),
            "(unprintable)"
        );
    }
}
