//! Dead letters -> counts by reason and a table, or one JSON object a line.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use clap::Args;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use connect_provisioner::aws::Clients;
use connect_provisioner::invocation::dead_letter::Listed;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::dead_letter::DeadLetter;
use super::queue::{DeadLetterQueue, Selection};
use super::queue_options::QueueOptions;
use super::select::{Filters, short_id_length};
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl dlq list`.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    queue: QueueOptions,
    #[command(flatten)]
    filters: Filters,
    /// Print one JSON object for each dead letter, one a line.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct ListedDeadLetter {
    message_id: String,
    failed_at: Option<String>,
    reason: String,
    event_key: String,
    people: usize,
    failures: Vec<Listed>,
    source: String,
    attempts: u32,
    replays: u32,
}

pub(super) async fn run(command: List, connection: &Connection) -> Result<Ending, CannotRun> {
    let clients = Clients::new(&connection.config().await);
    let queue = DeadLetterQueue::new(&command.queue, clients.sqs).await?;
    let Selection {
        dead_letters,
        not_received,
    } = queue.peek(&[], &command.filters).await?;
    if command.json {
        for dead_letter in &dead_letters {
            let line = serde_json::to_string(&line(dead_letter)).map_err(CannotRun::because)?;
            print_line(line)?;
        }
    } else {
        print(&dead_letters)?;
    }
    if not_received > 0 {
        eprintln!(
            "{not_received} more are on the queue but not visible: another consumer has received them, or their FIFO group is blocked"
        );
    }
    Ok(Ending::AllDone)
}

fn line(dead_letter: &DeadLetter) -> ListedDeadLetter {
    ListedDeadLetter {
        message_id: dead_letter.id.clone(),
        failed_at: dead_letter.failed_at().format(&Rfc3339).ok(),
        reason: dead_letter.reason(),
        event_key: dead_letter.key(),
        people: dead_letter.count(),
        failures: dead_letter.failures(),
        source: dead_letter.source(),
        attempts: dead_letter.attempts(),
        replays: dead_letter.replays(),
    }
}

fn print(dead_letters: &[DeadLetter]) -> Result<(), CannotRun> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for dead_letter in dead_letters {
        for (reason, people) in people_by_reason(dead_letter) {
            *counts.entry(reason).or_default() += people;
        }
    }
    let people: usize = counts.values().sum();
    let people = if people == dead_letters.len() {
        String::new()
    } else {
        format!(" about {people} people")
    };
    print_line(format_args!("{} dead letters{people}", dead_letters.len()))?;
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (reason, count) in counts {
        print_line(format_args!("{count:>7}  {reason}"))?;
    }
    if dead_letters.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    let columns = columns();
    table
        .load_style(NOTHING)
        .set_header(HEADER[..columns].to_vec());
    let id_length = short_id_length(dead_letters);
    for dead_letter in dead_letters {
        let row = [
            dead_letter.id.chars().take(id_length).collect(),
            age(dead_letter.failed_at()),
            dead_letter.reason(),
            person(dead_letter),
            dead_letter.source(),
            dead_letter.attempts().to_string(),
            dead_letter.replays().to_string(),
        ];
        table.add_row(row[..columns].to_vec());
    }
    print_line("")?;
    print_line(table.trim_fmt())
}

fn people_by_reason(dead_letter: &DeadLetter) -> Vec<(String, usize)> {
    let failures = dead_letter.failures();
    if failures.is_empty() {
        return vec![(dead_letter.reason(), dead_letter.count())];
    }
    let listed = failures.into_iter();
    listed
        .map(|listed| (listed.reason, listed.items.len()))
        .collect()
}

/// Returns the key of the first person in a dead letter, shortened, and the number of further people.
pub(super) fn person(dead_letter: &DeadLetter) -> String {
    let first = cut(&dead_letter.key());
    match dead_letter.count() {
        0 | 1 => first,
        people => format!("{first} +{}", people - 1),
    }
}

const HEADER: [&str; 7] = [
    "id", "age", "reason", "person", "source", "tries", "replays",
];

// Returns the number of columns: on a narrow terminal only those that identify a dead letter.
fn columns() -> usize {
    const WIDE: u16 = 110;
    let width = std::io::stdout()
        .is_terminal()
        .then(|| ratatui::crossterm::terminal::size().ok())
        .flatten();
    match width {
        Some((width, _)) if width < WIDE => 4,
        _ => HEADER.len(),
    }
}

// Shortens a key; --json has the rest, for --key.
fn cut(key: &str) -> String {
    const LONGEST: usize = 24;
    if key.chars().count() <= LONGEST {
        return key.to_owned();
    }
    let start: String = key.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// Returns the time since then in its largest unit, such as `3h`.
pub(super) fn age(then: OffsetDateTime) -> String {
    let seconds = (OffsetDateTime::now_utc() - then).whole_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
