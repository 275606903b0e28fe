//! The figures of a soak, for people, and those that must stay within bounds.

use std::io::Write;
use std::time::Duration;

use connect_standin::{Call, Service};
use serde_json::Value;

use super::fleet::Seen;
use super::oracle::PersonPreview;
use super::people::{Fate, Input};

/// Counts what a soak has taken.
pub(super) struct Figures {
    parts_sent: usize,
    throttled: usize,
    calls: usize,
    /// Bytes of the messages that hold people who become dead letters.
    bad_bytes: usize,
}

// A debug build of the function, which in the shipped stack has 256 MB.
const MOST_MEMORY: u64 = 200 << 10;
// A kill between the dead letter and the answer sends it again.
const MOST_TIMES_SENT: usize = 3;

impl Figures {
    pub(super) fn new(input: &Input, calls: &[Call]) -> Self {
        Self {
            parts_sent: parts_sent(calls),
            throttled: calls.iter().filter(|call| is_throttled(call)).count(),
            calls: calls.len(),
            bad_bytes: bytes_with_bad_people(input),
        }
    }

    /// Prints all figures, the failed ones too.
    pub(super) fn print(&self, preview: &PersonPreview, seen: &Seen, took: Duration) {
        say(&format!("users: {}", preview.users));
        say(&format!("recorded skips: {}", preview.skipped));
        for (reason, people) in &preview.refused {
            say(&format!("people in dead letters, {reason}: {people}"));
        }
        let without = preview.without_reason;
        say(&format!("dead letters without a reason: {without}"));
        let (letters, bytes, bad) = (preview.letters, preview.letter_bytes, self.bad_bytes);
        say(&format!(
            "on the dead-letter queue: {letters} messages of {bytes} bytes, from {bad} bytes with bad people in them"
        ));
        say(&format!("parts sent: {}", self.parts_sent));
        let (deliveries, kills, most) = (seen.deliveries, seen.kills, seen.most_receives);
        say(&format!(
            "deliveries: {deliveries}, {kills} killed; most of one message: {most}"
        ));
        let (throttled, calls) = (self.throttled, self.calls);
        say(&format!("throttled calls: {throttled} of {calls}"));
        say(&format!("peak memory of a copy: {} KiB", seen.peak_memory));
        say(&format!("took: {} s", took.as_secs()));
    }

    /// Holds the figures against their bounds.
    pub(super) fn check(&self, preview: &PersonPreview, seen: &Seen) {
        assert_eq!(preview.without_reason, 0, "dead letters without a reason");
        assert!(seen.kills > 0, "no copy was killed");
        assert!(self.parts_sent > 0, "no message was split");
        let (sent, bad) = (preview.letter_bytes, self.bad_bytes);
        assert!(
            sent <= MOST_TIMES_SENT * bad,
            "{sent} bytes of dead letters from {bad}"
        );
        let peak = seen.peak_memory;
        assert!(peak < MOST_MEMORY, "{peak} KiB of memory");
    }
}

/// Writes a line past the test harness, which would keep it to itself where all is well.
pub(super) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("written");
}

fn is_throttled(call: &Call) -> bool {
    call.service == Service::Connect && call.error.as_deref() == Some("ThrottlingException")
}

fn parts_sent(calls: &[Call]) -> usize {
    let is_sent = |call: &&Call| call.operation == "SendMessageBatch" && call.error.is_none();
    let entries = |call: &Call| {
        let batch: Value = serde_json::from_slice(&call.body).expect("JSON");
        let entries = batch["Entries"].as_array().into_iter().flatten();
        // The soak's own messages have no attributes.
        let parts = entries.filter(|entry| entry["MessageAttributes"].is_object());
        parts.count()
    };
    calls.iter().filter(is_sent).map(entries).sum()
}

fn bytes_with_bad_people(input: &Input) -> usize {
    let is_bad = |fate: Fate| matches!(fate, Fate::DeadLetter(_));
    let messages = input.messages.iter().filter(|message| {
        let mut events = message.events.iter();
        events.any(|event| is_bad(input.people[event.person].fate))
    });
    let bad = messages.chain(&input.corrections);
    bad.map(|message| message.body.len()).sum()
}
