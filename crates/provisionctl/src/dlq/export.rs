//! Letters <-> JSON lines, whole, for a ticket or an archive.

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

use super::WhichQueue;
use super::letter::Letter;
use super::queue::Queue;
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::refused::refused;
use crate::terminal::print_line;

/// `provisionctl dlq export`.
#[derive(Args)]
pub(super) struct Export {
    /// The file to write, readable for its owner alone as it holds personal data; otherwise standard output.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    queue: WhichQueue,
}

/// `provisionctl dlq import`.
#[derive(Args)]
pub(super) struct Import {
    /// A file that `dlq export` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say how many letters would be sent, and send none.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    queue: WhichQueue,
}

#[derive(Serialize, Deserialize)]
struct Line {
    message_id: String,
    body: String,
    attributes: BTreeMap<String, Attribute>,
    message_group_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Attribute {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_base64: Option<String>,
}

pub(super) async fn run(command: Export, connection: &Connection) -> Result<Ending, CannotRun> {
    let clients = Clients::new(&connection.config().await);
    let queue = Queue::new(&command.queue, clients.sqs).await?;
    let look = queue.peek(&[], &command.filters).await?;
    let letters = look.letters;
    let lines = letters
        .iter()
        .map(line)
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
    eprintln!("{} letters in {}", lines.len(), path.display());
    Ok(Ending::AllDone)
}

fn line(letter: &Letter) -> Line {
    let attribute = |value: &MessageAttributeValue| Attribute {
        data_type: value.data_type().to_owned(),
        string: value.string_value().map(str::to_owned),
        binary_base64: value
            .binary_value()
            .map(|bytes| aws_smithy_types::base64::encode(bytes.as_ref())),
    };
    let attributes = letter.attributes.iter();
    Line {
        message_id: letter.id.clone(),
        body: letter.body.clone(),
        attributes: attributes
            .map(|(name, value)| (name.clone(), attribute(value)))
            .collect(),
        message_group_id: letter.group.clone(),
    }
}

pub(super) async fn import(command: Import, connection: &Connection) -> Result<Ending, CannotRun> {
    let name = command.file.display().to_string();
    let text = std::fs::read_to_string(&command.file)
        .map_err(|err| CannotRun(format!("{name}: {err}")))?;
    // Read whole before the first is sent, so that a faulty file sends nothing.
    let lines: Vec<Line> = text
        .lines()
        .enumerate()
        .map(|(n, line)| {
            serde_json::from_str(line)
                .map_err(|_| CannotRun(format!("{name}:{}: no exported letter", n + 1)))
        })
        .collect::<Result<_, _>>()?;
    let clients = Clients::new(&connection.config().await);
    let queue = Queue::new(&command.queue, clients.sqs).await?;
    if command.dry_run {
        print_line(format_args!("would send {} letters", lines.len()))?;
        return Ok(Ending::AllDone);
    }
    for (n, line) in lines.iter().enumerate() {
        send(&queue, line)
            .await
            .map_err(|why| CannotRun(format!("{why}; {n} letters were sent before")))?;
    }
    print_line(format_args!("sent {} letters", lines.len()))?;
    Ok(Ending::AllDone)
}

async fn send(queue: &Queue, line: &Line) -> Result<(), CannotRun> {
    let mut call = queue
        .client
        .send_message()
        .queue_url(&queue.url)
        .message_body(&line.body);
    for (name, attribute) in &line.attributes {
        call = call.message_attributes(name, value(attribute)?);
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

fn value(attribute: &Attribute) -> Result<MessageAttributeValue, CannotRun> {
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
