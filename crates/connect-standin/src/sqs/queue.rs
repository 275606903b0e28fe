//! A queue, and the calls that make, find and describe it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::clock::epoch_whole_seconds;
use super::super::ids::Home;
use super::super::refusal::{Answer, Refusal};
use super::super::seed::QueueSeed;
use super::super::wire::AwsRequest;
use super::message::{Message, MessageView};
use super::send::Sent;
use super::settings::{Redrive, Settings};
use super::{Queues, invalid_value};

pub(super) struct Queue {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) account: String,
    pub(super) settings: Settings,
    /// In the order in which they were sent.
    pub(super) messages: Vec<Message>,
    pub(super) next_sequence: u128,
    /// Message that was sent under a deduplication id, and when.
    pub(super) deduplication: HashMap<String, (Instant, Sent)>,
    created: SystemTime,
    modified: SystemTime,
    purged: Option<Instant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NamedQueue {
    queue_name: Option<String>,
    attributes: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListQueues {
    queue_name_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    attribute_names: Option<Vec<String>>,
}

impl Queues {
    pub(super) fn create_queue(&mut self, request: &AwsRequest) -> Answer {
        let input: NamedQueue = request.input()?;
        let name = input.queue_name.unwrap_or_default();
        let attributes = input.attributes.unwrap_or_default();
        check_name(&name, attributes.get("FifoQueue").map(String::as_str))?;
        let url = json!({ "QueueUrl": self.url(request, &name) });
        if let Ok(queue) = self.named(&name) {
            return queue.check_same(&attributes).map(|()| url);
        }
        let mut queue = Queue::new(&self.home, &name);
        queue.settings.set(&attributes)?;
        self.check_redrive(&queue.settings)?;
        self.queues.push(queue);
        Ok(url)
    }

    pub(super) fn get_queue_url(&mut self, request: &AwsRequest) -> Answer {
        let NamedQueue { queue_name, .. } = request.input()?;
        let name = queue_name.unwrap_or_default();
        self.named(&name)?;
        Ok(json!({ "QueueUrl": self.url(request, &name) }))
    }

    pub(super) fn list_queues(&mut self, request: &AwsRequest) -> Answer {
        let ListQueues { queue_name_prefix } = request.input()?;
        let prefix = queue_name_prefix.unwrap_or_default();
        let names = self.queues.iter().map(|queue| &queue.name);
        let listed = names.filter(|name| name.starts_with(&prefix));
        let urls: Vec<Value> = listed.map(|name| self.url(request, name)).collect();
        Ok(json!({ "QueueUrls": urls }))
    }

    pub(super) fn set_queue_attributes(&mut self, request: &AwsRequest) -> Answer {
        let NamedQueue { attributes, .. } = request.input()?;
        let mut settings = self.addressed(request)?.settings.clone();
        settings.set(&attributes.unwrap_or_default())?;
        self.check_redrive(&settings)?;
        let queue = self.addressed(request)?;
        queue.settings = settings;
        queue.modified = SystemTime::now();
        Ok(json!({}))
    }

    fn check_redrive(&self, settings: &Settings) -> Result<(), Refusal> {
        let known = |redrive: &Redrive| {
            let mut queues = self.queues.iter();
            queues.any(|queue| queue.arn == redrive.target_arn)
        };
        if settings.redrive.as_ref().is_none_or(known) {
            return Ok(());
        }
        Err(invalid_value(
            "The value of the parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
        ))
    }
}

/// The name rule and the `.fifo` ending (`CreateQueue`, Amazon SQS API reference).
fn check_name(name: &str, fifo: Option<&str>) -> Result<(), Refusal> {
    let base = name.strip_suffix(".fifo").unwrap_or(name);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_fifo = base.len() < name.len();
    let agrees = is_fifo == (fifo == Some("true"));
    if !base.is_empty() && name.len() <= 80 && base.chars().all(allowed) && agrees {
        return Ok(());
    }
    Err(invalid_value(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length; a FIFO queue's name ends in .fifo",
    ))
}

impl Queue {
    fn new(home: &Home, name: &str) -> Self {
        let now = SystemTime::now();
        Self {
            name: name.to_owned(),
            arn: home.arn("sqs", name),
            account: home.account.clone(),
            settings: Settings::default(),
            messages: Vec::new(),
            next_sequence: 18_870_000_000_000_000_000,
            deduplication: HashMap::new(),
            created: now,
            modified: now,
            purged: None,
        }
    }

    pub(super) fn seeded(home: &Home, seed: &QueueSeed) -> Self {
        let mut queue = Self::new(home, &seed.name);
        let defaults = Settings::default();
        let redrive = seed.redrive.as_ref().map(|redrive| Redrive {
            target_arn: home.arn("sqs", &redrive.queue),
            max_receive_count: redrive.max_receive_count,
        });
        queue.settings = Settings {
            visibility_timeout: seed
                .visibility_timeout_seconds
                .unwrap_or(defaults.visibility_timeout),
            retention: seed.retention_seconds.unwrap_or(defaults.retention),
            content_based_deduplication: seed.content_based_deduplication,
            redrive,
            ..defaults
        };
        queue
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.name.strip_suffix(".fifo").is_some()
    }

    fn check_same(&self, attributes: &BTreeMap<String, String>) -> Result<(), Refusal> {
        let mut asked = self.settings.clone();
        asked.set(attributes)?;
        if asked.shown() == self.settings.shown() {
            return Ok(());
        }
        let message = "A queue already exists with the same name and different attributes.";
        Err(Refusal::bad_request("QueueNameExists", message))
    }

    /// Forgets what has been here longer than the retention period.
    pub(super) fn expire(&mut self) {
        let retention = Duration::from_secs(self.settings.retention);
        self.messages
            .retain(|message| message.arrived.elapsed() <= retention);
    }

    pub(super) fn views(&mut self) -> Vec<MessageView> {
        self.expire();
        self.messages.iter().map(Message::view).collect()
    }

    /// `GetQueueAttributes`: without names it answers nothing.
    pub(super) fn get_attributes(&mut self, input: &GetQueueAttributes) -> Value {
        self.expire();
        let names = input.attribute_names.as_deref().unwrap_or_default();
        let asked = |name: &String| names.iter().any(|asked| asked == "All" || asked == name);
        let mut attributes = self.attributes();
        attributes.retain(|name, _| asked(name));
        if attributes.is_empty() {
            return json!({});
        }
        json!({ "Attributes": attributes })
    }

    fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = self.settings.shown();
        if self.is_fifo() {
            let by_content = self.settings.content_based_deduplication.to_string();
            attributes.insert("FifoQueue".to_owned(), "true".to_owned());
            attributes.insert("ContentBasedDeduplication".to_owned(), by_content);
        }
        let now = Instant::now();
        let count = |which: fn(&Message, Instant) -> bool| {
            let messages = self.messages.iter();
            messages
                .filter(|message| which(message, now))
                .count()
                .to_string()
        };
        attributes.extend([
            ("QueueArn".to_owned(), self.arn.clone()),
            (
                "CreatedTimestamp".to_owned(),
                epoch_whole_seconds(self.created),
            ),
            (
                "LastModifiedTimestamp".to_owned(),
                epoch_whole_seconds(self.modified),
            ),
            (
                "ApproximateNumberOfMessages".to_owned(),
                count(Message::is_visible),
            ),
            (
                "ApproximateNumberOfMessagesNotVisible".to_owned(),
                count(Message::is_in_flight),
            ),
            (
                "ApproximateNumberOfMessagesDelayed".to_owned(),
                count(Message::is_delayed),
            ),
        ]);
        attributes
    }

    /// `PurgeQueue`: once in 60 seconds.
    pub(super) fn purge(&mut self) -> Answer {
        let recent = |at: Instant| at.elapsed() < Duration::from_mins(1);
        if self.purged.is_some_and(recent) {
            let name = &self.name;
            let message =
                format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
            return Err(Refusal::bad_request("PurgeQueueInProgress", message));
        }
        self.messages.clear();
        self.purged = Some(Instant::now());
        Ok(json!({}))
    }
}
