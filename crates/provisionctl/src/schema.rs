//! Types of the configuration and of this program's own event -> JSON Schemas, for editors and for producers.

use clap::Subcommand;
use connect_provisioner::policy::config;
use connect_provisioner::source;
use serde_json::Value;

use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl schema`.
#[derive(Subcommand)]
pub(super) enum Schema {
    /// Of provisioner.toml, by which an editor completes it.
    Config,
    /// Of an hr.join/1 event, or a list of them, by which a producer checks what it sends.
    Event,
}

pub(super) fn run(command: &Schema) -> Result<Ending, CannotRun> {
    print(&match command {
        Schema::Config => config::schema(),
        Schema::Event => source::event_schema(),
    })
}

fn print(schema: &Value) -> Result<Ending, CannotRun> {
    print_line(serde_json::to_string_pretty(schema).map_err(CannotRun::because)?)?;
    Ok(Ending::AllDone)
}
