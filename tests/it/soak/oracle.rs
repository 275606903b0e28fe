//! Users, dead letters and log lines after a soak -> whether everybody has ended in exactly one right place.
//!
//! Nothing of the function's own code has a say here: people are told by the bodies that the soak sent and by the usernames
//! that follow from their names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connect_standin::{MessageView, UserView};
use serde_json::Value;

use super::letter::{Listed, listed};
use super::people::{Event, Fate, Input, Message};

/// What was found, and what of it is wrong.
#[derive(Default)]
pub(super) struct PersonPreview {
    pub(super) wrong: Vec<String>,
    pub(super) users: usize,
    pub(super) letters: usize,
    pub(super) letter_bytes: usize,
    /// Dead letters that SQS moved, or that tell no reason for another cause.
    pub(super) without_reason: usize,
    /// People in dead letters, by reason; somebody in two letters counts once.
    pub(super) refused: BTreeMap<String, usize>,
    pub(super) skipped: usize,
}

/// Where each event was found.
#[derive(Default)]
struct Found {
    users: BTreeSet<Event>,
    letters: BTreeMap<Event, BTreeSet<String>>,
    /// Keys of people, from the log.
    skips: BTreeSet<String>,
}

/// Judges the end of a soak.
pub(super) fn judge(
    input: &Input,
    users: &[UserView],
    letters: &[MessageView],
    logs: &str,
) -> PersonPreview {
    let mut preview = PersonPreview {
        users: users.len(),
        letters: letters.len(),
        ..PersonPreview::default()
    };
    let mut found = Found {
        skips: skips(logs),
        ..Found::default()
    };
    preview.skipped = found.skips.len();
    preview.take_users(input, users, &mut found);
    let by_body = input.by_body();
    for letter in letters {
        preview.take_letter(input, letter, &by_body, &mut found);
    }
    for reason in found.letters.values().flatten() {
        *preview.refused.entry(reason.clone()).or_default() += 1;
    }
    for number in 0..input.people.len() {
        preview.check(input, number, &found);
    }
    preview
}

impl PersonPreview {
    fn object(&mut self, complaint: String) {
        self.wrong.push(complaint);
    }

    fn take_users(&mut self, input: &Input, users: &[UserView], found: &mut Found) {
        let mut by_username: HashMap<String, Event> = HashMap::new();
        for (person, who) in input.people.iter().enumerate() {
            for is_corrected in [false, true] {
                let event = Event {
                    person,
                    is_corrected,
                };
                by_username.insert(who.username(is_corrected), event);
            }
        }
        let mut tags = BTreeSet::new();
        for user in users {
            let Some(event) = by_username.get(&user.username) else {
                self.object(format!("nobody has the username {}", user.username));
                continue;
            };
            let who = &input.people[event.person];
            if user.last_name.as_ref() != Some(&who.family_name(event.is_corrected)) {
                self.object(format!("{event:?}: another family name"));
            }
            let tag = user.tags.get("connect-provisioner:person");
            if !tag.is_some_and(|tag| tags.insert(tag.clone())) {
                self.object(format!("{event:?}: no tag, or somebody else's"));
            }
            if !found.users.insert(*event) {
                self.object(format!("{event:?}: two users"));
            }
        }
    }

    fn take_letter(
        &mut self,
        input: &Input,
        letter: &MessageView,
        by_body: &HashMap<&str, &Message>,
        found: &mut Found,
    ) {
        let attributes = letter.attributes.iter();
        let attributes = attributes.map(|(name, text)| name.len() + "String".len() + text.len());
        self.letter_bytes += letter.body.len() + attributes.sum::<usize>();
        let Some(reason) = letter.attributes.get("provisioner.reason") else {
            self.without_reason += 1;
            return;
        };
        let Some(message) = by_body.get(letter.body.as_str()) else {
            self.object(format!("a dead letter of no message, {reason}"));
            return;
        };
        match listed(letter) {
            Some(listed) => self.take_listed(input, message, &listed, found),
            None => self.object(format!("{reason}: details that cannot be read")),
        }
    }

    fn take_listed(
        &mut self,
        input: &Input,
        message: &Message,
        listed: &Listed,
        found: &mut Found,
    ) {
        let mut places = BTreeSet::new();
        for (reason, place) in &listed.people {
            let Some(event) = message.events.get(*place).filter(|_| places.insert(*place)) else {
                self.object(format!("place {place} does not exist or is listed twice"));
                continue;
            };
            let reasons = found.letters.entry(*event).or_default();
            reasons.insert(reason.clone());
        }
        let first = listed
            .people
            .first()
            .and_then(|(_, place)| message.events.get(*place));
        let key = first.and_then(|event| input.people[event.person].employee_id.as_ref());
        if key.is_some_and(|id| listed.event_key != format!("employee:{id}")) {
            self.object(format!("{} is not the first person", listed.event_key));
        }
    }

    fn check(&mut self, input: &Input, number: usize, found: &Found) {
        let who = &input.people[number];
        let events = [false, true].map(|is_corrected| Event {
            person: number,
            is_corrected,
        });
        let has_user = events.map(|event| found.users.contains(&event));
        let reasons = events.map(|event| found.letters.get(&event));
        let skipped = who
            .employee_id
            .as_ref()
            .is_some_and(|id| found.skips.contains(id));
        let only = |reasons: Option<&BTreeSet<String>>, expected: &str| {
            reasons.is_some_and(|reasons| reasons.len() == 1 && reasons.contains(expected))
        };
        let is_right = match who.fate {
            Fate::User | Fate::UserWhenDue => {
                has_user == [true, false] && reasons == [None, None] && !skipped
            }
            Fate::UserOfOneEvent => {
                let refused =
                    |n: usize| reasons[1 - n].is_none() && only(reasons[n], "conflicting_replay");
                let is_one = (has_user == [true, false] && refused(1))
                    || (has_user == [false, true] && refused(0));
                is_one && !skipped
            }
            Fate::DeadLetter(expected) => {
                has_user == [false, false]
                    && only(reasons[0], expected)
                    && reasons[1].is_none()
                    && !skipped
            }
            Fate::Skip => has_user == [false, false] && reasons == [None, None] && skipped,
        };
        if !is_right {
            self.object(format!(
                "person {number}, {:?}: users {has_user:?}, dead letters {reasons:?}, skipped {skipped}",
                who.fate
            ));
        }
    }
}

fn skips(logs: &str) -> BTreeSet<String> {
    let lines = logs
        .lines()
        .filter(|line| line.contains(r#""outcome":"skipped""#));
    let key = |line: &str| {
        let line: Value = serde_json::from_str(line).ok()?;
        let key = line["event_key"].as_str()?;
        Some(key.strip_prefix("employee:").unwrap_or(key).to_owned())
    };
    lines.filter_map(key).collect()
}
