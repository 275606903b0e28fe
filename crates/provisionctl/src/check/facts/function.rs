//! The deployed function -> its configuration, and its event source mappings of SQS.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType, ScalingConfig};
use connect_provisioner::aws::queue::{self, QueueArn};
use connect_provisioner::deployment;

use crate::ending::CannotRun;
use crate::queue_url::url_of;
use crate::refused::refused;

/// Deployed function.
pub(in crate::check) struct FunctionFacts {
    pub(in crate::check) name: String,
    pub(in crate::check) configuration: Result<FunctionConfiguration, CannotRun>,
    pub(in crate::check) mappings: Result<Vec<Mapping>, CannotRun>,
}

/// Configuration of a function.
pub(in crate::check) struct FunctionConfiguration {
    /// Timeout in seconds.
    pub(in crate::check) timeout: Option<u32>,
    pub(in crate::check) dead_letter_queue_url: Option<String>,
    pub(in crate::check) max_receive_count: Option<u32>,
    /// All environment variables.
    pub(in crate::check) variables: HashMap<String, String>,
}

/// Event source mapping of a queue.
#[derive(Default)]
pub(in crate::check) struct Mapping {
    pub(in crate::check) queue_arn: String,
    pub(in crate::check) reports_batch_item_failures: bool,
    pub(in crate::check) state: Option<String>,
    pub(in crate::check) maximum_concurrency: Option<u32>,
    pub(in crate::check) batch_size: Option<i32>,
    /// URL of the queue; `None` if it is known otherwise.
    pub(in crate::check) queue_url: Option<Result<String, CannotRun>>,
}

/// Describes a function and its mappings.
///
/// Looks up the URL of the source queue if `known_source_url` is `None`.
pub(in crate::check) async fn gather(
    config: &SdkConfig,
    name: &str,
    known_source_url: Option<&str>,
) -> FunctionFacts {
    let client = Client::new(config);
    FunctionFacts {
        name: name.to_owned(),
        configuration: configuration(&client, name).await,
        mappings: match mappings(&client, name).await {
            Ok(mappings) if known_source_url.is_none() => {
                Ok(with_queue_url(config, mappings).await)
            }
            result => result,
        },
    }
}

async fn configuration(client: &Client, name: &str) -> Result<FunctionConfiguration, CannotRun> {
    let call = client.get_function_configuration().function_name(name);
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("lambda:GetFunctionConfiguration", &err))?;
    let timeout = answer.timeout();
    let variables = answer.environment.and_then(|found| found.variables);
    let variables = variables.unwrap_or_default();
    let max_receive_count = variables.get(deployment::MAX_RECEIVE_COUNT);
    Ok(FunctionConfiguration {
        timeout: timeout.and_then(|timeout| u32::try_from(timeout).ok()),
        dead_letter_queue_url: variables.get(deployment::DLQ_URL).cloned(),
        max_receive_count: max_receive_count.and_then(|text| text.parse().ok()),
        variables,
    })
}

async fn mappings(client: &Client, name: &str) -> Result<Vec<Mapping>, CannotRun> {
    let call = client.list_event_source_mappings().function_name(name);
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("lambda:ListEventSourceMappings", &err))?;
    let mappings = answer.event_source_mappings.unwrap_or_default();
    Ok(mappings.iter().filter_map(mapping_of_queue).collect())
}

fn mapping_of_queue(mapping: &EventSourceMappingConfiguration) -> Option<Mapping> {
    let arn = mapping.event_source_arn()?;
    let concurrency = mapping
        .scaling_config()
        .and_then(ScalingConfig::maximum_concurrency);
    arn.contains(":sqs:").then(|| Mapping {
        queue_arn: arn.to_owned(),
        reports_batch_item_failures: mapping
            .function_response_types()
            .contains(&FunctionResponseType::ReportBatchItemFailures),
        state: mapping.state().map(str::to_owned),
        maximum_concurrency: concurrency.and_then(|most| u32::try_from(most).ok()),
        batch_size: mapping.batch_size(),
        queue_url: None,
    })
}

// Looks up the URLs until one is found: that is the source queue's.
async fn with_queue_url(config: &SdkConfig, mut mappings: Vec<Mapping>) -> Vec<Mapping> {
    let client = aws_sdk_sqs::Client::new(config);
    for mapping in &mut mappings {
        let owner = QueueArn::parse(&mapping.queue_arn).map(|arn| arn.account());
        let url = url_of(&client, queue::name(&mapping.queue_arn), owner).await;
        let is_found = url.is_ok();
        mapping.queue_url = Some(url);
        if is_found {
            break;
        }
    }
    mappings
}
