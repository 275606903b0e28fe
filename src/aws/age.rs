//! A moment -> how long ago it was, by whichever of two clocks says that it was longer.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A moment to age a kept value by.
///
/// The monotonic clock may stand still while Lambda keeps a copy of the function frozen, and the wall clock may be set back:
/// the older age counts, so that no value outlives its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    /// Returns the present moment.
    pub(crate) fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: wall_clock(),
        }
    }

    /// Returns the time that has passed since, by the clock that says more.
    pub(crate) fn age(&self) -> Duration {
        let by_wall = wall_clock().duration_since(self.wall);
        self.monotonic.elapsed().max(by_wall.unwrap_or_default())
    }
}

impl From<Instant> for Moment {
    /// Takes both clocks to have run alike since an instant of the invocation that is under way.
    fn from(monotonic: Instant) -> Self {
        let now = wall_clock();
        Self {
            monotonic,
            wall: now.checked_sub(monotonic.elapsed()).unwrap_or(now),
        }
    }
}

#[cfg(not(test))]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
use thaw::wall_clock;

/// The wall clock of a test, which can go on while the monotonic clock stands still.
#[cfg(test)]
pub(crate) mod thaw {
    use std::cell::Cell;
    use std::time::{Duration, SystemTime};

    thread_local! {
        static FROZEN_FOR: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    /// Lets only the wall clock of this thread go on, as when Lambda has frozen the function for so long.
    pub(crate) fn after(frozen: Duration) {
        FROZEN_FOR.set(FROZEN_FOR.get() + frozen);
    }

    pub(super) fn wall_clock() -> SystemTime {
        SystemTime::now() + FROZEN_FOR.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn a_moment_ages_by_either_clock() {
        let moments = [Moment::now(), Moment::from(Instant::now())];
        assert!(moments.iter().all(|moment| moment.age() < MINUTE));
        thaw::after(MINUTE);
        assert!(moments.iter().all(|moment| moment.age() >= MINUTE));
        tokio::time::advance(3 * MINUTE).await;
        for moment in moments {
            assert!(moment.age() >= 3 * MINUTE && moment.age() < 4 * MINUTE);
        }
    }
}
