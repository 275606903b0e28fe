//! A letter and corrections -> the letter with its event corrected, and a note of what was there before.

use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::intake::Parcel;
use connect_provisioner::invocation::dead_letter::{EXPLANATION, MOST_ATTRIBUTES, REASON};
use connect_provisioner::source::without_passwords;
use serde_json::{Map, Value};

use super::letter::Letter;
use super::splice::Change;
use crate::ending::CannotRun;

/// The attribute that holds a JSON object of paths and the values that were there first.
pub(super) const AMENDED: &str = "provisioner.amended";

/// Corrections of an event.
#[derive(Args)]
pub(super) struct Corrections {
    /// Correct a field of the one letter's event, such as worker.familyName=Baker; the old value travels along in an
    /// attribute.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Change>,
    /// With --set: the place of the person in the message, where the letter is about several.
    #[arg(long, value_name = "PLACE", requires = "set")]
    item: Option<usize>,
    /// With --set: the event may then be about another person.
    #[arg(long, requires = "set")]
    new_key: bool,
}

impl Corrections {
    /// Corrects the one letter, where there is something to correct.
    ///
    /// # Errors
    /// These are several letters, or this one holds several people, has no such place, would be about another person, holds a
    /// password or has no room for the old value.
    pub(super) fn apply(&self, letters: &mut [Letter]) -> Result<(), CannotRun> {
        let key = if self.new_key {
            PersonKey::MayChange
        } else {
            PersonKey::Stays
        };
        match letters {
            _ if self.set.is_empty() => Ok(()),
            [letter] => amend(letter, &self.set, self.item, key),
            others => Err(CannotRun(format!(
                "--set corrects one letter, and these are {}; give the id of one",
                others.len()
            ))),
        }
    }
}

/// Whether a correction may make the event another person's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PersonKey {
    MayChange,
    Stays,
}

// On an error the letter stays as it was.
fn amend(
    letter: &mut Letter,
    changes: &[Change],
    item: Option<usize>,
    key: PersonKey,
) -> Result<(), CannotRun> {
    let person = the_one_in(letter, item)?;
    let mut event = letter.event();
    let mut amended: Map<String, Value> =
        serde_json::from_str(&letter.text(AMENDED)).unwrap_or_default();
    for change in changes {
        let (corrected, old) = change.apply(&event, &person.place)?;
        event = corrected;
        let path = match item {
            Some(item) => format!("{item}/{}", change.path()),
            None => change.path(),
        };
        amended.entry(path).or_insert(old);
    }
    // Its old value would stand in an attribute otherwise.
    if without_passwords(&letter.event()) != letter.event() || without_passwords(&event) != event {
        return Err(CannotRun(
            "the event holds a password, which no event may carry; have it sent again without"
                .to_owned(),
        ));
    }
    // A replay leaves the old reason behind.
    let stay = |name: &&String| ![REASON, EXPLANATION, AMENDED].contains(&name.as_str());
    if letter.attributes.keys().filter(stay).count() >= MOST_ATTRIBUTES {
        return Err(CannotRun(format!(
            "the message has {MOST_ATTRIBUTES} attributes already, so that SQS takes none for the old value; have the event \
             sent again"
        )));
    }
    let before = std::mem::replace(letter.event_mut(), event);
    let result = the_one_in(letter, item).and_then(|now| same_person(letter, &person, &now, key));
    if let Err(why) = result {
        *letter.event_mut() = before;
        return Err(why);
    }
    let note = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(Value::Object(amended).to_string())
        .build()
        .map_err(CannotRun::because)?;
    letter.attributes.insert(AMENDED.to_owned(), note);
    Ok(())
}

fn the_one_in(letter: &Letter, item: Option<usize>) -> Result<Parcel, CannotRun> {
    let mut people = letter.people();
    let all = people.len();
    people.retain(|(places, _)| item.is_none_or(|item| *places == (item..item + 1)));
    match (people.pop(), people.len(), item) {
        (Some((_, person)), 0, _) => Ok(person),
        (_, _, Some(item)) => Err(CannotRun(format!(
            "the letter is not about a person at place {item}; provisionctl dlq show says at which places"
        ))),
        (_, _, None) => Err(CannotRun(format!(
            "the letter is about {all} people, and --set corrects one; give --item with that person's place"
        ))),
    }
}

fn same_person(
    letter: &Letter,
    before: &Parcel,
    now: &Parcel,
    key: PersonKey,
) -> Result<(), CannotRun> {
    let (before, now) = (letter.key_of(before), letter.key_of(now));
    if before == now || key == PersonKey::MayChange {
        return Ok(());
    }
    Err(CannotRun(format!(
        "with that the event is about {now} instead of {before}; give --new-key if that is meant"
    )))
}
