//! Event files, or the rows of a CSV file -> messages sent to the trigger, each planned first.

mod csv;
mod fault;
mod message;

use std::path::{Path, PathBuf};

use clap::Args;
use connect_provisioner::aws::Clients;
use connect_provisioner::connect::Connect;
use connect_provisioner::policy::{InstanceRef, Policy};
use connect_provisioner::source::Sources;
use fault::SendFault;
use message::{FileMessage, messages_of};
use serde::Serialize;

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::events::{self, EventFile};
use crate::preview::Previews;
use crate::queue_url::url_of;
use crate::rate::{rate, ticks};
use crate::terminal::print_line;
use crate::trigger::{Senders, Trigger};

/// `provisionctl send`.
#[derive(Args)]
pub(super) struct Send {
    /// Event files, or folders of them: message bodies, or SQS batches with one message for each record.
    #[arg(
        required_unless_present = "csv",
        conflicts_with = "csv",
        value_name = "PATH"
    )]
    paths: Vec<PathBuf>,
    /// A CSV file of users in the format of Amazon Connect's admin website, without passwords: sends a
    /// connect.create-user/1 message for each row, with the names looked up in the live instance.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// With --csv: create the users in this [instance.NAME] instead of [connect].
    #[arg(long, value_name = "NAME", requires = "csv")]
    instance: Option<String>,
    #[command(flatten)]
    destination: SendDestination,
    #[command(flatten)]
    envelope: message::Envelope,
    /// Messages a second; by default the configured rate of Amazon Connect.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    #[command(flatten)]
    planning: PlanOptions,
    /// Print the messages that would be sent, and send none.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object for each message, one a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

/// Options for the plan of each message before it is sent.
#[derive(Args)]
struct PlanOptions {
    /// Plan against the live instance, as --csv always does; by default with the configuration only.
    #[arg(long)]
    live: bool,
    /// Send also messages that the function would refuse; a password is never sent.
    #[arg(long)]
    anyway: bool,
}

/// Options for the destination of the messages.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct SendDestination {
    /// Send to the queue at this URL.
    #[arg(long, value_name = "URL")]
    queue_url: Option<String>,
    /// Send to the queue with this name, in the account and Region of the credentials.
    #[arg(long, value_name = "NAME")]
    queue_name: Option<String>,
    /// Put the events on this event bus.
    #[arg(long, value_name = "NAME")]
    event_bus: Option<String>,
}

/// Result of sending a message.
#[derive(Serialize)]
struct SendResult<'a> {
    file: &'a str,
    event_key: String,
    outcome: &'static str,
    reason: Option<String>,
    explanation: Option<String>,
    message_id: Option<String>,
}

pub(super) async fn run(command: Send, connection: &Connection) -> Result<Ending, CannotRun> {
    let policy = command.config.load()?;
    let config = connection.config().await;
    let clients = Clients::new(&config);
    let previews = if command.planning.live || command.csv.is_some() {
        Previews::live(&command.config, &clients)?
    } else {
        Previews::offline(&command.config).await?
    };
    let messages = match &command.csv {
        Some(file) => {
            let instance = command.instance(&policy)?;
            read_rows(file, &policy, instance, &clients).await?
        }
        None => read_files(&command.paths, previews.sources())?,
    };
    let senders = Senders::new(&config);
    let trigger = command.destination.trigger(&senders).await?;
    let per_second = policy.instances.main().connect.rate.per_second;
    let mut ticks = ticks(command.rate.unwrap_or(per_second));
    let (mut sent, mut left) = (0, 0);
    for (name, message) in messages {
        let line = result_of(&name, &message);
        let line = match message.fault(&previews, command.planning.anyway).await {
            Some(fault) => line.refused(fault),
            None if command.dry_run => line.would_send(),
            None => {
                ticks.tick().await;
                let outgoing = message.outgoing(&trigger, &command.envelope);
                match outgoing {
                    Ok(outgoing) => line.sent(trigger.send(outgoing, &senders).await),
                    Err(why) => line.sent(Err(why)),
                }
            }
        };
        if line.explanation.is_none() {
            sent += 1;
        } else {
            left += 1;
        }
        print(&line, command.json)?;
    }
    if !command.json {
        let word = if command.dry_run {
            "would send"
        } else {
            "sent"
        };
        print_line(format_args!("{word} {sent}, not sent {left}"))?;
    }
    Ok(if left == 0 {
        Ending::AllDone
    } else {
        Ending::SomethingIsLeft
    })
}

/// Name of the file, with the line of a row, and a message in it.
type NamedMessage = (String, FileMessage);

fn read_files(paths: &[PathBuf], sources: &Sources) -> Result<Vec<NamedMessage>, CannotRun> {
    let files = events::read(paths)?;
    let named = |file: &EventFile| {
        let messages = messages_of(file, sources).into_iter();
        messages
            .map(|message| (file.name.clone(), message))
            .collect::<Vec<_>>()
    };
    Ok(files.iter().flat_map(named).collect())
}

async fn read_rows(
    file: &Path,
    policy: &Policy,
    instance: InstanceRef,
    clients: &Clients,
) -> Result<Vec<NamedMessage>, CannotRun> {
    let rows = csv::rows(file)?;
    let cells = rows.iter().filter_map(|row| row.content.as_ref().ok());
    let groups = cells
        .filter_map(|cells| cells.hierarchy_path().ok()?)
        .collect();
    let connect = Connect::naming(groups, &policy.instances.get(instance).connect, clients);
    let instance_id = &policy.instances.get(instance).connect.instance_id;
    let rows = csv::bodies(rows, instance_id, &connect).await?.into_iter();
    let named = |row: csv::CsvRow<String>| {
        let place = format!("{}:{}", file.display(), row.line);
        (place, FileMessage::from_row(row.content, &policy.sources))
    };
    Ok(rows.map(named).collect())
}

impl Send {
    fn instance(&self, policy: &Policy) -> Result<InstanceRef, CannotRun> {
        let Some(name) = &self.instance else {
            return Ok(InstanceRef::MAIN);
        };
        let mut instances = policy.instances.iter();
        let found = instances.find(|(_, one)| one.name.as_ref() == Some(name));
        found.map(|(which, _)| which).ok_or_else(|| {
            CannotRun(format!(
                "there is no [instance.{name}] in the configuration"
            ))
        })
    }
}

impl SendDestination {
    async fn trigger(&self, senders: &Senders) -> Result<Trigger, CannotRun> {
        Ok(match (&self.queue_url, &self.queue_name, &self.event_bus) {
            (Some(url), ..) => Trigger::Queue(url.clone()),
            (_, Some(name), _) => Trigger::Queue(url_of(&senders.sqs, name, None).await?),
            (.., Some(bus)) => Trigger::EventBus(bus.clone()),
            (None, None, None) => {
                return Err(CannotRun(
                    "no destination is named; give --queue-url, --queue-name or --event-bus"
                        .to_owned(),
                ));
            }
        })
    }
}

fn result_of<'a>(file: &'a str, message: &FileMessage) -> SendResult<'a> {
    SendResult {
        file,
        event_key: message.key.clone(),
        outcome: "",
        reason: None,
        explanation: None,
        message_id: None,
    }
}

impl SendResult<'_> {
    fn would_send(self) -> Self {
        Self {
            outcome: "would_send",
            ..self
        }
    }

    fn refused(self, fault: SendFault) -> Self {
        Self {
            outcome: "refused",
            reason: Some(fault.reason),
            explanation: Some(fault.text),
            ..self
        }
    }

    fn sent(self, result: Result<Option<String>, CannotRun>) -> Self {
        match result {
            Ok(message_id) => Self {
                outcome: "sent",
                message_id,
                ..self
            },
            Err(why) => Self {
                outcome: "failed",
                explanation: Some(why.to_string()),
                ..self
            },
        }
    }
}

fn print(line: &SendResult, json: bool) -> Result<(), CannotRun> {
    if json {
        return print_line(serde_json::to_string(line).map_err(CannotRun::because)?);
    }
    let explanation = line.explanation.as_ref().or(line.message_id.as_ref());
    print_line(format_args!(
        "{}  {}  {}  {}",
        line.file,
        line.event_key,
        line.outcome,
        explanation.map_or("", String::as_str)
    ))
}
