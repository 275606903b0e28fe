//! The details that a dead letter carries in an attribute, and what they tell of a message that comes back.

use serde::{Deserialize, Serialize};

use crate::failure::Family;
use crate::intake::items::Items;
use crate::intake::{Attribute, Message};
use crate::invocation::attributes::{DETAILS, REASON, text_of};

/// Facts about a dead letter, as [`DETAILS`] holds them in JSON.
///
/// A dead letter of the first version is about one person, `event_key` at `item`. A dead letter of the second version may list more
/// people of its message in `failures`; `event_key` and `item` are then the first one's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    #[serde(default = "first_version")]
    pub version: u32,
    pub event_key: String,
    /// The place of the first person in the message, from 0.
    pub item: usize,
    /// Lists the people by reason; empty in a dead letter of the first version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Listed>,
    pub source_queue: Option<String>,
    pub source_message_id: Option<String>,
    pub request_id: String,
    /// Time of the failure in UTC (RFC 3339).
    pub failed_at: String,
    /// Number of deliveries of the message by its queue.
    pub attempts: u32,
    /// Number of times that the message was replayed from a dead-letter queue.
    pub replays: u32,
    /// The producer's attributes for which the message has no room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// The people of a message who failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub reason: String,
    /// The sentence for people; absent in the first entry, whose sentence has an attribute of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The id of the AWS call that failed; one of them, where several people failed alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_request_id: Option<String>,
    pub items: Items,
}

/// The version that is written.
pub(super) const VERSION: u32 = 2;

fn first_version() -> u32 {
    1
}

impl Details {
    /// Returns the places of all people of the dead letter.
    #[must_use]
    pub fn items(&self) -> Items {
        let mut items = Items::from(self.item..self.item + 1);
        for listed in &self.failures {
            listed.items.ranges().for_each(|range| items.insert(range));
        }
        items
    }
}

/// Counts how often a message has come back from a dead-letter queue.
#[must_use]
pub fn replays(message: &Message) -> u32 {
    details_of(message).map_or(0, |details| details.replays.saturating_add(1))
}

/// Returns the family of the reason of a message's earlier failure.
///
/// Anybody can set an attribute, so no other text is repeated.
#[must_use]
pub fn earlier_reason(message: &Message) -> String {
    let listed = || Some(details_of(message)?.failures.first()?.reason.clone());
    let reason = text_of(message, REASON).map(str::to_owned).or_else(listed);
    let reason = reason.unwrap_or_default();
    let family = Family::from_code(&reason).filter(|family| family.is_in_dead_letters());
    family
        .map_or("a reason that is not known", Family::code)
        .to_owned()
}

/// Reads the details of a message's earlier failure: a redrive, the console's too, brings its attributes along.
#[must_use]
pub fn details_of(message: &Message) -> Option<Details> {
    serde_json::from_str(text_of(message, DETAILS)?).ok()
}
