//! A message -> sent to a queue, an event bus or a function.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;
use connect_provisioner::aws::queue::is_fifo;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ending::CannotRun;
use crate::refused::refused;

/// Destination from which the function receives events.
pub(super) enum Trigger {
    /// URL of a queue.
    Queue(String),
    /// Name or ARN of an event bus.
    EventBus(String),
    /// Name or ARN of a function, which is invoked asynchronously.
    Function(String),
}

/// Message to send; no `Debug`, as it holds personal data.
pub(super) struct OutgoingMessage {
    pub(super) body: String,
    /// Message attributes; only a queue takes them.
    pub(super) attributes: BTreeMap<String, MessageAttributeValue>,
    /// Message group of a FIFO queue.
    pub(super) group: String,
    /// Deduplication id of a FIFO queue.
    pub(super) deduplication_id: String,
}

/// Clients of the services that triggers send with.
pub(super) struct Senders {
    pub(super) sqs: aws_sdk_sqs::Client,
    events: aws_sdk_eventbridge::Client,
    lambda: aws_sdk_lambda::Client,
}

impl Senders {
    /// Builds the clients for one account and Region.
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self {
            sqs: aws_sdk_sqs::Client::new(config),
            events: aws_sdk_eventbridge::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
        }
    }
}

impl Trigger {
    /// Returns whether it takes message attributes.
    pub(super) fn takes_attributes(&self) -> bool {
        matches!(self, Self::Queue(_))
    }

    /// Sends a message, and returns the id that AWS assigns; `None` for an invocation.
    ///
    /// # Errors
    /// Returns the failure of the call, or an error if an event bus gets a body that is not an EventBridge event.
    pub(super) async fn send(
        &self,
        message: OutgoingMessage,
        senders: &Senders,
    ) -> Result<Option<String>, CannotRun> {
        match self {
            Self::Queue(url) => to_queue(url, message, &senders.sqs).await,
            Self::EventBus(bus) => to_event_bus(bus, &message.body, &senders.events).await,
            Self::Function(function) => to_function(function, message.body, &senders.lambda).await,
        }
    }
}

async fn to_queue(
    url: &str,
    message: OutgoingMessage,
    client: &aws_sdk_sqs::Client,
) -> Result<Option<String>, CannotRun> {
    let mut call = client
        .send_message()
        .queue_url(url)
        .message_body(message.body);
    for (name, value) in message.attributes {
        call = call.message_attributes(name, value);
    }
    if is_fifo(url) {
        call = call
            .message_group_id(message.group)
            .message_deduplication_id(message.deduplication_id);
    }
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("sqs:SendMessage", &err))?;
    Ok(answer.message_id)
}

// The members of an EventBridge event that PutEvents takes; EventBridge assigns a new id and time.
#[derive(Deserialize)]
struct EventBridgeEvent<'a> {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    #[serde(borrow)]
    detail: &'a RawValue,
}

async fn to_event_bus(
    bus: &str,
    body: &str,
    client: &aws_sdk_eventbridge::Client,
) -> Result<Option<String>, CannotRun> {
    let event: EventBridgeEvent = serde_json::from_str(body).map_err(|_| {
        CannotRun("the body is not an EventBridge event; give another destination".to_owned())
    })?;
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(event.source)
        .detail_type(event.detail_type)
        .detail(event.detail.get())
        .build();
    let answer = client.put_events().entries(entry).send().await;
    let answer = answer.map_err(|err| refused("events:PutEvents", &err))?;
    let entry = answer.entries.unwrap_or_default().into_iter().next();
    match entry.as_ref().and_then(|entry| entry.error_code()) {
        None if answer.failed_entry_count == 0 => Ok(entry.and_then(|entry| entry.event_id)),
        code => Err(CannotRun(format!(
            "events:PutEvents: EventBridge did not take the event: {}",
            code.unwrap_or("it gives no error code")
        ))),
    }
}

async fn to_function(
    function: &str,
    body: String,
    client: &aws_sdk_lambda::Client,
) -> Result<Option<String>, CannotRun> {
    let call = client
        .invoke()
        .function_name(function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(body));
    let answer = call.send().await;
    answer
        .map(|_| None)
        .map_err(|err| refused("lambda:InvokeFunction", &err))
}
