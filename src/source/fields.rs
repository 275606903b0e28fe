//! A JSON object -> typed fields, each refusal naming the field's path and what would be accepted.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::failure::{Failure, FieldName};
use crate::request::rules;

/// An object of an event and the path that leads to it.
pub(super) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: Cow<'static, str>,
}

impl<'a> Fields<'a> {
    pub(super) fn root(object: &'a Map<String, Value>) -> Self {
        Self {
            object: Some(object),
            path: Cow::Borrowed(""),
        }
    }

    /// The object at `key`, which reads as empty where it is absent.
    pub(super) fn object(&self, key: &'static str) -> Result<Self, Failure> {
        let path = if self.path.is_empty() {
            Cow::Borrowed(key)
        } else {
            Cow::Owned(format!("{}.{key}", self.path))
        };
        match self.value(key) {
            None => Ok(Self { object: None, path }),
            Some(Value::Object(object)) => Ok(Self {
                object: Some(object),
                path,
            }),
            Some(_) => Err(not_an_object(&path)),
        }
    }

    /// Text that must be there.
    pub(super) fn required(&self, key: &str) -> Result<String, Failure> {
        self.text(key)?
            .ok_or_else(|| Failure::missing(self.name(key), "a text that is not blank"))
    }

    /// Text, trimmed; absent, null, empty, blank and `[]` all mean that it is missing.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Failure> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) if rules::has_control_characters(text.trim()) => Err(
                Failure::invalid(self.name(key), "a text without control characters"),
            ),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(Failure::invalid(self.name(key), "a text")),
        }
    }

    /// An identifier: text, or a whole number of which every digit counts.
    pub(super) fn identifier(&self, key: &str) -> Result<Option<String>, Failure> {
        match self.value(key) {
            // Beyond 64 bits a JSON number would lose digits, and two people could become one.
            Some(Value::Number(number)) if !number.is_f64() => Ok(Some(number.to_string())),
            Some(Value::Number(_)) => Err(Failure::invalid(
                self.name(key),
                "a whole number below 2^64, or the identifier as a text",
            )),
            _ => self.text(key),
        }
    }

    /// A text, a whole number, or a flag as the word `true` or `false`.
    pub(super) fn word(&self, key: &str) -> Result<Option<String>, Failure> {
        match self.value(key) {
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            _ => self.identifier(key),
        }
    }

    /// Lists the names of its members.
    pub(super) fn members(&self) -> impl Iterator<Item = &'a str> {
        let members = self.object.into_iter().flat_map(Map::keys);
        members.map(String::as_str)
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.object?.get(key).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        })
    }

    pub(super) fn name(&self, key: &str) -> FieldName {
        if self.path.is_empty() {
            FieldName::new(key)
        } else {
            FieldName::new(&format!("{}.{key}", self.path))
        }
    }
}

/// Returns the refusal of a member that must be an object.
pub(super) fn not_an_object(path: &str) -> Failure {
    Failure::invalid(FieldName::new(path), "a JSON object")
}
