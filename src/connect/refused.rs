//! A refused search -> the time for which it is not tried again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::aws::age::Moment;

// A missing permission is not granted within the minute, and one that is granted is used before the copy ends.
const LONGEST: Duration = Duration::from_mins(10);

/// Remembers for ten minutes that something was refused.
#[derive(Default)]
pub(super) struct Refused(Mutex<Option<Moment>>);

impl Refused {
    /// Notes a refusal.
    pub(super) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Moment::now());
    }

    /// Whether the refusal is young enough to count.
    pub(super) fn lasts(&self) -> bool {
        let noted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.is_some_and(|at| at.age() < LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::age::thaw;

    #[tokio::test(start_paused = true)]
    async fn a_refusal_counts_for_ten_minutes() {
        let refused = Refused::default();
        assert!(!refused.lasts());
        refused.note();
        tokio::time::advance(Duration::from_secs(599)).await;
        assert!(refused.lasts());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!refused.lasts());
        refused.note();
        thaw::after(LONGEST);
        assert!(!refused.lasts());
    }
}
