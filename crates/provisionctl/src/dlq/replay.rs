//! Selected dead letters -> each sent again and then deleted, at a rate; or a preview of the results.

use std::time::Duration;

use clap::Args;
use connect_provisioner::aws::Clients;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use super::amend::{AMENDED, Corrections};
use super::dead_letter::DeadLetter;
use super::queue::{DeadLetterQueue, VISIBILITY_TIMEOUT};
use super::queue_options::QueueOptions;
use super::route::{ReplayCount, ReplayDestination, outgoing};
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
    /// Message ids, or unique beginnings of them.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Replay every dead letter of the queue.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    corrections: Corrections,
    #[command(flatten)]
    destination: ReplayDestination,
    /// Messages a second; by default the configured rate of Amazon Connect.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Print the result that each replay would have, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: plan with the configuration only, without calls to Amazon Connect.
    #[arg(long, requires = "dry_run")]
    offline: bool,
    #[command(flatten)]
    queue: QueueOptions,
}

pub(super) async fn run(command: Replay, connection: &Connection) -> Result<Ending, CannotRun> {
    if command.ids.is_empty() && !command.all && !command.filters.is_any_set() {
        return Err(CannotRun(
            "no dead letters are selected; give ids, a filter such as --reason, or --all"
                .to_owned(),
        ));
    }
    let policy = command.queue.config.load()?;
    let config = connection.config().await;
    let clients = Clients::new(&config);
    let queue = DeadLetterQueue::new(&command.queue, clients.sqs.clone()).await?;
    let mut dead_letters = queue
        .pick(&command.ids, &command.filters)
        .await?
        .dead_letters;
    if let Err(why) = command.corrections.apply(&mut dead_letters) {
        queue.make_visible(&dead_letters).await?;
        return Err(why);
    }
    if command.dry_run {
        queue.make_visible(&dead_letters).await?;
        return preview(&command, &dead_letters, &clients).await;
    }
    let senders = Senders::new(&config);
    let replayer = Replayer {
        queue: &queue,
        senders: &senders,
        most_replays: policy.retry.most_replays,
        rate: command
            .rate
            .unwrap_or(policy.instances.main().connect.rate.per_second),
        command: &command,
    };
    replayer.replay_all(&dead_letters).await
}

async fn preview(
    command: &Replay,
    dead_letters: &[DeadLetter],
    clients: &Clients,
) -> Result<Ending, CannotRun> {
    let previews = if command.offline {
        Previews::offline(&command.queue.config).await?
    } else {
        Previews::live(&command.queue.config, clients)?
    };
    let mut refused = 0;
    for dead_letter in dead_letters {
        for preview in previews.for_message(&dead_letter.message()).await {
            refused += usize::from(preview.is_refused());
            let id: String = dead_letter.id.chars().take(8).collect();
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

struct Replayer<'a> {
    queue: &'a DeadLetterQueue,
    senders: &'a Senders,
    most_replays: u32,
    rate: f64,
    command: &'a Replay,
}

/// Counts of the replays so far.
#[derive(Default)]
struct ReplayCounts {
    replayed: usize,
    refused: usize,
    /// The last reason, and the number of consecutive refusals for it.
    streak: (String, usize),
}

// Consecutive refusals for one reason after which the others are not tried.
const MOST_EQUAL_REFUSALS: usize = 3;

impl Replayer<'_> {
    async fn replay_all(&self, dead_letters: &[DeadLetter]) -> Result<Ending, CannotRun> {
        let progress = progress(dead_letters.len());
        let mut counts = ReplayCounts::default();
        let mut ticks = ticks(self.rate);
        let mut renewed = Instant::now();
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        let mut reached = 0;
        for (n, dead_letter) in dead_letters.iter().enumerate() {
            tokio::select! {
                biased;
                _ = &mut interrupted => break,
                _ = ticks.tick() => (),
            }
            // Renewed at half of the visibility timeout, so that no other consumer receives the remaining ones.
            if renewed.elapsed() > Duration::from_secs(VISIBILITY_TIMEOUT.unsigned_abs().into()) / 2
            {
                self.queue
                    .hide(&dead_letters[n..], VISIBILITY_TIMEOUT)
                    .await?;
                renewed = Instant::now();
            }
            let result = self.replay(dead_letter).await;
            if result.is_err() {
                self.queue.make_visible([dead_letter]).await?;
            }
            reached = n + 1;
            progress.inc(1);
            if counts.note(dead_letter, result) {
                break;
            }
        }
        progress.finish_and_clear();
        self.queue.make_visible(&dead_letters[reached..]).await?;
        let left = dead_letters.len() - reached;
        print_line(format_args!(
            "replayed {}, refused {}, left {left}",
            counts.replayed, counts.refused
        ))?;
        Ok(ending(counts.refused + left))
    }

    // Sent before it is deleted: if the process ends in between, it is on both queues, and the function creates one user.
    async fn replay(&self, dead_letter: &DeadLetter) -> Result<(), CannotRun> {
        let count = match dead_letter.replays() >= self.most_replays {
            true if self.command.queue.anyway => ReplayCount::Reset,
            true => return Err(self.replayed_too_often(dead_letter)),
            false => ReplayCount::Keep,
        };
        let trigger = self
            .command
            .destination
            .trigger_for(dead_letter, self.senders)
            .await?;
        if dead_letter.attributes.contains_key(AMENDED) && !trigger.takes_attributes() {
            eprintln!("the old values are not sent: only a queue takes attributes");
        }
        let message = outgoing(dead_letter, count)?;
        trigger.send(message, self.senders).await?;
        self.queue.delete(dead_letter).await
    }

    fn replayed_too_often(&self, dead_letter: &DeadLetter) -> CannotRun {
        CannotRun(format!(
            "replayed {} times already, and [retry] most_replays is {}; fix the cause, then give --anyway, which resets the \
             count",
            dead_letter.replays(),
            self.most_replays
        ))
    }
}

impl ReplayCounts {
    /// Records the result of a replay, and returns whether the others would be refused for the same reason.
    fn note(&mut self, dead_letter: &DeadLetter, result: Result<(), CannotRun>) -> bool {
        let Err(why) = result else {
            self.replayed += 1;
            self.streak = (String::new(), 0);
            return false;
        };
        self.refused += 1;
        let id: String = dead_letter.id.chars().take(8).collect();
        let key = printable(&dead_letter.key());
        eprintln!("{id}  {key}  not replayed: {why}");
        let why = why.to_string();
        let before = if self.streak.0 == why {
            self.streak.1
        } else {
            0
        };
        self.streak = (why, before + 1);
        self.streak.1 >= MOST_EQUAL_REFUSALS
    }
}

// The bar is drawn on a terminal only.
fn progress(dead_letters: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {per_sec}  {eta} left");
    ProgressBar::new(dead_letters as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
