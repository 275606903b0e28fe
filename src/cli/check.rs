//! A configuration file -> a word that it is valid, or its faults, a line each; and whether its account is as it needs.

mod finding;
mod function;
mod instance;
mod live;
mod queues;
mod secrets;

use serde_json::{Value, json};

use super::connection::Connection;
use super::{CannotRun, ConfigFile, Ending, print_line};
use crate::config;
use crate::policy::{ConnectPolicy, Policy, Then};

/// `provisionctl check`.
#[derive(clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// Look also whether the account is as the configuration needs it; nothing is changed.
    #[arg(long)]
    live: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
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
        Ok(_) if command.live && command.json => Ok(Ending::AllDone),
        Ok(policy) => {
            if command.json {
                print_line(what_a_deployment_needs(&policy))?;
            } else {
                let file = file.config.display();
                print_line(format_args!("{file}: valid, {}", summary(&policy)))?;
            }
            Ok(Ending::AllDone)
        }
        Err(faults) => {
            let shown = |fault: &config::Fault| {
                if command.json {
                    json!({ "line": fault.line, "fault": fault.text }).to_string()
                } else {
                    file.placed(fault)
                }
            };
            faults
                .iter()
                .try_for_each(|fault| print_line(shown(fault)))?;
            Ok(Ending::SomethingIsLeft)
        }
    }
}

// What infrastructure code takes from the configuration, so that nobody else has to read it.
fn what_a_deployment_needs(policy: &Policy) -> Value {
    let ConnectPolicy {
        instance_id,
        identity_management,
        rate,
        ..
    } = &policy.connect;
    json!({
        "instance_id": instance_id,
        "identity_management": identity_management.as_str(),
        "requests_per_second": rate.per_second,
        "burst": rate.burst,
        "concurrency": rate.concurrency,
        "secret_id": policy.password.as_ref().map(|password| password.secret_id.pattern()),
        "longest_wait_seconds": policy.retry.longest.max(policy.retry.systemic).as_secs(),
        "source_queue": policy.queues.source,
        "dead_letter_queue": policy.queues.dead_letter,
    })
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
