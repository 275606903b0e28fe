//! A person's event and its date -> the schedule that sends the event's message again then, and ends.

use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, Target,
};
use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::{Map, Value, json};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::event_time::Dated;
use super::waiting::{Destination, MOST_BYTES, Scheduled, moment, unschedulable};
use crate::aws::{partition, queue};
use crate::failure::Failure;
use crate::intake::{Attribute, AttributeValue};
use crate::invocation::attributes::{SCHEDULED, producers_value};
use crate::invocation::carried::{Divided, all_attributes, divided};

// Calls SQS as its API is, attributes included (EventBridge Scheduler User Guide, "Using universal targets").
fn send_message_in(partition: &str) -> String {
    format!("arn:{partition}:scheduler:::aws-sdk:sqs:sendMessage")
}

/// Members of a schedule, as `CreateSchedule` and `UpdateSchedule` take them.
pub(super) struct OneOff {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) expression: String,
    pub(super) window: FlexibleTimeWindow,
    pub(super) then: ActionAfterCompletion,
    pub(super) target: Target,
}

/// Sets a schedule's members on a call of `CreateSchedule` or `UpdateSchedule`: they have equal setters, and no trait in common.
macro_rules! with_members_of {
    ($one_off:expr, $call:expr) => {
        $call
            .name(&$one_off.name)
            .group_name(&$one_off.group)
            .schedule_expression(&$one_off.expression)
            .flexible_time_window($one_off.window.clone())
            .action_after_completion($one_off.then.clone())
            .target($one_off.target.clone())
    };
}

pub(super) use with_members_of;

impl OneOff {
    /// Plans to send a person's message at a time, with the body that may be stored.
    ///
    /// # Errors
    /// Returns `unschedulable` where the message is too large for a schedule.
    pub(super) fn new(
        dated: &Dated<'_>,
        body: &str,
        at: OffsetDateTime,
        to: &Destination,
    ) -> Result<Self, Failure> {
        Ok(Self {
            name: dated.event.key.tag_value(),
            group: to.group.clone(),
            target: target(to, input(dated, body, at, &to.source_queue_url)?)?,
            expression: expression(at)?,
            window: exactly(),
            then: ActionAfterCompletion::Delete,
        })
    }
}

fn target(to: &Destination, input: String) -> Result<Target, Failure> {
    let unsent = DeadLetterConfig::builder().arn(&to.dead_letter_queue_arn);
    Target::builder()
        .arn(send_message_in(partition::of_arn(&to.role_arn)))
        .role_arn(&to.role_arn)
        .dead_letter_config(unsent.build())
        .input(input)
        .build()
        .map_err(|_| unschedulable())
}

/// Writes `SendMessage`'s members: the message's body and attributes, its person, and the time of the event.
fn input(dated: &Dated<'_>, body: &str, at: OffsetDateTime, url: &str) -> Result<String, Failure> {
    let event = dated.event;
    let mut input = json!({
        "QueueUrl": url,
        "MessageBody": body,
        "MessageAttributes": attributes(dated)?,
    });
    if queue::is_fifo(url) {
        let group = event.message.origin.message_group_id.clone();
        let tag = event.key.tag_value();
        input["MessageGroupId"] = Value::from(group.unwrap_or_else(|| tag.clone()));
        // One that Scheduler sends twice arrives once.
        let due = at.unix_timestamp();
        input["MessageDeduplicationId"] = Value::from(format!("{tag}-{due}"));
    }
    let input = input.to_string();
    if input.len() > MOST_BYTES {
        return Err(unschedulable());
    }
    Ok(input)
}

fn attributes(dated: &Dated<'_>) -> Result<Map<String, Value>, Failure> {
    let event = dated.event;
    let mut others = all_attributes(event.message);
    others.retain(|attribute| attribute.name != SCHEDULED);
    let Divided { kept, carried } = divided(others, 1);
    let scheduled = Scheduled {
        event_key: event.key.to_string(),
        item: event.item,
        event_time: dated.time.map(moment),
        attributes: carried,
    };
    let scheduled = serde_json::to_string(&scheduled).map_err(|_| unschedulable())?;
    let mut attributes = Map::new();
    attributes.insert(
        SCHEDULED.to_owned(),
        json!({ "DataType": "String", "StringValue": scheduled }),
    );
    for attribute in &kept {
        attributes.insert(attribute.name.clone(), member(attribute)?);
    }
    Ok(attributes)
}

// As the JSON of SQS's API has it.
fn member(attribute: &Attribute) -> Result<Value, Failure> {
    let value: MessageAttributeValue = producers_value(attribute)?;
    Ok(match (&attribute.value, value.string_value()) {
        (AttributeValue::Binary(base64), None) => {
            json!({ "DataType": value.data_type(), "BinaryValue": base64 })
        }
        (_, text) => json!({ "DataType": value.data_type(), "StringValue": text }),
    })
}

// EventBridge Scheduler API reference, CreateSchedule, `ScheduleExpression`: UTC where no time zone is given.
fn expression(at: OffsetDateTime) -> Result<String, Failure> {
    let format = format_description!("at([year]-[month]-[day]T[hour]:[minute]:[second])");
    let at = at.to_offset(UtcOffset::UTC).format(format);
    at.map_err(|_| unschedulable())
}

fn exactly() -> FlexibleTimeWindow {
    FlexibleTimeWindow::builder()
        .mode(FlexibleTimeWindowMode::Off)
        .build()
        .expect("the mode is set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_is_in_the_partition_of_the_role() {
        for (partition, expected) in [
            ("aws", "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"),
            (
                "aws-us-gov",
                "arn:aws-us-gov:scheduler:::aws-sdk:sqs:sendMessage",
            ),
        ] {
            let to = Destination {
                group: "joins".to_owned(),
                role_arn: format!("arn:{partition}:iam::111122223333:role/schedules"),
                source_queue_url: "https://sqs.example/1/hr-joins".to_owned(),
                dead_letter_queue_arn: format!("arn:{partition}:sqs:r:1:unsent"),
            };
            let target = target(&to, "{}".to_owned()).expect("a target");
            assert_eq!(target.arn(), expected);
        }
    }
}
