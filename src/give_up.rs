//! A failure, and how long its message has been tried -> another try, or a dead letter with the cause.

use std::time::Duration;

use crate::failure::{Class, Failure, Reason};
use crate::intake::Origin;
use crate::policy::RetryPolicy;

/// Decides when a message is given up, so that SQS does not move it without a reason.
pub struct GiveUp {
    policy: RetryPolicy,
    /// The source queue's `maxReceiveCount`, where the deployment tells it.
    last_delivery: Option<u32>,
}

impl GiveUp {
    /// Gives up by a policy, and on the queue's last delivery whatever the policy says.
    #[must_use]
    pub fn new(policy: RetryPolicy, last_delivery: Option<u32>) -> Self {
        Self {
            policy,
            last_delivery,
        }
    }

    /// Returns the failure as it counts on this delivery of its message: final where it is given up.
    #[must_use]
    pub fn judged(&self, failure: Failure, origin: &Origin) -> Failure {
        if failure.class() != Class::Permanent && self.is_due(failure.class(), origin) {
            exhausted(&failure, origin)
        } else {
            failure
        }
    }

    fn is_due(&self, class: Class, origin: &Origin) -> bool {
        let count = origin.receive_count;
        let life = match class {
            Class::Systemic => self.policy.systemic_give_up,
            Class::Transient | Class::Permanent => self.policy.give_up,
        };
        let is_old = origin.age().is_some_and(|age| age >= life);
        let is_last = self.last_delivery.is_some_and(|last| count >= last);
        // A message that a paused queue kept for days is no reason to give up at once.
        is_last || (is_old && count >= self.policy.give_up_deliveries)
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
    use std::time::SystemTime;

    const POLICY: RetryPolicy = RetryPolicy::SHIPPED;

    fn denied() -> Failure {
        let code = "AccessDeniedException".to_owned();
        let operation = "CreateUser";
        Failure::new(Reason::Aws { operation, code }, "denied")
    }

    #[track_caller]
    fn check(failure: Failure, deliveries: u32, hours: Option<u64>, expected: &str) {
        let give_up = GiveUp::new(POLICY, Some(500));
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
            (9, Some(3), "out_of_time"),
            (10, Some(1), "out_of_time"),
            (10, None, "out_of_time"),
            (10, Some(2), "attempts_exhausted:out_of_time"),
            (500, None, "attempts_exhausted:out_of_time"),
        ] {
            check(Failure::out_of_time(), deliveries, hours, expected);
        }
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
