//! A moment -> its time of day.

use time::OffsetDateTime;

/// Formats the time of day in UTC, such as `09:41:07`.
pub(super) fn time_of_day(time: OffsetDateTime) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}
