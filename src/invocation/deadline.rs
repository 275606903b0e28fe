//! The time that Lambda leaves an invocation -> how long one person may take, and whether another may be started.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout_at};

tokio::task_local! {
    // Known only to the calls within, which would otherwise all have to pass it down.
    static ATTEMPT: Duration;
}

/// When an invocation has to be over, and what of it each person may use.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    ends_at: Instant,
    usable: Duration,
    person: Duration,
    dead_letter: Duration,
}

// For the answer itself and what precedes it: visibility, logs, metrics.
const FOR_THE_ANSWER: Duration = Duration::from_millis(1500);
// AWS Lambda Developer Guide, quotas: a function runs for at most 15 minutes.
const LONGEST_INVOCATION_MILLIS: u64 = 900_000;
const LONGEST_PERSON: Duration = Duration::from_secs(16);
const LONGEST_DEAD_LETTER: Duration = Duration::from_secs(4);
/// Longest time for AWS to answer once: three attempts have room in a person's time.
pub(crate) const LONGEST_ATTEMPT: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;

/// Returns the longest time for AWS to answer the call at hand: a third of what the person or the dead letter has in all.
#[must_use]
pub(crate) fn attempt() -> Duration {
    ATTEMPT
        .try_with(|attempt| *attempt)
        .unwrap_or(LONGEST_ATTEMPT)
}

impl Deadline {
    /// The deadline of a Lambda context, in milliseconds since 1970.
    #[must_use]
    pub fn at_epoch_millis(millis: u64) -> Self {
        // cargo-lambda's emulator says how long (600000) instead of until when.
        if millis <= LONGEST_INVOCATION_MILLIS {
            return Self::within(Duration::from_millis(millis));
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::within(Duration::from_millis(millis).saturating_sub(now))
    }

    /// A deadline that is so far away from now.
    #[must_use]
    pub fn within(left: Duration) -> Self {
        // A function with a short time-out must still be able to start one person.
        let usable = left.saturating_sub(FOR_THE_ANSWER).max(left / 2);
        let dead_letter = LONGEST_DEAD_LETTER.min(usable / 4);
        let person = LONGEST_PERSON.min(usable.saturating_sub(dead_letter));
        Self {
            ends_at: Instant::now() + usable,
            usable,
            person,
            dead_letter,
        }
    }

    /// Whether a person who is started now ends in time, whatever AWS does.
    #[must_use]
    pub fn leaves_time_for_a_person(&self) -> bool {
        // A little less than was promised at the start, or the very first would find it gone already.
        let worst = (self.person + self.dead_letter).mul_f64(0.95);
        self.ends_at.saturating_duration_since(Instant::now()) >= worst
    }

    /// Computes how many people a whole invocation serves, at so many a second.
    #[must_use]
    pub fn people_served(&self, per_second: f64) -> usize {
        let before_the_last = self.usable.saturating_sub(self.person + self.dead_letter);
        // Whole seconds, so that each invocation of a function comes to the same number.
        let seconds = u32::try_from(before_the_last.as_secs()).unwrap_or(u32::MAX);
        // A time-out is 15 minutes at most, so the product is small.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let others = (f64::from(seconds) * per_second.max(0.0)) as usize;
        others + 1
    }

    /// Tells whether a dead letter that is sent now is answered in time.
    #[must_use]
    pub fn leaves_time_for_a_dead_letter(&self) -> bool {
        self.ends_at.saturating_duration_since(Instant::now()) >= self.dead_letter / 2
    }

    /// Runs the sending of a message's parts for as long as the invocation lasts.
    pub async fn to_the_end<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.bounded(self.usable, work).await
    }

    /// Runs a person's join for as long as one person may take.
    pub async fn for_person<T>(&self, join: impl Future<Output = T>) -> Option<T> {
        self.bounded(self.person, join).await
    }

    /// Runs the writing of a dead letter for as long as it may take.
    pub async fn for_dead_letter<T>(&self, write: impl Future<Output = T>) -> Option<T> {
        self.bounded(self.dead_letter, write).await
    }

    async fn bounded<T>(&self, longest: Duration, work: impl Future<Output = T>) -> Option<T> {
        let end = self.ends_at.min(Instant::now() + longest);
        let attempt = LONGEST_ATTEMPT.min(longest / ATTEMPTS);
        ATTEMPT.scope(attempt, timeout_at(end, work)).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nobody_is_started_who_could_not_end() {
        let deadline = Deadline::within(Duration::from_mins(1));
        let mut hung = 0;
        while deadline.leaves_time_for_a_person() {
            let join = deadline.for_person(std::future::pending::<()>()).await;
            let dead_letter = deadline.for_dead_letter(std::future::pending::<()>()).await;
            assert!(join.is_none() && dead_letter.is_none());
            hung += 1;
        }
        assert_eq!(hung, 2);
        assert!(Instant::now() < deadline.ends_at + FOR_THE_ANSWER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_a_time_or_what_an_emulator_makes_of_it() {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let in_a_minute =
            u64::try_from((now + Duration::from_mins(1)).as_millis()).unwrap_or_default();
        for millis in [in_a_minute, 600_000] {
            let deadline = Deadline::at_epoch_millis(millis);
            assert!(
                deadline.leaves_time_for_a_person() && deadline.person == LONGEST_PERSON,
                "{millis}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_with_little_time_has_room_for_three_attempts() {
        for (seconds, expected) in [(60, LONGEST_ATTEMPT), (6, Duration::from_millis(1125))] {
            let deadline = Deadline::within(Duration::from_secs(seconds));
            let attempt = deadline.for_person(async { attempt() }).await;
            assert_eq!(attempt, Some(expected), "{seconds} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_function_with_little_time_still_starts_one_person() {
        for millis in [1000, 3000, 10_000] {
            let deadline = Deadline::within(Duration::from_millis(millis));
            assert!(deadline.leaves_time_for_a_person(), "{millis} ms");
            let started = Instant::now();
            deadline.for_person(std::future::pending::<()>()).await;
            deadline.for_dead_letter(std::future::pending::<()>()).await;
            assert!(
                started.elapsed() < Duration::from_millis(millis),
                "{millis} ms"
            );
        }
    }
}
