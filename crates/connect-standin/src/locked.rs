//! A mutex that a panic elsewhere does not poison.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) struct Locked<T>(Mutex<T>);

impl<T> Locked<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        // One failed call must not take the calls after it down: a test wants to see the first panic only.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
