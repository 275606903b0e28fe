//! A person's schedule as EventBridge Scheduler has it -> whether it belongs to a later event than the one at hand.

use std::collections::BTreeMap;

use aws_sdk_scheduler::operation::get_schedule::GetScheduleError;
use serde::Deserialize;
use time::OffsetDateTime;

use super::event_time::parse;
use super::{Dated, Scheduled, Schedules, in_time, scheduled};
use crate::aws;
use crate::failure::Failure;
use crate::invocation::attributes::SCHEDULED;
use crate::source::person_key::PersonKey;

/// The event for which a schedule was set; empty where the schedule was not set by this program.
#[derive(Default)]
pub(super) struct Kept {
    time: Option<OffsetDateTime>,
    body: String,
}

/// The members of `SendMessage` in a schedule's input.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    message_body: String,
    message_attributes: BTreeMap<String, InputAttribute>,
}

#[derive(Deserialize)]
struct InputAttribute {
    #[serde(rename = "StringValue")]
    text: Option<String>,
}

impl Schedules {
    /// Finds the event for which the person's schedule was set, or `None` where there is no schedule.
    ///
    /// # Errors
    /// Returns what EventBridge Scheduler answered.
    pub(super) async fn kept(&self, key: &PersonKey) -> Result<Option<Kept>, Failure> {
        let call = self.client.get_schedule();
        let call = call
            .name(key.tag_value())
            .group_name(&self.destination.group);
        let answer = aws::signed_anew(|| {
            let call = call.clone().customize().config_override(in_time());
            call.send()
        });
        match answer.await {
            Ok(found) => {
                let input = found.target().and_then(|target| target.input());
                Ok(Some(input.map(Kept::from_input).unwrap_or_default()))
            }
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(GetScheduleError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(err) => Err(Failure::aws("GetSchedule", &err)),
        }
    }
}

impl Kept {
    fn from_input(input: &str) -> Self {
        let Input {
            message_body,
            message_attributes,
        } = serde_json::from_str(input).unwrap_or_default();
        let text = message_attributes.get(SCHEDULED);
        let text = text.and_then(|attribute| attribute.text.as_deref());
        let scheduled: Option<Scheduled> = text.and_then(|text| serde_json::from_str(text).ok());
        let time = scheduled.and_then(|scheduled| scheduled.event_time);
        Self {
            time: time.as_deref().and_then(parse),
            body: message_body,
        }
    }

    /// Tells whether the schedule's event is later than another one.
    ///
    /// An event without a time, or of the same time, counts as new. A message that a schedule sent is the older one then,
    /// unless the schedule that is there would send the same message.
    pub(super) fn is_later_than(&self, dated: &Dated<'_>) -> bool {
        let message = dated.event.message;
        match (self.time, dated.time) {
            (Some(kept), Some(own)) if kept != own => kept > own,
            _ => scheduled(message).is_some() && self.body != message.body,
        }
    }
}
