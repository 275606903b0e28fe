//! `provisionctl pause` and `resume`: a function -> its queues stop delivering to it, or start again, and a line for each.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::update_event_source_mapping::UpdateEventSourceMappingError;
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::refused::refused;
use crate::terminal::print_line;

/// Options of `pause` and `resume`: the function, and the time that AWS may take.
#[derive(clap::Args)]
pub(super) struct Delivery {
    /// The deployed function: its name or ARN, with the alias where the queue sets off one.
    #[arg(long, value_name = "NAME")]
    function: String,
    /// Say what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Wait at most this many seconds for AWS to finish the change.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

/// Stops delivery; joins stay in the queue.
pub(super) async fn pause(
    command: &Delivery,
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

/// Starts delivery again.
pub(super) async fn resume(
    command: &Delivery,
    connection: &Connection,
) -> Result<Ending, CannotRun> {
    run(command, connection, &RESUMED).await
}

/// A state of delivery, in AWS's words and in an operator's.
struct Wanted {
    enabled: bool,
    state: &'static str,
    /// The state on the way there.
    between: &'static str,
    verb: &'static str,
    done: &'static str,
}

const PAUSED: Wanted = Wanted {
    enabled: false,
    state: "Disabled",
    between: "Disabling",
    verb: "pause",
    done: "paused",
};

const RESUMED: Wanted = Wanted {
    enabled: true,
    state: "Enabled",
    between: "Enabling",
    verb: "resume",
    done: "resumed",
};

async fn run(
    command: &Delivery,
    connection: &Connection,
    wanted: &Wanted,
) -> Result<Ending, CannotRun> {
    let client = Client::new(&connection.config().await);
    let mappings = mappings_of_queues(&client, &command.function).await?;
    if mappings.is_empty() {
        print_line(format_args!(
            "nothing to {}: no queue sets off {}; where EventBridge does, disable its rule",
            wanted.verb, command.function
        ))?;
        return Ok(Ending::SomethingIsLeft);
    }
    let until = Instant::now() + Duration::from_secs(command.wait);
    // All at once, so that no queue delivers on while another is waited for.
    let ends = join_all(mappings.iter().map(|mapping| async {
        if command.dry_run {
            Ok(preview(mapping, wanted))
        } else {
            turn(&client, mapping, wanted, until).await
        }
    }));
    let mut ending = Ending::AllDone;
    for (mapping, end) in mappings.iter().zip(ends.await) {
        let queue = queue_of(mapping);
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
enum Done {
    Already,
    Now,
    /// `--dry-run` changed nothing.
    Preview,
}

impl Done {
    fn word(&self, wanted: &Wanted) -> String {
        match self {
            Self::Already => format!("already {}", wanted.done),
            Self::Now => wanted.done.to_owned(),
            Self::Preview => format!("would {}", wanted.verb),
        }
    }
}

fn preview(mapping: &EventSourceMappingConfiguration, wanted: &Wanted) -> Done {
    if mapping.state() == Some(wanted.state) {
        Done::Already
    } else {
        Done::Preview
    }
}

/// Turns a queue's delivery off or on, and waits until AWS says that it is.
async fn turn(
    client: &Client,
    mapping: &EventSourceMappingConfiguration,
    wanted: &Wanted,
    until: Instant,
) -> Result<Done, CannotRun> {
    let uuid = mapping.uuid().unwrap_or_default();
    let mut state = mapping.state().unwrap_or_default().to_owned();
    let mut asked = false;
    loop {
        if !asked && state != wanted.state && state != wanted.between {
            // None while AWS is still at an earlier change: it is asked again.
            if let Some(answered) = ask(client, uuid, wanted).await? {
                asked = true;
                state = answered;
            }
        }
        if state == wanted.state {
            return Ok(if asked { Done::Now } else { Done::Already });
        }
        if Instant::now() >= until {
            return Err(CannotRun(format!(
                "AWS says {state} so far; run this again, or give a longer --wait"
            )));
        }
        sleep(BETWEEN_LOOKS).await;
        state = look(client, uuid).await?;
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

async fn ask(client: &Client, uuid: &str, wanted: &Wanted) -> Result<Option<String>, CannotRun> {
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

async fn look(client: &Client, uuid: &str) -> Result<String, CannotRun> {
    let call = client.get_event_source_mapping().uuid(uuid);
    match call.send().await {
        Ok(answer) => Ok(answer.state().unwrap_or_default().to_owned()),
        Err(err) => Err(refused("lambda:GetEventSourceMapping", &err)),
    }
}

fn queue_of(mapping: &EventSourceMappingConfiguration) -> &str {
    let arn = mapping.event_source_arn().unwrap_or_default();
    arn.rsplit(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Arguments, Command};

    #[track_caller]
    fn check(arguments: &[&str], expected: Result<(&str, bool, u64), &str>) {
        let parsed = Arguments::try_parse_from([&["provisionctl"], arguments].concat());
        let got = match parsed.map(|arguments| arguments.command) {
            Ok(Command::Pause(command) | Command::Resume(command)) => {
                Ok((command.function, command.dry_run, command.wait))
            }
            Ok(_) => panic!("another command"),
            Err(err) => Err(err.to_string()),
        };
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
        check(&["pause", "--function", "joins"], Ok(("joins", false, 60)));
        check(
            &["resume", "--function", "joins", "--dry-run", "--wait", "5"],
            Ok(("joins", true, 5)),
        );
        check(&["pause"], Err("--function <NAME>"));
        check(
            &["resume", "--function", "joins", "--wait", "soon"],
            Err("invalid value 'soon'"),
        );
    }
}
