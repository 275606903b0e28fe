//! Snapshots in their order -> the content of the screen: depths with their history, changes, outcomes and counts.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use time::OffsetDateTime;

use super::clock::time_of_day;
use super::depths::Depth;
use super::outcomes::Outcome;
use super::snapshot::Snapshot;

/// Content of the screen, from all snapshots since the start.
pub(super) struct View {
    pub(super) interval: Duration,
    /// Whether a log group is watched.
    pub(super) has_log: bool,
    pub(super) queues: Vec<DepthHistory>,
    /// Last outcomes, the newest last.
    pub(super) outcomes: VecDeque<Outcome>,
    /// Number of people by outcome.
    pub(super) counts: BTreeMap<String, u64>,
    /// Last changes of depths, the newest last.
    pub(super) changes: VecDeque<String>,
    /// Reason why the last snapshot failed.
    pub(super) failure: Option<String>,
}

/// Depths of one queue over time.
pub(super) struct DepthHistory {
    pub(super) now: Depth,
    pub(super) at_start: u64,
    /// Total messages of each snapshot, the newest last.
    pub(super) totals: VecDeque<u64>,
}

const KEPT: usize = 200;

impl View {
    /// Builds an empty view.
    pub(super) fn new(interval: Duration, has_log: bool) -> Self {
        Self {
            interval,
            has_log,
            queues: Vec::new(),
            outcomes: VecDeque::new(),
            counts: BTreeMap::new(),
            changes: VecDeque::new(),
            failure: None,
        }
    }

    /// Returns whether there has been no snapshot.
    pub(super) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// Adds a snapshot taken at a moment.
    pub(super) fn add(&mut self, snapshot: Snapshot, now: OffsetDateTime) {
        self.failure = None;
        for (n, depth) in snapshot.queues.into_iter().enumerate() {
            match self.queues.get_mut(n) {
                Some(history) => {
                    let change = history.add(depth);
                    if let Some(change) = change {
                        push(&mut self.changes, format!("{}  {change}", time_of_day(now)));
                    }
                }
                None => self.queues.push(DepthHistory::new(depth)),
            }
        }
        for outcome in snapshot.outcomes {
            *self
                .counts
                .entry(outcome.fields.outcome.clone())
                .or_default() += 1;
            push(&mut self.outcomes, outcome);
        }
    }

    /// Records that a snapshot failed; the earlier ones stay on the screen.
    pub(super) fn set_failure(&mut self, why: &str) {
        self.failure = Some(why.to_owned());
    }
}

impl DepthHistory {
    fn new(depth: Depth) -> Self {
        Self {
            at_start: depth.total(),
            totals: VecDeque::from([depth.total()]),
            now: depth,
        }
    }

    fn add(&mut self, depth: Depth) -> Option<String> {
        let (before, now) = (self.now.total(), depth.total());
        push(&mut self.totals, now);
        let queue = depth.queue.clone();
        self.now = depth;
        (before != now).then(|| format!("{queue} {} ({now})", signed(before, now)))
    }

    /// Returns the change in messages a minute, over the snapshots of the last minute.
    pub(super) fn per_minute(&self, interval: Duration) -> f64 {
        let minute = 60.0 / interval.as_secs_f64();
        let snapshots = self.totals.iter().rev().zip(0_u32..);
        let Some((then, back)) = snapshots
            .take_while(|(_, n)| f64::from(*n) <= minute)
            .last()
        else {
            return 0.0;
        };
        if back == 0 {
            return 0.0;
        }
        let change =
            i64::try_from(self.now.total()).unwrap_or(0) - i64::try_from(*then).unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a rate for the eye")]
        let change = change as f64;
        change / f64::from(back) * minute
    }

    /// Estimates the time until the queue is empty at the present rate; `None` if its depth does not fall.
    pub(super) fn empty_in(&self, interval: Duration) -> Option<Duration> {
        let rate = self.per_minute(interval);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let left = self.now.total() as f64;
        (rate < 0.0 && left > 0.0).then(|| Duration::from_secs_f64((left / -rate * 60.0).round()))
    }
}

/// Formats the difference between two counts with its sign.
pub(super) fn signed(before: u64, now: u64) -> String {
    if now >= before {
        format!("+{}", now - before)
    } else {
        format!("-{}", before - now)
    }
}

fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(item);
}
