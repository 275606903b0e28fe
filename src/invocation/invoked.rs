//! Facts about an invocation besides its event.

use crate::invocation::deadline::Deadline;
use crate::invocation::stops::Stops;

/// Facts about an invocation besides its event.
pub struct Invoked<'a> {
    pub request_id: &'a str,
    pub deadline: Deadline,
    /// Causes of failure that were met in it.
    pub stops: Stops,
}

impl<'a> Invoked<'a> {
    /// An invocation in which nothing has failed yet.
    #[must_use]
    pub fn new(request_id: &'a str, deadline: Deadline) -> Self {
        Self {
            request_id,
            deadline,
            stops: Stops::default(),
        }
    }
}
