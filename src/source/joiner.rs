//! A person who joins, in HR's words: what every source is read into and every template is written against.

use serde::Serialize;

use crate::failure::{Failure, FieldName};

/// A worker who joins; absent fields are left out, so that a template can ask whether they are there.
///
/// It holds personal data, so it has no `Debug`.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Joiner {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Department::is_absent")]
    pub department: Department,
    #[serde(skip_serializing_if = "Job::is_absent")]
    pub job: Job,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager_employee_id: Option<String>,
    /// The first working day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employment_type: Option<String>,
    /// Fields that break a rule and so are left out: they cost the join only where the configuration uses them.
    #[serde(skip)]
    pub faults: Faults,
    /// Spelling of the fields in the event.
    #[serde(skip)]
    pub spelling: Spelling,
}

/// Optional fields of an event that break a rule, each with its refusal.
#[derive(Clone, Default)]
pub struct Faults(Vec<(&'static str, Failure)>);

impl Faults {
    /// Takes what was read of an optional field, and keeps its refusal where there is one.
    pub(crate) fn without<T: Default>(
        &mut self,
        field: &'static str,
        read: Result<T, Failure>,
    ) -> T {
        read.unwrap_or_else(|failure| {
            self.0.push((field, failure));
            T::default()
        })
    }

    /// Lists the fields with their refusals.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Failure)> {
        self.0.iter().map(|(field, failure)| (*field, failure))
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
    /// Names a field of a joiner as the event spells it.
    #[must_use]
    pub(crate) fn name_of(self, field: &str) -> FieldName {
        match self {
            Self::Configured => FieldName::new(field),
            Self::HrJoin => FieldName::new(&format!("worker.{}", in_camel_case(field))),
        }
    }
}

fn in_camel_case(field: &str) -> String {
    let mut parts = field.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (head, tail) = part.split_at(1.min(part.len()));
        name + &head.to_ascii_uppercase() + tail
    })
}

/// The department that a worker joins.
#[derive(Clone, Default, Serialize)]
pub struct Department {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The job that a worker takes up.
#[derive(Clone, Default, Serialize)]
pub struct Job {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl Department {
    fn is_absent(&self) -> bool {
        self.code.is_none() && self.name.is_none()
    }
}

impl Job {
    fn is_absent(&self) -> bool {
        self.code.is_none() && self.title.is_none()
    }
}
