//! Looks, one after the other -> what the screen shows of them: depths with their history, changes, outcomes, counts.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use time::OffsetDateTime;

use super::Look;
use super::depths::Depth;
use super::outcomes::Outcome;

/// Observations since the start.
pub(super) struct View {
    pub(super) interval: Duration,
    /// Whether there is a log to read outcomes from.
    pub(super) has_log: bool,
    pub(super) queues: Vec<History>,
    /// The newest last.
    pub(super) outcomes: VecDeque<Outcome>,
    pub(super) counts: BTreeMap<String, u64>,
    /// The newest last.
    pub(super) changes: VecDeque<String>,
    pub(super) failure: Option<String>,
}

/// The depths of one queue.
pub(super) struct History {
    pub(super) now: Depth,
    pub(super) at_start: u64,
    /// The newest last.
    pub(super) all: VecDeque<u64>,
}

const KEPT: usize = 200;

impl View {
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

    /// Whether nothing has been seen yet.
    pub(super) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// Takes in a look.
    pub(super) fn note(&mut self, look: Look, now: OffsetDateTime) {
        self.failure = None;
        for (n, depth) in look.queues.into_iter().enumerate() {
            match self.queues.get_mut(n) {
                Some(history) => {
                    let change = history.note(depth);
                    if let Some(change) = change {
                        push(&mut self.changes, format!("{}  {change}", clock(now)));
                    }
                }
                None => self.queues.push(History::new(depth)),
            }
        }
        for outcome in look.outcomes {
            *self.counts.entry(outcome.said.outcome.clone()).or_default() += 1;
            push(&mut self.outcomes, outcome);
        }
    }

    /// Notes that a look failed; what was seen before stays.
    pub(super) fn note_failure(&mut self, why: &str) {
        self.failure = Some(why.to_owned());
    }
}

impl History {
    fn new(depth: Depth) -> Self {
        Self {
            at_start: depth.all(),
            all: VecDeque::from([depth.all()]),
            now: depth,
        }
    }

    fn note(&mut self, depth: Depth) -> Option<String> {
        let (before, now) = (self.now.all(), depth.all());
        push(&mut self.all, now);
        let queue = depth.queue.clone();
        self.now = depth;
        (before != now).then(|| format!("{queue} {} ({now})", signed(before, now)))
    }

    /// Messages a minute, over the looks of the last minute.
    pub(super) fn per_minute(&self, interval: Duration) -> f64 {
        let minute = 60.0 / interval.as_secs_f64();
        let looks = self.all.iter().rev().zip(0_u32..);
        let Some((then, back)) = looks.take_while(|(_, n)| f64::from(*n) <= minute).last() else {
            return 0.0;
        };
        if back == 0 {
            return 0.0;
        }
        let change = i64::try_from(self.now.all()).unwrap_or(0) - i64::try_from(*then).unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a rate for the eye")]
        let change = change as f64;
        change / f64::from(back) * minute
    }

    /// Time until it is empty at the present rate; nothing where it does not get emptier.
    pub(super) fn empty_in(&self, interval: Duration) -> Option<Duration> {
        let rate = self.per_minute(interval);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let left = self.now.all() as f64;
        (rate < 0.0 && left > 0.0).then(|| Duration::from_secs_f64((left / -rate * 60.0).round()))
    }
}

/// The difference with its sign.
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

/// The time of day, UTC.
pub(super) fn clock(time: OffsetDateTime) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}
