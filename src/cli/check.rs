//! A configuration file -> a word that it is valid, or its faults, a line each; and whether its account is as it needs.

mod finding;
mod function;
mod instance;
mod live;
mod queues;
mod secrets;
mod start;

use serde_json::{Value, json};

use super::connection::Connection;
use super::{CannotRun, ConfigFile, Ending, print_line};
use crate::assignment::{Assignment, Gives, Then};
use crate::config;
use crate::policy::{Instance, Policy};
use start::Start;

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
        Ok(policy) => valid(command, &policy),
        Err(faults) => {
            faults
                .iter()
                .try_for_each(|fault| print_line(shown(command, fault)))?;
            Ok(Ending::SomethingIsLeft)
        }
    }
}

fn valid(command: &Check, policy: &Policy) -> Result<Ending, CannotRun> {
    let file = command.config.config.display();
    let valid = format!("{file}: valid, {}", summary(policy));
    // The live look counts the calls of a start.
    if command.live {
        if !command.json {
            print_line(valid)?;
        }
        return Ok(Ending::AllDone);
    }
    let start = Start::assumed(policy);
    let fault = start.too_long(start::USUAL_TIME_OUT);
    let fault = fault.map(|text| config::Fault { line: None, text });
    if let Some(fault) = fault {
        print_line(shown(command, &fault))?;
        return Ok(Ending::SomethingIsLeft);
    }
    if command.json {
        print_line(what_a_deployment_needs(policy, &start))?;
    } else {
        print_line(valid)?;
        print_line(start.says())?;
    }
    Ok(Ending::AllDone)
}

fn shown(command: &Check, fault: &config::Fault) -> String {
    if command.json {
        json!({ "line": fault.line, "fault": fault.text }).to_string()
    } else {
        command.config.placed(fault)
    }
}

// What infrastructure code takes from the configuration, so that nobody else has to read it.
fn what_a_deployment_needs(policy: &Policy, start: &Start) -> Value {
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
        "start_calls": start.calls,
        "start_seconds": start.seconds,
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
