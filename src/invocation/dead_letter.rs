//! People of a message who can never have a user -> dead letters: the body as it came, the reasons in attributes.

mod details;
mod fit;

use aws_sdk_sqs::Config;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;

use crate::aws::queue;
use crate::aws::{self, Sqs};
use crate::failure::{Failure, Reason};
use crate::intake::{Attribute, AttributeValue, Message};
use crate::invocation::split::PART;
use crate::source::means_password;
use crate::source::person_key::short_hash;

pub use details::{Details, Listed, details_of, earlier_reason, replays};
pub use fit::{DeadLetter, Refused, letters};

/// The attribute that holds the code of the first reason.
pub const REASON: &str = "provisioner.reason";
/// The attribute that holds the first reason's sentence for people.
pub const EXPLANATION: &str = "provisioner.explanation";
/// The attribute that holds [`Details`] as JSON, so that the producer's own attributes keep their room.
pub const DETAILS: &str = "provisioner.details";

/// SQS takes at most 10 attributes a message (Amazon SQS Developer Guide, message quotas).
pub const MOST_ATTRIBUTES: usize = 10;
/// SQS takes at most 1 MiB a message, attributes included (Amazon SQS Developer Guide, message quotas).
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// The dead-letter queue.
pub struct DeadLetters {
    client: Sqs,
    queue_url: String,
}

impl DeadLetters {
    /// Sends to the queue of a URL.
    #[must_use]
    pub fn new(client: Sqs, queue_url: String) -> Self {
        Self { client, queue_url }
    }

    /// Sends a dead letter; only when this has succeeded may the message be acknowledged.
    ///
    /// # Errors
    /// Returns what SQS answered, or that the message has no room for a reason; its queue keeps it then.
    pub async fn send(&self, letter: &DeadLetter<'_>) -> Result<(), Failure> {
        let mut call = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(letter.body());
        for (name, value) in letter.attributes()? {
            call = call.message_attributes(name, value);
        }
        if queue::is_fifo(&self.queue_url) {
            call = call
                .message_group_id(group_of(letter))
                .message_deduplication_id(deduplication_id(letter));
        }
        let answer = aws::signed_anew(|| {
            let in_time = Config::builder().timeout_config(aws::time_outs_now());
            call.clone().customize().config_override(in_time).send()
        });
        answer
            .await
            .map(drop)
            .map_err(|err| Failure::aws("SendMessage", &err))
    }
}

/// Tells whether an attribute is one that this program gives a dead letter or a part of a message.
pub(crate) fn is_own(name: &str) -> bool {
    [REASON, EXPLANATION, DETAILS, PART].contains(&name)
}

/// Replaces the value of an attribute with a password's name.
pub(crate) fn without_password(attribute: Attribute) -> Attribute {
    if !means_password(&attribute.name) {
        return attribute;
    }
    Attribute {
        data_type: "String".to_owned(),
        value: AttributeValue::Text("[removed]".to_owned()),
        ..attribute
    }
}

/// Converts a producer's attribute to the form that SQS takes, without a password's value.
///
/// # Errors
/// Returns `dead_letter_refused` for an attribute that cannot be sent as it is.
pub fn producers_value(attribute: &Attribute) -> Result<MessageAttributeValue, Failure> {
    let attribute = without_password(attribute.clone());
    match &attribute.value {
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

/// Builds an attribute that holds a text.
///
/// # Errors
/// Returns `dead_letter_refused` for an attribute that SQS does not take.
pub(crate) fn text_value(data_type: &str, text: String) -> Result<MessageAttributeValue, Failure> {
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(text)
        .build()
        .map_err(|_| no_room())
}

/// Counts the bytes of an attribute towards the size of its message.
pub(crate) fn size_of(attribute: &Attribute) -> usize {
    let (AttributeValue::Text(value) | AttributeValue::Binary(value)) = &attribute.value;
    attribute.name.len() + attribute.data_type.len() + value.len()
}

/// Finds the text of a message's attribute.
pub(crate) fn text_of<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let mut attributes = message.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.name == name)?;
    match &attribute.value {
        AttributeValue::Text(text) => Some(text),
        AttributeValue::Binary(_) => None,
    }
}

fn no_room() -> Failure {
    Failure::new(
        Reason::DeadLetterRefused,
        "the message and its own attributes leave no room for a reason; the queue's redrive policy will move it as it is",
    )
}

fn group_of(letter: &DeadLetter) -> String {
    let group = letter.message().origin.message_group_id.clone();
    group.unwrap_or_else(|| short_hash(letter.first_key().as_bytes()))
}

// A letter that is sent twice within five minutes, after a lost answer, arrives once.
fn deduplication_id(letter: &DeadLetter) -> String {
    let origin = &letter.message().origin;
    let message_id = origin.message_id.as_deref();
    let message_id = message_id.unwrap_or(letter.request_id());
    format!("{message_id}-{}", short_hash(letter.ranges().as_bytes()))
}
