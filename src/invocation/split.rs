//! A message of more people than one invocation serves -> parts of it, each a message on the same queue.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_sqs::Config;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use serde::{Deserialize, Serialize};

use crate::aws::queue;
use crate::aws::{self, Sqs};
use crate::failure::{Failure, Reason};
use crate::intake::items::Items;
use crate::intake::{Attribute, Message};
use crate::invocation::attributes::{
    EXPLANATION, MOST_BYTES, PART, REASON, SCHEDULED, producers_value, size_of, text_of, text_value,
};
use crate::invocation::carried::{Divided, all_attributes, divided};
use crate::source::person_key::PersonKey;
use crate::source::without_passwords;

/// A part of a message: the body is the whole one, and these people of it are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The id of the message that was split.
    pub message_id: String,
    /// The key of the first person, which tells whether a changed `[[source]]` still counts the people alike.
    pub event_key: String,
    pub items: Items,
    /// The producer's attributes for which the part has no room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// Reads which part of a message this is, if it is one.
#[must_use]
pub fn part_of(message: &Message) -> Option<Part> {
    serde_json::from_str(text_of(message, PART)?).ok()
}

/// Sends the parts of messages to the queue that the messages came from.
pub struct Splitter {
    client: Sqs,
}

/// A message that is to be split, and the people of it who are still to be served.
pub struct Whole<'a> {
    message: &'a Message,
    queue_url: String,
    message_id: &'a str,
    body: String,
    attributes: Vec<Attribute>,
    carried: Vec<Attribute>,
}

// Amazon SQS API reference, SendMessageBatch: at most 10 entries, and 1 MiB together.
const MOST_ENTRIES: usize = 10;
// The JSON of a part with a message id and some ranges.
const ROOM_FOR_PART: usize = 4096;
/// More parts would take longer to send than to serve: a longer part is served in several deliveries.
const MOST_PARTS: usize = 200;
// Amazon SQS API reference, SendMessage, `DelaySeconds`.
const LONGEST_DELAY: u64 = 900;

impl<'a> Whole<'a> {
    /// Accepts a message that can be split.
    ///
    /// # Errors
    /// Returns `too_large` where no queue brought it, or where it has no room for the attribute that makes it a part.
    pub fn new(message: &'a Message) -> Result<Self, Failure> {
        let origin = &message.origin;
        let queue_url = origin.source_arn.as_deref().and_then(queue::url);
        let (Some(queue_url), Some(message_id)) = (queue_url, &origin.message_id) else {
            return Err(without_a_queue());
        };
        // The reason of an earlier failure is no longer true of a part.
        let stale = [REASON, EXPLANATION, SCHEDULED, PART];
        let mut attributes = all_attributes(message);
        attributes.retain(|attribute| !stale.contains(&attribute.name.as_str()));
        let Divided { kept, carried } = divided(attributes, 1);
        let whole = Self {
            message,
            queue_url,
            message_id,
            body: without_passwords(&message.body),
            attributes: kept,
            carried,
        };
        if whole.size() > MOST_BYTES {
            return Err(without_room());
        }
        Ok(whole)
    }

    /// Tells whether a password was cut out of the body.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.body != self.message.body
    }

    // Of a part of it, at the most.
    fn size(&self) -> usize {
        let attributes: usize = self.attributes.iter().map(size_of).sum();
        let carried = serde_json::to_string(&self.carried).unwrap_or_default();
        self.body.len() + attributes + carried.len() + ROOM_FOR_PART
    }

    fn entry(
        &self,
        n: usize,
        part: &Part,
        delay: u64,
    ) -> Result<SendMessageBatchRequestEntry, Failure> {
        let items = &part.items;
        let part = serde_json::to_string(part).map_err(|_| without_room())?;
        let mut entry = SendMessageBatchRequestEntry::builder()
            .id(n.to_string())
            .message_body(&self.body)
            .message_attributes(PART, text_value("String", part)?);
        for attribute in &self.attributes {
            let value: MessageAttributeValue = producers_value(attribute)?;
            entry = entry.message_attributes(&attribute.name, value);
        }
        if queue::is_fifo(&self.queue_url) {
            let group = self.message.origin.message_group_id.clone();
            let place = items.first().unwrap_or_default();
            // By content, SQS would take all parts of one body for the same message.
            entry = entry
                .message_group_id(group.unwrap_or_else(|| self.message_id.to_owned()))
                .message_deduplication_id(format!("{}-{place}-{}", self.message_id, items.len()));
        } else {
            entry = entry.delay_seconds(i32::try_from(delay).unwrap_or_default());
        }
        entry.build().map_err(|_| without_room())
    }

    /// Divides people into parts of so many each, and larger ones where there would be too many parts.
    #[must_use]
    pub fn parts<'b>(
        &self,
        people: impl ExactSizeIterator<Item = (Range<usize>, &'b PersonKey)>,
        size: usize,
    ) -> Vec<Part> {
        let size = size.max(people.len().div_ceil(MOST_PARTS)).max(1);
        let mut parts: Vec<Part> = Vec::new();
        for (places, key) in people {
            match parts.last_mut().filter(|part| part.items.len() < size) {
                Some(part) => part.items.insert(places),
                None => parts.push(Part {
                    message_id: self.message_id.to_owned(),
                    event_key: key.to_string(),
                    items: Items::from(places),
                    attributes: self.carried.clone(),
                }),
            }
        }
        parts
    }
}

impl Splitter {
    /// Sends with a client of SQS.
    #[must_use]
    pub fn new(client: Sqs) -> Self {
        Self { client }
    }

    /// Sends the parts of a message; only when this has succeeded may the message be acknowledged.
    ///
    /// Each part stays hidden until the quota has room for it, which is `each` a person after the one before.
    ///
    /// # Errors
    /// Returns what SQS answered. Some parts may have been sent: their people are found to have a user later.
    pub async fn send(
        &self,
        whole: &Whole<'_>,
        parts: &[Part],
        each: Duration,
    ) -> Result<(), Failure> {
        let together = (MOST_BYTES / whole.size()).clamp(1, MOST_ENTRIES);
        let mut before = 0;
        for batch in parts.chunks(together) {
            let mut entries = Vec::with_capacity(batch.len());
            for (n, part) in batch.iter().enumerate() {
                let delay = each.mul_f64(f64::from(u32::try_from(before).unwrap_or(u32::MAX)));
                entries.push(whole.entry(n, part, delay.as_secs().min(LONGEST_DELAY))?);
                before += part.items.len();
            }
            self.send_together(&whole.queue_url, entries).await?;
        }
        Ok(())
    }

    async fn send_together(
        &self,
        queue_url: &str,
        entries: Vec<SendMessageBatchRequestEntry>,
    ) -> Result<(), Failure> {
        let call = self.client.send_message_batch().queue_url(queue_url);
        let call = call.set_entries(Some(entries));
        let answer = aws::signed_anew(|| {
            let in_time = Config::builder().timeout_config(aws::time_outs_now());
            call.clone().customize().config_override(in_time).send()
        });
        let answer = answer
            .await
            .map_err(|err| Failure::aws("SendMessageBatch", &err))?;
        match answer.failed.first() {
            None => Ok(()),
            Some(entry) => Err(not_taken(entry.code())),
        }
    }
}

fn not_taken(code: &str) -> Failure {
    Failure::new(
        Reason::Aws {
            operation: "SendMessageBatch",
            code: code.to_owned(),
        },
        format!("SendMessageBatch answered {code} for a part of the message"),
    )
}

fn without_a_queue() -> Failure {
    Failure::new(
        Reason::TooLarge,
        "the event lists more people than one invocation serves, and no queue brought it that its parts could be put on; send \
         fewer people in an event, or send it to the source queue",
    )
}

fn without_room() -> Failure {
    Failure::new(
        Reason::TooLarge,
        "the message lists more people than one invocation serves, and cannot be split: with one attribute more it is over \
         1 MiB; send fewer people in a message",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_a_queue() -> Message {
        let mut message = Message::default();
        message.origin.message_id = Some("id".to_owned());
        message.origin.source_arn = Some("arn:aws:sqs:eu-west-2:111122223333:hr-joins".to_owned());
        message
    }

    fn shown(people: &str, size: usize) -> Vec<String> {
        let (message, key) = (from_a_queue(), PersonKey::of_payload(b""));
        let people: Items = people.parse().expect("places");
        let people: Vec<usize> = people.ranges().flatten().collect();
        let people = people.iter().map(|place| (*place..*place + 1, &key));
        let Ok(whole) = Whole::new(&message) else {
            panic!("it can be split")
        };
        let parts = whole.parts(people, size).into_iter();
        parts.map(|part| part.items.to_string()).collect()
    }

    #[test]
    fn people_are_divided_into_parts_of_a_size() {
        assert_eq!(shown("0-9", 4), ["0-3", "4-7", "8-9"]);
        assert_eq!(shown("0-1,5,9-10", 2), ["0-1", "5,9", "10"]);
        assert_eq!(shown("0-4999", 38).len(), 132);
        // At most 200 parts.
        assert_eq!(shown("0-4999", 8).len(), 200);
    }

    #[test]
    fn what_no_queue_brought_or_has_no_room_is_not_split() {
        let refused = |message: &Message| Whole::new(message).err().map(|f| f.reason().clone());
        assert_eq!(refused(&Message::default()), Some(Reason::TooLarge));
        let mut message = from_a_queue();
        assert_eq!(refused(&message), None);
        message.body = "x".repeat(MOST_BYTES - 100);
        assert_eq!(refused(&message), Some(Reason::TooLarge));
    }
}
