//! A letter -> where a replay sends it, and the message that is sent.

use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::invocation::dead_letter::{DETAILS, EXPLANATION, REASON};
use serde_json::Value;

use super::letter::{Kind, Letter};
use crate::ending::CannotRun;
use crate::trigger::{Outgoing, Senders, Trigger, url_of};

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

impl Destination {
    /// The route of a letter.
    ///
    /// # Errors
    /// It does not say where it came from, and no option says where it goes.
    pub(super) async fn route(
        &self,
        letter: &Letter,
        senders: &Senders,
    ) -> Result<Trigger, CannotRun> {
        match (&self.to, &self.event_bus, &self.invoke) {
            (Some(url), ..) => return Ok(Trigger::Queue(url.clone())),
            (_, Some(bus), _) => return Ok(Trigger::EventBus(bus.clone())),
            (.., Some(function)) => return Ok(Trigger::Function(function.clone())),
            _ => (),
        }
        let queue = match &letter.kind {
            Kind::OnFailure { function, .. } => return Ok(Trigger::Function(function.clone())),
            Kind::Scheduler { queue_url, .. } => return Ok(Trigger::Queue(queue_url.clone())),
            Kind::Ours { details, .. } => details.source_queue.as_deref(),
            Kind::MovedBySqs { queue_arn } => queue_arn.as_deref(),
            Kind::EventBridge { .. } => None,
        };
        let unknown = || {
            let way_out = "it does not say where it came from; give --to, --event-bus or --invoke";
            CannotRun(way_out.to_owned())
        };
        // arn:aws:sqs:REGION:ACCOUNT:NAME
        let mut parts = queue.ok_or_else(unknown)?.rsplit(':');
        let (name, owner) = (parts.next().ok_or_else(unknown)?, parts.next());
        let url = url_of(&senders.sqs, name, owner).await?;
        Ok(Trigger::Queue(url))
    }
}

/// Whether earlier replays count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Afresh {
    Yes,
    No,
}

/// A letter's event with all attributes; `afresh` lets the function count its replays anew.
///
/// # Errors
/// The details that have to be changed for that cannot be read.
pub(super) fn outgoing(letter: &Letter, afresh: Afresh) -> Result<Outgoing, CannotRun> {
    let mut attributes = letter.attributes.clone();
    // They would be taken for the reason of the next failure, should SQS move the message then.
    for stale in [REASON, EXPLANATION] {
        attributes.remove(stale);
    }
    if afresh == Afresh::Yes
        && let Some(details) = attributes.get_mut(DETAILS)
    {
        *details = never_replayed(details)?;
    }
    Ok(Outgoing {
        body: letter.event(),
        attributes,
        group: letter.group.clone().unwrap_or_else(|| letter.key()),
        // The same letter again is another message: SQS would drop it for five minutes otherwise.
        once: format!("{}-{}", letter.id, letter.replays()),
    })
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
