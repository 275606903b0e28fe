//! Ids and filters -> the dead letters deleted, with a line for each that holds the reason given.

use clap::Args;
use connect_provisioner::aws::Clients;

use super::dead_letter::DeadLetter;
use super::queue::DeadLetterQueue;
use super::queue_options::QueueOptions;
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl dlq drop`.
#[derive(Args)]
pub(super) struct Drop {
    /// Message ids, or unique beginnings of them.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    filters: Filters,
    /// Reason for the deletion, printed with each line.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Delete dead letters about more than one person.
    #[arg(long)]
    yes: bool,
    /// Print the dead letters that would be deleted, and delete none.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    queue: QueueOptions,
}

pub(super) async fn run(command: Drop, connection: &Connection) -> Result<Ending, CannotRun> {
    if command.ids.is_empty() && !command.filters.is_any_set() {
        return Err(CannotRun(
            "no dead letters are selected; give ids, or a filter such as --reason".to_owned(),
        ));
    }
    if command.why.trim().is_empty() {
        return Err(CannotRun(
            "--why is blank; give the reason for the deletion".to_owned(),
        ));
    }
    let clients = Clients::new(&connection.config().await);
    let queue = DeadLetterQueue::new(&command.queue, clients.sqs).await?;
    let dead_letters = queue
        .pick(&command.ids, &command.filters)
        .await?
        .dead_letters;
    let people: usize = dead_letters.iter().map(DeadLetter::count).sum();
    if command.dry_run || (people > 1 && !command.yes) {
        queue.make_visible(&dead_letters).await?;
        for dead_letter in &dead_letters {
            print_line(format_args!(
                "{}  {}  {}",
                dead_letter.id,
                dead_letter.key(),
                dead_letter.reason()
            ))?;
        }
        if command.dry_run {
            return Ok(Ending::AllDone);
        }
        return Err(CannotRun(format!(
            "these are {} dead letters about {people} people; give --yes to delete them all",
            dead_letters.len()
        )));
    }
    for dead_letter in &dead_letters {
        queue.delete(dead_letter).await?;
        print_line(format_args!(
            "dropped {}  {}  {}: {}",
            dead_letter.id,
            dead_letter.key(),
            dead_letter.reason(),
            command.why
        ))?;
    }
    Ok(Ending::AllDone)
}
