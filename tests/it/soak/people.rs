//! A seed -> the people of a soak, the messages that bring them, and where each of them has to end.

use std::collections::HashMap;

use fastrand::Rng;
use serde_json::Value;

use super::join;

/// Counts the people of the list of whom nobody has a family name.
const NAMELESS: usize = 2000;

/// Tells where somebody has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    User,
    /// Has a user once the schedule has come due.
    UserWhenDue,
    /// Has one user, made from one of two events; the other event is a dead letter.
    UserOfOneEvent,
    DeadLetter(&'static str),
    Skip,
}

pub(super) struct Person {
    /// Is absent where a message names nobody.
    pub(super) employee_id: Option<String>,
    pub(super) fate: Fate,
    letters: String,
}

/// One of the events of a person: the first, or the one with another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub(super) person: usize,
    pub(super) is_corrected: bool,
}

/// A message, and who stands at which place in it.
pub(super) struct Message {
    pub(super) body: String,
    pub(super) events: Vec<Event>,
}

/// Everybody and everything that a soak sends.
#[derive(Default)]
pub(super) struct Input {
    pub(super) people: Vec<Person>,
    pub(super) messages: Vec<Message>,
    /// Are sent once the person's first event has become a user.
    pub(super) corrections: Vec<Message>,
}

impl Person {
    /// Computes the username that the shipped configuration gives an event of the person.
    pub(super) fn username(&self, is_corrected: bool) -> String {
        format!("jovinka.{}", self.family_name(is_corrected).to_lowercase())
    }

    /// Makes up a family name that nobody else has.
    pub(super) fn family_name(&self, is_corrected: bool) -> String {
        let start = if is_corrected { "Xylon" } else { "Xylan" };
        format!("{start}{}", self.letters)
    }
}

impl Message {
    fn new(body: String, event: Event) -> Self {
        Self {
            body,
            events: vec![event],
        }
    }
}

impl Input {
    /// Makes up so many people, and beside them a list of whom nobody has a family name.
    pub(super) fn new(joins: usize, random: &mut Rng) -> Self {
        let mut input = Self::default();
        input.long_lists(joins * 3 / 10, random);
        while input.people.len() < joins {
            match random.u32(0..100) {
                0..7 => input.short_list(random),
                7..13 => input.twice(),
                13..18 => input.corrected(),
                18..24 => input.single(Fate::UserWhenDue),
                24..28 => input.no_json(),
                28..36 => {
                    let fate = a_bad_fate(random);
                    input.single(fate);
                }
                _ => input.single(Fate::User),
            }
        }
        input.list(vec![
            Fate::DeadLetter("missing_field:worker.familyName");
            NAMELESS
        ]);
        random.shuffle(&mut input.messages);
        input
    }

    /// Finds messages by their bodies; a body that is sent twice is about the same people each time.
    pub(super) fn by_body(&self) -> HashMap<&str, &Message> {
        let all = self.messages.iter().chain(&self.corrections);
        all.map(|message| (message.body.as_str(), message))
            .collect()
    }

    fn long_lists(&mut self, people: usize, random: &mut Rng) {
        let longest = (people / 2).clamp(60, 500);
        while self.people.len() < people {
            let length = random.usize(60..=longest);
            let fates = some_bad(length, random);
            self.list(fates);
        }
    }

    fn short_list(&mut self, random: &mut Rng) {
        let length = random.usize(3..=10);
        let mut fates = some_bad(length, random);
        if random.u32(0..4) == 0 {
            fates[0] = Fate::UserWhenDue;
        }
        self.list(fates);
    }

    fn list(&mut self, fates: Vec<Fate>) {
        let events: Vec<Event> = fates.into_iter().map(|fate| self.person(fate)).collect();
        let bodies: Vec<Value> = events.iter().map(|event| self.body(*event)).collect();
        let body = Value::Array(bodies).to_string();
        self.messages.push(Message { body, events });
    }

    fn single(&mut self, fate: Fate) {
        let event = self.person(fate);
        let body = self.body(event).to_string();
        self.messages.push(Message::new(body, event));
    }

    fn twice(&mut self) {
        self.single(Fate::User);
        let event = self.messages[self.messages.len() - 1].events[0];
        let body = self.body(event).to_string();
        self.messages.push(Message::new(body, event));
    }

    fn corrected(&mut self) {
        self.single(Fate::UserOfOneEvent);
        let mut event = self.messages[self.messages.len() - 1].events[0];
        event.is_corrected = true;
        let body = self.body(event).to_string();
        self.corrections.push(Message::new(body, event));
    }

    fn no_json(&mut self) {
        let event = self.person(Fate::DeadLetter("not_json"));
        self.people[event.person].employee_id = None;
        let body = format!("no JSON {}", event.person);
        self.messages.push(Message::new(body, event));
    }

    fn person(&mut self, fate: Fate) -> Event {
        let number = self.people.len();
        let has_id = fate != Fate::DeadLetter("unknown_shape");
        self.people.push(Person {
            employee_id: has_id.then(|| format!("E3{number:05}")),
            fate,
            letters: letters_of(number),
        });
        Event {
            person: number,
            is_corrected: false,
        }
    }

    fn body(&self, event: Event) -> Value {
        join::body(event, &self.people[event.person])
    }
}

fn some_bad(length: usize, random: &mut Rng) -> Vec<Fate> {
    let one = |_| {
        if random.u32(0..10) == 0 {
            a_bad_fate(random)
        } else {
            Fate::User
        }
    };
    (0..length).map(one).collect()
}

fn a_bad_fate(random: &mut Rng) -> Fate {
    match random.u32(0..5) {
        0 => Fate::Skip,
        1 => Fate::DeadLetter("no_assignment"),
        2 => Fate::DeadLetter("unknown_shape"),
        _ => Fate::DeadLetter("missing_field:worker.familyName"),
    }
}

// Five letters, different for each number.
fn letters_of(number: usize) -> String {
    let mut rest = number;
    let mut letter = |_| {
        let letter = char::from(b'a' + u8::try_from(rest % 26).expect("below 26"));
        rest /= 26;
        letter
    };
    (0..5).map(&mut letter).collect()
}
