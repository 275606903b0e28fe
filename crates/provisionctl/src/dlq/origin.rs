//! The body and attributes of a message on a dead-letter queue -> the service that sent it there, and why.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::MessageAttributeValue;
use connect_provisioner::invocation::dead_letter::{self, Details, EXPLANATION, REASON};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Origin of a dead letter: the service that sent it, with the cause that it gives.
pub(super) enum DeadLetterOrigin {
    /// This program, with the reason of the failure.
    Function {
        reason: String,
        explanation: String,
        details: Details,
    },
    /// SQS, after the last delivery of a source queue; its ARN where SQS names it.
    Redrive { queue_arn: Option<String> },
    /// EventBridge, which could not deliver to its target.
    EventBridge { code: String },
    /// EventBridge Scheduler, which could not send its message; the attributes are those of that message.
    Scheduler {
        code: String,
        queue_url: String,
        event: String,
    },
    /// Lambda, after its own retries of an asynchronous invocation.
    OnFailure {
        condition: String,
        function: String,
        payload: String,
    },
}

/// Determines the origin of a message that SQS did not move itself.
///
/// For a message of EventBridge Scheduler, replaces `attributes` with those of the message that the schedule holds.
pub(super) fn origin_of(
    body: &str,
    attributes: &mut BTreeMap<String, MessageAttributeValue>,
) -> DeadLetterOrigin {
    let text = |name: &str| Some(attributes.get(name)?.string_value()?.to_owned());
    let details = text(dead_letter::DETAILS).and_then(|text| serde_json::from_str(&text).ok());
    if let Some(reason) = text(REASON) {
        let explanation = text(EXPLANATION).unwrap_or_default();
        // A message near the size limit has the code alone.
        let details = details.unwrap_or_else(no_details);
        return DeadLetterOrigin::Function {
            reason,
            explanation,
            details,
        };
    }
    match text("ERROR_CODE") {
        Some(code) if attributes.contains_key("RULE_ARN") => DeadLetterOrigin::EventBridge { code },
        Some(code) if attributes.contains_key("SCHEDULE_ARN") => match scheduled_message(body) {
            Some((message, kept)) => {
                *attributes = kept;
                DeadLetterOrigin::Scheduler {
                    code,
                    queue_url: message.queue_url,
                    event: message.message_body,
                }
            }
            None => DeadLetterOrigin::Redrive { queue_arn: None },
        },
        _ => on_failure(body).unwrap_or(DeadLetterOrigin::Redrive { queue_arn: None }),
    }
}

fn no_details() -> Details {
    Details {
        version: 2,
        event_key: String::new(),
        item: 0,
        failures: Vec::new(),
        source_queue: None,
        source_message_id: None,
        request_id: String::new(),
        failed_at: String::new(),
        attempts: 0,
        replays: 0,
        attributes: Vec::new(),
    }
}

// The members of SendMessage, which are the input of this program's schedules.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduledMessage {
    queue_url: String,
    message_body: String,
    #[serde(default)]
    message_attributes: BTreeMap<String, ScheduledAttribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduledAttribute {
    data_type: String,
    string_value: Option<String>,
}

// Reads the message of a schedule, with its attributes that are texts.
fn scheduled_message(
    body: &str,
) -> Option<(ScheduledMessage, BTreeMap<String, MessageAttributeValue>)> {
    let message: ScheduledMessage = serde_json::from_str(body).ok()?;
    let attribute = |(name, value): (&String, &ScheduledAttribute)| {
        let text = value.string_value.as_ref()?;
        let attribute = MessageAttributeValue::builder()
            .data_type(&value.data_type)
            .string_value(text);
        Some((name.clone(), attribute.build().ok()?))
    };
    let kept = message.message_attributes.iter().filter_map(attribute);
    let kept = kept.collect();
    Some((message, kept))
}

// AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnFailure<'a> {
    request_context: RequestContext,
    // Kept as text, so that no number loses digits in a replay.
    #[serde(borrow)]
    request_payload: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    condition: String,
    function_arn: String,
}

fn on_failure(body: &str) -> Option<DeadLetterOrigin> {
    let record: OnFailure = serde_json::from_str(body).ok()?;
    Some(DeadLetterOrigin::OnFailure {
        condition: record.request_context.condition,
        function: record.request_context.function_arn,
        payload: record.request_payload.get().to_owned(),
    })
}
