//! A message of a dead-letter queue -> its reason, the people that it is about, and the event that a replay sends.

use std::collections::BTreeMap;
use std::ops::Range;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use connect_provisioner::aws::queue;
use connect_provisioner::intake::items::Items;
use connect_provisioner::intake::people::people_of;
use connect_provisioner::intake::{self, Parcel};
use connect_provisioner::invocation::dead_letter::{self, Details, Listed};
use connect_provisioner::invocation::logging;
use connect_provisioner::source::Sources;
use connect_provisioner::source::person_key::PersonKey;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::origin::{DeadLetterOrigin, origin_of};

/// Dead letter; no `Debug`, as it holds personal data.
pub(super) struct DeadLetter {
    pub(super) id: String,
    pub(super) receipt_handle: String,
    pub(super) body: String,
    pub(super) attributes: BTreeMap<String, MessageAttributeValue>,
    pub(super) group: Option<String>,
    pub(super) origin: DeadLetterOrigin,
    sent_at: OffsetDateTime,
    receive_count: u32,
    sources: Sources,
}

impl DeadLetter {
    /// Builds the dead letter from a received message.
    pub(super) fn new(message: Message, sources: &Sources) -> Self {
        let system = message.attributes.unwrap_or_default();
        let number = |name| system.get(&name).and_then(|text| text.parse::<i64>().ok());
        let sent = number(MessageSystemAttributeName::SentTimestamp).unwrap_or_default();
        let body = message.body.unwrap_or_default();
        let mut attributes: BTreeMap<_, _> = message
            .message_attributes
            .unwrap_or_default()
            .into_iter()
            .collect();
        let moved_from = system.get(&MessageSystemAttributeName::DeadLetterQueueSourceArn);
        let origin = match moved_from {
            // An earlier failure's reason may still be in its attributes.
            Some(arn) => DeadLetterOrigin::Redrive {
                queue_arn: Some(arn.clone()),
            },
            None => origin_of(&body, &mut attributes),
        };
        Self {
            id: message.message_id.unwrap_or_default(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
            origin,
            group: system
                .get(&MessageSystemAttributeName::MessageGroupId)
                .cloned(),
            sent_at: OffsetDateTime::from_unix_timestamp(sent / 1000)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
            receive_count: number(MessageSystemAttributeName::ApproximateReceiveCount)
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or_default(),
            body,
            attributes,
            sources: sources.clone(),
        }
    }

    /// Returns the time of the failure; where the function did not record one, the time at which the message was sent.
    pub(super) fn failed_at(&self) -> OffsetDateTime {
        let recorded = match &self.origin {
            DeadLetterOrigin::Function { details, .. } => {
                OffsetDateTime::parse(&details.failed_at, &Rfc3339).ok()
            }
            _ => None,
        };
        recorded.unwrap_or(self.sent_at)
    }

    /// Returns the code of the first reason; for a message that the function did not send here, its origin.
    pub(super) fn reason(&self) -> String {
        match &self.origin {
            DeadLetterOrigin::Function { reason, .. } => reason.clone(),
            DeadLetterOrigin::Redrive { .. } => "moved_by_sqs".to_owned(),
            DeadLetterOrigin::EventBridge { code } => format!("eventbridge:{code}"),
            DeadLetterOrigin::Scheduler { code, .. } => format!("scheduler:{code}"),
            DeadLetterOrigin::OnFailure { condition, .. } => format!("on_failure:{condition}"),
        }
    }

    /// Returns the key of the first person in it; empty if it holds none.
    pub(super) fn key(&self) -> String {
        if let DeadLetterOrigin::Function { details, .. } = &self.origin
            && !details.event_key.is_empty()
        {
            return details.event_key.clone();
        }
        let first = self.people().into_iter().next();
        first.map_or_else(String::new, |(_, parcel)| self.key_of(&parcel).to_string())
    }

    /// Returns whether it is about the person with a key; either of them may hold the identifier plain or hashed.
    pub(super) fn is_about(&self, key: &str) -> bool {
        let key = logging::hashed(key);
        let is_same = |other: String| logging::hashed(&other) == key;
        is_same(self.key())
            || (self.count() > 1
                && self
                    .people()
                    .iter()
                    .any(|(_, parcel)| is_same(self.key_of(parcel).to_string())))
    }

    /// Returns the reasons, each with the places of the people who failed for it; empty if the function did not send it.
    pub(super) fn failures(&self) -> Vec<Listed> {
        let DeadLetterOrigin::Function {
            reason,
            explanation,
            details,
        } = &self.origin
        else {
            return Vec::new();
        };
        let mut failures = details.failures.clone();
        if failures.is_empty() {
            failures.push(Listed {
                reason: reason.clone(),
                explanation: None,
                aws_request_id: None,
                items: details.items(),
            });
        }
        failures[0].explanation = Some(explanation.clone());
        failures
    }

    /// Returns the places of the people that it is about; `None` if the function did not send it.
    pub(super) fn items(&self) -> Option<Items> {
        match &self.origin {
            DeadLetterOrigin::Function { details, .. } => Some(details.items()),
            _ => None,
        }
    }

    /// Returns the number of people that it is about.
    pub(super) fn count(&self) -> usize {
        match self.items() {
            Some(items) => items.len(),
            None => self.people().iter().map(|(places, _)| places.len()).sum(),
        }
    }

    /// Returns the people that the function would create users for, with their places in the message.
    pub(super) fn people(&self) -> Vec<(Range<usize>, Parcel)> {
        people_of(&self.message(), &self.sources)
    }

    /// Returns the key of a person in it.
    pub(super) fn key_of(&self, parcel: &Parcel) -> PersonKey {
        self.sources.key_of(parcel)
    }

    /// Returns the name of the queue, rule target or function that it came from.
    pub(super) fn source(&self) -> String {
        let name = |arn: &str| queue::name(arn).to_owned();
        match &self.origin {
            DeadLetterOrigin::Function { details, .. } => {
                let queue = details.source_queue.as_deref();
                queue.map_or_else(|| "(direct)".to_owned(), name)
            }
            DeadLetterOrigin::Redrive { queue_arn } => queue_arn
                .as_deref()
                .map_or_else(|| "(unknown)".to_owned(), name),
            DeadLetterOrigin::EventBridge { .. } => name(&self.text("TARGET_ARN")),
            DeadLetterOrigin::Scheduler { queue_url, .. } => name(queue_url),
            DeadLetterOrigin::OnFailure { function, .. } => {
                function.split(':').nth(6).unwrap_or("(unknown)").to_owned()
            }
        }
    }

    /// Returns the number of deliveries by the source queue; if the function did not send it, by the dead-letter queue.
    pub(super) fn attempts(&self) -> u32 {
        match &self.origin {
            DeadLetterOrigin::Function { details, .. } => details.attempts,
            _ => self.receive_count,
        }
    }

    /// Returns the number of times it has been replayed.
    pub(super) fn replays(&self) -> u32 {
        match &self.origin {
            DeadLetterOrigin::Function { details, .. } => details.replays,
            // Before SQS moved it, it may have come back from this queue.
            _ => self
                .details()
                .map_or(0, |details| details.replays.saturating_add(1)),
        }
    }

    fn details(&self) -> Option<Details> {
        serde_json::from_str(&self.text(dead_letter::DETAILS)).ok()
    }

    /// Returns the text of an attribute; empty if there is none.
    pub(super) fn text(&self, name: &str) -> String {
        let value = self.attributes.get(name);
        let text = value.and_then(MessageAttributeValue::string_value);
        text.unwrap_or_default().to_owned()
    }

    /// Returns the body that a replay sends: the event without the envelope of Lambda or EventBridge Scheduler.
    pub(super) fn event(&self) -> String {
        match &self.origin {
            DeadLetterOrigin::OnFailure { payload: event, .. }
            | DeadLetterOrigin::Scheduler { event, .. } => event.clone(),
            _ => self.body.clone(),
        }
    }

    /// Returns the event for correction.
    pub(super) fn event_mut(&mut self) -> &mut String {
        match &mut self.origin {
            DeadLetterOrigin::OnFailure { payload: event, .. }
            | DeadLetterOrigin::Scheduler { event, .. } => event,
            _ => &mut self.body,
        }
    }

    /// Returns the message as the function would receive it.
    pub(super) fn message(&self) -> intake::Message {
        let attribute = |(name, value): (&String, &MessageAttributeValue)| {
            Some(intake::Attribute {
                name: name.clone(),
                data_type: value.data_type().to_owned(),
                value: intake::AttributeValue::Text(value.string_value()?.to_owned()),
            })
        };
        intake::Message {
            body: self.event(),
            attributes: self.attributes.iter().filter_map(attribute).collect(),
            ..intake::Message::default()
        }
    }
}
