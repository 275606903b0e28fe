//! A person's event that waits, the message that brings it back, and the place that the message is sent to.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::failure::{Failure, Reason};
use crate::intake::{Attribute, AttributeValue, Message};
use crate::invocation::attributes::SCHEDULED;
use crate::source::person_key::PersonKey;

// EventBridge Scheduler User Guide, "Quotas": the size of a target's input.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// One person's event: the message that brought it, the place in it, and whose it is.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub message: &'a Message,
    /// From 0.
    pub item: usize,
    pub key: &'a PersonKey,
}

/// Person that a schedule brings a message back for, as [`SCHEDULED`] holds it in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    pub event_key: String,
    pub item: usize,
    /// When the event happened, as RFC 3339; absent where no time is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_time: Option<String>,
    /// The producer's attributes for which the message has no room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// Settings of a deployment that its schedules need.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The schedule group's name.
    pub group: String,
    /// The role that EventBridge Scheduler takes on to send.
    pub role_arn: String,
    pub source_queue_url: String,
    /// A standard queue for what cannot be sent.
    pub dead_letter_queue_arn: String,
}

/// Reads the person that a schedule kept its message for; `None` where no schedule sent it.
#[must_use]
pub fn scheduled(message: &Message) -> Option<Scheduled> {
    let mut attributes = message.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.name == SCHEDULED)?;
    match &attribute.value {
        AttributeValue::Text(text) => serde_json::from_str(text).ok(),
        AttributeValue::Binary(_) => None,
    }
}

/// Writes a moment for people and logs, as RFC 3339 does.
#[must_use]
pub fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

pub(super) fn unschedulable() -> Failure {
    Failure::new(
        Reason::Unschedulable,
        "the message cannot wait for its start date: with its attributes it is over 256 KB; send each person in a message of \
         their own",
    )
}
