//! Event files -> messages on the real trigger, each planned before it is sent.

mod message;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::connection::Connection;
use super::events;
use super::rate::{rate, ticks};
use super::trigger::{Senders, Trigger, url_of};
use super::verdict::Verdicts;
use super::{CannotRun, ConfigFile, Ending, print_line};
use message::{Message, messages_of};

/// `provisionctl send`.
#[derive(Args)]
pub(super) struct Send {
    /// Event files, or folders of them: message bodies, or SQS batches, of which each record becomes a message.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    to: To,
    #[command(flatten)]
    envelope: message::Envelope,
    /// Messages a second; by default the configured rate of Amazon Connect.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Send also what the function would refuse; a password is never sent.
    #[arg(long)]
    anyway: bool,
    /// Say what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object a message, a line each.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct To {
    /// Send to the queue at this URL.
    #[arg(long, value_name = "URL")]
    queue_url: Option<String>,
    /// Send to the queue of this name, in the account and Region of the credentials.
    #[arg(long, value_name = "NAME")]
    queue_name: Option<String>,
    /// Put on this event bus.
    #[arg(long, value_name = "NAME")]
    event_bus: Option<String>,
}

/// What has become of a message.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    event_key: String,
    outcome: &'static str,
    reason: Option<String>,
    explanation: Option<String>,
    message_id: Option<String>,
}

pub(super) async fn run(command: Send, connection: &Connection) -> Result<Ending, CannotRun> {
    let policy = command.config.load()?;
    let verdicts = Verdicts::offline(&command.config).await?;
    let files = events::read(&command.paths)?;
    let senders = Senders::of(&connection.config().await);
    let trigger = command.to.trigger(&senders).await?;
    let mut ticks = ticks(
        command
            .rate
            .unwrap_or(policy.instances.main().connect.rate.per_second),
    );
    let (mut sent, mut left) = (0, 0);
    for file in &files {
        for message in messages_of(file, verdicts.sources()) {
            let line = line(&file.name, &message);
            let line = match message.fault(&verdicts, command.anyway).await {
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

impl To {
    async fn trigger(&self, senders: &Senders) -> Result<Trigger, CannotRun> {
        Ok(match (&self.queue_url, &self.queue_name, &self.event_bus) {
            (Some(url), ..) => Trigger::Queue(url.clone()),
            (_, Some(name), _) => Trigger::Queue(url_of(&senders.sqs, name, None).await?),
            (.., Some(bus)) => Trigger::EventBus(bus.clone()),
            (None, None, None) => {
                return Err(CannotRun(
                    "where to? give --queue-url, --queue-name or --event-bus".to_owned(),
                ));
            }
        })
    }
}

fn line<'a>(file: &'a str, message: &Message) -> Line<'a> {
    Line {
        file,
        event_key: message.key.clone(),
        outcome: "",
        reason: None,
        explanation: None,
        message_id: None,
    }
}

impl Line<'_> {
    fn would_send(self) -> Self {
        Self {
            outcome: "would_send",
            ..self
        }
    }

    fn refused(self, fault: message::Fault) -> Self {
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

fn print(line: &Line, json: bool) -> Result<(), CannotRun> {
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
