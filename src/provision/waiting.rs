//! A person's event -> the person's schedule set, replaced or removed, where `[schedule]` lets joins wait.

use time::OffsetDateTime;

use super::{Provisioned, Provisioner};
use crate::failure::Failure;
use crate::invocation::outcome::End;
use crate::request::CreateUserRequest;
use crate::schedule::{self, Dated, Event, Removal, Setting};
use crate::source::Delivery;

impl Provisioner {
    /// Lets a join wait that is dated ahead, and removes the schedule of an older event where the join is due.
    ///
    /// Returns how the event ended, or `None` where the user is to be made now.
    ///
    /// # Errors
    /// Returns why the join cannot wait, or what EventBridge Scheduler answered.
    pub(super) async fn waits(
        &self,
        request: &CreateUserRequest,
        delivery: &Delivery,
        event: &Event<'_>,
    ) -> Result<Option<Provisioned>, Failure> {
        let Some(schedules) = &self.schedules else {
            return Ok(None);
        };
        let due = request.due_after(OffsetDateTime::now_utc());
        // A schedule's own message ends that schedule by itself, and another that is there by then is a later event's.
        if due.is_none() && schedule::scheduled(event.message).is_some() {
            return Ok(None);
        }
        let dated = Dated::new(event, delivery, &self.policy.sources);
        let Some(until) = due else {
            let removal = schedules.remove(&dated).await?;
            return Ok((removal == Removal::LaterEventWaits).then(overtaken));
        };
        let body = schedule::storable(event, delivery, &self.policy.sources)?;
        Ok(Some(match schedules.put(&dated, &body, until).await? {
            Setting::Set => Provisioned::without_user(End::Scheduled { until }),
            Setting::LaterEventWaits => overtaken(),
        }))
    }

    /// Records a skip, and removes the person's schedule where the skip means that the person is not to have a user.
    ///
    /// # Errors
    /// Returns that a withdrawal does not say who it is about, or what EventBridge Scheduler answered.
    pub(super) async fn skipped(
        &self,
        why: String,
        delivery: &Delivery,
        event: &Event<'_>,
    ) -> Result<Provisioned, Failure> {
        let sources = &self.policy.sources;
        let Some(schedules) = &self.schedules else {
            return Ok(Provisioned::skipped(why));
        };
        let is_schedules = schedule::scheduled(event.message).is_some();
        if is_schedules || !sources.ends_the_wait(delivery)? {
            return Ok(Provisioned::skipped(why));
        }
        let dated = Dated::new(event, delivery, sources);
        Ok(Provisioned::skipped(
            match schedules.remove(&dated).await? {
                Removal::NothingThere => why,
                Removal::Removed => format!("{why}, and the scheduled join was removed"),
                Removal::LaterEventWaits => {
                    format!("{why}; the scheduled join of a later event stays")
                }
            },
        ))
    }

    /// Tells whether a delivery that is skipped needs a call all the same, to remove the person's schedule.
    #[must_use]
    pub fn skips_with_a_call(&self, delivery: &Delivery) -> bool {
        self.schedules.is_some() && self.policy.sources.ends_the_wait(delivery) != Ok(false)
    }
}

fn overtaken() -> Provisioned {
    Provisioned::skipped("a later event of the person waits for its start date".to_owned())
}
