//! A person who joins, in HR's words: every source is read into it, and every template is written against it.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::field::{EXTRA, Field};
use crate::failure::{Failure, FieldName};

/// A worker who joins.
///
/// It holds personal data, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Joiner {
    texts: [Option<String>; Field::COUNT],
    /// Fields that the deployment names as it likes, each with its text.
    pub extra: Vec<(String, String)>,
    /// Fields that break a rule and so are left out: they cost the join only where the configuration uses them.
    pub faults: Faults,
    /// Spelling of the fields in the event.
    pub spelling: Spelling,
}

impl Joiner {
    /// Returns the text of a field; `None` where the event has none.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        self.texts[field as usize].as_deref()
    }

    /// Sets the text of a field.
    pub fn set(&mut self, field: Field, text: Option<String>) {
        self.texts[field as usize] = text;
    }

    /// Takes the text of a field out.
    pub(crate) fn take(&mut self, field: Field) -> Option<String> {
        self.texts[field as usize].take()
    }

    /// Returns the joiner with the text of a field.
    #[must_use]
    pub fn with(mut self, field: Field, text: impl Into<String>) -> Self {
        self.set(field, Some(text.into()));
        self
    }
}

/// Writes the fields by the names of the configuration; absent ones are left out, so that a template can ask whether they are there.
impl Serialize for Joiner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut person = serializer.serialize_struct("Joiner", Field::COUNT)?;
        if !self.extra.is_empty() {
            person.serialize_field(EXTRA, &Extra(&self.extra))?;
        }
        for (group, fields) in Field::by_group() {
            let members = Members {
                joiner: self,
                fields,
            };
            match group {
                None => members.write(&mut person)?,
                Some(group) if fields.iter().any(|field| self.get(*field).is_some()) => {
                    person.serialize_field(group, &members)?;
                }
                Some(_) => (),
            }
        }
        person.end()
    }
}

/// The fields that a deployment names.
struct Extra<'a>(&'a [(String, String)]);

impl Serialize for Extra<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

/// Some fields of a joiner, which belong to one object.
struct Members<'a> {
    joiner: &'a Joiner,
    fields: &'static [Field],
}

impl Members<'_> {
    fn write<S: SerializeStruct>(&self, object: &mut S) -> Result<(), S::Error> {
        for field in self.fields {
            if let Some(text) = self.joiner.get(*field) {
                object.serialize_field(field.member(), text)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Members", self.fields.len())?;
        self.write(&mut object)?;
        object.end()
    }
}

/// Optional fields of an event that break a rule, each with its refusal.
#[derive(Clone, Default)]
pub struct Faults(Vec<(Cow<'static, str>, Failure)>);

impl Faults {
    /// Gives the text that was read of an optional field, or keeps its refusal.
    pub(crate) fn without(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        read: Result<Option<String>, Failure>,
    ) -> Option<String> {
        read.unwrap_or_else(|failure| {
            self.add(field, failure);
            None
        })
    }

    /// Keeps the refusal of a field, or of a group of fields.
    pub(crate) fn add(&mut self, field: impl Into<Cow<'static, str>>, failure: Failure) {
        self.0.push((field.into(), failure));
    }

    /// Lists the fields with their refusals.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.0.iter().map(|(field, failure)| (&**field, failure))
    }

    /// Lists the fields as logs name them: those of the table by their names, others as `extra`, since an event may name them.
    pub(crate) fn logged(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(field, _)| match field {
            Cow::Borrowed(name) => *name,
            Cow::Owned(_) => EXTRA,
        })
    }
}

/// Spelling of a joiner's fields in the event that they come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spelling {
    /// As the configuration spells them: `given_name`.
    #[default]
    Configured,
    /// As `hr.join/1` spells them: `worker.givenName`.
    HrJoin,
}

impl Spelling {
    /// Names a field of a joiner, by its name in the configuration, as the event spells it.
    #[must_use]
    pub(crate) fn name_of(self, field: &str) -> FieldName {
        match (self, Field::from_name(field)) {
            (Self::HrJoin, Some(field)) => FieldName::new(field.in_hr_join()),
            (Self::HrJoin, None) => FieldName::new(&format!("worker.{field}")),
            (Self::Configured, _) => FieldName::new(field),
        }
    }
}
