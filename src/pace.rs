//! Connect's request quota -> the moment at which the next call may go out: a token bucket that throttling widens.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token bucket, shared by all calls that count against one quota.
///
/// It fills a little slower and holds one token less than the quota says: at exactly 2 a second with a burst of 5, a
/// millisecond of jitter was measured to get half of all calls throttled; just below, none.
pub struct Pace {
    per_second: f64,
    burst: f64,
    state: Mutex<State>,
}

struct State {
    tokens: f64,
    filled_at: Instant,
    /// How many times slower than the quota: 1 after a while without throttling.
    widened: f64,
}

// Of the quota: what was measured to pass untouched.
const BELOW: f64 = 0.975;
const WIDEST: f64 = 8.0;
// A throttled call halves the pace; some thirty good ones bring it back.
const WIDENING: f64 = 2.0;
const RECOVERY: f64 = 0.93;

impl Pace {
    /// A full bucket for a quota in requests a second and its burst.
    #[must_use]
    pub fn new(requests_per_second: f64, burst: u32) -> Self {
        let burst = f64::from(burst.saturating_sub(1).max(1));
        let state = State {
            tokens: burst,
            filled_at: Instant::now(),
            widened: 1.0,
        };
        Self {
            per_second: requests_per_second * BELOW,
            burst,
            state: Mutex::new(state),
        }
    }

    /// Waits for a token and takes it; those who wait are served in their order.
    pub async fn take(&self) {
        // Held while waiting, so that the queue of the lock is the queue for tokens.
        let mut state = self.state.lock().await;
        self.fill(&mut state);
        if state.tokens < 1.0 {
            let missing = (1.0 - state.tokens) * state.widened / self.per_second;
            tokio::time::sleep(Duration::from_secs_f64(missing)).await;
            self.fill(&mut state);
        }
        state.tokens = (state.tokens - 1.0).max(0.0);
    }

    /// Slows down after a throttled call; somebody else is using the quota too.
    pub async fn widen(&self) {
        let mut state = self.state.lock().await;
        self.fill(&mut state);
        state.widened = (state.widened * WIDENING).min(WIDEST);
        state.tokens = 0.0;
    }

    /// Speeds up again, by a little, after a call that was not throttled.
    pub async fn recover(&self) {
        let mut state = self.state.lock().await;
        self.fill(&mut state);
        state.widened = (state.widened * RECOVERY).max(1.0);
    }

    fn fill(&self, state: &mut State) {
        let now = Instant::now();
        let passed = now.duration_since(state.filled_at).as_secs_f64();
        state.filled_at = now;
        state.tokens = (state.tokens + passed * self.per_second / state.widened).min(self.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_for(pace: &Pace, calls: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            pace.take().await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_calls_take_the_ideal_time_within_five_per_cent() {
        let ideal = (100.0 - 5.0) / 2.0;
        let took = seconds_for(&Pace::new(2.0, 5), 100).await;
        assert!(
            took > ideal && took < ideal * 1.05,
            "{took} s against {ideal} s"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_down_and_success_speeds_up_again() {
        let pace = Pace::new(2.0, 5);
        pace.widen().await;
        let slow = seconds_for(&pace, 10).await;
        assert!(slow > 10.0, "{slow}");
        for _ in 0..30 {
            pace.recover().await;
        }
        let fast = seconds_for(&pace, 10).await;
        assert!(fast < 5.5, "{fast}");
    }
}
