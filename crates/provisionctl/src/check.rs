//! A configuration file -> a summary or its errors, a line each, and findings about the account of its deployment.

mod claims;
mod deployed;
mod deployment_options;
mod facts;
mod finding;
mod function;
mod instance;
mod live;
mod named;
mod named_queues;
mod people;
mod queues;
mod secrets;
mod source_queue;
mod start;

use std::time::Duration;

use connect_provisioner::policy::assignment::{Assignment, Gives, Then};
use connect_provisioner::policy::config::Fault;
use connect_provisioner::policy::{Instance, Policy, config};
use deployment_options::DeploymentOptions;
use finding::State;
use serde_json::{Value, json};
use start::Start;

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::iam_policy;
use crate::terminal::print_line;

/// `provisionctl check`.
#[derive(clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// Check the AWS account of the deployment too; nothing is changed.
    #[arg(long)]
    live: bool,
    /// Print JSON objects, one a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    deployment: DeploymentOptions,
}

pub(super) async fn run(command: Check, connection: &Connection) -> Result<Ending, CannotRun> {
    match offline(&command)? {
        Ending::AllDone if command.live => check_account(&command, connection).await,
        ending => Ok(ending),
    }
}

async fn check_account(command: &Check, connection: &Connection) -> Result<Ending, CannotRun> {
    let config = connection.config().await;
    let findings = live::check(&command.config, &command.deployment, &config).await?;
    if command.json {
        finding::print_json(&findings)?;
    } else {
        finding::print(&findings)?;
    }
    Ok(match finding::count(&findings, State::Fail) {
        0 => Ending::AllDone,
        _ => Ending::SomethingIsLeft,
    })
}

impl Check {
    fn timeout(&self) -> Duration {
        Duration::from_secs(self.deployment.function_timeout.into())
    }
}

fn offline(command: &Check) -> Result<Ending, CannotRun> {
    let file = &command.config;
    std::fs::File::open(&file.config)
        .map_err(|err| CannotRun(format!("{}: {err}", file.config.display())))?;
    let review = config::review(&file.config);
    match review.policy {
        Ok(policy) => {
            let of_role = iam_policy::doubt(&policy).map(|text| Fault {
                line: None,
                column: None,
                text,
            });
            let doubts: Vec<Fault> = review.doubts.into_iter().chain(of_role).collect();
            valid(command, &policy, &doubts)
        }
        Err(faults) => {
            faults
                .iter()
                .try_for_each(|fault| print_line(fault_line(command, fault)))?;
            Ok(Ending::SomethingIsLeft)
        }
    }
}

fn valid(command: &Check, policy: &Policy, doubts: &[Fault]) -> Result<Ending, CannotRun> {
    let file = command.config.config.display();
    let valid = format!("{file}: valid, {}", summary(policy));
    // With --live, the calls of a start are counted instead of estimated.
    if command.live {
        if !command.json {
            print_line(valid)?;
            print_doubts(command, doubts)?;
        }
        // The timeout of a deployed function may differ.
        if !command.json && command.deployment.function.is_none() {
            print_line(people_served(policy, command.timeout()))?;
        }
        return Ok(Ending::AllDone);
    }
    let start = Start::assumed(policy);
    let fault = start.too_long(command.deployment.function_timeout);
    let fault = fault.map(|text| Fault {
        line: None,
        column: None,
        text,
    });
    if let Some(fault) = fault {
        print_line(fault_line(command, &fault))?;
        return Ok(Ending::SomethingIsLeft);
    }
    if command.json {
        let mut needs = deployment_needs(policy, command.timeout(), &start);
        needs["warnings"] = doubts
            .iter()
            .map(|doubt| fault_json("warning", doubt))
            .collect();
        print_line(needs)?;
    } else {
        print_line(valid)?;
        print_line(start.says())?;
        print_line(people_served(policy, command.timeout()))?;
        policy.sources.note().map_or(Ok(()), print_line)?;
        print_doubts(command, doubts)?;
    }
    Ok(Ending::AllDone)
}

fn print_doubts(command: &Check, doubts: &[Fault]) -> Result<(), CannotRun> {
    doubts.iter().try_for_each(|doubt| {
        let doubt = Fault {
            text: format!("warning: {}", doubt.text),
            ..doubt.clone()
        };
        print_line(command.config.with_location(&doubt))
    })
}

fn fault_json(name: &str, fault: &Fault) -> Value {
    json!({ "line": fault.line, "column": fault.column, name: fault.text })
}

fn fault_line(command: &Check, fault: &Fault) -> String {
    if command.json {
        fault_json("fault", fault).to_string()
    } else {
        command.config.with_location(fault)
    }
}

// Returns the values that infrastructure code takes from the configuration.
fn deployment_needs(policy: &Policy, timeout: Duration, start: &Start) -> Value {
    let instances: Vec<_> = policy
        .instances
        .iter()
        .map(|(_, one)| instance_needs(one))
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
        "people_per_invocation": policy.people_per_invocation(timeout),
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

fn instance_needs(instance: &Instance) -> Value {
    let secret = instance.password.as_ref();
    json!({
        "name": instance.name,
        "instance_id": instance.connect.instance_id,
        "region": instance.connect.region,
        "identity_management": instance.connect.identity_management.as_str(),
        "secret_id": secret.map(|password| password.secret_id.pattern()),
    })
}

fn people_served(policy: &Policy, timeout: Duration) -> String {
    format!(
        "an invocation of {} s serves {} people of one message; longer messages from a queue are split",
        timeout.as_secs(),
        policy.people_per_invocation(timeout)
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
