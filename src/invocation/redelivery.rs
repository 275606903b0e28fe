//! Messages that come back -> when they come back: visibility by back-off with jitter.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;

use crate::aws::queue;
use crate::aws::{self, Sqs};
use crate::failure::Class;
use crate::intake::Origin;
use crate::policy::{RetryPolicy, SHORTEST_PART};

/// The client, and how long to wait.
pub struct Redelivery {
    client: Sqs,
    policy: RetryPolicy,
}

// Amazon SQS API reference, ChangeMessageVisibilityBatch.
const MOST_ENTRIES: usize = 10;
// The answer to Lambda must not wait for this.
const PATIENCE: Duration = Duration::from_millis(700);

impl Redelivery {
    /// Hands messages back by a policy.
    #[must_use]
    pub fn new(client: Sqs, policy: RetryPolicy) -> Self {
        Self { client, policy }
    }

    /// Sets the visibility of messages. Where that fails they come back when the queue's own time-out ends, so nothing
    /// is lost by it.
    pub async fn all(&self, returned: &[(Origin, Class)]) {
        let changes = self.changes(returned);
        let sent = tokio::time::timeout(PATIENCE, self.send(changes)).await;
        if !matches!(sent, Ok(true)) {
            tracing::warn!(
                "messages come back by the queue's own visibility time-out, since it could not be changed"
            );
        }
    }

    async fn send(
        &self,
        changes: BTreeMap<String, Vec<ChangeMessageVisibilityBatchRequestEntry>>,
    ) -> bool {
        let mut all_accepted = true;
        for (queue_url, entries) in changes {
            for batch in entries.chunks(MOST_ENTRIES) {
                let call = self
                    .client
                    .change_message_visibility_batch()
                    .queue_url(&queue_url);
                let call = call.set_entries(Some(batch.to_vec()));
                let answer = aws::signed_anew(|| call.clone().send()).await;
                all_accepted &= answer.is_ok_and(|answer| answer.failed.is_empty());
            }
        }
        all_accepted
    }

    fn changes(
        &self,
        returned: &[(Origin, Class)],
    ) -> BTreeMap<String, Vec<ChangeMessageVisibilityBatchRequestEntry>> {
        let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, (origin, class)) in returned.iter().enumerate() {
            let queue_url = origin.source_arn.as_deref().and_then(queue::url);
            let (Some(queue_url), Some(receipt_handle)) = (queue_url, &origin.receipt_handle)
            else {
                continue;
            };
            let wait = wait(self.policy, *class, origin, fastrand::f64());
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(receipt_handle)
                .visibility_timeout(i32::try_from(wait.as_secs()).unwrap_or(i32::MAX))
                .build()
                .expect("id and receipt handle are set");
            changes.entry(queue_url).or_default().push(entry);
        }
        changes
    }
}

/// The wait before the next delivery: full jitter over a doubling bound, as in the AWS Builders' Library ("Timeouts,
/// retries, and backoff with jitter"), but never less than a quarter of it.
fn wait(policy: RetryPolicy, class: Class, origin: &Origin, chance: f64) -> Duration {
    let first = match class {
        Class::Systemic => policy.systemic,
        Class::Transient | Class::Permanent => policy.first,
    };
    let doublings = origin.receive_count.saturating_sub(1).min(16);
    let doubled = (first * 2_u32.pow(doublings)).min(policy.longest.max(first));
    // Given up, and the dead-letter queue does not take it: SQS has to move it itself before its retention ends.
    let is_overdue = origin
        .age()
        .is_some_and(|age| age >= policy.systemic_give_up);
    let bound = if is_overdue { policy.first } else { doubled };
    let least = 1.0 / f64::from(SHORTEST_PART);
    bound.mul_f64(least + (1.0 - least) * chance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    const POLICY: RetryPolicy = RetryPolicy::SHIPPED;

    #[track_caller]
    fn check(class: Class, receive_count: u32, chance: f64, expected: u64) {
        let origin = Origin {
            receive_count,
            ..Origin::default()
        };
        assert_eq!(wait(POLICY, class, &origin, chance).as_secs(), expected);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_vary_by_chance() {
        check(Class::Transient, 1, 1.0, 20);
        check(Class::Transient, 1, 0.0, 5);
        check(Class::Transient, 3, 1.0, 80);
        check(Class::Transient, 100, 1.0, 3600);
        check(Class::Systemic, 1, 1.0, 60);
        check(Class::Systemic, 3, 1.0, 240);
        check(Class::Systemic, 100, 0.0, 900);
    }

    #[test]
    fn what_the_dead_letter_queue_does_not_take_reaches_the_queues_own_redrive() {
        let sent_at = SystemTime::now() - Duration::from_hours(73);
        let origin = Origin {
            receive_count: 120,
            sent_at: Some(sent_at),
            ..Origin::default()
        };
        let longest = wait(POLICY, Class::Transient, &origin, 1.0);
        assert_eq!(longest, Duration::from_secs(20));
    }
}
