//! Dead letters <-> JSON lines with bodies and attributes, for a ticket or an archive.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::aws::Clients;
use connect_provisioner::aws::queue::is_fifo;
use serde::{Deserialize, Serialize};

use super::dead_letter::DeadLetter;
use super::queue::DeadLetterQueue;
use super::queue_options::QueueOptions;
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::refused::refused;
use crate::terminal::print_line;

/// `provisionctl dlq export`.
#[derive(Args)]
pub(super) struct Export {
    /// The file to create, readable by its owner only, as it holds personal data; by default standard output.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    queue: QueueOptions,
}

/// `provisionctl dlq import`.
#[derive(Args)]
pub(super) struct Import {
    /// A file written by `dlq export`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the number of dead letters that would be sent, and send none.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    queue: QueueOptions,
}

#[derive(Serialize, Deserialize)]
struct ExportedDeadLetter {
    message_id: String,
    body: String,
    attributes: BTreeMap<String, ExportedAttribute>,
    message_group_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ExportedAttribute {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_base64: Option<String>,
}

pub(super) async fn run(command: Export, connection: &Connection) -> Result<Ending, CannotRun> {
    let clients = Clients::new(&connection.config().await);
    let queue = DeadLetterQueue::new(&command.queue, clients.sqs).await?;
    let dead_letters = queue.peek(&[], &command.filters).await?.dead_letters;
    let lines = dead_letters
        .iter()
        .map(exported)
        .map(|line| serde_json::to_string(&line));
    let lines: Vec<String> = lines
        .collect::<Result<_, _>>()
        .map_err(CannotRun::because)?;
    let Some(path) = &command.to else {
        lines.iter().try_for_each(print_line)?;
        return Ok(Ending::AllDone);
    };
    let cannot = |err: std::io::Error| CannotRun(format!("{}: {err}", path.display()));
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(cannot)?;
    lines
        .iter()
        .try_for_each(|line| writeln!(file, "{line}"))
        .map_err(cannot)?;
    eprintln!("{} dead letters in {}", lines.len(), path.display());
    Ok(Ending::AllDone)
}

fn exported(dead_letter: &DeadLetter) -> ExportedDeadLetter {
    let attribute = |value: &MessageAttributeValue| ExportedAttribute {
        data_type: value.data_type().to_owned(),
        string: value.string_value().map(str::to_owned),
        binary_base64: value
            .binary_value()
            .map(|bytes| aws_smithy_types::base64::encode(bytes.as_ref())),
    };
    let attributes = dead_letter.attributes.iter();
    ExportedDeadLetter {
        message_id: dead_letter.id.clone(),
        body: dead_letter.body.clone(),
        attributes: attributes
            .map(|(name, value)| (name.clone(), attribute(value)))
            .collect(),
        message_group_id: dead_letter.group.clone(),
    }
}

pub(super) async fn import(command: Import, connection: &Connection) -> Result<Ending, CannotRun> {
    let name = command.file.display().to_string();
    let text = std::fs::read_to_string(&command.file)
        .map_err(|err| CannotRun(format!("{name}: {err}")))?;
    // Read completely before the first is sent, so that a faulty file sends nothing.
    let lines: Vec<ExportedDeadLetter> = text
        .lines()
        .enumerate()
        .map(|(n, line)| {
            serde_json::from_str(line)
                .map_err(|_| CannotRun(format!("{name}:{}: not an exported dead letter", n + 1)))
        })
        .collect::<Result<_, _>>()?;
    let clients = Clients::new(&connection.config().await);
    let queue = DeadLetterQueue::new(&command.queue, clients.sqs).await?;
    if command.dry_run {
        print_line(format_args!("would send {} dead letters", lines.len()))?;
        return Ok(Ending::AllDone);
    }
    for (n, line) in lines.iter().enumerate() {
        send(&queue, line)
            .await
            .map_err(|why| CannotRun(format!("{why}; {n} dead letters were sent before")))?;
    }
    print_line(format_args!("sent {} dead letters", lines.len()))?;
    Ok(Ending::AllDone)
}

async fn send(queue: &DeadLetterQueue, line: &ExportedDeadLetter) -> Result<(), CannotRun> {
    let mut call = queue
        .client
        .send_message()
        .queue_url(&queue.url)
        .message_body(&line.body);
    for (name, attribute) in &line.attributes {
        call = call.message_attributes(name, attribute_value(attribute)?);
    }
    if is_fifo(&queue.url) {
        let group = line.message_group_id.as_deref().unwrap_or("imported");
        call = call
            .message_group_id(group)
            .message_deduplication_id(&line.message_id);
    }
    let answer = call.send().await;
    answer
        .map(drop)
        .map_err(|err| refused("sqs:SendMessage", &err))
}

fn attribute_value(attribute: &ExportedAttribute) -> Result<MessageAttributeValue, CannotRun> {
    let value = MessageAttributeValue::builder().data_type(&attribute.data_type);
    let value = match (&attribute.string, &attribute.binary_base64) {
        (_, Some(base64)) => {
            let bytes = aws_smithy_types::base64::decode(base64);
            value.binary_value(Blob::new(bytes.map_err(CannotRun::because)?))
        }
        (text, None) => value.set_string_value(text.clone()),
    };
    value.build().map_err(CannotRun::because)
}
