//! The queues and the log at one moment -> depths and new outcomes.

use serde::Serialize;

use super::depths::Depth;
use super::outcomes::Outcome;

/// Depths of the queues at one moment, and the outcomes logged since the snapshot before.
#[derive(Serialize)]
pub(super) struct Snapshot {
    pub(super) time: String,
    pub(super) queues: Vec<Depth>,
    pub(super) outcomes: Vec<Outcome>,
}
