//! The waits between deliveries and the end of them, and what a queue needs for both.

use std::time::Duration;

/// Decides how often and how long a failed message is delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The longest wait after the first failed delivery; it doubles with each further one.
    pub first: Duration,
    /// The longest wait of all.
    pub longest: Duration,
    /// The longest wait after the first delivery that met a systemic failure; it doubles too.
    pub systemic: Duration,
    /// The number of people refused for one cause from which on the deployment is suspected.
    pub circuit_breaker_after: usize,
    /// A transient failure is given up after this many deliveries at the earliest.
    pub give_up_deliveries: u32,
    /// A transient failure is given up when its message is this old at the earliest.
    pub give_up: Duration,
    /// A systemic failure is given up when its message is this old.
    pub systemic_give_up: Duration,
    /// A dead letter that has been replayed so often is not tried again.
    pub most_replays: u32,
}

impl RetryPolicy {
    /// The policy of the shipped configuration.
    #[cfg(test)]
    pub(crate) const SHIPPED: Self = Self {
        first: Duration::from_secs(20),
        longest: Duration::from_hours(1),
        systemic: Duration::from_mins(1),
        circuit_breaker_after: 5,
        most_replays: 10,
        give_up_deliveries: 10,
        give_up: Duration::from_hours(2),
        systemic_give_up: Duration::from_hours(72),
    };

    /// Computes the most deliveries that a message has before the function gives it up.
    ///
    /// A wait is a quarter of its bound at the least. The queue's own `maxReceiveCount` has to be larger.
    #[must_use]
    pub fn most_deliveries(&self) -> u64 {
        let shortest = |bound: Duration| (bound / SHORTEST_PART).max(Duration::from_secs(1));
        let bound = self.longest.min(self.systemic.max(self.first));
        let mut bound = bound.max(Duration::from_secs(1));
        let (mut passed, mut deliveries) = (Duration::ZERO, 1);
        while bound < self.longest && passed < self.systemic_give_up {
            passed += shortest(bound);
            deliveries += 1;
            bound *= 2;
        }
        let left = self.systemic_give_up.saturating_sub(passed).as_secs();
        deliveries + left / shortest(self.longest).as_secs()
    }

    /// Returns the longest wait between two deliveries, whatever has failed.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        self.longest.max(self.first).max(self.systemic)
    }

    /// Computes how long a source queue with a `maxReceiveCount` has to keep its messages.
    ///
    /// A message that cannot be given up, since the dead-letter queue does not take it, is delivered at the shortest
    /// interval from then on, so that SQS itself moves it before the queue would drop it.
    #[must_use]
    pub fn retention_needed(&self, max_receive_count: u64) -> Duration {
        let count = u32::try_from(max_receive_count).unwrap_or(u32::MAX);
        let rest = self.first.saturating_mul(count);
        self.systemic_give_up
            .max(self.give_up)
            .saturating_add(self.longest_wait())
            .saturating_add(rest)
    }
}

/// A wait is at the least this part of its bound.
pub const SHORTEST_PART: u32 = 4;
