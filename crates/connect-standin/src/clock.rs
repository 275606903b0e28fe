//! Wall-clock time as the AWS protocols write it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970 with milliseconds, as JSON timestamps are written (Smithy, `epoch-seconds`).
pub(super) fn epoch_seconds(time: SystemTime) -> f64 {
    Duration::from_millis(since_epoch(time).as_millis().try_into().unwrap_or(u64::MAX))
        .as_secs_f64()
}

/// Milliseconds since 1970, as SQS writes its system attributes.
pub(super) fn epoch_milliseconds(time: SystemTime) -> String {
    since_epoch(time).as_millis().to_string()
}

/// Whole seconds since 1970, as SQS writes the attributes of a queue.
pub(super) fn epoch_whole_seconds(time: SystemTime) -> String {
    since_epoch(time).as_secs().to_string()
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
