//! A message of a dead-letter queue -> what kind it is, why it failed, and the message that a replay sends.

use std::collections::BTreeMap;
use std::ops::Range;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use connect_provisioner::intake::items::Items;
use connect_provisioner::intake::people::people_of;
use connect_provisioner::intake::{self, Parcel};
use connect_provisioner::invocation::dead_letter::{self, Details, EXPLANATION, Listed, REASON};
use connect_provisioner::invocation::logging;
use connect_provisioner::source::Sources;
use connect_provisioner::source::person_key::PersonKey;
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One dead letter; it holds personal data, so it has no `Debug`.
pub(super) struct Letter {
    pub(super) id: String,
    pub(super) receipt_handle: String,
    pub(super) body: String,
    pub(super) attributes: BTreeMap<String, MessageAttributeValue>,
    pub(super) group: Option<String>,
    pub(super) kind: Kind,
    sent_at: OffsetDateTime,
    receive_count: u32,
    sources: Sources,
}

/// Origin of a letter.
pub(super) enum Kind {
    /// This program, with its reason.
    Ours {
        reason: String,
        explanation: String,
        details: Details,
    },
    /// SQS itself, after the last delivery of a queue that it may name.
    MovedBySqs { queue_arn: Option<String> },
    /// EventBridge, which could not reach its target.
    EventBridge { code: String },
    /// EventBridge Scheduler, which could not send what it kept; the attributes are those of the message.
    Scheduler {
        code: String,
        queue_url: String,
        event: String,
    },
    /// Lambda, after its own retries of an asynchronous invocation.
    OnFailure {
        condition: String,
        function: String,
        payload: String,
    },
}

impl Letter {
    /// Reads a message as it was received.
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
        let kind = match moved_from {
            // An earlier failure's reason may still be in its attributes.
            Some(arn) => Kind::MovedBySqs {
                queue_arn: Some(arn.clone()),
            },
            None => kind(&body, &mut attributes),
        };
        Self {
            id: message.message_id.unwrap_or_default(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
            kind,
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

    /// When it failed; of a letter that is not ours, when the message was first sent.
    pub(super) fn failed_at(&self) -> OffsetDateTime {
        let said = match &self.kind {
            Kind::Ours { details, .. } => OffsetDateTime::parse(&details.failed_at, &Rfc3339).ok(),
            _ => None,
        };
        said.unwrap_or(self.sent_at)
    }

    /// The first reason's code, or who moved it.
    pub(super) fn reason(&self) -> String {
        match &self.kind {
            Kind::Ours { reason, .. } => reason.clone(),
            Kind::MovedBySqs { .. } => "moved_by_sqs".to_owned(),
            Kind::EventBridge { code } => format!("eventbridge:{code}"),
            Kind::Scheduler { code, .. } => format!("scheduler:{code}"),
            Kind::OnFailure { condition, .. } => format!("on_failure:{condition}"),
        }
    }

    /// The key of the first person whom it is about.
    pub(super) fn key(&self) -> String {
        if let Kind::Ours { details, .. } = &self.kind
            && !details.event_key.is_empty()
        {
            return details.event_key.clone();
        }
        let first = self.people().into_iter().next();
        first.map_or_else(String::new, |(_, parcel)| self.key_of(&parcel).to_string())
    }

    /// Tells whether it is about the person of a key, whether the letter or the key has the identifier plain or hashed.
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

    /// Lists the reasons with the people who failed for each; empty for a letter that this program did not send.
    pub(super) fn failures(&self) -> Vec<Listed> {
        let Kind::Ours {
            reason,
            explanation,
            details,
        } = &self.kind
        else {
            return Vec::new();
        };
        let mut failures = details.failures.clone();
        if failures.is_empty() {
            failures.push(Listed {
                reason: reason.clone(),
                explanation: None,
                items: details.items(),
            });
        }
        failures[0].explanation = Some(explanation.clone());
        failures
    }

    /// Returns the places of the people whom the letter is about, where its details tell.
    pub(super) fn items(&self) -> Option<Items> {
        match &self.kind {
            Kind::Ours { details, .. } => Some(details.items()),
            _ => None,
        }
    }

    /// Counts the people whom the letter is about.
    pub(super) fn count(&self) -> usize {
        match self.items() {
            Some(items) => items.len(),
            None => self.people().iter().map(|(places, _)| places.len()).sum(),
        }
    }

    /// Everybody whom the function would try, with their places in the message.
    pub(super) fn people(&self) -> Vec<(Range<usize>, Parcel)> {
        people_of(&self.message(), &self.sources)
    }

    /// The key of a person in it.
    pub(super) fn key_of(&self, parcel: &Parcel) -> PersonKey {
        self.sources.key_of(parcel)
    }

    /// The queue, rule or function that it came from.
    pub(super) fn source(&self) -> String {
        let name = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
        match &self.kind {
            Kind::Ours { details, .. } => {
                let queue = details.source_queue.as_deref();
                queue.map_or_else(|| "(direct)".to_owned(), name)
            }
            Kind::MovedBySqs { queue_arn } => queue_arn
                .as_deref()
                .map_or_else(|| "(unknown)".to_owned(), name),
            Kind::EventBridge { .. } => name(&self.text("TARGET_ARN")),
            Kind::Scheduler { queue_url, .. } => {
                queue_url.rsplit('/').next().unwrap_or_default().to_owned()
            }
            Kind::OnFailure { function, .. } => {
                function.split(':').nth(6).unwrap_or("(unknown)").to_owned()
            }
        }
    }

    /// Number of deliveries by its queue; of a letter that is not ours, by this queue.
    pub(super) fn attempts(&self) -> u32 {
        match &self.kind {
            Kind::Ours { details, .. } => details.attempts,
            _ => self.receive_count,
        }
    }

    pub(super) fn replays(&self) -> u32 {
        match &self.kind {
            Kind::Ours { details, .. } => details.replays,
            // Before SQS moved it, it may have come back from this queue.
            _ => self
                .details()
                .map_or(0, |details| details.replays.saturating_add(1)),
        }
    }

    fn details(&self) -> Option<Details> {
        serde_json::from_str(&self.text(dead_letter::DETAILS)).ok()
    }

    /// The text of an attribute; empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        let value = self.attributes.get(name);
        let text = value.and_then(MessageAttributeValue::string_value);
        text.unwrap_or_default().to_owned()
    }

    /// The body that a replay sends: the event itself, without what Lambda put around it.
    pub(super) fn event(&self) -> String {
        match &self.kind {
            Kind::OnFailure { payload: event, .. } | Kind::Scheduler { event, .. } => event.clone(),
            _ => self.body.clone(),
        }
    }

    /// Returns the event, to be corrected.
    pub(super) fn event_mut(&mut self) -> &mut String {
        match &mut self.kind {
            Kind::OnFailure { payload: event, .. } | Kind::Scheduler { event, .. } => event,
            _ => &mut self.body,
        }
    }

    /// The message as the function would meet it.
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

fn kind(body: &str, attributes: &mut BTreeMap<String, MessageAttributeValue>) -> Kind {
    let text = |name: &str| Some(attributes.get(name)?.string_value()?.to_owned());
    let details = text(dead_letter::DETAILS).and_then(|text| serde_json::from_str(&text).ok());
    if let Some(reason) = text(REASON) {
        let explanation = text(EXPLANATION).unwrap_or_default();
        // A message with little room has the code alone.
        let details = details.unwrap_or_else(no_details);
        return Kind::Ours {
            reason,
            explanation,
            details,
        };
    }
    match text("ERROR_CODE") {
        Some(code) if attributes.contains_key("RULE_ARN") => Kind::EventBridge { code },
        Some(code) if attributes.contains_key("SCHEDULE_ARN") => match not_sent(body) {
            Some((message, kept)) => {
                *attributes = kept;
                Kind::Scheduler {
                    code,
                    queue_url: message.queue_url,
                    event: message.message_body,
                }
            }
            None => Kind::MovedBySqs { queue_arn: None },
        },
        _ => on_failure(body).unwrap_or(Kind::MovedBySqs { queue_arn: None }),
    }
}

fn no_details() -> Details {
    Details {
        version: 2,
        event_key: String::new(),
        item: 0,
        failures: Vec::new(),
        source_queue: None,
        source_message_id: None,
        request_id: String::new(),
        failed_at: String::new(),
        attempts: 0,
        replays: 0,
        attributes: Vec::new(),
    }
}

// The members of SQS's SendMessage, which are the input of this program's schedules.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    #[serde(default)]
    message_attributes: BTreeMap<String, SentAttribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentAttribute {
    data_type: String,
    string_value: Option<String>,
}

// The message that a schedule would have sent, and the texts among its attributes.
fn not_sent(body: &str) -> Option<(SendMessage, BTreeMap<String, MessageAttributeValue>)> {
    let message: SendMessage = serde_json::from_str(body).ok()?;
    let attribute = |(name, value): (&String, &SentAttribute)| {
        let text = value.string_value.as_ref()?;
        let attribute = MessageAttributeValue::builder()
            .data_type(&value.data_type)
            .string_value(text);
        Some((name.clone(), attribute.build().ok()?))
    };
    let kept = message.message_attributes.iter().filter_map(attribute);
    let kept = kept.collect();
    Some((message, kept))
}

// AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnFailure<'a> {
    request_context: RequestContext,
    // Kept as text, so that no number loses a digit on its way back.
    #[serde(borrow)]
    request_payload: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    condition: String,
    function_arn: String,
}

fn on_failure(body: &str) -> Option<Kind> {
    let record: OnFailure = serde_json::from_str(body).ok()?;
    Some(Kind::OnFailure {
        condition: record.request_context.condition,
        function: record.request_context.function_arn,
        payload: record.request_payload.get().to_owned(),
    })
}
