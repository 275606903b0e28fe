//! `provisionctl pause` and `resume`: a function -> delivery from its queues stopped or started, and a line for each queue.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::update_event_source_mapping::UpdateEventSourceMappingError;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use connect_provisioner::aws::queue;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::refused::refused;
use crate::terminal::print_line;

/// Options of `pause` and `resume`.
#[derive(clap::Args)]
pub(super) struct DeliveryOptions {
    /// The deployed function: its name or ARN, with the alias if the queue invokes one.
    #[arg(long, value_name = "NAME")]
    function: String,
    /// Print the changes that would be made, and make none.
    #[arg(long)]
    dry_run: bool,
    /// Wait at most this many seconds for AWS to finish the change.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

/// Stops the delivery of joins to a function; they stay in the queue.
///
/// # Errors
/// Returns the failure of listing the event source mappings.
pub(super) async fn pause(
    command: &DeliveryOptions,
    connection: &Connection,
) -> Result<Ending, CannotRun> {
    let ending = run(command, connection, &PAUSED).await?;
    if matches!(ending, Ending::AllDone) {
        eprintln!(
            "joins wait in the queue until its retention ends, and are lost then; provisionctl resume --function {} starts \
             delivery again",
            command.function
        );
    }
    Ok(ending)
}

/// Starts the delivery of joins to a function again.
///
/// # Errors
/// Returns the failure of listing the event source mappings.
pub(super) async fn resume(
    command: &DeliveryOptions,
    connection: &Connection,
) -> Result<Ending, CannotRun> {
    run(command, connection, &RESUMED).await
}

/// State of delivery, in the terms of AWS and of an operator.
struct DeliveryState {
    enabled: bool,
    state: &'static str,
    /// State of AWS during the change.
    pending: &'static str,
    verb: &'static str,
    done: &'static str,
}

const PAUSED: DeliveryState = DeliveryState {
    enabled: false,
    state: "Disabled",
    pending: "Disabling",
    verb: "pause",
    done: "paused",
};

const RESUMED: DeliveryState = DeliveryState {
    enabled: true,
    state: "Enabled",
    pending: "Enabling",
    verb: "resume",
    done: "resumed",
};

async fn run(
    command: &DeliveryOptions,
    connection: &Connection,
    wanted: &DeliveryState,
) -> Result<Ending, CannotRun> {
    let client = Client::new(&connection.config().await);
    let mappings = mappings_of_queues(&client, &command.function).await?;
    if mappings.is_empty() {
        print_line(format_args!(
            "nothing to {}: no queue invokes {}; if EventBridge does, disable its rule",
            wanted.verb, command.function
        ))?;
        return Ok(Ending::SomethingIsLeft);
    }
    let until = Instant::now() + Duration::from_secs(command.wait);
    // Concurrently, so that no queue continues to deliver while another one changes.
    let ends = join_all(mappings.iter().map(|mapping| async {
        if command.dry_run {
            Ok(preview(mapping, wanted))
        } else {
            change_delivery(&client, mapping, wanted, until).await
        }
    }));
    let mut ending = Ending::AllDone;
    for (mapping, end) in mappings.iter().zip(ends.await) {
        let queue = queue_name(mapping);
        match end {
            Ok(done) => print_line(format_args!("{} {queue}", done.word(wanted)))?,
            Err(why) => {
                print_line(format_args!("not {} {queue}: {why}", wanted.done))?;
                ending = Ending::SomethingIsLeft;
            }
        }
    }
    Ok(ending)
}

async fn mappings_of_queues(
    client: &Client,
    function: &str,
) -> Result<Vec<EventSourceMappingConfiguration>, CannotRun> {
    let call = client.list_event_source_mappings().function_name(function);
    let mut pages = call.into_paginator().items().send();
    let mut mappings = Vec::new();
    while let Some(mapping) = pages.next().await {
        let mapping = mapping.map_err(|err| refused("lambda:ListEventSourceMappings", &err))?;
        let source = mapping.event_source_arn();
        if source.is_some_and(|arn| arn.contains(":sqs:")) {
            mappings.push(mapping);
        }
    }
    Ok(mappings)
}

/// Result of a pause or resume for one queue.
enum DeliveryChange {
    /// The state was as wanted already.
    None,
    /// The state was changed.
    Made,
    /// The state would be changed without `--dry-run`.
    Previewed,
}

impl DeliveryChange {
    fn word(&self, wanted: &DeliveryState) -> String {
        match self {
            Self::None => format!("already {}", wanted.done),
            Self::Made => wanted.done.to_owned(),
            Self::Previewed => format!("would {}", wanted.verb),
        }
    }
}

fn preview(mapping: &EventSourceMappingConfiguration, wanted: &DeliveryState) -> DeliveryChange {
    if mapping.state() == Some(wanted.state) {
        DeliveryChange::None
    } else {
        DeliveryChange::Previewed
    }
}

/// Changes the delivery from a queue, and waits until AWS reports the wanted state.
async fn change_delivery(
    client: &Client,
    mapping: &EventSourceMappingConfiguration,
    wanted: &DeliveryState,
    until: Instant,
) -> Result<DeliveryChange, CannotRun> {
    let uuid = mapping.uuid().unwrap_or_default();
    let mut state = mapping.state().unwrap_or_default().to_owned();
    let mut updated = false;
    loop {
        if !updated && state != wanted.state && state != wanted.pending {
            // `None` while AWS makes an earlier change: the update is sent again.
            if let Some(new_state) = update_mapping(client, uuid, wanted).await? {
                updated = true;
                state = new_state;
            }
        }
        if state == wanted.state {
            return Ok(if updated {
                DeliveryChange::Made
            } else {
                DeliveryChange::None
            });
        }
        if Instant::now() >= until {
            return Err(CannotRun(format!(
                "AWS says {state} so far; run this again, or give a longer --wait"
            )));
        }
        sleep(POLL_INTERVAL).await;
        state = mapping_state(client, uuid).await?;
    }
}

const POLL_INTERVAL: Duration = Duration::from_secs(1);

async fn update_mapping(
    client: &Client,
    uuid: &str,
    wanted: &DeliveryState,
) -> Result<Option<String>, CannotRun> {
    let call = client.update_event_source_mapping().uuid(uuid);
    match call.enabled(wanted.enabled).send().await {
        Ok(answer) => Ok(Some(answer.state().unwrap_or_default().to_owned())),
        Err(err)
            if err
                .as_service_error()
                .is_some_and(UpdateEventSourceMappingError::is_resource_in_use_exception) =>
        {
            Ok(None)
        }
        Err(err) => Err(refused("lambda:UpdateEventSourceMapping", &err)),
    }
}

async fn mapping_state(client: &Client, uuid: &str) -> Result<String, CannotRun> {
    let call = client.get_event_source_mapping().uuid(uuid);
    match call.send().await {
        Ok(answer) => Ok(answer.state().unwrap_or_default().to_owned()),
        Err(err) => Err(refused("lambda:GetEventSourceMapping", &err)),
    }
}

fn queue_name(mapping: &EventSourceMappingConfiguration) -> &str {
    let arn = mapping.event_source_arn().unwrap_or_default();
    queue::name(arn)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::DeliveryOptions;

    #[derive(Parser)]
    struct DeliveryArguments {
        #[command(flatten)]
        delivery: DeliveryOptions,
    }

    #[track_caller]
    fn check(arguments: &[&str], expected: Result<(&str, bool, u64), &str>) {
        let parsed = DeliveryArguments::try_parse_from([&["provisionctl"], arguments].concat());
        let got = parsed
            .map(|DeliveryArguments { delivery }| {
                (delivery.function, delivery.dry_run, delivery.wait)
            })
            .map_err(|err| err.to_string());
        match (got, expected) {
            (Ok((function, dry_run, wait)), Ok(expected)) => {
                assert_eq!((function.as_str(), dry_run, wait), expected);
            }
            (Err(text), Err(expected)) => assert!(text.contains(expected), "{text}"),
            (got, _) => panic!("{got:?}"),
        }
    }

    #[test]
    fn a_function_must_be_named() {
        check(&["--function", "joins"], Ok(("joins", false, 60)));
        check(
            &["--function", "joins", "--dry-run", "--wait", "5"],
            Ok(("joins", true, 5)),
        );
        check(&[], Err("--function <NAME>"));
        check(
            &["--function", "joins", "--wait", "soon"],
            Err("invalid value 'soon'"),
        );
    }
}
