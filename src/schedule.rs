//! A join that is dated ahead -> a one-off schedule of EventBridge Scheduler that puts the same message back on the queue.

mod event_time;
mod kept;
mod one_off;
mod storable;
mod waiting;

use aws_sdk_scheduler::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError;
use aws_sdk_scheduler::operation::update_schedule::UpdateScheduleError;
use aws_sdk_scheduler::{Client, Config};
use time::OffsetDateTime;

use crate::aws;
use crate::failure::{Failure, Reason};
use crate::source::person_key::PersonKey;

pub use event_time::Dated;
use one_off::{OneOff, with_members_of};
pub use storable::storable;
pub use waiting::{Destination, Event, Scheduled, moment, scheduled};

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

/// The schedules of a deployment, one for each person at most.
pub struct Schedules {
    client: Client,
    destination: Destination,
}

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

fn in_time() -> aws_sdk_scheduler::config::Builder {
    Config::builder().timeout_config(aws::time_outs_now())
}
