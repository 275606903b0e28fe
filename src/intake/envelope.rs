//! A message's body -> one parcel a person: the envelopes of services and texts within texts are opened, lists are split.

mod kind;
mod parcel;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::failure::{Failure, Reason};
use crate::intake::text::{self, may_be_opened};
use crate::intake::{Beside, json};
use crate::source::person_key::{LazyKey, PersonKey};

use kind::{Envelope, is_in_base64};
use parcel::Parcels;
pub use parcel::{Content, Parcel, Payload, Step};

/// Opens a message's body: at least one parcel comes back, more where it lists several people.
#[must_use]
pub fn open(body: &str) -> Vec<Parcel<Payload>> {
    let mut parcels = Parcels::default();
    Wrapped::default().open_text(body, &mut parcels);
    if parcels.too_many() {
        return vec![too_many_people(body)];
    }
    parcels.all
}

/// The most people that one message may list, so that the memory for them is bounded.
///
/// Twice as many as the shortest `hr.join/1` events that fit into 1 MiB, the largest message of SQS.
pub(crate) const MOST_PEOPLE: usize = 20_000;

/// Refuses a message as a whole because it lists more people than [`MOST_PEOPLE`].
pub(crate) fn too_many_people<D>(body: &str) -> Parcel<D> {
    let failure = Failure::new(
        Reason::TooLarge,
        format!("the message lists more than {MOST_PEOPLE} people; send fewer in a message"),
    );
    Wrapped::default().refused(failure, body)
}

/// Reason of the skip of a report without a row.
pub(crate) const LISTS_NOBODY: &str = "an event that lists nobody";

/// Tells whether an object is a report without a row: an empty list, and nothing else but counts and members of the protocol.
///
/// `OData` JSON Format 4.01, section 4.5: the names of control information begin with `@odata.`.
pub(crate) fn lists_nobody(object: &Map<String, Value>) -> bool {
    let is_empty_list = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    let says_nothing = |name: &str, value: &Value| {
        is_empty_list(value)
            || value.is_null()
            || value.is_number()
            || value.is_boolean()
            || name.starts_with("@odata.")
    };
    object.values().any(is_empty_list)
        && object.iter().all(|(name, value)| says_nothing(name, value))
}

// EventBridge inside SNS inside SQS is three; a bound keeps a hostile body from nesting for ever.
const MOST_ENVELOPES: usize = 6;

/// Facts from the envelopes that were taken off so far.
#[derive(Clone, Default)]
struct Wrapped {
    depth: usize,
    place: Vec<Step>,
    /// The innermost envelope's identifier of the event.
    event_id: Option<String>,
    /// The innermost envelope.
    envelope: Arc<Map<String, Value>>,
    /// The text of a payload that is no JSON.
    text: Option<Arc<str>>,
}

impl Wrapped {
    fn open_text(&self, text: &str, parcels: &mut Parcels) {
        match json::parse(text) {
            Ok(value) => self.open_value(value, parcels),
            Err(_) if text.trim().is_empty() => {
                parcels.push(self.refused(unknown_shape(), text));
            }
            Err(failure) => self.open_other_text(text, failure, parcels),
        }
    }

    fn open_other_text(&self, text: &str, not_json: Failure, parcels: &mut Parcels) {
        let read = (*not_json.reason() == Reason::NotJson).then(|| text::read(text));
        match read.flatten() {
            // No service wraps its events so. A source may look at the text itself.
            Some(Ok(text::Content::Object(object))) => {
                let with_text = Self {
                    text: Some(text.into()),
                    ..self.clone()
                };
                parcels.push(with_text.delivery(object));
            }
            Some(Ok(text::Content::Base64(inner))) if self.depth < MOST_ENVELOPES => {
                self.deeper(Step::WholeBase64).open_text(&inner, parcels);
            }
            Some(Err(failure)) => parcels.push(self.refused(failure, text)),
            Some(Ok(text::Content::Base64(_))) | None => parcels.push(self.refused(not_json, text)),
        }
    }

    fn open_value(&self, value: Value, parcels: &mut Parcels) {
        match value {
            Value::Object(object) => self.open_object(object, parcels),
            Value::Array(items) if !items.is_empty() => {
                let single = items.len() == 1;
                for (index, item) in items.into_iter().enumerate() {
                    let place = self.at(Step::Item(index));
                    if single {
                        place.open_value(item, parcels);
                    } else {
                        place.one_of_many(index).open_value(item, parcels);
                    }
                }
            }
            // One among others is an element that is no object.
            Value::Array(_) if !self.place.iter().any(|step| matches!(step, Step::Item(_))) => {
                parcels.push(self.no_join(LISTS_NOBODY, Map::new()));
            }
            Value::String(text) if self.depth < MOST_ENVELOPES && may_be_opened(&text) => {
                self.deeper(Step::Encoded).open_text(&text, parcels);
            }
            other => parcels.push_no_object(|| self.refused(unknown_shape(), other.to_string())),
        }
    }

    fn open_object(&self, mut object: Map<String, Value>, parcels: &mut Parcels) {
        match Envelope::from_object(&object) {
            Envelope::None => parcels.push(self.delivery(object)),
            Envelope::NoJoin(why) => parcels.push(self.no_join(why, object)),
            Envelope::UnsupportedCloudEvents => {
                parcels.push(self.refused(unsupported_cloud_events(), bytes_of(&object)));
            }
            _ if self.depth == MOST_ENVELOPES => {
                parcels.push(self.refused(unknown_shape(), bytes_of(&object)));
            }
            Envelope::EventBridge => {
                let detail = object.remove("detail").unwrap_or_default();
                let inner = self.inside(object, "id").at(Step::Member("detail"));
                inner.open_value(detail, parcels);
            }
            Envelope::Sns => {
                let message = object.remove("Message").unwrap_or_default();
                let inner = self.inside(object, "MessageId").at(Step::Text("Message"));
                inner.open_text(message.as_str().unwrap_or_default(), parcels);
            }
            Envelope::Http => {
                let encoded = is_in_base64(&object);
                let body = object.remove("body").unwrap_or_default();
                // A request's id is another one when the producer sends the event again.
                let inner = self.inside(object, "");
                if encoded {
                    inner.open_base64("body", &body, parcels);
                } else {
                    let inner = inner.at(Step::Text("body"));
                    inner.open_text(body.as_str().unwrap_or_default(), parcels);
                }
            }
            Envelope::KinesisRecords => {
                let records = object.remove("Records").unwrap_or_default();
                let inner = self.inside(object, "").at(Step::Member("Records"));
                inner.open_value(records, parcels);
            }
            Envelope::Kinesis => {
                let mut record = taken(&mut object, "kinesis");
                let data = record.remove("data").unwrap_or_default();
                object.extend(record);
                let inner = self.inside(object, "eventID").at(Step::Member("kinesis"));
                inner.open_base64("data", &data, parcels);
            }
            Envelope::KinesisInPipe => {
                let data = object.remove("data").unwrap_or_default();
                // Shards number their records each for itself.
                let inner = self.inside(object, "eventID");
                inner.open_base64("data", &data, parcels);
            }
            Envelope::PubSub => {
                let mut message = taken(&mut object, "message");
                let data = message.remove("data").unwrap_or_default();
                message.extend(object);
                let inner = self
                    .inside(message, "messageId")
                    .at(Step::Member("message"));
                inner.open_base64("data", &data, parcels);
            }
            Envelope::CloudEvents => {
                let data = object.remove("data");
                let encoded = object.remove("data_base64");
                let inner = self.inside(object, "id");
                inner.open_cloud_event(data, encoded.as_ref(), parcels);
            }
        }
    }

    // CloudEvents 1.0.2, JSON event format, section 3.1: the event is in `data` or `data_base64`. A text in `data` is
    // opened whatever `datacontenttype` says, since many producers send JSON as text.
    fn open_cloud_event(
        &self,
        data: Option<Value>,
        encoded: Option<&Value>,
        parcels: &mut Parcels,
    ) {
        if let Some(encoded) = encoded.filter(|encoded| encoded.is_string()) {
            self.open_base64("data_base64", encoded, parcels);
        } else if let Some(Value::String(text)) = data {
            self.at(Step::Text("data")).open_text(&text, parcels);
        } else {
            self.at(Step::Member("data"))
                .open_value(data.unwrap_or_default(), parcels);
        }
    }

    fn open_base64(&self, member: &'static str, encoded: &Value, parcels: &mut Parcels) {
        let encoded = encoded.as_str().unwrap_or_default();
        match decode_base64(member, encoded) {
            Ok(text) => self.at(Step::Base64(member)).open_text(&text, parcels),
            Err(failure) => parcels.push(self.refused(failure, encoded)),
        }
    }

    fn inside(&self, envelope: Map<String, Value>, id: &str) -> Self {
        let event_id = text_of(&envelope, id).map(str::to_owned);
        Self {
            depth: self.depth + 1,
            event_id: event_id.or_else(|| self.event_id.clone()),
            place: self.place.clone(),
            envelope: Arc::new(envelope),
            text: None,
        }
    }

    fn at(&self, step: Step) -> Self {
        let mut further = self.clone();
        further.place.push(step);
        further
    }

    // Each text within a text counts, so that a hostile body does not nest for ever.
    fn deeper(&self, step: Step) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.at(step)
        }
    }

    // People of one event share its id; the place in the list keeps their keys apart.
    fn one_of_many(&self, index: usize) -> Self {
        Self {
            event_id: self.event_id.as_ref().map(|id| format!("{id}/{index}")),
            ..self.clone()
        }
    }

    fn delivery(&self, payload: Map<String, Value>) -> Parcel<Payload> {
        let payload = Arc::new(payload);
        let hashed = Arc::clone(&payload);
        let fallback_key = self.fallback_key(move || bytes_of(&hashed));
        let payload = Payload {
            object: payload,
            envelope: Arc::clone(&self.envelope),
            beside: Beside {
                text: self.text.clone(),
                sqs: None,
            },
        };
        Parcel {
            content: Ok(Content::Delivery(payload)),
            place: self.place.clone(),
            fallback_key,
            count: 1,
        }
    }

    fn no_join(&self, why: &'static str, object: Map<String, Value>) -> Parcel<Payload> {
        Parcel {
            content: Ok(Content::NoJoin(why.into())),
            place: self.place.clone(),
            fallback_key: self.fallback_key(move || bytes_of(&object)),
            count: 1,
        }
    }

    fn refused<D>(&self, failure: Failure, bytes: impl Into<Vec<u8>>) -> Parcel<D> {
        let bytes = bytes.into();
        Parcel {
            content: Err(failure),
            place: self.place.clone(),
            fallback_key: self.fallback_key(|| bytes),
            count: 1,
        }
    }

    fn fallback_key(&self, bytes: impl FnOnce() -> Vec<u8> + Send + 'static) -> LazyKey {
        let event_id = self.event_id.clone();
        LazyKey::new(|| event_id.map_or_else(|| PersonKey::of_payload(&bytes()), PersonKey::Event))
    }
}

fn taken(object: &mut Map<String, Value>, member: &str) -> Map<String, Value> {
    match object.remove(member) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    }
}

fn text_of<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn bytes_of(object: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(object).unwrap_or_default()
}

fn decode_base64(member: &str, encoded: &str) -> Result<String, Failure> {
    let bytes = aws_smithy_types::base64::decode(encoded)
        .map_err(|_| not_utf8(&format!("{member} is not base64")))?;
    String::from_utf8(bytes).map_err(|_| not_utf8(&format!("{member} does not hold UTF-8 text")))
}

fn not_utf8(fault: &str) -> Failure {
    Failure::new(
        Reason::NotUtf8,
        format!("{fault}; send the event as JSON in UTF-8"),
    )
}

fn unknown_shape() -> Failure {
    Failure::new(
        Reason::UnknownShape,
        "the message holds no event; send a JSON object, or a list of them, in a shape that docs/events.md shows",
    )
}

fn unsupported_cloud_events() -> Failure {
    Failure::new(
        Reason::UnsupportedVersion,
        "specversion names a version of CloudEvents that is not supported; send specversion \"1.0\"",
    )
}
