//! A valid configuration and an account -> findings whether the account fits the configuration.

use aws_config::SdkConfig;
use connect_provisioner::aws::Clients;
use connect_provisioner::policy::Policy;

use super::deployed::Deployed;
use super::deployment_options::DeploymentOptions;
use super::facts::claims::ClaimsTable;
use super::facts::function::FunctionFacts;
use super::facts::instance::InstanceFacts;
use super::facts::named_queues::NamedQueues;
use super::facts::queue::QueueFacts;
use super::facts::secrets::SecretFacts;
use super::facts::{
    claims as claims_facts, function as function_facts, instance as instance_facts,
    named_queues as named_queues_facts, queue as queue_facts, secrets as secrets_facts,
};
use super::finding::Finding;
use super::start::Start;
use super::{claims, function, instance, named_queues, people, queues, secrets};
use crate::config_file::ConfigFile;
use crate::ending::CannotRun;

/// Facts about all resources of a deployment.
struct DeploymentFacts {
    instances: Vec<InstanceFacts>,
    claims: Option<Result<ClaimsTable, CannotRun>>,
    secrets: Vec<SecretFacts>,
    named_queues: NamedQueues,
    function: Option<FunctionFacts>,
    deployed: Deployed,
    source_queue: Option<QueueFacts>,
    dead_letter_queue: Option<QueueFacts>,
}

/// Gathers the facts of a deployment and judges them.
///
/// # Errors
/// Returns an error if the configuration or an event file cannot be read.
pub(super) async fn check(
    file: &ConfigFile,
    options: &DeploymentOptions,
    config: &SdkConfig,
) -> Result<Vec<Finding>, CannotRun> {
    let policy = file.load()?;
    let facts = gather(file, &policy, options, config).await?;
    Ok(judge(&policy, &facts))
}

async fn gather(
    file: &ConfigFile,
    policy: &Policy,
    options: &DeploymentOptions,
    config: &SdkConfig,
) -> Result<DeploymentFacts, CannotRun> {
    let clients = Clients::new(config);
    let instances = instance_facts::gather(&clients, policy).await;
    let claims = claims_facts::gather(&clients, policy).await;
    let secrets = secrets_facts::gather(&clients, file, &options.event, policy).await?;
    let named_queues = named_queues_facts::gather(&clients.sqs, options, &policy.queues).await;
    let function = match &options.function {
        Some(name) => {
            Some(function_facts::gather(config, name, named_queues.source.found_url()).await)
        }
        None => None,
    };
    let deployed = Deployed::new(&named_queues, function.as_ref(), options.function_timeout);
    Ok(DeploymentFacts {
        instances,
        claims,
        secrets,
        named_queues,
        function,
        source_queue: queue(&clients, deployed.source_url.as_deref()).await,
        dead_letter_queue: queue(&clients, deployed.dead_letter_url.as_deref()).await,
        deployed,
    })
}

async fn queue(clients: &Clients, url: Option<&str>) -> Option<QueueFacts> {
    Some(queue_facts::gather(&clients.sqs, url?).await)
}

fn judge(policy: &Policy, facts: &DeploymentFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let instances = || policy.instances.iter().zip(&facts.instances);
    for ((which, _), facts) in instances() {
        findings.extend(instance::judge(policy, which, &facts.look_ups));
    }
    for ((_, instance), facts) in instances() {
        let id = &instance.connect.instance_id;
        findings.extend(people::judge(id, &facts.tagged_users));
    }
    findings.push(claims::judge(policy, facts.claims.as_ref()));
    findings.extend(facts.secrets.iter().map(secrets::judge));
    findings.extend(named_queues::judge(&facts.named_queues));
    let deployed = &facts.deployed;
    if let Some(found) = &facts.function {
        let named_dlq_url = facts.named_queues.dead_letter.found_url();
        findings.extend(function::judge(found, policy, deployed, named_dlq_url));
    }
    findings.push(Start::counted(policy, &facts.instances).judge(deployed.timeout));
    let (source, dead_letter) = (&facts.source_queue, &facts.dead_letter_queue);
    findings.extend(queues::judge(
        source.as_ref(),
        dead_letter.as_ref(),
        deployed,
        policy.retry,
    ));
    findings.push(Finding::note(
        "permissions",
        "these are what your credentials may do, not the function's role; connect:CreateUser, connect:DescribeUser and \
         sqs:SendMessage (dead letters, and parts of long messages on the source queue) were not tried, since nothing is \
         changed here",
    ));
    findings
}
