//! The named queues -> a failure for each that was not found.

use super::facts::named_queues::{NamedQueue, NamedQueues};
use super::finding::Finding;

/// Returns a failure for each queue that could not be looked up.
pub(super) fn judge(queues: &NamedQueues) -> Vec<Finding> {
    let source = judge_queue("source queue", &queues.source);
    let dead_letter = judge_queue("dead-letter queue", &queues.dead_letter);
    source.into_iter().chain(dead_letter).collect()
}

fn judge_queue(role: &str, queue: &NamedQueue) -> Option<Finding> {
    let why = queue.url.as_ref().err()?;
    let name = queue.name.as_deref().unwrap_or_default();
    Some(Finding::fail(&format!("{role} {name}"), why.to_string()))
}
