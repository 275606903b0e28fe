//! A number of messages a second -> the ticks at which they are sent.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

/// Reads `--rate`.
///
/// # Errors
/// It is no number above 0.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 10_000.0 => Ok(rate),
        _ => Err("give a number of messages a second, above 0".to_owned()),
    }
}

/// Returns an interval of a number of ticks a second; one that comes late makes the following ones late too.
pub(super) fn ticks(rate: f64) -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
