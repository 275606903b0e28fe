//! Invocation bytes -> messages -> deliveries: every record stands alone, every envelope is peeled, one delivery a person.

pub mod items;
pub mod json;
pub mod people;

mod beside;
mod envelope;
mod message;
mod text;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::value::RawValue;

pub use beside::{Beside, Sqs};
pub use envelope::{Content, Parcel, Payload, Step, open};
pub(crate) use envelope::{LISTS_NOBODY, MOST_PEOPLE, lists_nobody, too_many_people};
pub use message::{Attribute, AttributeValue, Message, Origin};
pub(crate) use text::in_base64;

/// Content of one invocation of the function.
pub enum Invocation<'a> {
    /// An SQS batch; each record is answered for itself.
    Batch(Vec<Undecoded<'a>>),
    /// One event straight into the function, from EventBridge or a caller.
    Direct(Message),
}

/// One SQS record whose id is known, and nothing else: a batch of thousands is not decoded as a whole.
pub struct Undecoded<'a> {
    message_id: String,
    raw: RawRecord<'a>,
    text: &'a str,
}

/// One SQS record, read as far as it can be read.
pub struct Record {
    /// Its origin has the id by which a batch item failure names the record.
    pub message: Message,
    /// Whether the message was decoded.
    pub decoded: Decoded,
}

/// Whether a record's body and attributes could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    Yes,
    /// No faithful copy can be made, so the message's body is the record's own JSON text.
    No,
}

/// A record whose body or attributes are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Undecodable;

/// The invocation cannot be answered record by record, so it fails whole and the queue keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    #[error("a record of the batch has no messageId, so it could not be reported")]
    NoMessageId,
}

/// Reads an invocation.
///
/// # Errors
/// Only where no answer could name the records: one has no `messageId`.
pub fn read(event: &RawValue) -> Result<Invocation<'_>, Unanswerable> {
    match serde_json::from_str::<Batch>(event.get()) {
        Ok(batch) if batch.is_sqs() => batch
            .records
            .into_iter()
            .map(undecoded)
            .collect::<Result<_, _>>()
            .map(Invocation::Batch),
        _ => Ok(Invocation::Direct(Message {
            body: event.get().to_owned(),
            ..Message::default()
        })),
    }
}

// Nothing but the list is decoded here, so one bad record cannot fail its neighbours.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(rename = "Records", borrow)]
    records: Vec<&'a RawValue>,
}

impl Batch<'_> {
    fn is_sqs(&self) -> bool {
        // Other services send `Records` too (S3, SNS); only SQS's are a batch with an answer per record.
        self.records.iter().any(|record| {
            serde_json::from_str::<RecordKind>(record.get()).is_ok_and(|kind| {
                match kind.event_source {
                    Some(source) => source.get() == "\"aws:sqs\"",
                    None => kind.body.is_some(),
                }
            })
        })
    }
}

#[derive(Deserialize)]
struct RecordKind<'a> {
    #[serde(rename = "eventSource", borrow)]
    event_source: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRecord<'a> {
    #[serde(borrow)]
    message_id: Option<&'a RawValue>,
    #[serde(borrow)]
    receipt_handle: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    message_attributes: Option<&'a RawValue>,
    #[serde(rename = "eventSourceARN", borrow)]
    event_source_arn: Option<&'a RawValue>,
}

fn undecoded(record: &RawValue) -> Result<Undecoded<'_>, Unanswerable> {
    let text_of_record = record.get();
    let raw: RawRecord =
        serde_json::from_str(text_of_record).map_err(|_| Unanswerable::NoMessageId)?;
    let message_id = text(raw.message_id)
        .filter(|id| !id.is_empty())
        .ok_or(Unanswerable::NoMessageId)?;
    Ok(Undecoded {
        message_id,
        raw,
        text: text_of_record,
    })
}

impl Undecoded<'_> {
    /// Reads the record as far as it can be read.
    #[must_use]
    pub fn decode(self) -> Record {
        let Self {
            message_id,
            raw,
            text,
        } = self;
        let origin = origin(&message_id, &raw);
        let (message, decoded) = match message(&origin, &raw) {
            Ok(message) => (message, Decoded::Yes),
            Err(Undecodable) => (as_it_came(text, origin), Decoded::No),
        };
        Record { message, decoded }
    }
}

fn as_it_came(record: &str, origin: Origin) -> Message {
    Message {
        body: record.to_owned(),
        origin,
        attributes: Vec::new(),
    }
}

fn message(origin: &Origin, raw: &RawRecord) -> Result<Message, Undecodable> {
    Ok(Message {
        body: text(raw.body).ok_or(Undecodable)?,
        origin: origin.clone(),
        attributes: attributes(raw.message_attributes)?,
    })
}

fn origin(message_id: &str, raw: &RawRecord) -> Origin {
    let system: SystemAttributes = decode(raw.attributes).unwrap_or_default();
    let receive_count = system.receive_count.and_then(|count| count.parse().ok());
    Origin {
        message_id: Some(message_id.to_owned()),
        receipt_handle: text(raw.receipt_handle),
        source_arn: text(raw.event_source_arn),
        message_group_id: system.message_group_id,
        receive_count: receive_count.unwrap_or(1),
        sent_at: system.sent_at.and_then(|millis| moment(&millis)),
    }
}

fn moment(millis: &str) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis.parse().ok()?))
}

#[derive(Deserialize, Default)]
struct SystemAttributes {
    #[serde(rename = "ApproximateReceiveCount")]
    receive_count: Option<String>,
    #[serde(rename = "MessageGroupId")]
    message_group_id: Option<String>,
    /// Milliseconds since 1970 (Amazon SQS API reference, `ReceiveMessage`, `SentTimestamp`).
    #[serde(rename = "SentTimestamp")]
    sent_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAttribute {
    string_value: Option<String>,
    binary_value: Option<String>,
    data_type: String,
}

fn attributes(raw: Option<&RawValue>) -> Result<Vec<Attribute>, Undecodable> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(Vec::new());
    };
    let raw: std::collections::BTreeMap<String, RawAttribute> =
        decode(Some(raw)).ok_or(Undecodable)?;
    raw.into_iter()
        .map(|(name, raw)| attribute(name, raw))
        .collect()
}

fn attribute(name: String, raw: RawAttribute) -> Result<Attribute, Undecodable> {
    let value = match (raw.string_value, raw.binary_value) {
        (Some(value), _) => AttributeValue::Text(value),
        (None, Some(value)) => AttributeValue::Binary(value),
        (None, None) => return Err(Undecodable),
    };
    Ok(Attribute {
        name,
        data_type: raw.data_type,
        value,
    })
}

fn text(raw: Option<&RawValue>) -> Option<String> {
    decode(raw)
}

fn decode<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("test input is JSON")
    }

    fn batch(text: &str) -> Vec<Record> {
        match read(&raw(text)) {
            Ok(Invocation::Batch(records)) => records.into_iter().map(Undecoded::decode).collect(),
            _ => panic!("not a batch"),
        }
    }

    #[test]
    fn one_undecodable_record_leaves_its_neighbours_readable() {
        let records = batch(
            r#"{"Records":[
                {"messageId":"1","body":"{}","eventSource":"aws:sqs"},
                {"messageId":"2","body":"\ud800","eventSource":"aws:sqs"},
                {"messageId":"3","body":"{}","eventSource":"aws:sqs","messageAttributes":{"a":{"dataType":"Binary"}}},
                {"messageId":"4","body":7,"eventSource":"aws:sqs"}]}"#,
        );
        let decoded: Vec<Decoded> = records.iter().map(|record| record.decoded).collect();
        let (yes, no) = (Decoded::Yes, Decoded::No);
        assert_eq!(decoded, [yes, no, no, no]);
        let kept = r#"{"messageId":"4","body":7,"eventSource":"aws:sqs"}"#;
        assert_eq!(records[3].message.body, kept);
    }

    #[test]
    fn a_record_without_an_id_fails_the_invocation_whole() {
        for text in [
            r#"{"Records":[{"body":"{}","eventSource":"aws:sqs"}]}"#,
            r#"{"Records":[{"messageId":"","body":"{}","eventSource":"aws:sqs"}]}"#,
            r#"{"Records":[{"messageId":"1","body":"{}","eventSource":"aws:sqs"},{"body":null}]}"#,
        ] {
            assert!(
                matches!(read(&raw(text)), Err(Unanswerable::NoMessageId)),
                "{text}"
            );
        }
    }

    #[test]
    fn records_of_other_services_are_one_direct_event() {
        let event = raw(r#"{"Records":[{"eventSource":"aws:s3","s3":{}}]}"#);
        assert!(matches!(read(&event), Ok(Invocation::Direct(_))));
    }

    #[test]
    fn what_a_replay_needs_is_kept() {
        let records = batch(
            r#"{"Records":[{"messageId":"1","body":"x","eventSource":"aws:sqs","eventSourceARN":"arn:q",
                "attributes":{"ApproximateReceiveCount":"3","MessageGroupId":"g","SentTimestamp":"1000"},
                "messageAttributes":{"s":{"stringValue":"v","dataType":"String"}}}]}"#,
        );
        let message = &records[0].message;
        let origin = &message.origin;
        assert_eq!(
            (origin.receive_count, origin.message_group_id.as_deref()),
            (3, Some("g"))
        );
        assert_eq!(origin.sent_at, Some(UNIX_EPOCH + Duration::from_secs(1)));
        assert!(
            matches!(&message.attributes[0].value, AttributeValue::Text(value) if value == "v")
        );
    }
}
