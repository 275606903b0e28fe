//! `hr.join/1`, this project's own event -> a joiner, for producers that can send what they like.

use serde_json::{Map, Value};

use super::checks;
use super::fields::Fields;
use super::reading::Reading;
use crate::failure::Failure;
use crate::source::field::{self, EXTRA, Field, Kind};
use crate::source::joiner::{Joiner, Spelling};
use crate::source::person_key::PersonKey;

pub(super) const VERSION: &str = "hr.join/1";

pub(super) const JOINED: &str = "worker.joined";

/// Types of events about a worker that are known not to be joins: recorded and left alone.
pub(super) const NO_JOINS: [&str; 6] = [
    "worker.changed",
    "worker.no_show",
    "worker.terminated",
    "worker.transferred",
    "worker.updated",
    "worker.withdrawn",
];

/// Types among [`NO_JOINS`] that say that a person does not start, or no longer works there.
const WITHDRAWALS: [&str; 3] = ["worker.no_show", "worker.terminated", "worker.withdrawn"];

/// The member that says when the event happened, as RFC 3339.
pub(super) const OCCURRED_AT: &str = "occurredAt";

/// Every type about a worker starts with this, in whatever case a producer writes it.
pub(super) const ABOUT_WORKERS: &str = "worker.";

// Names that producers give a join, after the prefix.
const CALLED_JOINED: [&str; 6] = ["hire", "hired", "join", "new_hire", "onboarded", "started"];

pub(super) fn read(payload: &Map<String, Value>) -> Result<Reading, Failure> {
    let event = Fields::root(payload);
    let kind = event.required("type")?;
    if kind != JOINED {
        return no_join(&event, &kind);
    }
    let worker = event.object("worker")?;
    Ok(Reading::Joiner(Box::new(joiner(&worker)?)))
}

fn joiner(worker: &Fields) -> Result<Joiner, Failure> {
    let mut joiner = Joiner::default();
    joiner.spelling = Spelling::HrJoin;
    joiner.set(Field::EmployeeId, Some(employee_id(worker)?));
    for (group, fields) in Field::by_group() {
        match group.map(|group| (group, worker.object(group))) {
            None => read_all(fields, worker, &mut joiner),
            Some((_, Ok(object))) => read_all(fields, &object, &mut joiner),
            Some((group, Err(failure))) => joiner.faults.add(group, failure),
        }
    }
    match worker.object(EXTRA) {
        Ok(object) => read_extra(&object, &mut joiner),
        Err(failure) => joiner.faults.add(EXTRA, failure),
    }
    Ok(joiner)
}

// Fields that the producer names.
fn read_extra(object: &Fields, joiner: &mut Joiner) {
    for name in object.members() {
        let field = format!("{EXTRA}.{name}");
        let read = if field::is_extra(&field) {
            object.word(name)
        } else {
            Err(Failure::invalid(
                object.name(name),
                "a name without a point",
            ))
        };
        let text = joiner.faults.without(field, read);
        joiner
            .extra
            .extend(text.map(|text| (name.to_owned(), text)));
    }
}

fn read_all(fields: &[Field], object: &Fields, joiner: &mut Joiner) {
    let optional = fields.iter().filter(|field| **field != Field::EmployeeId);
    for field in optional {
        let text = joiner
            .faults
            .without(field.name(), read_one(*field, object));
        joiner.set(*field, text);
    }
}

fn read_one(field: Field, object: &Fields) -> Result<Option<String>, Failure> {
    let member = field.member_in_hr_join();
    let text = match field.kind() {
        Kind::EmployeeId | Kind::Identifier | Kind::StartDate => object.identifier(member)?,
        Kind::Text | Kind::Email => object.text(member)?,
    };
    text.map(|text| checks::checked(field.kind(), text, || object.name(member)))
        .transpose()
}

// A misspelt join must not pass for an event that is none of this function's business.
fn no_join(event: &Fields, kind: &str) -> Result<Reading, Failure> {
    let start = kind.get(..ABOUT_WORKERS.len());
    let about_worker = start.is_some_and(|start| start.eq_ignore_ascii_case(ABOUT_WORKERS));
    if about_worker && !NO_JOINS.contains(&kind) {
        let others = NO_JOINS.join(", ");
        let accepted = format!("{JOINED} for a join, or {others} for what is recorded only");
        let failure = Failure::invalid(event.name("type"), &accepted);
        return Err(match near(kind) {
            Some(near) => failure.with_hint(&format!("did you mean {near}?")),
            None => failure,
        });
    }
    Ok(Reading::NoJoin(
        "an event of another type than worker.joined".into(),
    ))
}

fn near(kind: &str) -> Option<&'static str> {
    let kind = kind.to_ascii_lowercase();
    let called = kind.strip_prefix(ABOUT_WORKERS).unwrap_or_default();
    let called_joined = CALLED_JOINED.contains(&called).then_some(JOINED);
    let mut known = NO_JOINS.into_iter().chain([JOINED]);
    known.find(|known| *known == kind).or(called_joined)
}

/// Tells whether an event that makes no user ends the wait for an earlier join of the person.
///
/// # Errors
/// Returns that a withdrawal has no acceptable employee id.
pub(super) fn ends_the_wait(payload: &Map<String, Value>) -> Result<bool, Failure> {
    let event = Fields::root(payload);
    let kind = event.required("type")?;
    if WITHDRAWALS.contains(&kind.as_str()) {
        employee_id(&event.object("worker")?)?;
        return Ok(true);
    }
    Ok(kind == JOINED)
}

/// The employee id, else the event's id.
pub(super) fn person_key(payload: &Map<String, Value>) -> Option<PersonKey> {
    let event = Fields::root(payload);
    let worker = event.object("worker").ok();
    let employee_id = worker.and_then(|worker| employee_id(&worker).ok());
    let event_id = || event.identifier("eventId").ok().flatten();
    employee_id
        .map(PersonKey::Employee)
        .or_else(|| event_id().map(PersonKey::Event))
}

fn employee_id(worker: &Fields) -> Result<String, Failure> {
    let name = || worker.name("employeeId");
    let id = worker.identifier("employeeId")?;
    let id = id.ok_or_else(|| Failure::missing(name(), checks::EMPLOYEE_ID))?;
    checks::employee_id(id, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(change: impl FnOnce(&mut Value)) -> Map<String, Value> {
        let mut event = json!({
            "specversion": VERSION, "eventId": "ev-1", "type": JOINED,
            "worker": {"employeeId": "E1", "givenName": "Zoë", "familyName": "Brückner"},
        });
        change(&mut event);
        event.as_object().cloned().expect("an object")
    }

    fn joiner(payload: &Map<String, Value>) -> Result<Joiner, String> {
        match read(payload) {
            Ok(Reading::Joiner(joiner)) => {
                let faults = joiner.faults.iter();
                let fault = faults.map(|(_, failure)| failure.reason().code()).next();
                fault.map_or(Ok(*joiner), Err)
            }
            Ok(_) => Err("skip".to_owned()),
            Err(failure) => Err(failure.reason().code()),
        }
    }

    #[track_caller]
    fn check(pointer: &str, value: &Value, expected: &str) {
        let payload = event(|event| match pointer.rsplit_once('/') {
            Some((parent, key)) => event.pointer_mut(parent).expect("parent")[key] = value.clone(),
            None => unreachable!("a pointer starts with /"),
        });
        assert_eq!(
            joiner(&payload).err().as_deref().unwrap_or("ok"),
            expected,
            "{pointer} = {value}"
        );
    }

    #[test]
    fn each_field_is_held_to_its_rule() {
        check("/type", &json!("worker.terminated"), "skip");
        check("/type", &json!("worker.updated"), "skip");
        check("/type", &json!("worker.withdrawn"), "skip");
        check("/type", &json!("worker.no_show"), "skip");
        check("/type", &json!("com.example.hired"), "skip");
        check("/type", &json!("wörker.joined"), "skip");
        check("/type", &json!("Worker.Joined"), "invalid_field:type");
        check("/type", &json!("worker.hired"), "invalid_field:type");
        check("/type", &json!("WORKER.Terminated"), "invalid_field:type");
        check("/type", &json!("worker."), "invalid_field:type");
        check("/type", &json!(" "), "missing_field:type");
        check("/worker", &json!([]), "missing_field:worker.employeeId");
        check("/worker", &json!("x"), "invalid_field:worker");
        check(
            "/worker/employeeId",
            &json!(""),
            "missing_field:worker.employeeId",
        );
        check(
            "/worker/employeeId",
            &json!(1.5),
            "invalid_field:worker.employeeId",
        );
        check(
            "/worker/employeeId",
            &json!("x".repeat(129)),
            "invalid_field:worker.employeeId",
        );
        // Whether it is needed is the configuration's to say.
        check("/worker/familyName", &json!("  "), "ok");
        check("/worker/familyName", &Value::Null, "ok");
        check(
            "/worker/givenName",
            &json!("Z\u{0}oë"),
            "invalid_field:worker.givenName",
        );
        check(
            "/worker/email",
            &json!("zoe@example"),
            "invalid_field:worker.email",
        );
        check(
            "/worker/department",
            &json!("CC"),
            "invalid_field:worker.department",
        );
        check("/worker/startDate", &json!("2028-02-29"), "ok");
        check(
            "/worker/startDate",
            &json!("2026-12-01T09:00:00+01:00"),
            "ok",
        );
        check(
            "/worker/startDate",
            &json!("2027-02-29"),
            "invalid_field:worker.startDate",
        );
        check(
            "/worker/startDate",
            &json!("0000-00-00"),
            "invalid_field:worker.startDate",
        );
        check("/worker/favouriteColour", &json!("green"), "ok");
    }

    #[test]
    fn an_unknown_type_about_a_worker_names_what_is_accepted() {
        let explanation = |kind: &str| {
            let refused = read(&event(|event| event["type"] = json!(kind))).err();
            refused.expect("a refusal").explanation().to_owned()
        };
        let accepted = "type is not acceptable; send worker.joined for a join, or worker.changed, worker.no_show, \
                        worker.terminated, worker.transferred, worker.updated, worker.withdrawn for what is recorded only";
        let near = |near: &str| format!("{accepted}; did you mean {near}?");
        assert_eq!(explanation("Worker.Joined"), near(JOINED));
        assert_eq!(explanation("worker.hired"), near(JOINED));
        assert_eq!(explanation("Worker.Updated"), near("worker.updated"));
        assert_eq!(explanation("worker.sneezed"), accepted);
    }

    #[test]
    fn a_numeric_identifier_keeps_every_digit() {
        let payload =
            event(|event| event["worker"]["employeeId"] = json!(9_007_199_254_740_993_123_u64));
        assert_eq!(
            joiner(&payload).map(|joiner| joiner.get(Field::EmployeeId).map(str::to_owned)),
            Ok(Some("9007199254740993123".to_owned()))
        );
    }

    #[test]
    fn the_person_is_keyed_by_worker_before_event() {
        assert_eq!(
            person_key(&event(|_| ())),
            Some(PersonKey::Employee("E1".into()))
        );
        let nameless = event(|event| event["worker"]["employeeId"] = Value::Null);
        assert_eq!(person_key(&nameless), Some(PersonKey::Event("ev-1".into())));
    }
}
