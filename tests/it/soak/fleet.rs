//! Copies of the function that poll one queue, each behind a Runtime API of its own: some are killed, and others take over.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::types::Message;
use fastrand::Rng;
use serde_json::Value;
use test_support::event_source::{EventSource, event_of};
use test_support::function::{Answer, Function};
use tokio::task::JoinSet;

/// Holds the settings that all copies share, and everything that they let out.
pub(crate) struct Fleet {
    pub(crate) source: EventSource,
    variables: Vec<(&'static str, String)>,
    active: AtomicUsize,
    is_dangerous: AtomicBool,
    is_over: AtomicBool,
    seen: Mutex<Seen>,
}

/// Collects what the copies have let out and used.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) logs: String,
    pub(crate) answers: String,
    pub(crate) kills: usize,
    pub(crate) deliveries: usize,
    /// How often the message was delivered that was delivered most often.
    pub(crate) most_receives: u64,
    /// The most memory that a copy has held at once, in kB.
    pub(crate) peak_memory: u64,
}

/// The copies while they run.
pub(crate) struct Copies {
    pub(crate) fleet: Arc<Fleet>,
    tasks: JoinSet<()>,
}

// Long enough for some people beside the reserve that the slowest person and dead letter need.
const TIME_OUT: Duration = Duration::from_secs(30);
/// Of so many deliveries one ends with a kill.
const DELIVERIES_A_KILL: u32 = 16;
const LATEST_KILL: u64 = 1500;

impl Fleet {
    /// Starts so many copies, all of which poll.
    pub(crate) fn start(
        source: EventSource,
        variables: Vec<(&'static str, String)>,
        copies: usize,
        random: &mut Rng,
    ) -> Copies {
        let fleet = Arc::new(Self {
            source,
            variables,
            active: AtomicUsize::new(copies),
            is_dangerous: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for place in 0..copies {
            tasks.spawn(Arc::clone(&fleet).poll(place, random.fork()));
        }
        Copies { fleet, tasks }
    }

    /// Lets only the first so many copies poll from now on.
    pub(crate) fn set_active(&self, copies: usize) {
        self.active.store(copies, Ordering::Relaxed);
    }

    /// Decides whether copies are killed from now on.
    pub(crate) fn set_dangerous(&self, is_dangerous: bool) {
        self.is_dangerous.store(is_dangerous, Ordering::Relaxed);
    }

    async fn poll(self: Arc<Self>, place: usize, mut random: Rng) {
        let mut function = self.start_copy().await;
        while !self.is_over.load(Ordering::Relaxed) {
            if place >= self.active.load(Ordering::Relaxed)
                || !self.deliver(&mut function, &mut random).await
            {
                tokio::time::sleep(Duration::from_millis(random.u64(40..120))).await;
            }
        }
        self.end_copy(function).await;
    }

    /// Delivers what is visible; returns false where nothing is.
    async fn deliver(&self, function: &mut Function, random: &mut Rng) -> bool {
        let messages = self.source.poll().await;
        if messages.is_empty() {
            return false;
        }
        let event = event_of(&messages);
        self.count(&messages);
        let is_doomed =
            self.is_dangerous.load(Ordering::Relaxed) && random.u32(0..DELIVERIES_A_KILL) == 0;
        if is_doomed {
            let end = Duration::from_millis(random.u64(0..LATEST_KILL));
            // Nothing is acknowledged, even where the answer came first.
            let _answer = tokio::time::timeout(end, function.invoke(&event)).await;
            self.replace(function).await;
            return true;
        }
        let answer = function.invoke(&event).await;
        self.source.acknowledge(&answer, &messages).await;
        let mut seen = self.seen.lock().expect("no copy panics");
        let (Answer::Success(text) | Answer::Error(text)) = &answer;
        seen.answers.push_str(text);
        true
    }

    fn count(&self, messages: &[(Value, Message)]) {
        let receives = messages.iter().filter_map(|(record, _)| {
            let count = record["attributes"]["ApproximateReceiveCount"].as_str()?;
            count.parse().ok()
        });
        let mut seen = self.seen.lock().expect("no copy panics");
        seen.deliveries += 1;
        seen.most_receives = receives.fold(seen.most_receives, u64::max);
    }

    async fn replace(&self, function: &mut Function) {
        self.measure(function);
        function.kill().await;
        let killed = std::mem::replace(function, self.start_copy().await);
        let logs = killed.logs().await;
        let mut seen = self.seen.lock().expect("no copy panics");
        seen.kills += 1;
        seen.logs.push_str(&String::from_utf8_lossy(&logs));
    }

    async fn start_copy(&self) -> Function {
        let variables = self.variables.iter();
        let variables: Vec<(&str, &str)> = variables
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Function::start_with_time_out(TIME_OUT, &variables).await
    }

    async fn end_copy(&self, function: Function) {
        self.measure(&function);
        let logs = function.logs().await;
        let mut seen = self.seen.lock().expect("no copy panics");
        seen.logs.push_str(&String::from_utf8_lossy(&logs));
    }

    fn measure(&self, function: &Function) {
        // Elsewhere the system does not tell it.
        #[cfg(not(target_os = "linux"))]
        let peak = 0;
        #[cfg(target_os = "linux")]
        let peak = function.peak_memory();
        let mut seen = self.seen.lock().expect("no copy panics");
        seen.peak_memory = seen.peak_memory.max(peak);
    }
}

impl Seen {
    /// Adds what other copies have let out and used.
    pub(crate) fn add(&mut self, other: Self) {
        self.logs.push_str(&other.logs);
        self.answers.push_str(&other.answers);
        self.kills += other.kills;
        self.deliveries += other.deliveries;
        self.most_receives = self.most_receives.max(other.most_receives);
        self.peak_memory = self.peak_memory.max(other.peak_memory);
    }
}

impl Copies {
    /// Ends every copy, and gives what all of them let out.
    pub(crate) async fn end(self) -> Seen {
        self.fleet.is_over.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
        let mut seen = self.fleet.seen.lock().expect("no copy panics");
        std::mem::take(&mut *seen)
    }

    /// Panics where a copy's task has ended, which is always a failure before the end.
    pub(crate) fn check(&mut self) {
        if let Some(ended) = self.tasks.try_join_next() {
            ended.expect("a copy of the function goes on");
        }
    }
}
