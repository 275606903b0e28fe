//! Letters -> sent back and then deleted, one after the other, at a rate; or what would happen if they were.

use std::time::Duration;

use clap::Args;
use connect_provisioner::aws::Clients;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use super::WhichQueue;
use super::amend::{AMENDED, Corrections};
use super::letter::Letter;
use super::queue::{HIDDEN, Queue};
use super::route::{Afresh, Destination, outgoing};
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::preview::Previews;
use crate::rate::{rate, ticks};
use crate::terminal::{print_line, printable};
use crate::trigger::Senders;

/// `provisionctl dlq replay`.
#[derive(Args)]
pub(super) struct Replay {
    /// Message ids, or as much of their beginnings as is unique.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Every letter of the queue.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    corrections: Corrections,
    #[command(flatten)]
    destination: Destination,
    /// Letters a second; by default the configured rate of Amazon Connect.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Say what would happen to each letter now, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: plan by the configuration alone, without a look into the instance.
    #[arg(long, requires = "dry_run")]
    offline: bool,
    #[command(flatten)]
    queue: WhichQueue,
}

pub(super) async fn run(command: Replay, connection: &Connection) -> Result<Ending, CannotRun> {
    if command.ids.is_empty() && !command.all && !command.filters.any() {
        return Err(CannotRun(
            "which letters? give ids, a filter such as --reason, or --all".to_owned(),
        ));
    }
    let policy = command.queue.config.load()?;
    let config = connection.config().await;
    let clients = Clients::new(&config);
    let queue = Queue::new(&command.queue, clients.sqs.clone()).await?;
    let mut letters = queue.pick(&command.ids, &command.filters).await?.letters;
    if let Err(why) = command.corrections.apply(&mut letters) {
        queue.give_back(&letters).await?;
        return Err(why);
    }
    if command.dry_run {
        queue.give_back(&letters).await?;
        return preview(&command, &letters, &clients).await;
    }
    let senders = Senders::new(&config);
    let run = Run {
        queue: &queue,
        senders: &senders,
        most_replays: policy.retry.most_replays,
        rate: command
            .rate
            .unwrap_or(policy.instances.main().connect.rate.per_second),
        command: &command,
    };
    run.all(&letters).await
}

async fn preview(
    command: &Replay,
    letters: &[Letter],
    clients: &Clients,
) -> Result<Ending, CannotRun> {
    let previews = if command.offline {
        Previews::offline(&command.queue.config).await?
    } else {
        Previews::live(&command.queue.config, clients)?
    };
    let mut refused = 0;
    for letter in letters {
        for preview in previews.for_message(&letter.message()).await {
            refused += usize::from(preview.is_refused());
            let id: String = letter.id.chars().take(8).collect();
            print_line(format_args!("{id}  {}  {}", preview.key, preview.text))?;
        }
    }
    Ok(ending(refused))
}

fn ending(not_done: usize) -> Ending {
    if not_done == 0 {
        Ending::AllDone
    } else {
        Ending::SomethingIsLeft
    }
}

struct Run<'a> {
    queue: &'a Queue,
    senders: &'a Senders,
    most_replays: u32,
    rate: f64,
    command: &'a Replay,
}

/// Counts of the letters so far.
#[derive(Default)]
struct Done {
    replayed: usize,
    refused: usize,
    /// The last refusals in a row for the same reason.
    streak: (String, usize),
}

// Whatever refuses so many in a row refuses all.
const SAME_REFUSALS: usize = 3;

impl Run<'_> {
    async fn all(&self, letters: &[Letter]) -> Result<Ending, CannotRun> {
        let progress = progress(letters.len());
        let mut done = Done::default();
        let mut ticks = ticks(self.rate);
        let mut renewed = Instant::now();
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        let mut reached = 0;
        for (n, letter) in letters.iter().enumerate() {
            tokio::select! {
                biased;
                _ = &mut interrupted => break,
                _ = ticks.tick() => (),
            }
            // In half of the time that they are hidden for, so that nobody else ever sees what is still to do.
            if renewed.elapsed() > Duration::from_secs(HIDDEN.unsigned_abs().into()) / 2 {
                self.queue.hide(&letters[n..], HIDDEN).await?;
                renewed = Instant::now();
            }
            let result = self.one(letter).await;
            if result.is_err() {
                self.queue.give_back([letter]).await?;
            }
            reached = n + 1;
            progress.inc(1);
            if done.note(letter, result) {
                break;
            }
        }
        progress.finish_and_clear();
        self.queue.give_back(&letters[reached..]).await?;
        let left = letters.len() - reached;
        print_line(format_args!(
            "replayed {}, refused {}, left {left}",
            done.replayed, done.refused
        ))?;
        Ok(ending(done.refused + left))
    }

    // Sent first and deleted second: killed in between, it is on both queues, and one user comes of it.
    async fn one(&self, letter: &Letter) -> Result<(), CannotRun> {
        let afresh = match letter.replays() >= self.most_replays {
            true if self.command.queue.anyway => Afresh::Yes,
            true => return Err(self.replayed_too_often(letter)),
            false => Afresh::No,
        };
        let route = self.command.destination.route(letter, self.senders).await?;
        if letter.attributes.contains_key(AMENDED) && !route.takes_attributes() {
            eprintln!("the old values are not kept: only a queue takes attributes");
        }
        let message = outgoing(letter, afresh)?;
        route.send(message, self.senders).await?;
        self.queue.delete(letter).await
    }

    fn replayed_too_often(&self, letter: &Letter) -> CannotRun {
        CannotRun(format!(
            "replayed {} times already, and [retry] most_replays is {}; fix the cause, then give --anyway, which starts the \
             count anew",
            letter.replays(),
            self.most_replays
        ))
    }
}

impl Done {
    /// Notes how a letter ended, and says whether the others would end the same way.
    fn note(&mut self, letter: &Letter, result: Result<(), CannotRun>) -> bool {
        let Err(why) = result else {
            self.replayed += 1;
            self.streak = (String::new(), 0);
            return false;
        };
        self.refused += 1;
        let id: String = letter.id.chars().take(8).collect();
        let key = printable(&letter.key());
        eprintln!("{id}  {key}  not replayed: {why}");
        let why = why.to_string();
        let before = if self.streak.0 == why {
            self.streak.1
        } else {
            0
        };
        self.streak = (why, before + 1);
        self.streak.1 >= SAME_REFUSALS
    }
}

// indicatif draws on a terminal only.
fn progress(letters: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {per_sec}  {eta} left");
    ProgressBar::new(letters as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
