//! A `[[source]]` of the configuration: an event of any HR system -> the people in it, each read into a joiner.

mod fields;

use minijinja::Value;
use minijinja::value::{Serde, ValueKind};
use serde_json::{Map, Value as Json};

use super::checks;
use super::reading::Reading;
use crate::expressions::template::EventExpression;
use crate::failure::{Failure, FieldName, Reason};
use crate::intake::{Payload, Sqs};
use crate::ordered::inserted;
use crate::source::field::Field;
use crate::source::person_key::PersonKey;

pub use fields::Fields;
use fields::text;

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
    /// The people in one event; without it the event is about one.
    pub items: Option<EventExpression>,
    pub about: About,
    pub then: Reads,
}

/// Expressions for the type of an event and the person in it.
#[derive(Default)]
pub struct About {
    /// The employee id, where no field gives it: for skips, withdrawals and rejects.
    pub employee_id: Option<EventExpression>,
    /// Stands for the person where there is no employee id.
    pub event_id: Option<EventExpression>,
    /// The type of the event, which stands in the reason of a skip.
    pub event_type: Option<EventExpression>,
}

/// Treatment of the events that a source recognises.
pub enum Reads {
    /// They are no joins, and the reason is recorded.
    Skip {
        why: String,
        /// Whether a join that waits for its date is removed.
        withdraws: bool,
    },
    /// They say too little to make a user of; the sentence says what to put in front.
    Reject(String),
    People(Box<People>),
}

/// Reading of the people in an event.
pub struct People {
    /// Those who are no joins.
    pub skip: Option<Except>,
    /// Those of whom the event says too little.
    pub reject: Option<Except>,
    pub fields: Fields,
}

/// A condition for people of an event, and the reason that they are treated in another way.
pub struct Except {
    pub when: EventExpression,
    pub why: String,
}

/// Returns the variables of a source's expressions: the payload's members, the whole payload as `event`, its `envelope`, its
/// `text` where it is no JSON, and `sqs`.
pub(super) fn seen(payload: &Payload) -> Value {
    let event = members(&payload.object);
    let envelope = members(&payload.envelope);
    let seen = minijinja::context! { event => event.clone(), envelope => envelope, ..event };
    let seen = match &payload.beside.text {
        Some(text) => minijinja::context! { text => text.as_ref(), ..seen },
        None => seen,
    };
    match &payload.beside.sqs {
        Some(sqs) => minijinja::context! { sqs => value_of_sqs(sqs), ..seen },
        None => seen,
    }
}

fn value_of_sqs(sqs: &Sqs) -> Value {
    let attributes = sqs.attributes.iter();
    let attributes = attributes.map(|(name, text)| (name.clone(), Value::from(text.as_str())));
    let attributes = Value::from(inserted(attributes));
    minijinja::context! { queue => sqs.queue.as_deref(), attributes => attributes }
}

/// Returns the variables of expressions for a message that can be read in no way: its `text`.
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
        let Some(items) = &self.items else {
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
        if people.is_empty() && matches!(self.then, Reads::Skip { .. }) {
            return Ok(None);
        }
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
        let people = match &self.then {
            Reads::Skip { why, .. } => return Ok(self.skipped(why, seen)),
            Reads::Reject(why) => return Err(rejected(why)),
            Reads::People(people) => people,
        };
        let holds = |except: &&Except| except.when.holds(seen);
        if let Some(skip) = people.skip.as_ref().filter(holds) {
            return Ok(self.skipped(&skip.why, seen));
        }
        if let Some(reject) = people.reject.as_ref().filter(holds) {
            return Err(rejected(&reject.why));
        }
        let joiner = people.fields.joiner(seen);
        joiner.map(Box::new).map(Reading::Joiner)
    }

    // The type of the event stands behind the reason.
    fn skipped(&self, why: &str, seen: &Value) -> Reading {
        let kind = self.about.event_type.as_ref();
        let kind = kind.and_then(|kind| text("event_type", Some(kind), seen).ok()?);
        let kind = kind.filter(|kind| is_name_of_a_type(kind));
        Reading::NoJoin(match kind {
            Some(kind) => format!("{why} ({kind})").into(),
            None => why.to_owned().into(),
        })
    }

    /// Tells whether being recognised is all that the events have to say.
    pub(super) fn needs_no_field(&self) -> bool {
        matches!(
            self.then,
            Reads::Skip {
                withdraws: false,
                ..
            } | Reads::Reject(_)
        )
    }

    /// Tells whether an event that makes no user ends the wait for an earlier join of the person.
    ///
    /// # Errors
    /// Returns that a withdrawal has no acceptable employee id.
    pub(super) fn ends_the_wait(&self, seen: &Value) -> Result<bool, Failure> {
        match &self.then {
            Reads::Skip {
                withdraws: true, ..
            } => {
                let name = || FieldName::new("employee_id");
                let id = text("employee_id", self.about.employee_id.as_ref(), seen)?;
                let id = id.ok_or_else(|| Failure::missing(name(), checks::EMPLOYEE_ID))?;
                checks::employee_id(id, name).map(|_| true)
            }
            Reads::Skip { .. } | Reads::Reject(_) => Ok(false),
            // A person who is skipped by the source may merely have been updated.
            Reads::People(people) => {
                let skip = people.skip.as_ref();
                Ok(!skip.is_some_and(|skip| skip.when.holds(seen)))
            }
        }
    }

    /// The expression of the employee id.
    pub(super) fn employee_id(&self) -> Option<&EventExpression> {
        match &self.then {
            Reads::People(people) => people.fields.get(Field::EmployeeId),
            Reads::Skip { .. } | Reads::Reject(_) => self.about.employee_id.as_ref(),
        }
    }

    /// The employee id, else the event's id, with the person's place where several share that.
    pub(super) fn person_key(&self, seen: &Value, item: Option<usize>) -> Option<PersonKey> {
        let text = |name, field| text(name, field, seen).ok().flatten();
        let event_id = || {
            let id = text("event_id", self.about.event_id.as_ref())?;
            Some(PersonKey::Event(match item {
                Some(item) => format!("{id}/{item}"),
                None => id,
            }))
        };
        let key = |id| match &self.key_namespace {
            Some(namespace) => PersonKey::EmployeeIn {
                namespace: namespace.clone(),
                id,
            },
            None => PersonKey::Employee(id),
        };
        let employee_id = text("employee_id", self.employee_id());
        employee_id.map(key).or_else(event_id)
    }
}

fn rejected(why: &str) -> Failure {
    Failure::new(Reason::InsufficientData, why.to_owned())
}

// Shown in logs and on terminals, so only characters of names of types.
fn is_name_of_a_type(text: &str) -> bool {
    const LONGEST: usize = 80;
    let of_name = |c: char| c.is_ascii_alphanumeric() || "._-:/ ".contains(c);
    text.len() <= LONGEST && text.chars().all(of_name)
}
