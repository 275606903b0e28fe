//! A message that can never succeed -> the dead-letter queue: the body as it came, the reason in attributes.

use aws_sdk_sqs::Config;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aws::{self, Sqs};
use crate::failure::{Failure, Reason};
use crate::intake::{Attribute, AttributeValue, Message};
use crate::person_key::PersonKey;
use crate::queue;
use crate::source::without_passwords;

/// The attribute that holds the reason's code.
pub const REASON: &str = "provisioner.reason";
/// The attribute that holds the sentence for people.
pub const EXPLANATION: &str = "provisioner.explanation";
/// The attribute that holds [`Details`] as JSON, so that the producer's own attributes keep their room.
pub const DETAILS: &str = "provisioner.details";

/// SQS takes at most 10 attributes a message (Amazon SQS Developer Guide, message quotas).
pub(crate) const MOST_ATTRIBUTES: usize = 10;

/// What else an operator wants to know of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    pub event_key: String,
    /// The person's place in the message, from 0.
    pub item: usize,
    pub source_queue: Option<String>,
    pub source_message_id: Option<String>,
    pub request_id: String,
    /// RFC 3339, UTC.
    pub failed_at: String,
    /// How often the queue had delivered the message.
    pub attempts: u32,
    /// How often it has come back from a dead-letter queue.
    pub replays: u32,
}

/// A message, and why one person in it has no user.
pub struct DeadLetter<'a> {
    pub message: &'a Message,
    pub item: usize,
    pub key: &'a PersonKey,
    pub failure: &'a Failure,
    pub request_id: &'a str,
}

/// The dead-letter queue.
pub struct DeadLetters {
    client: Sqs,
    queue_url: String,
}

impl DeadLetters {
    /// The queue at a URL.
    #[must_use]
    pub fn new(client: Sqs, queue_url: String) -> Self {
        Self { client, queue_url }
    }

    /// Sends a dead letter; only when this has succeeded may the message be acknowledged.
    ///
    /// # Errors
    /// What SQS answered, or that the message has no room for the reason; it is then left to the queue's own redrive.
    pub async fn send(&self, letter: &DeadLetter<'_>) -> Result<(), Failure> {
        let attributes = attributes(letter)?;
        let mut call = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(without_passwords(&letter.message.body));
        for (name, value) in attributes {
            call = call.message_attributes(name, value);
        }
        if queue::is_fifo(&self.queue_url) {
            call = call
                .message_group_id(group_of(letter))
                .message_deduplication_id(deduplication_id(letter));
        }
        let in_time = Config::builder().timeout_config(aws::time_outs_now());
        call.customize()
            .config_override(in_time)
            .send()
            .await
            .map(drop)
            .map_err(|err| Failure::aws("SendMessage", &err))
    }
}

fn attributes(letter: &DeadLetter) -> Result<Vec<(String, MessageAttributeValue)>, Failure> {
    let own = [
        (REASON, letter.failure.reason().code()),
        (EXPLANATION, letter.failure.explanation().to_owned()),
        (
            DETAILS,
            serde_json::to_string(&details(letter)).map_err(|_| no_room())?,
        ),
    ];
    let producers: Vec<&Attribute> = letter
        .message
        .attributes
        .iter()
        .filter(|attribute| !is_own(&attribute.name))
        .collect();
    if producers.len() + own.len() > MOST_ATTRIBUTES {
        return Err(no_room());
    }
    let mut attributes = Vec::with_capacity(MOST_ATTRIBUTES);
    for (name, text) in own {
        attributes.push((name.to_owned(), text_value("String", text)?));
    }
    for attribute in producers {
        attributes.push((attribute.name.clone(), producers_value(attribute)?));
    }
    Ok(attributes)
}

fn is_own(name: &str) -> bool {
    [REASON, EXPLANATION, DETAILS].contains(&name)
}

fn details(letter: &DeadLetter) -> Details {
    let message = letter.message;
    Details {
        event_key: letter.key.to_string(),
        item: letter.item,
        source_queue: message.origin.source_arn.clone(),
        source_message_id: message.origin.message_id.clone(),
        request_id: letter.request_id.to_owned(),
        failed_at: OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default(),
        attempts: message.origin.receive_count,
        replays: replays(message),
    }
}

/// How often a message has come back from a dead-letter queue.
#[must_use]
pub fn replays(message: &Message) -> u32 {
    details_of(message).map_or(0, |details| details.replays.saturating_add(1))
}

/// The family of the reason of a message's earlier failure; an attribute can be set by anybody, so nothing else is
/// repeated.
#[must_use]
pub fn earlier_reason(message: &Message) -> &str {
    let reason = message
        .attributes
        .iter()
        .find(|attribute| attribute.name == REASON);
    let family = match reason.map(|attribute| &attribute.value) {
        Some(AttributeValue::Text(reason)) => reason.split(':').next().unwrap_or_default(),
        _ => "",
    };
    if Reason::is_family(family) {
        family
    } else {
        "a reason that is not known"
    }
}

/// What an earlier failure of a message said: a redrive, the console's too, brings its attributes along.
#[must_use]
pub fn details_of(message: &Message) -> Option<Details> {
    let details = message
        .attributes
        .iter()
        .find(|attribute| attribute.name == DETAILS)?;
    match &details.value {
        AttributeValue::Text(text) => serde_json::from_str(text).ok(),
        AttributeValue::Binary(_) => None,
    }
}

/// An attribute as SQS takes it, without a password's value.
///
/// # Errors
/// It cannot be sent as it is.
pub(crate) fn producers_value(attribute: &Attribute) -> Result<MessageAttributeValue, Failure> {
    match &attribute.value {
        _ if attribute.name.eq_ignore_ascii_case("password") => {
            text_value("String", "[removed]".to_owned())
        }
        AttributeValue::Text(text) => text_value(&attribute.data_type, text.clone()),
        AttributeValue::Binary(base64) => {
            let bytes = aws_smithy_types::base64::decode(base64).map_err(|_| no_room())?;
            MessageAttributeValue::builder()
                .data_type(&attribute.data_type)
                .binary_value(Blob::new(bytes))
                .build()
                .map_err(|_| no_room())
        }
    }
}

fn text_value(data_type: &str, text: String) -> Result<MessageAttributeValue, Failure> {
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(text)
        .build()
        .map_err(|_| no_room())
}

fn no_room() -> Failure {
    Failure::new(
        Reason::DeadLetterRefused,
        "the message's own attributes leave no room for the reason; the queue's redrive policy will move it as it is",
    )
}

fn group_of(letter: &DeadLetter) -> String {
    letter
        .message
        .origin
        .message_group_id
        .clone()
        .unwrap_or_else(|| letter.key.tag_value())
}

// The same failure sent twice within five minutes, after a lost answer, is the same letter.
fn deduplication_id(letter: &DeadLetter) -> String {
    let message_id = letter
        .message
        .origin
        .message_id
        .as_deref()
        .unwrap_or(letter.request_id);
    format!("{message_id}-{}", letter.item)
}
