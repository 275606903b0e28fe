//! `provisionctl dlq`: a dead-letter queue -> its messages listed, explained, replayed, exported or deleted.

mod amend;
mod dead_letter;
mod drop;
mod export;
mod list;
mod masked;
mod origin;
mod queue;
mod queue_options;
mod replay;
mod route;
mod select;
mod show;
mod splice;

use clap::{Args, Subcommand};

use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};

/// `provisionctl dlq`.
#[derive(Args)]
pub(super) struct Dlq {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the dead letters, and count them by reason; the queue stays as it was.
    List(list::List),
    /// Show why a message failed, its event, the result of a replay now, and the next command.
    Show(show::Show),
    /// Send dead letters back to where they came from, then delete them.
    Replay(Box<replay::Replay>),
    /// Write dead letters with all attributes to a file as JSON lines; nothing is deleted.
    Export(export::Export),
    /// Send exported dead letters to a dead-letter queue.
    Import(export::Import),
    /// Delete dead letters for good, and print the reason given.
    Drop(drop::Drop),
}

pub(super) async fn run(command: Dlq, connection: &Connection) -> Result<Ending, CannotRun> {
    match command.action {
        Action::List(command) => list::run(command, connection).await,
        Action::Show(command) => show::run(command, connection).await,
        Action::Replay(command) => replay::run(*command, connection).await,
        Action::Export(command) => export::run(command, connection).await,
        Action::Import(command) => export::import(command, connection).await,
        Action::Drop(command) => drop::run(command, connection).await,
    }
}
