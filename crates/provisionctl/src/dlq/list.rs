//! Letters -> a table with the reasons counted on top, or an object a line.

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

use super::WhichQueue;
use super::letter::Letter;
use super::queue::Queue;
use super::select::{Filters, short_id_length};
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl dlq list`.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    queue: WhichQueue,
    #[command(flatten)]
    filters: Filters,
    /// Print one JSON object a letter, a line each.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line {
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
    let queue = Queue::new(&command.queue, clients.sqs).await?;
    let look = queue.peek(&[], &command.filters).await?;
    let letters = look.letters;
    if command.json {
        for letter in &letters {
            let line = serde_json::to_string(&line(letter)).map_err(CannotRun::because)?;
            print_line(line)?;
        }
    } else {
        print(&letters)?;
    }
    if look.unseen > 0 {
        eprintln!(
            "{} more are on the queue but not visible: somebody else holds them, or their FIFO group waits",
            look.unseen
        );
    }
    Ok(Ending::AllDone)
}

fn line(letter: &Letter) -> Line {
    Line {
        message_id: letter.id.clone(),
        failed_at: letter.failed_at().format(&Rfc3339).ok(),
        reason: letter.reason(),
        event_key: letter.key(),
        people: letter.count(),
        failures: letter.failures(),
        source: letter.source(),
        attempts: letter.attempts(),
        replays: letter.replays(),
    }
}

fn print(letters: &[Letter]) -> Result<(), CannotRun> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for letter in letters {
        for (reason, people) in people_by_reason(letter) {
            *counts.entry(reason).or_default() += people;
        }
    }
    let people: usize = counts.values().sum();
    let people = if people == letters.len() {
        String::new()
    } else {
        format!(" about {people} people")
    };
    print_line(format_args!("{} dead letters{people}", letters.len()))?;
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (reason, count) in counts {
        print_line(format_args!("{count:>7}  {reason}"))?;
    }
    if letters.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    let columns = columns();
    table
        .load_style(NOTHING)
        .set_header(HEADER[..columns].to_vec());
    let id_length = short_id_length(letters);
    for letter in letters {
        let row = [
            letter.id.chars().take(id_length).collect(),
            age(letter.failed_at()),
            letter.reason(),
            person(letter),
            letter.source(),
            letter.attempts().to_string(),
            letter.replays().to_string(),
        ];
        table.add_row(row[..columns].to_vec());
    }
    print_line("")?;
    print_line(table.trim_fmt())
}

fn people_by_reason(letter: &Letter) -> Vec<(String, usize)> {
    let failures = letter.failures();
    if failures.is_empty() {
        return vec![(letter.reason(), letter.count())];
    }
    let listed = failures.into_iter();
    listed
        .map(|listed| (listed.reason, listed.items.len()))
        .collect()
}

/// The first person of a letter, and how many others it is about.
pub(super) fn person(letter: &Letter) -> String {
    let first = cut(&letter.key());
    match letter.count() {
        0 | 1 => first,
        people => format!("{first} +{}", people - 1),
    }
}

const HEADER: [&str; 7] = [
    "id", "age", "reason", "person", "source", "tries", "replays",
];

// A terminal too narrow for all columns shows those that tell letters apart, instead of breaking every line.
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

// The rest of a hash is of use to --key alone, and --json has it.
fn cut(key: &str) -> String {
    const LONGEST: usize = 24;
    if key.chars().count() <= LONGEST {
        return key.to_owned();
    }
    let start: String = key.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// A span since then in its largest unit.
pub(super) fn age(then: OffsetDateTime) -> String {
    let seconds = (OffsetDateTime::now_utc() - then).whole_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
