//! A failure, and how long its message has been tried -> another try, or a dead letter with the cause.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::failure::{Class, Failure, Reason};
use crate::intake::Origin;
use crate::policy::RetryPolicy;

/// Decides when a message is given up, so that SQS does not move it without a reason.
pub struct GiveUp {
    policy: RetryPolicy,
    /// The source queue's `maxReceiveCount`, where the deployment tells it.
    last_delivery: Option<u32>,
    /// When this copy of the function last met a systemic failure.
    last_systemic: Mutex<Option<SystemTime>>,
}

impl GiveUp {
    /// Gives up by a policy, and on the queue's last delivery whatever the policy says.
    #[must_use]
    pub fn new(policy: RetryPolicy, last_delivery: Option<u32>) -> Self {
        Self {
            policy,
            last_delivery,
            last_systemic: Mutex::default(),
        }
    }

    /// Returns the failure as it counts on this delivery of its message: final where it is given up.
    #[must_use]
    pub fn judged(&self, failure: Failure, origin: &Origin) -> Failure {
        if failure.class() == Class::Systemic {
            *self.last_systemic() = Some(SystemTime::now());
        }
        if failure.class() != Class::Permanent && self.is_due(&failure, origin) {
            exhausted(&failure, origin)
        } else {
            failure
        }
    }

    fn is_due(&self, failure: &Failure, origin: &Origin) -> bool {
        let count = origin.receive_count;
        let may_last_days = failure.class() == Class::Systemic || failure.comes_of_load();
        let life = if may_last_days || self.is_after_an_outage() {
            self.policy.systemic_give_up
        } else {
            self.policy.give_up
        };
        let is_old = origin.age().is_some_and(|age| age >= life);
        let is_last = self.last_delivery.is_some_and(|last| count >= last);
        // A message that a paused queue kept for days is no reason to give up at once.
        is_last || (is_old && count >= self.policy.give_up_deliveries)
    }

    // Waiting for somebody to end an outage has used up deliveries and hours that say nothing about what fails now.
    fn is_after_an_outage(&self) -> bool {
        let last = *self.last_systemic();
        // A clock that was set back makes it long ago.
        let since = last.and_then(|last| last.elapsed().ok());
        since.is_some_and(|since| since < self.policy.longest_wait())
    }

    fn last_systemic(&self) -> MutexGuard<'_, Option<SystemTime>> {
        self.last_systemic
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn exhausted(failure: &Failure, origin: &Origin) -> Failure {
    let code = match failure.reason() {
        Reason::Aws { code, .. } | Reason::Stopped { code } => code.clone(),
        reason => reason.code(),
    };
    let code = code
        .strip_prefix("aws:")
        .map_or(code.clone(), str::to_owned);
    Failure::new(
        Reason::AttemptsExhausted { code },
        format!(
            "given up after {} deliveries in {}: {}; replay this message once that is over",
            origin.receive_count,
            span(origin.age().unwrap_or_default()),
            failure.explanation()
        ),
    )
    .caused_by(failure)
}

fn span(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy::SHIPPED;

    fn denied() -> Failure {
        let code = "AccessDeniedException".to_owned();
        let operation = "CreateUser";
        Failure::new(Reason::Aws { operation, code }, "denied")
    }

    fn late() -> Failure {
        Failure::new(Reason::TookTooLong, "no answer in time")
    }

    fn throttled() -> Failure {
        let code = "ThrottlingException".to_owned();
        let operation = "CreateUser";
        Failure::new(Reason::Aws { operation, code }, "too fast")
    }

    #[track_caller]
    fn check(failure: Failure, deliveries: u32, hours: Option<u64>, expected: &str) {
        check_by(
            &GiveUp::new(POLICY, Some(500)),
            failure,
            deliveries,
            hours,
            expected,
        );
    }

    #[track_caller]
    fn check_by(
        give_up: &GiveUp,
        failure: Failure,
        deliveries: u32,
        hours: Option<u64>,
        expected: &str,
    ) {
        let sent_at = hours.map(|hours| SystemTime::now() - Duration::from_hours(hours));
        let origin = Origin {
            receive_count: deliveries,
            sent_at,
            ..Origin::default()
        };
        let judged = give_up.judged(failure, &origin);
        assert_eq!(
            judged.reason().code(),
            expected,
            "{deliveries}, {hours:?} h"
        );
    }

    #[test]
    fn what_may_pass_is_given_up_after_deliveries_and_time() {
        for (deliveries, hours, expected) in [
            (9, Some(3), "took_too_long"),
            (10, Some(1), "took_too_long"),
            (10, None, "took_too_long"),
            (10, Some(2), "attempts_exhausted:took_too_long"),
            (500, None, "attempts_exhausted:took_too_long"),
        ] {
            check(late(), deliveries, hours, expected);
        }
    }

    #[test]
    fn too_many_people_at_once_are_no_reason_to_give_up_within_days() {
        for failure in [Failure::out_of_time(), throttled()] {
            let now = failure.reason().code();
            check(failure.clone(), 100, Some(71), &now);
            let given_up = format!("attempts_exhausted:{}", now.trim_start_matches("aws:"));
            check(failure, 100, Some(72), &given_up);
        }
    }

    #[test]
    fn what_fails_when_an_outage_has_just_ended_is_tried_on() {
        let give_up = GiveUp::new(POLICY, None);
        check_by(
            &give_up,
            late(),
            20,
            Some(9),
            "attempts_exhausted:took_too_long",
        );
        check_by(&give_up, denied(), 20, Some(9), "aws:AccessDeniedException");
        check_by(&give_up, late(), 20, Some(9), "took_too_long");
        *give_up.last_systemic() = Some(SystemTime::now() - Duration::from_hours(2));
        check_by(
            &give_up,
            late(),
            20,
            Some(9),
            "attempts_exhausted:took_too_long",
        );
    }

    #[test]
    fn what_only_a_person_can_end_waits_for_days_and_keeps_its_cause() {
        for failure in [denied(), Failure::stopped(&denied())] {
            let now = failure.reason().code();
            check(failure.clone(), 400, Some(71), &now);
            check(failure.clone(), 9, Some(100), &now);
            let given_up = "attempts_exhausted:AccessDeniedException";
            check(failure.clone(), 20, Some(72), given_up);
            check(failure, 500, Some(1), given_up);
        }
    }

    #[test]
    fn a_final_failure_stays_what_it_is() {
        let refused = Failure::new(Reason::NoAssignment, "nobody fits");
        check(refused, 600, Some(100), "no_assignment");
    }

    #[test]
    fn the_queue_gives_up_later_than_the_function() {
        assert_eq!(POLICY.most_deliveries(), 293);
        assert!(POLICY.retention_needed(500) < Duration::from_hours(96));
    }
}
