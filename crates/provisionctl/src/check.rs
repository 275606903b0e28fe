//! A configuration file -> a word that it is valid, or its faults, a line each; and whether its account is as it needs.

mod claims;
mod finding;
mod function;
mod instance;
mod live;
mod queues;
mod secrets;
mod start;

use std::time::Duration;

use connect_provisioner::policy::assignment::{Assignment, Gives, Then};
use connect_provisioner::policy::{Instance, Policy, config};
use serde_json::{Value, json};
use start::Start;

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

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

impl Check {
    fn time_out(&self) -> Duration {
        Duration::from_secs(self.deployment.function_timeout.into())
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
        // A function says itself how long it may run.
        if !command.json && command.deployment.function.is_none() {
            print_line(people_served(policy, command.time_out()))?;
        }
        return Ok(Ending::AllDone);
    }
    let start = Start::assumed(policy);
    let fault = start.too_long(command.deployment.function_timeout);
    let fault = fault.map(|text| config::Fault { line: None, text });
    if let Some(fault) = fault {
        print_line(shown(command, &fault))?;
        return Ok(Ending::SomethingIsLeft);
    }
    if command.json {
        print_line(what_a_deployment_needs(policy, command.time_out(), &start))?;
    } else {
        print_line(valid)?;
        print_line(start.says())?;
        print_line(people_served(policy, command.time_out()))?;
        policy.sources.note().map_or(Ok(()), print_line)?;
    }
    Ok(Ending::AllDone)
}

fn shown(command: &Check, fault: &config::Fault) -> String {
    if command.json {
        json!({ "line": fault.line, "fault": fault.text }).to_string()
    } else {
        command.config.with_location(fault)
    }
}

// What infrastructure code takes from the configuration, so that nobody else has to read it.
fn what_a_deployment_needs(policy: &Policy, time_out: Duration, start: &Start) -> Value {
    let instances: Vec<_> = policy
        .instances
        .iter()
        .map(|(_, one)| of_instance(one))
        .collect();
    let rate = policy.instances.main().connect.rate;
    let retry = policy.retry;
    json!({
        "instances": instances,
        "requests_per_second": rate.per_second,
        "burst": rate.burst,
        "concurrency": rate.concurrency,
        "files": policy.files,
        "schedules": policy.schedule.is_some(),
        "people_per_invocation": policy.people_per_invocation(time_out),
        "first_wait_seconds": retry.first.as_secs(),
        "longest_wait_seconds": retry.longest_wait().as_secs(),
        "give_up_deliveries": retry.give_up_deliveries,
        "give_up_seconds": retry.give_up.as_secs(),
        "systemic_give_up_seconds": retry.systemic_give_up.as_secs(),
        "deliveries_needed": retry.most_deliveries(),
        "claims_table": policy.claims.as_ref().map(|claims| &claims.table),
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

fn people_served(policy: &Policy, time_out: Duration) -> String {
    format!(
        "an invocation of {} s serves {} people of one message; longer messages from a queue are split",
        time_out.as_secs(),
        policy.people_per_invocation(time_out)
    )
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
