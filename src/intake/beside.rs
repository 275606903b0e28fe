//! A message -> the facts that travel beside its body: the text that was no JSON, the queue and the producer's attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::intake::{AttributeValue, Message};
use crate::invocation::carried::all_attributes;
use crate::source::means_password;

/// Facts about an event that its payload does not have; they may be personal, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Beside {
    /// The text of a payload that is no JSON.
    pub text: Option<Arc<str>>,
    /// The queue's facts, where a source may ask for them.
    pub sqs: Option<Arc<Sqs>>,
}

/// Facts that Amazon SQS gives beside a message's body.
#[derive(Default)]
pub struct Sqs {
    /// Name of the queue.
    pub queue: Option<String>,
    /// The producer's attributes that are texts or numbers, by name.
    pub attributes: BTreeMap<String, String>,
}

impl Sqs {
    /// Takes the facts of a message; a direct event has none.
    pub(crate) fn of(message: &Message) -> Self {
        let arn = message.origin.source_arn.as_deref();
        let queue = arn
            .and_then(|arn| arn.rsplit(':').next())
            .map(str::to_owned);
        let attributes = all_attributes(message).into_iter();
        // This program's own attributes are no facts of the producer's.
        let attributes = attributes
            .filter(|one| !one.name.starts_with("provisioner.") && !means_password(&one.name));
        let texts = attributes.filter_map(|attribute| match attribute.value {
            AttributeValue::Text(text) => Some((attribute.name, text)),
            AttributeValue::Binary(_) => None,
        });
        Self {
            queue,
            attributes: texts.collect(),
        }
    }
}
