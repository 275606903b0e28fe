//! A number of messages a second -> an interval to send them at.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

/// Parses `--rate`, in messages a second.
///
/// # Errors
/// Returns an error unless it is a number above 0 and at most 10 000.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 10_000.0 => Ok(rate),
        _ => Err("give a number of messages a second, above 0".to_owned()),
    }
}

/// Returns an interval with a number of ticks a second; a late tick delays the following ones.
pub(super) fn ticks(rate: f64) -> Interval {
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
