//! Connect's request quota -> the moment at which the next call may go out: a token bucket that throttling slows down.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::policy::connect::RequestRate;

/// A token bucket, shared by all calls that count against one quota.
///
/// It holds one token less than the quota, over all copies of the function, and fills a little slower. So no call is
/// throttled that arrives up to a request's interval (half a second at 2 a second) sooner after the others than it was sent;
/// at exactly 2 a second with a burst of 5, a millisecond of jitter was measured to get half of all calls throttled.
pub struct RateLimit {
    per_second: f64,
    burst: f64,
    state: Mutex<State>,
}

struct State {
    tokens: f64,
    filled_at: Instant,
    /// Factor by which calls are slower than the quota: 1 after a while without throttling.
    slowed: f64,
}

// Of the quota: the token that is held back takes the jitter, so this is for clocks alone.
pub(crate) const BELOW: f64 = 0.99;
const SLOWEST: f64 = 8.0;
// A throttled call halves the pace; some thirty good ones bring it back.
const SLOWING: f64 = 2.0;
const RECOVERY: f64 = 0.93;

impl RateLimit {
    /// A full bucket for one copy's share of a quota.
    #[must_use]
    pub fn new(quota: RequestRate) -> Self {
        let burst = tokens(quota);
        let state = State {
            tokens: burst,
            filled_at: Instant::now(),
            slowed: 1.0,
        };
        Self {
            per_second: per_second(quota),
            burst,
            state: Mutex::new(state),
        }
    }

    /// The seconds that a number of calls take which begin with a full bucket and are not throttled.
    #[must_use]
    pub fn seconds_for(quota: RequestRate, calls: u32) -> f64 {
        (f64::from(calls) - tokens(quota)).max(0.0) / per_second(quota)
    }

    /// Waits for a token and takes it; those who wait are served in their order.
    pub async fn take(&self) {
        // Held while waiting, so that the queue of the lock is the queue for tokens.
        let mut state = self.state.lock().await;
        self.fill(&mut state);
        if state.tokens < 1.0 {
            let missing = (1.0 - state.tokens) * state.slowed / self.per_second;
            tokio::time::sleep(Duration::from_secs_f64(missing)).await;
            self.fill(&mut state);
        }
        state.tokens = (state.tokens - 1.0).max(0.0);
    }

    /// Slows down after a throttled call; somebody else is using the quota too.
    pub async fn slow_down(&self) {
        let mut state = self.state.lock().await;
        self.fill(&mut state);
        state.slowed = (state.slowed * SLOWING).min(SLOWEST);
        state.tokens = 0.0;
    }

    /// Speeds up again, by a little, after a call that was not throttled.
    pub async fn recover(&self) {
        let mut state = self.state.lock().await;
        self.fill(&mut state);
        state.slowed = (state.slowed * RECOVERY).max(1.0);
    }

    fn fill(&self, state: &mut State) {
        let now = Instant::now();
        let passed = now.duration_since(state.filled_at).as_secs_f64();
        state.filled_at = now;
        state.tokens = (state.tokens + passed * self.per_second / state.slowed).min(self.burst);
    }
}

/// The tokens of one copy's full bucket.
fn tokens(quota: RequestRate) -> f64 {
    let held_back = f64::from(quota.burst.saturating_sub(1));
    (held_back / f64::from(quota.concurrency)).max(1.0)
}

/// The calls a second of one copy.
fn per_second(quota: RequestRate) -> f64 {
    quota.share() * BELOW
}

#[cfg(test)]
mod tests {
    use super::*;

    // Amazon Connect's default.
    const RATE: f64 = 2.0;
    const BURST: f64 = 5.0;
    const CALLS: u32 = 100;
    const IDEAL: f64 = (100.0 - BURST) / RATE;

    fn quota(concurrency: u32) -> RequestRate {
        RequestRate {
            per_second: RATE,
            burst: 5,
            concurrency,
        }
    }

    fn pace(concurrency: u32) -> RateLimit {
        RateLimit::new(quota(concurrency))
    }

    async fn seconds_for(pace: &RateLimit, calls: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            pace.take().await;
        }
        start.elapsed().as_secs_f64()
    }

    /// When each call was sent, in seconds, by so many copies that share them evenly.
    async fn sent_by(copies: u32) -> Vec<f64> {
        let start = Instant::now();
        let one = || async {
            let (pace, mut sent) = (pace(copies), Vec::new());
            for _ in 0..CALLS / copies {
                pace.take().await;
                sent.push(start.elapsed().as_secs_f64());
            }
            sent
        };
        let all = futures_util::future::join_all((0..copies).map(|_| one())).await;
        all.concat()
    }

    fn throttled(mut arrivals: Vec<f64>) -> usize {
        arrivals.sort_by(f64::total_cmp);
        let (mut tokens, mut filled_at) = (BURST, 0.0);
        let refused = |arrival: &&f64| {
            tokens = BURST.min(tokens + (**arrival - filled_at) * RATE);
            filled_at = **arrival;
            let refused = tokens < 1.0;
            tokens -= if refused { 0.0 } else { 1.0 };
            refused
        };
        arrivals.iter().filter(refused).count()
    }

    #[tokio::test(start_paused = true)]
    async fn one_copy_or_several_take_the_ideal_time_within_three_per_cent() {
        for copies in [1, 2, 4] {
            let took = sent_by(copies).await.into_iter().fold(0.0, f64::max);
            assert!(
                took > IDEAL && took < IDEAL * 1.03,
                "{copies} copies: {took} s against {IDEAL} s"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_seconds_for_calls_are_those_that_they_take() {
        for (concurrency, calls) in [(1, 3), (1, 30), (2, 2), (2, 7), (10, 5)] {
            let took = seconds_for(&pace(concurrency), calls).await;
            let calls = u32::try_from(calls).expect("few");
            let said = RateLimit::seconds_for(quota(concurrency), calls);
            let near = (took - said).abs() < 0.1;
            assert!(
                near,
                "{calls} calls of {concurrency}: {took} s, not {said} s"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_is_throttled_that_is_up_to_half_a_second_late() {
        let mut random = fastrand::Rng::with_seed(7);
        for copies in [1, 2, 4] {
            let sent = sent_by(copies).await;
            for _ in 0..1000 {
                let late = |at: &f64| at + random.f64() / RATE;
                assert_eq!(throttled(sent.iter().map(late).collect()), 0, "{copies}");
            }
        }
        // The check can fail: two seconds are too much.
        let sent = sent_by(1).await;
        let late = |at: &f64| at + random.f64() * 2.0;
        assert!(throttled(sent.iter().map(late).collect()) > 0);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_down_and_success_speeds_up_again() {
        let pace = pace(1);
        pace.slow_down().await;
        let slow = seconds_for(&pace, 10).await;
        assert!(slow > 10.0, "{slow}");
        for _ in 0..30 {
            pace.recover().await;
        }
        let fast = seconds_for(&pace, 10).await;
        assert!(fast < 5.5, "{fast}");
    }
}
