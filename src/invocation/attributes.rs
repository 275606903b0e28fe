//! Attributes of a message: the names of this program's own, the limits of SQS, and their form for SQS.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;

use crate::failure::{Failure, Reason};
use crate::intake::{Attribute, AttributeValue, Message};
use crate::source::means_password;

/// The attribute that holds the code of the first reason.
pub const REASON: &str = "provisioner.reason";
/// The attribute that holds the first reason's sentence for people.
pub const EXPLANATION: &str = "provisioner.explanation";
/// The attribute that holds [`Details`](crate::invocation::dead_letter::Details) as JSON, so that the producer's own attributes keep their room.
pub const DETAILS: &str = "provisioner.details";

/// SQS takes at most 10 attributes a message (Amazon SQS Developer Guide, message quotas).
pub const MOST_ATTRIBUTES: usize = 10;
/// SQS takes at most 1 MiB a message, attributes included (Amazon SQS Developer Guide, message quotas).
pub(crate) const MOST_BYTES: usize = 1 << 20;
/// The attribute that tells which people of its body a message is about, as [`Part`](crate::invocation::split::Part) in JSON.
pub const PART: &str = "provisioner.part";
/// The attribute that names the person of a message that a schedule brings back.
pub const SCHEDULED: &str = "provisioner.scheduled";

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

pub(crate) fn no_room() -> Failure {
    Failure::new(
        Reason::DeadLetterRefused,
        "the message and its own attributes leave no room for a reason; the queue's redrive policy will move it as it is",
    )
}
