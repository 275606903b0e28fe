//! Key of a person, on which idempotency stands, and its forms for logs and tags.

use std::fmt;
use std::sync::{Arc, LazyLock};

use sha2::{Digest, Sha256};

/// The key that one person's events share, however often and in whatever envelope they arrive.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum PersonKey {
    /// The producer's identifier of the worker.
    Employee(String),
    /// The identifier of a worker in one of several HR systems, which may use another's numbers.
    EmployeeIn {
        /// `key_namespace` of the source.
        namespace: String,
        id: String,
    },
    /// The username that a `connect.create-user/1` event asks for: there the producer names the user itself.
    Username(String),
    /// The producer's identifier of the event, where it names no worker.
    Event(String),
    /// A hash of the payload, where the producer names neither.
    Payload(String),
}

/// A key that is worked out where it is asked for: the hash of a payload costs more than reading it.
#[derive(Clone)]
pub struct LazyKey(Arc<LazyLock<PersonKey, Box<dyn FnOnce() -> PersonKey + Send>>>);

impl LazyKey {
    pub fn new(key: impl FnOnce() -> PersonKey + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(key))))
    }

    /// The key.
    #[must_use]
    pub fn get(&self) -> &PersonKey {
        &self.0
    }
}

impl PersonKey {
    /// The key of an event that identifies neither its worker nor itself.
    #[must_use]
    pub fn of_payload(payload: &[u8]) -> Self {
        Self::Payload(short_hash(payload))
    }

    /// The key of one of several people in what this key stands for.
    pub(crate) fn of_one(&self, place: usize) -> Self {
        match self {
            Self::Event(id) => Self::Event(format!("{id}/{place}")),
            other => Self::of_payload(format!("{other}/{place}").as_bytes()),
        }
    }

    /// The value of the identity tag: the same person always gives the same value, and no name can be read off it.
    #[must_use]
    pub fn tag_value(&self) -> String {
        let (kind, value) = self.parts();
        // A line of its own: no identifier has a line break, so none reads like a namespace and an identifier.
        let value = match self {
            Self::EmployeeIn { namespace, .. } => format!("{namespace}\n{value}"),
            _ => value.to_owned(),
        };
        short_hash(format!("connect-provisioner/person/1\n{kind}\n{value}").as_bytes())
    }

    /// The tag value that an earlier version or configuration gave the same person's user, where it differs.
    ///
    /// Usernames used to be lower-cased, and a source may have got its `key_namespace` later.
    #[must_use]
    pub fn earlier_tag_value(&self) -> Option<String> {
        let earlier = match self {
            Self::Username(name) => {
                let lower = name.to_lowercase();
                (lower != *name).then_some(Self::Username(lower))
            }
            Self::EmployeeIn { id, .. } => Some(Self::Employee(id.clone())),
            Self::Employee(_) | Self::Event(_) | Self::Payload(_) => None,
        };
        earlier.as_ref().map(Self::tag_value)
    }

    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Employee(id) | Self::EmployeeIn { id, .. } => ("employee", id),
            Self::Username(name) => ("username", name),
            Self::Event(id) => ("event", id),
            Self::Payload(hash) => ("payload", hash),
        }
    }
}

/// The form for logs and dead-letter messages: an identifier stands as it is, anything else as its hash.
impl fmt::Display for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (kind, value) = self.parts();
        match self {
            Self::Payload(hash) => write!(f, "{kind}:#{hash}"),
            Self::Employee(_) | Self::Event(_) if is_identifier(value) => {
                write!(f, "{kind}:{value}")
            }
            Self::EmployeeIn { namespace, .. } if is_identifier(value) => {
                write!(f, "{kind}:{namespace}/{value}")
            }
            Self::EmployeeIn { namespace, .. } => {
                let hash = &short_hash(value.as_bytes())[..16];
                write!(f, "{kind}:{namespace}/#{hash}")
            }
            _ => write!(f, "{kind}:#{}", &short_hash(value.as_bytes())[..16]),
        }
    }
}

// An e-mail address, a name or a phone number used as an identifier must not reach a log; most of an identifier's
// characters are digits, and ten to fifteen of them alone may be a phone number.
fn is_identifier(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let phone_number = letters == 0 && (10..=15).contains(&digits);
    value.len() <= 80
        && digits > 0
        && digits * 2 >= letters
        && !phone_number
        && !is_social_security_number(value)
        && !is_dotted_name(value)
        && value.chars().all(plain)
}

// Three, two and four digits, as the United States write it (Social Security Administration, "The SSN numbering scheme").
fn is_social_security_number(value: &str) -> bool {
    let groups = value.split(['-', '.']).map(str::len);
    groups.eq([3, 2, 4]) && value.chars().filter(char::is_ascii_digit).count() == 9
}

// `a.lee1990`: letters, a dot or an underscore, lower-case letters, and at most a year behind them.
fn is_dotted_name(value: &str) -> bool {
    let name = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let Some((first, last)) = name.split_once(['.', '_']) else {
        return false;
    };
    value.len() - name.len() <= 4
        && !first.is_empty()
        && first.chars().all(|c| c.is_ascii_alphabetic())
        && last.len() > 2
        && last.chars().all(|c| c.is_ascii_lowercase())
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first 128 bits of SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let halves = digest[..16].iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_printed_and_people_are_not() {
        assert_eq!(
            PersonKey::Employee("E104233".into()).to_string(),
            "employee:E104233"
        );
        for identifier in [
            "W-2024.17",
            "100-2345",
            "emp_0042",
            "hr-2026-000004/1",
            "E.UK12",
        ] {
            let shown = PersonKey::Employee(identifier.into()).to_string();
            assert_eq!(shown, format!("employee:{identifier}"));
        }
        for personal in [
            "zoe@example.com",
            "Zoë",
            "zoe.brueckner2",
            "a.lee1990",
            "J_lee1990",
            "123-45-6789",
            "447700900123",
            "+447700900123",
        ] {
            let shown = PersonKey::Employee(personal.into()).to_string();
            assert!(
                shown.starts_with("employee:#") && !shown.contains(personal),
                "{shown}"
            );
        }
        assert!(
            PersonKey::Username("agent7".into())
                .to_string()
                .starts_with("username:#")
        );
    }

    #[test]
    fn a_namespace_tells_equal_numbers_apart_and_knows_the_earlier_tag() {
        let plain = PersonKey::Employee("E104233".into());
        let one_in = |namespace: &str, id: &str| PersonKey::EmployeeIn {
            namespace: namespace.into(),
            id: id.into(),
        };
        let acme = one_in("acme-hr", "E104233");
        assert_eq!(acme.to_string(), "employee:acme-hr/E104233");
        let shown = one_in("acme-hr", "zoe@example.com").to_string();
        assert!(shown.starts_with("employee:acme-hr/#"), "{shown}");
        let tags = [
            plain.tag_value(),
            acme.tag_value(),
            one_in("other-hr", "E104233").tag_value(),
            PersonKey::Employee("acme-hr/E104233".into()).tag_value(),
        ];
        let distinct: std::collections::BTreeSet<_> = tags.iter().collect();
        assert_eq!(distinct.len(), tags.len());
        assert_eq!(acme.earlier_tag_value(), Some(plain.tag_value()));
        assert_eq!(plain.earlier_tag_value(), None);
    }

    #[test]
    fn usernames_are_keys_with_their_case_and_once_were_without() {
        let [upper, lower] = ["ALee", "alee"].map(|name| PersonKey::Username(name.into()));
        assert_ne!(upper.tag_value(), lower.tag_value());
        assert_eq!(upper.earlier_tag_value(), Some(lower.tag_value()));
        assert_eq!(lower.earlier_tag_value(), None);
        assert_eq!(PersonKey::Event("A1".into()).earlier_tag_value(), None);
    }

    #[test]
    fn kinds_of_keys_never_share_a_tag() {
        let tags = [
            PersonKey::Employee("1".into()).tag_value(),
            PersonKey::Username("1".into()).tag_value(),
            PersonKey::Event("1".into()).tag_value(),
            PersonKey::of_payload(b"1").tag_value(),
        ];
        assert!(
            tags.iter()
                .enumerate()
                .all(|(i, tag)| tags[i + 1..].iter().all(|other| other != tag))
        );
    }
}
