//! An object -> the envelope that it is, by the members that the service's documentation names.

use serde_json::{Map, Value};

use super::text_of;
use crate::intake::text;

/// An envelope of a service around an event.
pub(super) enum Envelope {
    None,
    EventBridge,
    Sns,
    CloudEvents,
    /// A request as API Gateway, a function URL or a load balancer hands it over.
    Http,
    /// Records as Kinesis hands them to a function.
    KinesisRecords,
    /// A record of Kinesis, in a member of its own.
    Kinesis,
    /// A record of Kinesis as EventBridge Pipes hands it over.
    KinesisInPipe,
    /// A message that Google Cloud Pub/Sub pushes.
    PubSub,
    UnsupportedCloudEvents,
    NoJoin(&'static str),
}

impl Envelope {
    /// Tells the envelope that an object is.
    pub(super) fn from_object(object: &Map<String, Value>) -> Self {
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
            _ if text("body").is_some_and(|body| holds_event(object, body)) && is_http(object) => {
                Self::Http
            }
            _ if is_records_of_kinesis(object) => Self::KinesisRecords,
            _ if is_of_kinesis(object) && has_text(object.get("kinesis"), "data") => Self::Kinesis,
            _ if is_of_kinesis(object) && text("data").is_some() => Self::KinesisInPipe,
            _ if text("subscription").is_some_and(|name| name.starts_with("projects/"))
                && has_text(object.get("message"), "data") =>
            {
                Self::PubSub
            }
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

fn holds_event(request: &Map<String, Value>, body: &str) -> bool {
    is_in_base64(request) || text::may_be_body(body)
}

/// Tells whether the body of a request is base64, as API Gateway sends a body of a binary media type.
pub(super) fn is_in_base64(request: &Map<String, Value>) -> bool {
    let flag = request.get("isBase64Encoded");
    flag.and_then(Value::as_bool).unwrap_or_default()
}

// AWS Lambda Developer Guide, "Using AWS Lambda with Amazon Kinesis", and EventBridge User Guide, "Amazon Kinesis stream as a
// source" of Pipes: both name the service in `eventSource`.
fn is_of_kinesis(record: &Map<String, Value>) -> bool {
    text_of(record, "eventSource") == Some("aws:kinesis")
}

fn is_records_of_kinesis(object: &Map<String, Value>) -> bool {
    let records = object.get("Records").and_then(Value::as_array);
    let mut records = records.into_iter().flatten();
    records.any(|record| record.as_object().is_some_and(is_of_kinesis))
}

fn has_text(object: Option<&Value>, member: &str) -> bool {
    object
        .and_then(|object| object.get(member))
        .is_some_and(Value::is_string)
}
