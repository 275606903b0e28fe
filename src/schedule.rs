//! A join that is dated ahead -> a one-off schedule of EventBridge Scheduler that puts the same message back on the queue.

mod event_time;
mod kept;
mod one_off;
mod storable;

use aws_sdk_scheduler::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError;
use aws_sdk_scheduler::operation::update_schedule::UpdateScheduleError;
use aws_sdk_scheduler::{Client, Config};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aws;
use crate::failure::{Failure, Reason};
use crate::intake::{Attribute, AttributeValue, Delivery, Message};
use crate::source::Sources;
use crate::source::person_key::PersonKey;

use one_off::{OneOff, with_members_of};
pub use storable::storable;

/// The attribute that names the person of a message whom a schedule brings back.
pub const SCHEDULED: &str = "provisioner.scheduled";

/// One person's event: the message that brought it, the place in it, and whose it is.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub message: &'a Message,
    /// From 0.
    pub item: usize,
    pub key: &'a PersonKey,
}

/// Person of a message whom a schedule brings back, as [`SCHEDULED`] holds it in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    pub event_key: String,
    pub item: usize,
    /// When the event happened, as RFC 3339; absent where no time is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_time: Option<String>,
    /// The producer's attributes for which the message has no room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// A person's event with the time at which it happened, as far as that is known.
pub struct Dated<'a> {
    event: &'a Event<'a>,
    time: Option<OffsetDateTime>,
}

impl<'a> Dated<'a> {
    /// Finds out when the event happened.
    #[must_use]
    pub fn new(event: &'a Event<'a>, delivery: &Delivery, sources: &Sources) -> Self {
        let time = event_time::event_time(event, delivery, sources);
        Self { event, time }
    }
}

/// Result of setting a person's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Set,
    /// The person has a schedule of a later event, which stays.
    LaterEventWaits,
}

/// Result of removing a person's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    NothingThere,
    Removed,
    /// It is a later event's, and stays.
    LaterEventWaits,
}

/// Settings of a deployment that its schedules need.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The schedule group's name.
    pub group: String,
    /// The role that EventBridge Scheduler takes on to send.
    pub role_arn: String,
    pub source_queue_url: String,
    /// A standard queue for what cannot be sent.
    pub dead_letter_queue_arn: String,
}

/// The schedules of a deployment, one for each person at most.
pub struct Schedules {
    client: Client,
    destination: Destination,
}

// EventBridge Scheduler User Guide, "Quotas": the size of a target's input.
const MOST_BYTES: usize = 256 * 1024;

impl Schedules {
    /// Schedules that send to a destination.
    #[must_use]
    pub fn new(client: Client, destination: Destination) -> Self {
        Self {
            client,
            destination,
        }
    }

    /// Sends a person's message again at a time, with the body that may be stored, and at no other time that an older event
    /// has set.
    ///
    /// # Errors
    /// `unschedulable` where the message is too large for that, or what EventBridge Scheduler answered.
    pub async fn put(
        &self,
        dated: &Dated<'_>,
        body: &str,
        at: OffsetDateTime,
    ) -> Result<Setting, Failure> {
        let one_off = OneOff::new(dated, body, at, &self.destination)?;
        let key = dated.event.key;
        // Another copy of the function may make or end the person's schedule between the calls.
        for _ in 0..2 {
            if self.created(&one_off).await? {
                return Ok(Setting::Set);
            }
            let kept = self.kept(key).await?;
            if kept.is_some_and(|kept| kept.is_later_than(dated)) {
                return Ok(Setting::LaterEventWaits);
            }
            if self.updated(&one_off).await? {
                return Ok(Setting::Set);
            }
        }
        Err(Failure::new(
            Reason::NotVisibleYet,
            "the person's schedule is there and is not; it will be tried again",
        ))
    }

    // Whether there was none before.
    async fn created(&self, one_off: &OneOff) -> Result<bool, Failure> {
        let call = with_members_of!(one_off, self.client.create_schedule());
        let answer = aws::signed_anew(|| {
            let call = call.clone().customize().config_override(in_time());
            call.send()
        });
        done(
            "CreateSchedule",
            answer.await,
            CreateScheduleError::is_conflict_exception,
        )
    }

    // Whether there still is one.
    async fn updated(&self, one_off: &OneOff) -> Result<bool, Failure> {
        let call = with_members_of!(one_off, self.client.update_schedule());
        let answer = aws::signed_anew(|| {
            let call = call.clone().customize().config_override(in_time());
            call.send()
        });
        done(
            "UpdateSchedule",
            answer.await,
            UpdateScheduleError::is_resource_not_found_exception,
        )
    }

    /// Removes the person's schedule, unless a later event has set it.
    ///
    /// # Errors
    /// Returns what EventBridge Scheduler answered.
    pub async fn remove(&self, dated: &Dated<'_>) -> Result<Removal, Failure> {
        let key = dated.event.key;
        match self.kept(key).await? {
            None => Ok(Removal::NothingThere),
            Some(kept) if kept.is_later_than(dated) => Ok(Removal::LaterEventWaits),
            Some(_) if self.deleted(key).await? => Ok(Removal::Removed),
            // It was due in between, or another copy has removed it.
            Some(_) => Ok(Removal::NothingThere),
        }
    }

    // Whether there still was one.
    async fn deleted(&self, key: &PersonKey) -> Result<bool, Failure> {
        let call = self.client.delete_schedule();
        let call = call
            .name(key.tag_value())
            .group_name(&self.destination.group);
        let answer = aws::signed_anew(|| {
            let call = call.clone().customize().config_override(in_time());
            call.send()
        });
        done(
            "DeleteSchedule",
            answer.await,
            DeleteScheduleError::is_resource_not_found_exception,
        )
    }
}

// Whether a call did what it is for; that it came too late, or had nothing to do it to, is no failure.
fn done<T, E: ProvideErrorMetadata, R>(
    operation: &'static str,
    answer: Result<T, SdkError<E, R>>,
    came_to_nothing: impl FnOnce(&E) -> bool,
) -> Result<bool, Failure> {
    match answer {
        Ok(_) => Ok(true),
        Err(err) if err.as_service_error().is_some_and(came_to_nothing) => Ok(false),
        Err(err) => Err(Failure::aws(operation, &err)),
    }
}

/// Reads which person of a message the schedule meant that sent it.
#[must_use]
pub fn scheduled(message: &Message) -> Option<Scheduled> {
    let mut attributes = message.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.name == SCHEDULED)?;
    match &attribute.value {
        AttributeValue::Text(text) => serde_json::from_str(text).ok(),
        AttributeValue::Binary(_) => None,
    }
}

/// A moment for people and logs, as RFC 3339 writes it.
#[must_use]
pub fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn in_time() -> aws_sdk_scheduler::config::Builder {
    Config::builder().timeout_config(aws::time_outs_now())
}

fn unschedulable() -> Failure {
    Failure::new(
        Reason::Unschedulable,
        "the message cannot wait for its start date: with its attributes it is over 256 KB; send each person in a message of \
         their own",
    )
}
