//! A message -> the queue, event bus or function that gets it.

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

/// Trigger of the function.
pub(super) enum Trigger {
    /// A queue's URL.
    Queue(String),
    /// An event bus's name or ARN.
    EventBus(String),
    /// A function's name or ARN; it is invoked asynchronously.
    Function(String),
}

/// A message to send; it holds personal data, so it has no `Debug`.
pub(super) struct Outgoing {
    pub(super) body: String,
    /// Only a queue takes them.
    pub(super) attributes: BTreeMap<String, MessageAttributeValue>,
    /// The FIFO message group.
    pub(super) group: String,
    /// The FIFO deduplication id.
    pub(super) once: String,
}

/// The clients that a trigger may need.
pub(super) struct Senders {
    pub(super) sqs: aws_sdk_sqs::Client,
    events: aws_sdk_eventbridge::Client,
    lambda: aws_sdk_lambda::Client,
}

impl Senders {
    /// Clients for an account and Region that are decided already.
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self {
            sqs: aws_sdk_sqs::Client::new(config),
            events: aws_sdk_eventbridge::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
        }
    }
}

impl Trigger {
    /// Whether it carries message attributes.
    pub(super) fn takes_attributes(&self) -> bool {
        matches!(self, Self::Queue(_))
    }

    /// Sends a message and gives the id that AWS gives it; an invocation has none.
    ///
    /// # Errors
    /// Returns the failure of a call, or that the message is no event of EventBridge.
    pub(super) async fn send(
        &self,
        message: Outgoing,
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
    message: Outgoing,
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
            .message_deduplication_id(message.once);
    }
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("sqs:SendMessage", &err))?;
    Ok(answer.message_id)
}

// What EventBridge takes back of the envelope that it once made; id and time are given anew.
#[derive(Deserialize)]
struct Event<'a> {
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
    let event: Event = serde_json::from_str(body)
        .map_err(|_| CannotRun("it is no event of EventBridge; give another trigger".to_owned()))?;
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
            code.unwrap_or("it does not say why")
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

/// The URL of the queue that is meant: an option's name goes before a URL, which the environment may have set, and the
/// configuration's name comes last.
///
/// # Errors
/// Returns the failure of a call.
pub(super) async fn meant(
    client: &aws_sdk_sqs::Client,
    name: Option<&str>,
    url: Option<&str>,
    configured: Option<&str>,
) -> Result<Option<String>, CannotRun> {
    match (name, url, configured) {
        (None, Some(url), _) => Ok(Some(url.to_owned())),
        (Some(name), ..) | (None, None, Some(name)) => url_of(client, name, None).await.map(Some),
        (None, None, None) => Ok(None),
    }
}

/// The URL of a queue by its name, in the account of the credentials or of its owner.
///
/// # Errors
/// Returns the failure of a call.
pub(super) async fn url_of(
    client: &aws_sdk_sqs::Client,
    name: &str,
    owner: Option<&str>,
) -> Result<String, CannotRun> {
    let call = client.get_queue_url().queue_name(name);
    let call = call.set_queue_owner_aws_account_id(owner.map(str::to_owned));
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("sqs:GetQueueUrl", &err))?;
    answer
        .queue_url
        .ok_or_else(|| CannotRun(format!("SQS gives no URL for the queue {name}")))
}
