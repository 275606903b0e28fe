//! An event file or a row -> messages, and the form of each on its trigger, or the reason why it is not sent.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::failure::{Failure, Reason};
use connect_provisioner::intake::people::people_of;
use connect_provisioner::intake::{self, Decoded, Invocation, Undecoded};
use connect_provisioner::invocation::dead_letter::producers_value;
use connect_provisioner::source::person_key::short_hash;
use connect_provisioner::source::{Sources, means_password, without_passwords};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fault::SendFault;
use crate::ending::CannotRun;
use crate::events::EventFile;
use crate::preview::Previews;
use crate::trigger::{OutgoingMessage, Trigger};

/// Options for event buses and FIFO queues, used if the message does not set these values itself.
#[derive(Args)]
pub(super) struct Envelope {
    /// On an event bus: the source of an event without an envelope.
    #[arg(long, value_name = "NAME", default_value = "hr")]
    source: String,
    /// On an event bus: the detail type of an event without an envelope; by default its type, or `WorkerJoined`.
    #[arg(long, value_name = "NAME")]
    detail_type: Option<String>,
    /// On a FIFO queue: the message group; by default one group for each person.
    #[arg(long, value_name = "ID")]
    message_group_id: Option<String>,
}

/// Message of a file, before it is sent; no `Debug`, as it holds personal data.
pub(super) struct FileMessage {
    /// Key of the first person in it; empty if there is none.
    pub(super) key: String,
    group: String,
    content: Result<intake::Message, SendFault>,
}

/// Returns the messages of an event file: the records of an SQS batch, or the file itself.
pub(super) fn messages_of(file: &EventFile, sources: &Sources) -> Vec<FileMessage> {
    match intake::read(&file.invocation) {
        Ok(Invocation::Direct(message)) => vec![FileMessage::new(message, sources)],
        Ok(Invocation::Batch(records)) => records
            .into_iter()
            .map(Undecoded::decode)
            .map(|record| match record.decoded {
                Decoded::Yes => FileMessage::new(record.message, sources),
                Decoded::No => FileMessage::unreadable("the record's text cannot be decoded"),
            })
            .collect(),
        Err(unanswerable) => vec![FileMessage::unreadable(&unanswerable.to_string())],
    }
}

impl FileMessage {
    fn new(message: intake::Message, sources: &Sources) -> Self {
        let people = people_of(&message, sources);
        let key = people.first().map(|(_, person)| sources.key_of(person));
        Self {
            key: key.as_ref().map(ToString::to_string).unwrap_or_default(),
            group: key.map(|key| key.tag_value()).unwrap_or_default(),
            content: Ok(message),
        }
    }

    /// Builds the message of a row of a CSV file.
    pub(super) fn from_row(body: Result<String, SendFault>, sources: &Sources) -> Self {
        match body {
            Ok(body) => {
                let message = intake::Message {
                    body,
                    ..intake::Message::default()
                };
                Self::new(message, sources)
            }
            Err(fault) => Self::faulty(fault),
        }
    }

    fn unreadable(why: &str) -> Self {
        Self::faulty(SendFault {
            reason: Reason::UnreplayableRecord.code(),
            text: why.to_owned(),
        })
    }

    fn faulty(fault: SendFault) -> Self {
        Self {
            key: String::new(),
            group: String::new(),
            content: Err(fault),
        }
    }

    /// Returns the reason why the message is not sent: it is unreadable, it holds a password, or a person would be refused.
    ///
    /// With `anyway`, people who would be refused are no reason.
    pub(super) async fn fault(&self, previews: &Previews, anyway: bool) -> Option<SendFault> {
        let message = match &self.content {
            Ok(message) => message,
            Err(fault) => return Some(fault.clone()),
        };
        if holds_password(message) {
            let text = "it holds a password, which no queue may hold; remove it, as the function reads passwords from \
                        Secrets Manager";
            return Some(SendFault::for_field("Password", text));
        }
        if anyway {
            return None;
        }
        let previews = previews.for_message(message).await;
        previews.into_iter().find_map(|preview| {
            let reason = preview.reason?;
            let text = preview.text;
            Some(SendFault { reason, text })
        })
    }

    /// Converts the message to the form that a trigger takes.
    ///
    /// # Errors
    /// Returns an error if it is unreadable, or if an event bus gets a body that is not a JSON object.
    pub(super) fn outgoing(
        self,
        trigger: &Trigger,
        envelope: &Envelope,
    ) -> Result<OutgoingMessage, CannotRun> {
        let message = self.content.map_err(|fault| CannotRun(fault.text))?;
        let body = match trigger {
            Trigger::EventBus(_) => in_envelope(message.body, envelope)?,
            Trigger::Queue(_) | Trigger::Function(_) => message.body,
        };
        let attributes: BTreeMap<String, MessageAttributeValue> = message
            .attributes
            .iter()
            .map(|attribute| Ok((attribute.name.clone(), producers_value(attribute)?)))
            .collect::<Result<_, _>>()
            .map_err(|failure: Failure| CannotRun::because(failure.explanation()))?;
        let group = message.origin.message_group_id;
        Ok(OutgoingMessage {
            deduplication_id: short_hash(body.as_bytes()),
            group: envelope
                .message_group_id
                .clone()
                .or(group)
                .unwrap_or(self.group),
            body,
            attributes,
        })
    }
}

fn holds_password(message: &intake::Message) -> bool {
    let is_password = |attribute: &intake::Attribute| means_password(&attribute.name);
    without_passwords(&message.body) != message.body || message.attributes.iter().any(is_password)
}

#[derive(Deserialize)]
struct EventFields<'a> {
    #[serde(rename = "type")]
    event_type: Option<String>,
    source: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

// The detail type that the rule of the CDK stack allows, besides the type of hr.join/1.
const WORKER_JOINED: &str = "WorkerJoined";

// Returns an EventBridge event unchanged; puts any other object into the detail of one, byte for byte.
fn in_envelope(body: String, envelope: &Envelope) -> Result<String, CannotRun> {
    let event: EventFields = serde_json::from_str(&body).map_err(|_| {
        CannotRun(
            "an event bus takes one JSON object; send the list to a queue, or each person in a message of their own"
                .to_owned(),
        )
    })?;
    if event.source.is_some() && event.detail_type.is_some() && event.detail.is_some() {
        return Ok(body);
    }
    let detail_type = envelope.detail_type.clone().or(event.event_type);
    let text = |text: String| serde_json::to_string(&text).map_err(CannotRun::because);
    Ok(format!(
        "{{\"source\":{},\"detail-type\":{},\"detail\":{body}}}",
        text(envelope.source.clone())?,
        text(detail_type.unwrap_or_else(|| WORKER_JOINED.to_owned()))?
    ))
}
