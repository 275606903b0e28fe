//! A valid configuration and an account -> whether the one fits the other, line by line.

use std::path::PathBuf;

use clap::Args;
use connect_provisioner::aws::Clients;
use connect_provisioner::policy::QueueNames;

use super::finding::{Findings, State};
use super::{Check, claims, function, instance, queues, secrets, start};
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::queue_url::url_of_any;

/// Parts of a deployment to look at besides the instance and its secrets.
#[derive(Args)]
#[command(next_help_heading = "With --live")]
pub(super) struct Deployment {
    /// The deployed function, which says where its queues are and how long it may run.
    #[arg(long, value_name = "NAME")]
    pub(super) function: Option<String>,
    /// The source queue's URL.
    #[arg(long, value_name = "URL")]
    source_queue_url: Option<String>,
    /// The source queue's name.
    #[arg(long, value_name = "NAME", conflicts_with = "source_queue_url")]
    source_queue_name: Option<String>,
    /// The dead-letter queue's URL.
    #[arg(long, value_name = "URL", env = "PROVISIONER_DLQ_URL")]
    dlq_url: Option<String>,
    /// The dead-letter queue's name.
    #[arg(long, value_name = "NAME", conflicts_with = "dlq_url")]
    dlq_name: Option<String>,
    /// The function's time-out in seconds, where --function does not say so.
    #[arg(long, value_name = "SECONDS", default_value_t = start::USUAL_TIME_OUT)]
    pub(super) function_timeout: u32,
    /// Events of people whose own secrets are looked at.
    #[arg(long, value_name = "PATH")]
    pub(super) event: Vec<PathBuf>,
}

/// The queues of a deployment, and what the function makes of them.
pub(super) struct Queues {
    pub(super) source_url: Option<String>,
    pub(super) dlq_url: Option<String>,
    pub(super) function_timeout: u32,
    /// `PROVISIONER_MAX_RECEIVE_COUNT`, where the function was looked at.
    pub(super) last_delivery: Option<u32>,
}

pub(super) async fn run(command: &Check, connection: &Connection) -> Result<Ending, CannotRun> {
    let policy = command.config.load()?;
    let config = connection.config().await;
    let clients = Clients::new(&config);
    let mut findings = Findings::default();
    let start = instance::look(&mut findings, &clients, &policy).await;
    claims::look(&mut findings, &clients, &policy).await;
    secrets::look(&mut findings, &clients, command, &policy).await?;
    let mut queues = command
        .deployment
        .queues(&mut findings, &clients.sqs, &policy.queues)
        .await;
    if let Some(name) = &command.deployment.function {
        function::look(&mut findings, &config, name, &policy, &mut queues).await;
    }
    start.judge(&mut findings, queues.function_timeout);
    queues::look(&mut findings, &clients.sqs, &queues, policy.retry).await;
    findings.note(
        "permissions",
        "these are what your credentials may do, not the function's role; connect:CreateUser, connect:DescribeUser and \
         sqs:SendMessage (dead letters, and parts of long messages on the source queue) were not tried, since nothing is \
         changed here",
    );
    if command.json {
        findings.print_json()?;
    } else {
        findings.print()?;
    }
    Ok(match findings.count(State::Fail) {
        0 => Ending::AllDone,
        _ => Ending::SomethingIsLeft,
    })
}

impl Deployment {
    async fn queues(
        &self,
        findings: &mut Findings,
        client: &aws_sdk_sqs::Client,
        named: &QueueNames,
    ) -> Queues {
        let (name, url) = (
            self.source_queue_name.as_deref(),
            self.source_queue_url.as_deref(),
        );
        let source = url_of_any(client, name, url, named.source.as_deref()).await;
        let source_name = name.or(named.source.as_deref());
        let (name, url) = (self.dlq_name.as_deref(), self.dlq_url.as_deref());
        let dlq = url_of_any(client, name, url, named.dead_letter.as_deref()).await;
        let dlq_name = name.or(named.dead_letter.as_deref());
        Queues {
            source_url: found(findings, "source queue", source_name, source),
            dlq_url: found(findings, "dead-letter queue", dlq_name, dlq),
            function_timeout: self.function_timeout,
            last_delivery: None,
        }
    }
}

fn found(
    findings: &mut Findings,
    role: &str,
    name: Option<&str>,
    url: Result<Option<String>, CannotRun>,
) -> Option<String> {
    url.unwrap_or_else(|why| {
        let name = name.unwrap_or_default();
        findings.fail(&format!("{role} {name}"), why.to_string());
        None
    })
}
