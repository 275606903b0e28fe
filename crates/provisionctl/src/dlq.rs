//! `provisionctl dlq`: look at dead letters, explain them, and send them back.

mod amend;
mod drop;
mod export;
mod letter;
mod list;
mod masked;
mod queue;
mod replay;
mod route;
mod select;
mod show;
mod splice;

use clap::{Args, Subcommand};

use crate::config_file::ConfigFile;
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
    /// List the dead letters, with their reasons counted; nothing is consumed.
    List(list::List),
    /// Say why a dead letter failed, what it holds, what would happen now, and what to do.
    Show(show::Show),
    /// Send dead letters back to where they came from, then delete them.
    Replay(Box<replay::Replay>),
    /// Write whole dead letters to a file, as JSON lines; nothing is deleted.
    Export(export::Export),
    /// Send exported dead letters to a dead-letter queue.
    Import(export::Import),
    /// Delete dead letters for good, saying why.
    Drop(drop::Drop),
}

/// Which dead-letter queue a command is about.
#[derive(Args)]
struct WhichQueue {
    /// The queue's URL.
    #[arg(long, value_name = "URL", env = "PROVISIONER_DLQ_URL")]
    queue_url: Option<String>,
    /// The queue's name, in the account and Region of the credentials.
    #[arg(long, value_name = "NAME", conflicts_with = "queue_url")]
    queue_name: Option<String>,
    /// Look even where that may move messages away, as the queue has a redrive policy of its own.
    #[arg(long)]
    anyway: bool,
    #[command(flatten)]
    config: ConfigFile,
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
