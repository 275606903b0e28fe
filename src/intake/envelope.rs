//! A message's body -> one parcel a person: EventBridge, SNS, CloudEvents and HTTP envelopes and JSON in texts are opened,
//! lists are split.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::failure::{Failure, Reason};
use crate::intake::json;
use crate::source::delivery::Delivery;
use crate::source::person_key::{LazyKey, PersonKey};

/// A payload, out of its envelopes; it holds personal data, so it has no `Debug`.
#[derive(Clone)]
pub struct Payload {
    /// Shared by everybody in it.
    pub object: Arc<Map<String, Value>>,
    /// The members of the innermost envelope, but for the payload.
    pub envelope: Arc<Map<String, Value>>,
}

/// One thing found in a message: a payload to read, a message that is no event, or a refusal.
pub struct Parcel<D = Delivery> {
    pub content: Result<Content<D>, Failure>,
    /// The way from the body to it.
    pub place: Vec<Step>,
    /// A key of last resort for what could not be read.
    pub fallback_key: LazyKey,
    /// Number of elements of the message that it stands for: neighbours that are no objects share one parcel.
    pub count: usize,
}

/// Content of a parcel once its envelopes are off: a [`Payload`], and a [`Delivery`] once its source is known.
pub enum Content<D = Delivery> {
    Delivery(D),
    /// A message that never was a join, and why.
    NoJoin(Cow<'static, str>),
}

/// One step from a body towards a payload in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Into the value of a member.
    Member(&'static str),
    /// Into the JSON that a member holds as text.
    Text(&'static str),
    /// Into the JSON that the text itself holds: a producer has encoded it twice.
    Encoded,
    /// Into the JSON that a member holds as base64.
    Base64(&'static str),
    /// To the item of a list, from 0.
    Item(usize),
}

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

/// The parcels found so far.
#[derive(Default)]
struct Parcels {
    all: Vec<Parcel<Payload>>,
    /// Whether the last one stands for elements that are no objects.
    last_is_no_object: bool,
}

impl Parcels {
    fn push(&mut self, parcel: Parcel<Payload>) {
        // One above the limit tells that it was exceeded.
        if !self.too_many() {
            self.all.push(parcel);
        }
        self.last_is_no_object = false;
    }

    // A list of a million numbers is one refusal, and not a million.
    fn push_no_object(&mut self, parcel: impl FnOnce() -> Parcel<Payload>) {
        match self.all.last_mut() {
            Some(last) if self.last_is_no_object => last.count += 1,
            _ => {
                self.push(parcel());
                self.last_is_no_object = true;
            }
        }
    }

    fn too_many(&self) -> bool {
        self.all.len() > MOST_PEOPLE
    }
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
}

impl Wrapped {
    fn open_text(&self, text: &str, parcels: &mut Parcels) {
        match json::parse(text) {
            Ok(value) => self.open_value(value, parcels),
            Err(_) if text.trim().is_empty() => {
                parcels.push(self.refused(unknown_shape(), text));
            }
            Err(failure) => parcels.push(self.refused(failure, text)),
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
            Value::String(text) if self.depth < MOST_ENVELOPES && may_be_json(&text) => {
                self.encoded().open_text(&text, parcels);
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
                let body = object.remove("body").unwrap_or_default();
                // A request's id is another one when the producer sends the event again.
                let inner = self.inside(object, "").at(Step::Text("body"));
                inner.open_text(body.as_str().unwrap_or_default(), parcels);
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
        if let Some(encoded) = encoded.and_then(Value::as_str) {
            match decode_base64(encoded) {
                Ok(text) => self
                    .at(Step::Base64("data_base64"))
                    .open_text(&text, parcels),
                Err(failure) => parcels.push(self.refused(failure, encoded)),
            }
        } else if let Some(Value::String(text)) = data {
            self.at(Step::Text("data")).open_text(&text, parcels);
        } else {
            self.at(Step::Member("data"))
                .open_value(data.unwrap_or_default(), parcels);
        }
    }

    fn inside(&self, envelope: Map<String, Value>, id: &str) -> Self {
        let event_id = text_of(&envelope, id).map(str::to_owned);
        Self {
            depth: self.depth + 1,
            event_id: event_id.or_else(|| self.event_id.clone()),
            place: self.place.clone(),
            envelope: Arc::new(envelope),
        }
    }

    fn at(&self, step: Step) -> Self {
        let mut further = self.clone();
        further.place.push(step);
        further
    }

    // Each text within a text counts, so that a hostile body does not nest for ever.
    fn encoded(&self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.at(Step::Encoded)
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

enum Envelope {
    None,
    EventBridge,
    Sns,
    CloudEvents,
    /// A request as API Gateway, a function URL or a load balancer hands it over.
    Http,
    UnsupportedCloudEvents,
    NoJoin(&'static str),
}

impl Envelope {
    fn from_object(object: &Map<String, Value>) -> Self {
        let text = |key| text_of(object, key);
        match (text("Type"), text("Event"), text("specversion")) {
            (Some("SubscriptionConfirmation"), ..) => {
                Self::NoJoin("an SNS subscription confirmation")
            }
            (Some("UnsubscribeConfirmation"), ..) => {
                Self::NoJoin("an SNS unsubscribe confirmation")
            }
            (Some("Notification"), ..)
                if text("Message").is_some() && text("TopicArn").is_some() =>
            {
                Self::Sns
            }
            (_, Some("s3:TestEvent"), _) => Self::NoJoin("an S3 test event"),
            (_, _, Some("1.0")) => Self::CloudEvents,
            (_, _, Some(version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
                Self::UnsupportedCloudEvents
            }
            _ if text("detail-type").is_some()
                && text("source").is_some()
                && object.contains_key("detail") =>
            {
                Self::EventBridge
            }
            _ if text("body").is_some_and(may_be_json) && is_http(object) => Self::Http,
            _ => Self::None,
        }
    }
}

// Amazon API Gateway Developer Guide, "Input format of a Lambda function for proxy integration", both versions.
fn is_http(object: &Map<String, Value>) -> bool {
    ["httpMethod", "routeKey", "requestContext"]
        .into_iter()
        .any(|member| object.contains_key(member))
}

// An object, a list, or a text that may hold one.
fn may_be_json(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.trim_start().starts_with(['{', '[', '"'])
}

fn text_of<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn bytes_of(object: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(object).unwrap_or_default()
}

fn decode_base64(encoded: &str) -> Result<String, Failure> {
    let bytes = aws_smithy_types::base64::decode(encoded)
        .map_err(|_| not_utf8("data_base64 is not base64"))?;
    String::from_utf8(bytes).map_err(|_| not_utf8("data_base64 does not hold UTF-8 text"))
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
