//! Refused people of one message -> as few dead letters as have room for all their reasons.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use aws_sdk_sqs::types::MessageAttributeValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::details::{Details, Listed, VERSION, replays};
use crate::failure::Failure;
use crate::intake::items::Items;
use crate::intake::{Attribute, Message};
use crate::invocation::attributes::{
    DETAILS, EXPLANATION, MOST_ATTRIBUTES, MOST_BYTES, REASON, is_own, no_room, producers_value,
    size_of, text_value,
};
use crate::invocation::carried::{Divided, all_attributes, divided};
use crate::source::person_key::PersonKey;
use crate::source::without_passwords;

/// A person who can never have a user, by the place in the message.
pub struct Refused<'a> {
    pub items: Range<usize>,
    pub key: &'a PersonKey,
    pub failure: &'a Failure,
}

/// A message, and why some people in it have no user.
pub struct DeadLetter<'a> {
    message: &'a Message,
    body: Arc<str>,
    /// The producer's attributes.
    attributes: Arc<[Attribute]>,
    request_id: &'a str,
    /// At least one.
    groups: Vec<Group>,
}

/// The people of a message who failed alike.
struct Group {
    failure: Failure,
    items: Items,
    first_key: String,
}

/// The attributes of a dead letter, with as much of the reason as one amount of detail has.
struct Fitted {
    own: Vec<(&'static str, String)>,
    kept: Vec<Attribute>,
}

/// Amount of the reason that a dead letter has room for.
#[derive(Clone, Copy)]
enum Detail {
    Full,
    /// Without the sentences.
    Brief,
    /// The code alone.
    Least,
}

// Bytes of the three attributes besides the list of people: names, types, a code, a sentence, ids and times.
const ROOM_FOR_ONE: usize = 2048;
// Two places of 20 digits and a hyphen.
const LONGEST_RANGE: usize = 41;
// The JSON around an entry of the list.
const AROUND_LISTED: usize = 64;
// The JSON around the id of a call.
const AROUND_ID: usize = 20;

/// Puts the refused people of a message into as few dead letters as have room for all their reasons.
#[must_use]
pub fn dead_letters<'a, 'b>(
    message: &'a Message,
    request_id: &'a str,
    refused: impl IntoIterator<Item = Refused<'b>>,
) -> Vec<DeadLetter<'a>> {
    let groups = grouped(refused);
    if groups.is_empty() {
        return Vec::new();
    }
    let body: Arc<str> = without_passwords(&message.body).into();
    let attributes: Arc<[Attribute]> = producers(message).into();
    let taken = body.len() + attributes.iter().map(size_of).sum::<usize>() + ROOM_FOR_ONE;
    let dead_letter = |groups| DeadLetter {
        message,
        body: Arc::clone(&body),
        attributes: Arc::clone(&attributes),
        request_id,
        groups,
    };
    packed(groups, MOST_BYTES.saturating_sub(taken))
        .into_iter()
        .map(dead_letter)
        .collect()
}

fn grouped<'a>(refused: impl IntoIterator<Item = Refused<'a>>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<(String, &str), usize> = HashMap::new();
    for Refused {
        items,
        key,
        failure,
    } in refused
    {
        let alike = (failure.reason().code(), failure.explanation());
        let place = *places.entry(alike).or_insert_with(|| {
            groups.push(Group {
                failure: failure.clone(),
                items: Items::default(),
                first_key: key.to_string(),
            });
            groups.len() - 1
        });
        groups[place].items.insert(items);
    }
    groups
}

fn packed(groups: Vec<Group>, room: usize) -> Vec<Vec<Group>> {
    let mut dead_letters: Vec<Vec<Group>> = vec![Vec::new()];
    let mut left = room;
    for mut group in groups {
        loop {
            let around = AROUND_LISTED
                + group.failure.reason().code().len()
                + group.failure.explanation().len()
                + group
                    .failure
                    .aws_request_id()
                    .map_or(0, |id| id.len() + AROUND_ID);
            let has_room = left > around + LONGEST_RANGE;
            let current = dead_letters
                .last_mut()
                .filter(|dead_letter| dead_letter.is_empty() || has_room);
            let Some(current) = current else {
                dead_letters.push(Vec::new());
                left = room;
                continue;
            };
            let (first, rest) = group.items.split_at_bytes(left.saturating_sub(around));
            left = left.saturating_sub(around + first.to_string().len());
            current.push(Group {
                failure: group.failure.clone(),
                items: first,
                first_key: group.first_key.clone(),
            });
            if rest.is_empty() {
                break;
            }
            group.items = rest;
        }
    }
    dead_letters
}

fn producers(message: &Message) -> Vec<Attribute> {
    let mut attributes = all_attributes(message);
    attributes.retain(|attribute| !is_own(&attribute.name));
    attributes
}

impl DeadLetter<'_> {
    /// Returns the message that failed.
    #[must_use]
    pub fn message(&self) -> &Message {
        self.message
    }

    /// Returns the body that is sent: the message's own, without passwords.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the id of the invocation.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.request_id
    }

    /// Tells whether the dead letter is about the person at a place.
    #[must_use]
    pub fn is_about(&self, place: usize) -> bool {
        self.groups.iter().any(|group| group.items.contains(place))
    }

    /// Returns the key of the first person.
    pub(super) fn first_key(&self) -> &str {
        self.groups.first().map_or("", |group| &group.first_key)
    }

    /// Writes down who failed for which reason, for telling dead letters of one message apart.
    pub(super) fn ranges(&self) -> String {
        let range = |group: &Group| format!("{} {}", group.failure.reason().code(), group.items);
        let ranges: Vec<String> = self.groups.iter().map(range).collect();
        ranges.join("\n")
    }

    /// Builds all attributes: the producer's, and as much of the reason as the message leaves room for.
    ///
    /// # Errors
    /// Returns `dead_letter_refused` where not even the reason's code has room.
    pub(super) fn attributes(&self) -> Result<Vec<(String, MessageAttributeValue)>, Failure> {
        let Fitted { own, kept } = self.fitted()?;
        let mut attributes = Vec::with_capacity(MOST_ATTRIBUTES);
        for (name, text) in own {
            attributes.push((name.to_owned(), text_value("String", text)?));
        }
        for attribute in kept {
            let value = producers_value(&attribute)?;
            attributes.push((attribute.name, value));
        }
        Ok(attributes)
    }

    fn fitted(&self) -> Result<Fitted, Failure> {
        [Detail::Full, Detail::Brief, Detail::Least]
            .into_iter()
            .map(|detail| self.fitted_in(detail))
            .find(|fitted| fitted.has_room_beside(&self.body))
            .ok_or_else(no_room)
    }

    fn fitted_in(&self, detail: Detail) -> Fitted {
        let attributes = self.attributes.to_vec();
        let Some(first) = self.groups.first() else {
            return Fitted {
                own: Vec::new(),
                kept: attributes,
            };
        };
        let reason = (REASON, first.failure.reason().code());
        let details = |carried| {
            let details = self.details(detail, carried);
            let details = serde_json::to_string(&details).unwrap_or_default();
            (DETAILS, details)
        };
        match detail {
            Detail::Full => {
                let Divided { kept, carried } = divided(attributes, 3);
                let explanation = (EXPLANATION, first.failure.explanation().to_owned());
                Fitted {
                    own: vec![reason, explanation, details(carried)],
                    kept,
                }
            }
            Detail::Brief => {
                let Divided { kept, carried } = divided(attributes, 2);
                Fitted {
                    own: vec![reason, details(carried)],
                    kept,
                }
            }
            Detail::Least => Fitted {
                own: vec![reason],
                kept: attributes,
            },
        }
    }

    fn details(&self, detail: Detail, attributes: Vec<Attribute>) -> Details {
        let origin = &self.message.origin;
        let listed = |(n, group): (usize, &Group)| Listed {
            reason: group.failure.reason().code(),
            explanation: (n > 0 && matches!(detail, Detail::Full))
                .then(|| group.failure.explanation().to_owned()),
            aws_request_id: group.failure.aws_request_id().map(str::to_owned),
            items: group.items.clone(),
        };
        let first = self.groups.first().and_then(|group| group.items.first());
        Details {
            version: VERSION,
            event_key: self.first_key().to_owned(),
            item: first.unwrap_or_default(),
            failures: self.groups.iter().enumerate().map(listed).collect(),
            source_queue: origin.source_arn.clone(),
            source_message_id: origin.message_id.clone(),
            request_id: self.request_id.to_owned(),
            failed_at: OffsetDateTime::now_utc()
                .format(&Rfc3339)
                .unwrap_or_default(),
            attempts: origin.receive_count,
            replays: replays(self.message),
            attributes,
        }
    }
}

impl Fitted {
    fn has_room_beside(&self, body: &str) -> bool {
        let size = |(name, text): &(&str, String)| name.len() + "String".len() + text.len();
        let own: usize = self.own.iter().map(size).sum();
        let kept: usize = self.kept.iter().map(size_of).sum();
        self.own.len() + self.kept.len() <= MOST_ATTRIBUTES && body.len() + own + kept <= MOST_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    fn refusal(explanation: &str) -> Failure {
        Failure::new(Reason::NoAssignment, explanation)
    }

    fn message(body: String, attributes: usize) -> Message {
        let attribute = |n: usize| Attribute {
            name: format!("a{n}"),
            data_type: "String".to_owned(),
            value: crate::intake::AttributeValue::Text("x".to_owned()),
        };
        Message {
            body,
            attributes: (0..attributes).map(attribute).collect(),
            ..Message::default()
        }
    }

    fn shown(dead_letters: &[DeadLetter]) -> Vec<String> {
        let codes = |dead_letter: &DeadLetter| {
            let groups = dead_letter.groups.iter();
            let groups: Vec<_> = groups
                .map(|group| format!("{}={}", group.failure.explanation(), group.items))
                .collect();
            groups.join(" ")
        };
        dead_letters.iter().map(codes).collect()
    }

    #[test]
    fn people_who_failed_alike_share_an_entry_and_all_share_a_letter() {
        let key = PersonKey::Employee("E1".to_owned());
        let (a, b) = (refusal("a"), refusal("b"));
        let refused =
            [(0..1, &a), (1..2, &b), (2..3, &a), (3..7, &a)].map(|(items, failure)| Refused {
                items,
                key: &key,
                failure,
            });
        let message = message("[]".to_owned(), 0);
        let dead_letters = dead_letters(&message, "id", refused);
        assert_eq!(shown(&dead_letters), ["a=0,2-6 b=1"]);
        assert!(dead_letters[0].is_about(6) && !dead_letters[0].is_about(7));
    }

    /// Every second one of so many people, in a body that leaves so much room.
    fn in_room(room: usize, people: usize) -> usize {
        let key = PersonKey::Employee("E1".to_owned());
        let failure = refusal("no assignment fits");
        let refused = (0..people).map(|n| Refused {
            items: 2 * n..2 * n + 1,
            key: &key,
            failure: &failure,
        });
        let message = message("x".repeat(MOST_BYTES - room), 0);
        let dead_letters = dead_letters(&message, "id", refused);
        for place in (0..people).map(|n| 2 * n) {
            let about = dead_letters
                .iter()
                .filter(|dead_letter| dead_letter.is_about(place));
            assert_eq!(about.count(), 1, "{place}");
        }
        for dead_letter in &dead_letters {
            let fitted = dead_letter.fitted().expect("it has room");
            let size: usize = fitted
                .own
                .iter()
                .map(|(name, text)| name.len() + 6 + text.len())
                .sum();
            assert!(size <= room, "{size} of {room}");
        }
        dead_letters.len()
    }

    #[test]
    fn where_one_letter_has_no_room_for_all_there_are_several() {
        assert_eq!(in_room(100_000, 10_000), 1);
        assert_eq!(in_room(20_000, 10_000), 4);
        assert_eq!(in_room(700, 3), 3);
    }

    #[test]
    fn a_message_with_little_room_gets_less_of_the_reason() {
        let key = PersonKey::Employee("E1".to_owned());
        let failure = refusal("no assignment fits");
        let own = |room: usize, attributes: usize| {
            let size = MOST_BYTES - room - attributes * "a0Stringx".len();
            let message = message("x".repeat(size), attributes);
            let refused = Refused {
                items: 0..1,
                key: &key,
                failure: &failure,
            };
            let dead_letters = dead_letters(&message, "id", [refused]);
            dead_letters[0]
                .fitted()
                .map_or(0, |fitted| fitted.own.len())
        };
        assert_eq!([700, 330, 100, 10].map(|room| own(room, 0)), [3, 2, 1, 0]);
        assert_eq!([7, 8, 9, 10].map(|n| own(5000, n)), [3, 3, 3, 3]);
        // The details have no room, and so none for the tenth attribute.
        assert_eq!([9, 10].map(|n| own(100, n)), [1, 0]);
    }
}
