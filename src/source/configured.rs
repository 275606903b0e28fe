//! A `[[source]]` of the configuration: an event of any HR system -> the people in it, each read into a joiner.

use minijinja::Value;
use minijinja::value::{Serde, ValueKind};
use serde_json::{Map, Value as Json};

use super::checks;
use super::reading::Reading;
use crate::expressions::template::EventExpression;
use crate::failure::{Failure, FieldName, Reason};
use crate::intake::Payload;
use crate::ordered::inserted;
use crate::request::rules;
use crate::source::field::{Field, Kind};
use crate::source::joiner::Joiner;
use crate::source::person_key::PersonKey;
use crate::source::start_date;

/// A source: a condition that recognises events of one kind, and what to do with them.
pub struct Configured {
    pub name: String,
    /// The name of the preset that it comes from, or its own.
    pub entry: String,
    /// Tells its employee ids from another HR system's.
    pub key_namespace: Option<String>,
    /// Whether it is asked only where no other source recognises an event.
    pub is_catch_all: bool,
    pub when: EventExpression,
    pub then: Reads,
}

/// Treatment of the events that a source recognises.
pub enum Reads {
    /// They are no joins; the reason is recorded.
    Skip(String),
    /// They withdraw a join: the reason is recorded, and what waits for the person is removed.
    Withdrawal {
        why: String,
        employee_id: EventExpression,
    },
    /// They say too little to make a user of; the sentence says what to put in front.
    Insufficient(String),
    People {
        /// The people in one event; without it the event is about one.
        items: Option<EventExpression>,
        /// Condition for people of the event who are no joins, and the reason of their skip.
        skips: Option<(EventExpression, String)>,
        fields: Box<Fields>,
    },
}

/// The expression of each field; a field that has none is missing.
#[derive(Default)]
pub struct Fields {
    pub event_id: Option<EventExpression>,
    /// Fields that the configuration names, each as `extra.NAME`.
    pub extra: Vec<(String, EventExpression)>,
    expressions: [Option<EventExpression>; Field::COUNT],
}

/// Returns the variables of a source's expressions: the payload's members, the whole payload as `event`, and `envelope`.
pub(super) fn seen(payload: &Payload) -> Value {
    let event = members(&payload.object);
    let envelope = members(&payload.envelope);
    minijinja::context! { event => event.clone(), envelope => envelope, ..event }
}

/// Returns the variables of expressions for a message that is no JSON: its `text`.
pub(super) fn seen_of_text(body: &str) -> Value {
    minijinja::context! { text => body }
}

// Null is missing: as a value of its own it would be the word "None" behind a filter such as `trim`.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::UNDEFINED,
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(object) => members(object),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => Value::from(Serde(json)),
    }
}

fn members(object: &Map<String, Json>) -> Value {
    let members = object
        .iter()
        .map(|(name, json)| (name.clone(), value(json)));
    Value::from(inserted(members))
}

impl Configured {
    /// Returns the variables of expressions for each person in an event; `None` where the event is about one.
    ///
    /// # Errors
    /// `insufficient_data` where the event names nobody.
    pub(super) fn items(&self, seen: &Value) -> Result<Option<Vec<Value>>, Failure> {
        let Reads::People {
            items: Some(items), ..
        } = &self.then
        else {
            return Ok(None);
        };
        let found = items.eval(seen).unwrap_or(Value::UNDEFINED);
        let people: Vec<Value> = match found.kind() {
            ValueKind::Map => vec![found.clone()],
            ValueKind::Seq | ValueKind::Iterable => {
                found.try_iter().into_iter().flatten().collect()
            }
            _ => Vec::new(),
        };
        // An empty list in the event itself is a report without a row; a filter that finds nobody tells of another shape.
        let is_empty_report = found.kind() == ValueKind::Seq && items.is_member();
        if people.is_empty() && !is_empty_report {
            return Err(self.nobody());
        }
        let with = |item| minijinja::context! { item => item, ..seen.clone() };
        Ok(Some(people.into_iter().map(with).collect()))
    }

    fn nobody(&self) -> Failure {
        Failure::new(
            Reason::InsufficientData,
            format!(
                "source {} finds nobody in the event; send one that its `items` fits, or change that in provisioner.toml",
                self.name
            ),
        )
    }

    /// Reads one person.
    ///
    /// # Errors
    /// Returns the fault of a field, named as the configuration names it; or `insufficient_data`.
    pub(super) fn read(&self, seen: &Value) -> Result<Reading, Failure> {
        match &self.then {
            Reads::Skip(why) | Reads::Withdrawal { why, .. } => {
                Ok(Reading::NoJoin(why.clone().into()))
            }
            Reads::Insufficient(why) => Err(Failure::new(Reason::InsufficientData, why.clone())),
            Reads::People {
                skips: Some((when, why)),
                ..
            } if when.holds(seen) => Ok(Reading::NoJoin(why.clone().into())),
            Reads::People { fields, .. } => fields.joiner(seen).map(Box::new).map(Reading::Joiner),
        }
    }

    /// Tells whether being recognised is all that the events have to say.
    pub(super) fn needs_no_field(&self) -> bool {
        matches!(self.then, Reads::Skip(_) | Reads::Insufficient(_))
    }

    /// Tells whether an event that makes no user ends the wait for an earlier join of the person.
    ///
    /// # Errors
    /// Returns that a withdrawal has no acceptable employee id.
    pub(super) fn ends_the_wait(&self, seen: &Value) -> Result<bool, Failure> {
        match &self.then {
            Reads::Skip(_) | Reads::Insufficient(_) => Ok(false),
            // A person who is skipped by the source may merely have been updated.
            Reads::People { skips, .. } => {
                Ok(!skips.as_ref().is_some_and(|(when, _)| when.holds(seen)))
            }
            Reads::Withdrawal { employee_id, .. } => {
                let name = || FieldName::new("employee_id");
                let id = text("employee_id", Some(employee_id), seen)?;
                let id = id.ok_or_else(|| Failure::missing(name(), checks::EMPLOYEE_ID))?;
                checks::employee_id(id, name).map(|_| true)
            }
        }
    }

    /// The employee id, else the event's id, with the person's place where several share that.
    pub(super) fn person_key(&self, seen: &Value, item: Option<usize>) -> Option<PersonKey> {
        let (employee_id, event_id) = match &self.then {
            Reads::People { fields, .. } => {
                (fields.get(Field::EmployeeId), fields.event_id.as_ref())
            }
            Reads::Withdrawal { employee_id, .. } => (Some(employee_id), None),
            Reads::Skip(_) | Reads::Insufficient(_) => return None,
        };
        let text = |name, field| text(name, field, seen).ok().flatten();
        let event_id = || {
            let id = text("event_id", event_id)?;
            Some(PersonKey::Event(match item {
                Some(item) => format!("{id}/{item}"),
                None => id,
            }))
        };
        let employee_id = text("employee_id", employee_id);
        let key = |id| match &self.key_namespace {
            Some(namespace) => PersonKey::EmployeeIn {
                namespace: namespace.clone(),
                id,
            },
            None => PersonKey::Employee(id),
        };
        employee_id.map(key).or_else(event_id)
    }
}

impl Fields {
    /// Returns the expression of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&EventExpression> {
        self.expressions[field as usize].as_ref()
    }

    /// Sets the expression of a field.
    pub fn set(&mut self, field: Field, expression: Option<EventExpression>) {
        self.expressions[field as usize] = expression;
    }

    fn joiner(&self, seen: &Value) -> Result<Joiner, Failure> {
        let mut joiner = Joiner::default();
        for field in Field::ALL {
            let read = self.read(field, seen);
            let text = match field {
                Field::EmployeeId => read?,
                _ => joiner.faults.without(field.name(), read),
            };
            joiner.set(field, text);
        }
        for (name, expression) in &self.extra {
            let read = text_or_flag(name, expression, seen);
            let text = joiner.faults.without(name.clone(), read);
            let own = name.split_once('.').map_or("", |(_, own)| own);
            joiner.extra.extend(text.map(|text| (own.to_owned(), text)));
        }
        Ok(joiner)
    }

    fn read(&self, field: Field, seen: &Value) -> Result<Option<String>, Failure> {
        let text = text(field.name(), self.get(field), seen)?;
        let text = text
            .filter(|text| field.kind() != Kind::StartDate || !start_date::stands_for_none(text));
        text.map(|text| checks::checked(field.kind(), text, || FieldName::new(field.name())))
            .transpose()
    }
}

// A flag is the word `true` or `false`, as in an event of our own.
fn text_or_flag(
    name: &str,
    expression: &EventExpression,
    seen: &Value,
) -> Result<Option<String>, Failure> {
    match expression.eval(seen) {
        Ok(flag) if flag.kind() == ValueKind::Bool => Ok(Some(flag.is_true().to_string())),
        _ => text(name, Some(expression), seen),
    }
}

// Trimmed; absent, null, empty, blank and an empty list all mean that it is missing, and a whole number keeps its digits.
fn text(
    name: &str,
    field: Option<&EventExpression>,
    seen: &Value,
) -> Result<Option<String>, Failure> {
    let invalid = |accepted: &str| Failure::invalid(FieldName::new(name), accepted);
    let Some(expression) = field else {
        return Ok(None);
    };
    let value = expression.eval(seen).map_err(|err| {
        let computed = || "a value that its expression in provisioner.toml can compute".to_owned();
        invalid(&err.accepted.unwrap_or_else(computed))
    })?;
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(None),
        ValueKind::String => {
            let text = value.to_string();
            let text = text.trim();
            if rules::has_control_characters(text) {
                return Err(invalid("a text without control characters"));
            }
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        // Beyond 64 bits a JSON number would lose digits, and two people could become one.
        ValueKind::Number if value.is_integer() => Ok(Some(value.to_string())),
        ValueKind::Number => Err(invalid("a whole number below 2^64, or the same as a text")),
        ValueKind::Seq | ValueKind::Iterable if value.len() == Some(0) => Ok(None),
        ValueKind::Seq | ValueKind::Iterable => Err(invalid(
            "a text; the expression in provisioner.toml gives a list, so take one of it, such as `| first`",
        )),
        ValueKind::Map => Err(invalid(
            "a text; the expression in provisioner.toml gives an object, so name a member of it",
        )),
        _ => Err(invalid("a text")),
    }
}
