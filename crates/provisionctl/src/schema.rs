//! The configuration, or the event hr.join/1 -> its JSON Schema.

use clap::Subcommand;
use connect_provisioner::policy::config;
use connect_provisioner::source;
use serde_json::Value;

use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl schema`.
#[derive(Subcommand)]
pub(super) enum Schema {
    /// Print the schema of provisioner.toml, for completion in editors.
    Config,
    /// Print the schema of an hr.join/1 event or a list of them, for validation by producers.
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
