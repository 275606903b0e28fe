//! A send call becomes a stored message.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::ids;
use super::super::refusal::{Answer, Refusal};
use super::attribute::{self, Attributes, check_attributes};
use super::body::{check_characters, content_id, md5};
use super::message::Message;
use super::queue::Queue;
use super::{invalid_value, missing};

/// Within this time a FIFO queue takes a deduplication id once.
const DEDUPLICATION: Duration = Duration::from_mins(5);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessage {
    message_body: Option<String>,
    delay_seconds: Option<u64>,
    message_attributes: Option<Attributes>,
    message_system_attributes: Option<Attributes>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

/// Answer of a send call.
#[derive(Clone)]
pub(super) struct Sent {
    id: String,
    body_md5: String,
    attributes_md5: Option<String>,
    system_attributes_md5: Option<String>,
    sequence: Option<String>,
}

impl Queue {
    pub(super) fn send_message(&mut self, input: SendMessage) -> Answer {
        Ok(self.send(input)?.shown())
    }

    /// Stores the message, or answers again what an earlier one with its deduplication id got.
    pub(super) fn send(&mut self, input: SendMessage) -> Result<Sent, Refusal> {
        input.check(self.settings.maximum_size)?;
        let deduplication_id = self.check_kind(&input)?;
        self.deduplication
            .retain(|_, (at, _)| at.elapsed() < DEDUPLICATION);
        let known = deduplication_id
            .as_ref()
            .and_then(|id| self.deduplication.get(id));
        if let Some((_, sent)) = known {
            return Ok(sent.clone());
        }
        let sent = input.sent(self.take_sequence());
        if let Some(id) = &deduplication_id {
            let remembered = (Instant::now(), sent.clone());
            self.deduplication.insert(id.clone(), remembered);
        }
        self.store(input, &sent, deduplication_id);
        Ok(sent)
    }

    /// Checks what a standard queue or a FIFO queue demands; returns the deduplication id.
    fn check_kind(&self, input: &SendMessage) -> Result<Option<String>, Refusal> {
        let given = input.message_deduplication_id.clone();
        if !self.is_fifo() {
            return match given {
                None => Ok(None),
                Some(_) => Err(invalid_value(
                    "The request include parameter MessageDeduplicationId that is not valid for this queue type",
                )),
            };
        }
        if input.message_group_id.is_none() {
            return Err(missing("MessageGroupId"));
        }
        if input.delay_seconds.is_some_and(|delay| delay > 0) {
            return Err(invalid_value(
                "The request include parameter DelaySeconds that is not valid for this queue type",
            ));
        }
        let by_content = self.settings.content_based_deduplication;
        let content = || by_content.then(|| content_id(input.body()));
        given.or_else(content).map(Some).ok_or_else(|| {
            invalid_value(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            )
        })
    }

    fn take_sequence(&mut self) -> Option<String> {
        if !self.is_fifo() {
            return None;
        }
        self.next_sequence += 1;
        Some(self.next_sequence.to_string())
    }

    fn store(&mut self, input: SendMessage, sent: &Sent, deduplication_id: Option<String>) {
        let now = Instant::now();
        let delay = Duration::from_secs(input.delay_seconds.unwrap_or(self.settings.delay));
        self.messages.push(Message {
            id: sent.id.clone(),
            trace_header: input.trace_header(),
            body: input.message_body.unwrap_or_default(),
            attributes: input.message_attributes.unwrap_or_default(),
            group: input.message_group_id,
            deduplication_id,
            sequence: sent.sequence.clone(),
            source_arn: None,
            sent: SystemTime::now(),
            arrived: now,
            visible_from: now + delay,
            receive_count: 0,
            first_received: None,
            receipt_handle: None,
        });
    }
}

impl SendMessage {
    fn body(&self) -> &str {
        self.message_body.as_deref().unwrap_or_default()
    }

    /// The bytes of the body and its attributes.
    pub(super) fn size(&self) -> usize {
        self.body().len() + self.message_attributes.as_ref().map_or(0, attribute::size)
    }

    fn check(&self, maximum_size: u64) -> Result<(), Refusal> {
        if self.body().is_empty() {
            return Err(missing("MessageBody"));
        }
        check_characters(self.body())?;
        let attributes = self.message_attributes.as_ref();
        attributes.map_or(Ok(()), check_attributes)?;
        if self.size() as u64 > maximum_size {
            return Err(invalid_value(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {maximum_size} bytes."
            )));
        }
        if self.delay_seconds.is_some_and(|delay| delay > 900) {
            return Err(invalid_value(
                "The value of the parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
            ));
        }
        Ok(())
    }

    fn trace_header(&self) -> Option<String> {
        let attributes = self.message_system_attributes.as_ref()?;
        let value = attributes.get("AWSTraceHeader")?;
        Some(value.text().to_owned())
    }

    fn sent(&self, sequence: Option<String>) -> Sent {
        let digest =
            |attributes: &Option<Attributes>| attribute::digest(attributes.iter().flatten());
        Sent {
            id: ids::random(),
            body_md5: md5(self.body()),
            attributes_md5: digest(&self.message_attributes),
            system_attributes_md5: digest(&self.message_system_attributes),
            sequence,
        }
    }
}

impl Sent {
    pub(super) fn shown(&self) -> Value {
        let mut output = json!({ "MessageId": self.id, "MD5OfMessageBody": self.body_md5 });
        for (member, value) in [
            ("MD5OfMessageAttributes", &self.attributes_md5),
            ("MD5OfMessageSystemAttributes", &self.system_attributes_md5),
            ("SequenceNumber", &self.sequence),
        ] {
            if let Some(value) = value {
                output[member] = json!(value);
            }
        }
        output
    }
}
