//! The deployed function -> whether its settings keep the promises, and where its queues are.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType, ScalingConfig};
use connect_provisioner::aws::queue::is_same;
use connect_provisioner::policy::Policy;
use connect_provisioner::schedule::Destination;

use super::finding::Findings;
use super::live::Queues;
use crate::queue_url::url_of;
use crate::refused::refused;

/// Looks at a function, and notes what it says of the queues where no option says so.
pub(super) async fn look(
    findings: &mut Findings,
    config: &SdkConfig,
    name: &str,
    policy: &Policy,
    queues: &mut Queues,
) {
    let client = aws_sdk_lambda::Client::new(config);
    settings(findings, &client, name, policy, queues).await;
    let about = format!("event source mapping of {name}");
    let call = client.list_event_source_mappings().function_name(name);
    let mappings = match call.send().await {
        Ok(answer) => answer.event_source_mappings.unwrap_or_default(),
        Err(err) => {
            let why = refused("lambda:ListEventSourceMappings", &err);
            return findings.fail(&about, why.to_string());
        }
    };
    let of_sqs = |mapping: &&EventSourceMappingConfiguration| {
        let source = mapping.event_source_arn();
        source.is_some_and(|arn| arn.contains(":sqs:"))
    };
    let mappings: Vec<_> = mappings.iter().filter(of_sqs).collect();
    let time_out = Duration::from_secs(queues.function_timeout.into());
    let people = policy.people_per_invocation(time_out);
    if mappings.is_empty() {
        findings.warn(
            &about,
            format!(
                "no queue sets it off; an event that EventBridge hands over directly is tried three times, and kept only where \
                 the function has an on-failure destination; one of more than {people} people is refused as too_large"
            ),
        );
    } else {
        let says = format!("a message of more than {people} people is split");
        findings.ok(&about, says);
        if queues.last_delivery.is_none() {
            findings.warn(
                &format!("function {name}"),
                "it has no PROVISIONER_MAX_RECEIVE_COUNT: what still fails on the queue's last delivery is moved by SQS, without \
                 its cause; set it to the source queue's maxReceiveCount",
            );
        }
    }
    for mapping in mappings {
        look_at(findings, mapping, policy, queues.function_timeout);
        if queues.source_url.is_none() {
            queues.source_url = source_url(findings, config, mapping).await;
        }
    }
}

async fn settings(
    findings: &mut Findings,
    client: &aws_sdk_lambda::Client,
    name: &str,
    policy: &Policy,
    queues: &mut Queues,
) {
    let about = format!("function {name}");
    let call = client.get_function_configuration().function_name(name);
    let answer = match call.send().await {
        Ok(answer) => answer,
        Err(err) => {
            let why = refused("lambda:GetFunctionConfiguration", &err);
            return findings.fail(&about, why.to_string());
        }
    };
    if let Some(timeout) = answer
        .timeout()
        .and_then(|timeout| u32::try_from(timeout).ok())
    {
        queues.function_timeout = timeout;
    }
    let variables = answer
        .environment()
        .and_then(|environment| environment.variables());
    let variable = |name: &str| variables?.get(name).cloned();
    queues.last_delivery =
        variable("PROVISIONER_MAX_RECEIVE_COUNT").and_then(|text| text.parse().ok());
    match (variable("PROVISIONER_DLQ_URL"), &queues.dlq_url) {
        (None, _) => findings.fail(
            &about,
            "it has no PROVISIONER_DLQ_URL, so it does not start",
        ),
        (Some(url), Some(other)) if !is_same(&url, other) => findings.fail(
            &about,
            format!("its PROVISIONER_DLQ_URL is {url}, not the given {other}"),
        ),
        (Some(url), _) => {
            let timeout = queues.function_timeout;
            findings.ok(
                &about,
                format!("time-out {timeout} s, dead letters to {url}"),
            );
            queues.dlq_url = Some(url);
        }
    }
    if policy.schedule.is_some()
        && let Err(why) = Destination::of_deployment(variable)
    {
        findings.fail(&about, format!("it does not start: {why}"));
    }
}

fn look_at(
    findings: &mut Findings,
    mapping: &EventSourceMappingConfiguration,
    policy: &Policy,
    timeout: u32,
) {
    let arn = mapping.event_source_arn().unwrap_or_default();
    let about = format!(
        "event source {}",
        arn.rsplit(':').next().unwrap_or_default()
    );
    let answers = mapping.function_response_types();
    if answers.contains(&FunctionResponseType::ReportBatchItemFailures) {
        findings.ok(&about, "ReportBatchItemFailures is on");
    } else {
        findings.fail(
            &about,
            "ReportBatchItemFailures is off, so that SQS forgets what failed; set FunctionResponseTypes",
        );
    }
    match mapping.state() {
        None | Some("Enabled" | "Enabling" | "Creating" | "Updating") => (),
        Some(state) => findings.fail(&about, format!("it is {state}, so that no join is served; provisionctl resume --function NAME enables it")),
    }
    let rate = policy.instances.main().connect.rate;
    let concurrency = mapping
        .scaling_config()
        .and_then(ScalingConfig::maximum_concurrency);
    // Lambda takes 2 as the least maximum concurrency of a queue; one alone needs reserved concurrency.
    match concurrency.and_then(|most| u32::try_from(most).ok()) {
        Some(most) if most == rate.concurrency => {
            findings.ok(&about, format!("maximum concurrency {most}, as configured"));
        }
        Some(most) => findings.fail(
            &about,
            format!(
                "its maximum concurrency is {most}, and [connect] concurrency says {}: the quota is shared wrongly",
                rate.concurrency
            ),
        ),
        None => findings.warn(
            &about,
            format!(
                "it has no maximum concurrency, so that copies of the function may share the quota in more than the {} parts \
                 that [connect] concurrency says, unless reserved concurrency holds them",
                rate.concurrency
            ),
        ),
    }
    let batch = f64::from(mapping.batch_size().unwrap_or(10));
    if batch / rate.share() > f64::from(timeout) {
        findings.warn(
            &about,
            format!(
                "a batch of {batch} takes longer at {} requests a second than the time-out of {timeout} s; what is not reached \
                 comes back and counts as a delivery",
                rate.share()
            ),
        );
    }
}

async fn source_url(
    findings: &mut Findings,
    config: &SdkConfig,
    mapping: &EventSourceMappingConfiguration,
) -> Option<String> {
    // arn:aws:sqs:REGION:ACCOUNT:NAME
    let mut parts = mapping.event_source_arn()?.rsplit(':');
    let (name, owner) = (parts.next()?, parts.next());
    match url_of(&aws_sdk_sqs::Client::new(config), name, owner).await {
        Ok(url) => Some(url),
        Err(why) => {
            findings.fail(&format!("source queue {name}"), why.to_string());
            None
        }
    }
}
