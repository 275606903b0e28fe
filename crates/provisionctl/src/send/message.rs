//! An event file -> the messages in it, why one may not be sent, and its form on the trigger.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Args;
use connect_provisioner::failure::{Failure, FieldName, Reason};
use connect_provisioner::intake::people::people_of;
use connect_provisioner::intake::{self, Decoded, Invocation, Undecoded};
use connect_provisioner::invocation::dead_letter::producers_value;
use connect_provisioner::source::person_key::short_hash;
use connect_provisioner::source::{Sources, means_password, without_passwords};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ending::CannotRun;
use crate::events::EventFile;
use crate::preview::Previews;
use crate::trigger::{Outgoing, Trigger};

/// Members of a message on an event bus or a FIFO queue, if it does not say so itself.
#[derive(Args)]
pub(super) struct Envelope {
    /// On an event bus: the source of an event without an envelope.
    #[arg(long, value_name = "NAME", default_value = "hr")]
    source: String,
    /// On an event bus: the detail type of an event without an envelope; otherwise its type, or `WorkerJoined`.
    #[arg(long, value_name = "NAME")]
    detail_type: Option<String>,
    /// On a FIFO queue: the message group; otherwise each person is one.
    #[arg(long, value_name = "ID")]
    message_group_id: Option<String>,
}

/// A message of a file; it holds personal data, so it has no `Debug`.
pub(super) struct Message {
    /// The key of the first person in it.
    pub(super) key: String,
    group: String,
    content: Result<intake::Message, Fault>,
}

/// Why a message may not be sent.
#[derive(Clone)]
pub(super) struct Fault {
    pub(super) reason: String,
    pub(super) text: String,
}

/// The messages of a file: a batch's records, or the file itself.
pub(super) fn messages_of(file: &EventFile, sources: &Sources) -> Vec<Message> {
    match intake::read(&file.invocation) {
        Ok(Invocation::Direct(message)) => vec![Message::new(message, sources)],
        Ok(Invocation::Batch(records)) => records
            .into_iter()
            .map(Undecoded::decode)
            .map(|record| match record.decoded {
                Decoded::Yes => Message::new(record.message, sources),
                Decoded::No => Message::unreadable("the record's text cannot be decoded"),
            })
            .collect(),
        Err(unanswerable) => vec![Message::unreadable(&unanswerable.to_string())],
    }
}

impl Message {
    fn new(message: intake::Message, sources: &Sources) -> Self {
        let people = people_of(&message, sources);
        let key = people.first().map(|(_, person)| sources.key_of(person));
        Self {
            key: key.as_ref().map(ToString::to_string).unwrap_or_default(),
            group: key.map(|key| key.tag_value()).unwrap_or_default(),
            content: Ok(message),
        }
    }

    /// The message of a row, or why it may not be sent.
    pub(super) fn from_row(body: Result<String, Fault>, sources: &Sources) -> Self {
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
        Self::faulty(Fault {
            reason: Reason::UnreplayableRecord.code(),
            text: why.to_owned(),
        })
    }

    fn faulty(fault: Fault) -> Self {
        Self {
            key: String::new(),
            group: String::new(),
            content: Err(fault),
        }
    }

    /// Why the message may not be sent, if so: somebody in it would be refused, or it holds a password.
    pub(super) async fn fault(&self, previews: &Previews, anyway: bool) -> Option<Fault> {
        let message = match &self.content {
            Ok(message) => message,
            Err(fault) => return Some(fault.clone()),
        };
        if holds_password(message) {
            return Some(Fault {
                reason: Reason::InvalidField(FieldName::new("Password")).code(),
                text: "it holds a password, which no queue may ever hold; take it out, the function reads passwords from \
                       Secrets Manager"
                    .to_owned(),
            });
        }
        if anyway {
            return None;
        }
        let previews = previews.for_message(message).await;
        previews.into_iter().find_map(|preview| {
            let reason = preview.reason?;
            let text = preview.text;
            Some(Fault { reason, text })
        })
    }

    /// The message as its trigger takes it.
    ///
    /// # Errors
    /// It cannot be sent as it is: an event bus takes JSON objects alone.
    pub(super) fn outgoing(
        self,
        trigger: &Trigger,
        envelope: &Envelope,
    ) -> Result<Outgoing, CannotRun> {
        let message = self.content.map_err(|fault| CannotRun(fault.text))?;
        let body = match trigger {
            Trigger::EventBus(_) => enveloped(message.body, envelope)?,
            Trigger::Queue(_) | Trigger::Function(_) => message.body,
        };
        let attributes: BTreeMap<String, MessageAttributeValue> = message
            .attributes
            .iter()
            .map(|attribute| Ok((attribute.name.clone(), producers_value(attribute)?)))
            .collect::<Result<_, _>>()
            .map_err(|failure: Failure| CannotRun::because(failure.explanation()))?;
        let group = message.origin.message_group_id;
        Ok(Outgoing {
            once: short_hash(body.as_bytes()),
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
    let named = |attribute: &intake::Attribute| means_password(&attribute.name);
    without_passwords(&message.body) != message.body || message.attributes.iter().any(named)
}

#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(rename = "type")]
    event_type: Option<String>,
    source: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

// What the CDK stack's rule lets in, as it does hr.join/1's own type.
const WORKER_JOINED: &str = "WorkerJoined";

// An event of EventBridge stays as it is; any other object becomes the detail of one, byte for byte.
fn enveloped(body: String, envelope: &Envelope) -> Result<String, CannotRun> {
    let event: Sent = serde_json::from_str(&body).map_err(|_| {
        CannotRun(
            "an event bus takes one JSON object; send it to a queue, or each person alone"
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
