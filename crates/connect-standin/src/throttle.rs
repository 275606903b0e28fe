//! The request rate of an operation becomes a pass or a throttling error (Amazon Connect quotas:
//! two requests a second with a burst of five for each API, account and Region).

use std::collections::HashMap;

use tokio::time::Instant;

use super::refusal::Refusal;
use super::seed::ThrottleSeed;

pub(super) struct Throttle {
    limit: ThrottleSeed,
    buckets: HashMap<String, Bucket>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    pub(super) fn new(limit: ThrottleSeed) -> Self {
        Self {
            limit,
            buckets: HashMap::new(),
        }
    }

    /// Takes a token from the operation's bucket.
    pub(super) fn admit(&mut self, operation: &str) -> Result<(), Refusal> {
        let ThrottleSeed {
            requests_per_second,
            burst,
        } = self.limit;
        let now = Instant::now();
        let full = Bucket {
            tokens: f64::from(burst),
            filled: now,
        };
        let bucket = self.buckets.entry(operation.to_owned()).or_insert(full);
        bucket.refill(now, requests_per_second, f64::from(burst));
        bucket.take()
    }
}

impl Bucket {
    fn refill(&mut self, now: Instant, rate: f64, burst: f64) {
        let gained = (now - self.filled).as_secs_f64() * rate;
        self.tokens = (self.tokens + gained).min(burst);
        self.filled = now;
    }

    fn take(&mut self) -> Result<(), Refusal> {
        if self.tokens < 1.0 {
            return Err(Refusal::new("ThrottlingException", 429, "Rate exceeded"));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_lets_the_burst_pass_and_then_the_rate() {
        let mut throttle = Throttle::new(ThrottleSeed {
            requests_per_second: 2.0,
            burst: 5,
        });
        let mut passed = |times: usize| {
            (0..times)
                .filter(|_| throttle.admit("CreateUser").is_ok())
                .count()
        };
        assert_eq!(passed(7), 5);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(passed(3), 2);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(passed(9), 5);
        assert!(throttle.admit("ListUsers").is_ok());
    }
}
