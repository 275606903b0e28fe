//! A letter -> where a replay sends it, and the sending.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use serde_json::Value;

use super::letter::{Kind, Letter};
use super::queue::{refused, url_of};
use crate::cli::CannotRun;
use crate::dead_letter::DETAILS;
use crate::queue::is_fifo;

/// Where replays go, if not to where each letter came from.
#[derive(Args)]
pub(super) struct Destination {
    /// Send to this queue.
    #[arg(long, value_name = "URL", conflicts_with_all = ["event_bus", "invoke"])]
    to: Option<String>,
    /// Put events on this event bus.
    #[arg(long, value_name = "NAME", conflicts_with = "invoke")]
    event_bus: Option<String>,
    /// Invoke this function asynchronously.
    #[arg(long, value_name = "FUNCTION")]
    invoke: Option<String>,
}

/// The clients that a replay may need.
pub(super) struct Senders {
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) events: aws_sdk_eventbridge::Client,
    pub(super) lambda: aws_sdk_lambda::Client,
}

/// Where one letter goes.
pub(super) enum Route {
    Queue(String),
    EventBus(String),
    Function(String),
}

impl Destination {
    /// The route of a letter.
    ///
    /// # Errors
    /// It does not say where it came from, and no option says where it shall go.
    pub(super) async fn route(
        &self,
        letter: &Letter,
        senders: &Senders,
    ) -> Result<Route, CannotRun> {
        match (&self.to, &self.event_bus, &self.invoke) {
            (Some(url), ..) => return Ok(Route::Queue(url.clone())),
            (_, Some(bus), _) => return Ok(Route::EventBus(bus.clone())),
            (.., Some(function)) => return Ok(Route::Function(function.clone())),
            _ => (),
        }
        let queue = match &letter.kind {
            Kind::OnFailure { function, .. } => return Ok(Route::Function(function.clone())),
            Kind::Ours { details, .. } => details.source_queue.as_deref(),
            Kind::MovedBySqs | Kind::EventBridge { .. } => None,
        };
        let unknown = || {
            let way_out = "it does not say where it came from; give --to, --event-bus or --invoke";
            CannotRun(way_out.to_owned())
        };
        // arn:aws:sqs:REGION:ACCOUNT:NAME
        let mut parts = queue.ok_or_else(unknown)?.rsplit(':');
        let (name, owner) = (parts.next().ok_or_else(unknown)?, parts.next());
        url_of(&senders.sqs, name, owner).await.map(Route::Queue)
    }
}

impl Route {
    /// Sends a letter's event with all attributes; `afresh` lets the function count its replays anew.
    pub(super) async fn send(
        &self,
        letter: &Letter,
        afresh: Afresh,
        senders: &Senders,
    ) -> Result<(), CannotRun> {
        match self {
            Self::Queue(url) => to_queue(url, letter, afresh, &senders.sqs).await,
            Self::EventBus(bus) => to_event_bus(bus, letter, &senders.events).await,
            Self::Function(function) => to_function(function, letter, &senders.lambda).await,
        }
    }
}

/// Whether earlier replays count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Afresh {
    Yes,
    No,
}

async fn to_queue(
    url: &str,
    letter: &Letter,
    afresh: Afresh,
    client: &aws_sdk_sqs::Client,
) -> Result<(), CannotRun> {
    let mut call = client
        .send_message()
        .queue_url(url)
        .message_body(letter.event());
    for (name, value) in &letter.attributes {
        call = match afresh {
            Afresh::Yes if name == DETAILS => call.message_attributes(name, never_replayed(value)?),
            _ => call.message_attributes(name, value.clone()),
        };
    }
    if is_fifo(url) {
        let group = letter.group.clone().unwrap_or_else(|| letter.key());
        // The same letter again is another message: SQS would drop it for five minutes otherwise.
        let once = format!("{}-{}", letter.id, letter.replays());
        call = call.message_group_id(group).message_deduplication_id(once);
    }
    let answer = call.send().await;
    answer
        .map(drop)
        .map_err(|err| refused("sqs:SendMessage", &err))
}

fn never_replayed(details: &MessageAttributeValue) -> Result<MessageAttributeValue, CannotRun> {
    let text = details.string_value().unwrap_or_default();
    let mut value: Value = serde_json::from_str(text).map_err(CannotRun::because)?;
    value["replays"] = 0.into();
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value.to_string())
        .build()
        .map_err(CannotRun::because)
}

async fn to_event_bus(
    bus: &str,
    letter: &Letter,
    client: &aws_sdk_eventbridge::Client,
) -> Result<(), CannotRun> {
    let event: Value = serde_json::from_str(&letter.event()).unwrap_or_default();
    let text = |key: &str| event.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(source), Some(detail_type), Some(detail)) =
        (text("source"), text("detail-type"), event.get("detail"))
    else {
        return Err(CannotRun(
            "it is no event of EventBridge; give --to or --invoke".to_owned(),
        ));
    };
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(source)
        .detail_type(detail_type)
        .detail(detail.to_string())
        .build();
    let answer = client.put_events().entries(entry).send().await;
    let answer = answer.map_err(|err| refused("events:PutEvents", &err))?;
    if answer.failed_entry_count == 0 {
        Ok(())
    } else {
        Err(CannotRun(
            "events:PutEvents: EventBridge did not take the event".to_owned(),
        ))
    }
}

async fn to_function(
    function: &str,
    letter: &Letter,
    client: &aws_sdk_lambda::Client,
) -> Result<(), CannotRun> {
    let call = client
        .invoke()
        .function_name(function)
        .invocation_type(aws_sdk_lambda::types::InvocationType::Event)
        .payload(Blob::new(letter.event()));
    let answer = call.send().await;
    answer
        .map(drop)
        .map_err(|err| refused("lambda:InvokeFunction", &err))
}
