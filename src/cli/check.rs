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
use crate::assignment::{Assignment, Gives, Then};
use crate::config;
use crate::policy::{Instance, Policy};

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
    std::fs::File::open(&file.config)
        .map_err(|err| CannotRun(format!("{}: {err}", file.config.display())))?;
    match config::load(&file.config) {
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
    let instances: Vec<_> = policy
        .instances
        .iter()
        .map(|(_, one)| of_instance(one))
        .collect();
    let rate = policy.instances.main().connect.rate;
    json!({
        "instances": instances,
        "requests_per_second": rate.per_second,
        "burst": rate.burst,
        "concurrency": rate.concurrency,
        "files": policy.files,
        "schedules": policy.schedule.is_some(),
        "longest_wait_seconds": policy.retry.longest.max(policy.retry.systemic).as_secs(),
        "source_queue": policy.queues.source,
        "dead_letter_queue": policy.queues.dead_letter,
    })
}

fn of_instance(instance: &Instance) -> Value {
    let secret = instance.password.as_ref();
    json!({
        "name": instance.name,
        "instance_id": instance.connect.instance_id,
        "region": instance.connect.region,
        "identity_management": instance.connect.identity_management.as_str(),
        "secret_id": secret.map(|password| password.secret_id.pattern()),
    })
}

fn summary(policy: &Policy) -> String {
    let skips = |assignment: &&Assignment| matches!(assignment.gives, Gives::All(Then::Skip(_)));
    let skips = policy.assignments.iter().filter(skips).count();
    let assignments = policy.assignments.len();
    let rows = |assignment: &Assignment| match &assignment.gives {
        Gives::All(_) => 0,
        Gives::ByRow(table) => table.rows.len(),
    };
    let rows = match policy.assignments.iter().map(rows).sum() {
        0 => String::new(),
        rows => format!(", {rows} rows in tables"),
    };
    let instances = match policy.instances.iter().count() {
        1 => String::new(),
        several => format!(", {several} instances"),
    };
    format!(
        "{assignments} assignments ({skips} of them skip){rows}, {} username templates{instances}",
        policy.instances.main().user.username.len()
    )
}
