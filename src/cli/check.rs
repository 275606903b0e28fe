//! A configuration file -> a word that it is valid, or its faults, a line each.

use super::{CannotRun, ConfigFile, Ending, print_line};
use crate::config;
use crate::policy::{Policy, Then};

/// `provisionctl check`.
#[derive(clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn run(command: &Check) -> Result<Ending, CannotRun> {
    let file = &command.config;
    let text = std::fs::read_to_string(&file.config)
        .map_err(|err| CannotRun(format!("{}: {err}", file.config.display())))?;
    match config::parse(&text) {
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
