//! A dead letter -> the trigger that a replay sends it to, and the message that is sent.

use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::aws::queue::QueueArn;
use connect_provisioner::invocation::dead_letter::{DETAILS, EXPLANATION, REASON};
use serde_json::Value;

use super::dead_letter::DeadLetter;
use super::origin::DeadLetterOrigin;
use crate::ending::CannotRun;
use crate::queue_url::url_of;
use crate::trigger::{OutgoingMessage, Senders, Trigger};

/// Options for the destination of replays; by default each message goes back to its origin.
#[derive(Args)]
pub(super) struct ReplayDestination {
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

impl ReplayDestination {
    /// Returns the trigger to send a dead letter to.
    ///
    /// # Errors
    /// Returns an error if neither an option nor the dead letter names one, or if the queue cannot be found.
    pub(super) async fn trigger_for(
        &self,
        dead_letter: &DeadLetter,
        senders: &Senders,
    ) -> Result<Trigger, CannotRun> {
        match (&self.to, &self.event_bus, &self.invoke) {
            (Some(url), ..) => return Ok(Trigger::Queue(url.clone())),
            (_, Some(bus), _) => return Ok(Trigger::EventBus(bus.clone())),
            (.., Some(function)) => return Ok(Trigger::Function(function.clone())),
            _ => (),
        }
        let queue = match &dead_letter.origin {
            DeadLetterOrigin::OnFailure { function, .. } => {
                return Ok(Trigger::Function(function.clone()));
            }
            DeadLetterOrigin::Scheduler { queue_url, .. } => {
                return Ok(Trigger::Queue(queue_url.clone()));
            }
            DeadLetterOrigin::Function { details, .. } => details.source_queue.as_deref(),
            DeadLetterOrigin::Redrive { queue_arn } => queue_arn.as_deref(),
            DeadLetterOrigin::EventBridge { .. } => None,
        };
        let unknown = || {
            let text = "the message does not name its origin; give --to, --event-bus or --invoke";
            CannotRun(text.to_owned())
        };
        let arn = queue.and_then(QueueArn::parse).ok_or_else(unknown)?;
        let url = url_of(&senders.sqs, arn.name(), Some(arn.account())).await?;
        Ok(Trigger::Queue(url))
    }
}

/// Whether a replay keeps the count of earlier replays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReplayCount {
    Keep,
    Reset,
}

/// Builds the message of a replay: the event with its attributes, without the reason and explanation of the failure.
///
/// # Errors
/// Returns an error if the details that hold the count cannot be read.
pub(super) fn outgoing(
    dead_letter: &DeadLetter,
    count: ReplayCount,
) -> Result<OutgoingMessage, CannotRun> {
    let mut attributes = dead_letter.attributes.clone();
    // If SQS moves the message next time, they would be read as the reason for that.
    for stale in [REASON, EXPLANATION] {
        attributes.remove(stale);
    }
    if count == ReplayCount::Reset
        && let Some(details) = attributes.get_mut(DETAILS)
    {
        *details = with_zero_replays(details)?;
    }
    Ok(OutgoingMessage {
        body: dead_letter.event(),
        attributes,
        group: dead_letter
            .group
            .clone()
            .unwrap_or_else(|| dead_letter.key()),
        // Differs for each replay: SQS drops a repeated id within five minutes.
        deduplication_id: format!("{}-{}", dead_letter.id, dead_letter.replays()),
    })
}

fn with_zero_replays(details: &MessageAttributeValue) -> Result<MessageAttributeValue, CannotRun> {
    let text = details.string_value().unwrap_or_default();
    let mut value: Value = serde_json::from_str(text).map_err(CannotRun::because)?;
    value["replays"] = 0.into();
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value.to_string())
        .build()
        .map_err(CannotRun::because)
}
