//! Letters that nobody needs -> gone, with a line that says why.

use clap::Args;
use connect_provisioner::aws::Clients;

use super::WhichQueue;
use super::letter::Letter;
use super::queue::Queue;
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl dlq drop`.
#[derive(Args)]
pub(super) struct Drop {
    /// Message ids, or as much of their beginnings as is unique.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    filters: Filters,
    /// Why nobody needs them; stands in the line that is printed for each.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Delete more than one.
    #[arg(long)]
    yes: bool,
    /// Say what would be deleted, and delete nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    queue: WhichQueue,
}

pub(super) async fn run(command: Drop, connection: &Connection) -> Result<Ending, CannotRun> {
    if command.ids.is_empty() && !command.filters.any() {
        return Err(CannotRun(
            "which letters? give ids, or a filter such as --reason".to_owned(),
        ));
    }
    if command.why.trim().is_empty() {
        return Err(CannotRun(
            "--why is blank; say why nobody needs them".to_owned(),
        ));
    }
    let clients = Clients::new(&connection.config().await);
    let queue = Queue::new(&command.queue, clients.sqs).await?;
    let letters = queue.pick(&command.ids, &command.filters).await?.letters;
    let people: usize = letters.iter().map(Letter::count).sum();
    if command.dry_run || (people > 1 && !command.yes) {
        queue.give_back(&letters).await?;
        for letter in &letters {
            print_line(format_args!(
                "{}  {}  {}",
                letter.id,
                letter.key(),
                letter.reason()
            ))?;
        }
        if command.dry_run {
            return Ok(Ending::AllDone);
        }
        return Err(CannotRun(format!(
            "these are {} letters about {people} people; give --yes to delete them all",
            letters.len()
        )));
    }
    for letter in &letters {
        queue.delete(letter).await?;
        print_line(format_args!(
            "dropped {}  {}  {}: {}",
            letter.id,
            letter.key(),
            letter.reason(),
            command.why
        ))?;
    }
    Ok(Ending::AllDone)
}
