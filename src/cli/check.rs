//! A configuration file -> a word that it is valid, or its faults, a line each; and whether its account is as it needs.

mod finding;
mod function;
mod instance;
mod live;
mod queues;
mod secrets;

use super::connection::Connection;
use super::{CannotRun, ConfigFile, Ending, print_line};
use crate::config;
use crate::policy::{Policy, Then};

/// `provisionctl check`.
#[derive(clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// Look also whether the account is as the configuration needs it; nothing is changed.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    deployment: live::Deployment,
}

pub(super) async fn run(command: Check, connection: &Connection) -> Result<Ending, CannotRun> {
    match offline(&command)? {
        Ending::AllDone if command.live => live::run(&command, connection).await,
        ending => Ok(ending),
    }
}

fn offline(command: &Check) -> Result<Ending, CannotRun> {
    let file = &command.config;
    let text = std::fs::read_to_string(&file.config)
        .map_err(|err| CannotRun(format!("{}: {err}", file.config.display())))?;
    match config::parse(&text) {
        Ok(_) if command.live && command.deployment.json => Ok(Ending::AllDone),
        Ok(policy) => {
            print_line(format_args!(
                "{}: valid, {}",
                file.config.display(),
                summary(&policy)
            ))?;
            Ok(Ending::AllDone)
        }
        Err(faults) => {
            faults
                .iter()
                .try_for_each(|fault| print_line(file.placed(fault)))?;
            Ok(Ending::SomethingIsLeft)
        }
    }
}

fn summary(policy: &Policy) -> String {
    let skips = policy
        .assignments
        .iter()
        .filter(|assignment| matches!(assignment.then, Then::Skip(_)))
        .count();
    let assignments = policy.assignments.len();
    format!(
        "{assignments} assignments ({skips} of them skip), {} username templates",
        policy.user.username.len()
    )
}
