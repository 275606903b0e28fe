//! A dead letter and corrections of fields -> the dead letter with the corrected event, and the old values in an attribute.

use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::intake::Parcel;
use connect_provisioner::invocation::dead_letter::{EXPLANATION, MOST_ATTRIBUTES, REASON};
use connect_provisioner::source::without_passwords;
use serde_json::{Map, Value};

use super::dead_letter::DeadLetter;
use super::splice::Change;
use crate::ending::CannotRun;

/// Name of the attribute that holds the original values: a JSON object with the corrected paths as its keys.
pub(super) const AMENDED: &str = "provisioner.amended";

/// Options that correct an event before it is replayed.
#[derive(Args)]
pub(super) struct Corrections {
    /// Correct a field of the one selected event, such as worker.familyName=Baker; the old value is sent in an attribute.

    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Change>,
    /// With --set: the place of the person in a message of several people.
    #[arg(long, value_name = "PLACE", requires = "set")]
    item: Option<usize>,
    /// With --set: accept a change that makes the event another person's.
    #[arg(long, requires = "set")]
    new_key: bool,
}

impl Corrections {
    /// Corrects the event of the only dead letter; does nothing without corrections.
    ///
    /// # Errors
    /// Returns an error if there are several dead letters, if `--item` does not select one person, if the path does not exist,
    /// if the person would change, if the event holds a password, or if the message has no attribute free for the old value.
    pub(super) fn apply(&self, dead_letters: &mut [DeadLetter]) -> Result<(), CannotRun> {
        let person_change = if self.new_key {
            PersonChange::Allowed
        } else {
            PersonChange::Refused
        };
        match dead_letters {
            _ if self.set.is_empty() => Ok(()),
            [dead_letter] => amend(dead_letter, &self.set, self.item, person_change),
            others => Err(CannotRun(format!(
                "--set corrects one dead letter, and these are {}; give the id of one",
                others.len()
            ))),
        }
    }
}

/// Whether a correction may change the person that the event is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PersonChange {
    Allowed,
    Refused,
}

// Leaves the dead letter unchanged on an error.
fn amend(
    dead_letter: &mut DeadLetter,
    changes: &[Change],
    item: Option<usize>,
    person_change: PersonChange,
) -> Result<(), CannotRun> {
    let person = one_person_of(dead_letter, item)?;
    let mut event = dead_letter.event();
    let mut amended: Map<String, Value> =
        serde_json::from_str(&dead_letter.text(AMENDED)).unwrap_or_default();
    for change in changes {
        let (corrected, old) = change.apply(&event, &person.place)?;
        event = corrected;
        let path = match item {
            Some(item) => format!("{item}/{}", change.path()),
            None => change.path(),
        };
        amended.entry(path).or_insert(old);
    }
    // The attribute would otherwise hold the password.
    if without_passwords(&dead_letter.event()) != dead_letter.event()
        || without_passwords(&event) != event
    {
        return Err(CannotRun(
            "the event holds a password, which no event may carry; have it sent again without the password"
                .to_owned(),
        ));
    }
    // A replay removes the old reason and explanation.
    let kept = |name: &&String| ![REASON, EXPLANATION, AMENDED].contains(&name.as_str());
    if dead_letter.attributes.keys().filter(kept).count() >= MOST_ATTRIBUTES {
        return Err(CannotRun(format!(
            "the message has {MOST_ATTRIBUTES} attributes already, so that SQS takes none for the old value; have the event \
             sent again"
        )));
    }
    let before = std::mem::replace(dead_letter.event_mut(), event);
    let result = one_person_of(dead_letter, item)
        .and_then(|now| check_person(dead_letter, &person, &now, person_change));
    if let Err(why) = result {
        *dead_letter.event_mut() = before;
        return Err(why);
    }
    let note = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(Value::Object(amended).to_string())
        .build()
        .map_err(CannotRun::because)?;
    dead_letter.attributes.insert(AMENDED.to_owned(), note);
    Ok(())
}

fn one_person_of(dead_letter: &DeadLetter, item: Option<usize>) -> Result<Parcel, CannotRun> {
    let mut people = dead_letter.people();
    let all = people.len();
    people.retain(|(places, _)| item.is_none_or(|item| *places == (item..item + 1)));
    match (people.pop(), people.len(), item) {
        (Some((_, person)), 0, _) => Ok(person),
        (_, _, Some(item)) => Err(CannotRun(format!(
            "the dead letter is not about a person at place {item}; provisionctl dlq show says at which places"
        ))),
        (_, _, None) => Err(CannotRun(format!(
            "the dead letter is about {all} people, and --set corrects one; give --item with that person's place"
        ))),
    }
}

fn check_person(
    dead_letter: &DeadLetter,
    before: &Parcel,
    now: &Parcel,
    person_change: PersonChange,
) -> Result<(), CannotRun> {
    let (before, now) = (dead_letter.key_of(before), dead_letter.key_of(now));
    if before == now || person_change == PersonChange::Allowed {
        return Ok(());
    }
    Err(CannotRun(format!(
        "the corrected event is about {now} instead of {before}; give --new-key to accept that"
    )))
}
