//! A receive call becomes messages that nobody else sees for a while, or a redrive of those that were
//! received too often (`ReceiveMessage`, Amazon SQS API reference).

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep_until};

use super::super::clock::epoch_milliseconds;
use super::super::ids;
use super::super::refusal::{Answer, Refusal};
use super::super::wire::AwsRequest;
use super::attribute;
use super::body::md5;
use super::message::Message;
use super::queue::Queue;
use super::visibility::check_timeout;
use super::{Queues, Sqs, invalid_value};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
    wait_time_seconds: Option<u64>,
    message_attribute_names: Option<Vec<String>>,
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
}

struct Received {
    messages: Vec<Value>,
    /// When the next message that is hidden now becomes visible.
    next_visible: Option<Instant>,
    /// Whether the dead-letter queue has got messages.
    redriven: bool,
}

impl Sqs {
    pub(super) async fn receive_message(&self, request: &AwsRequest) -> Answer {
        let input: ReceiveMessage = request.input()?;
        input.check()?;
        let wait = input.wait_time_seconds;
        let wait = wait.unwrap_or(self.queues.lock().addressed(request)?.settings.wait);
        let deadline = Instant::now() + Duration::from_secs(wait);
        loop {
            // Made before the look, so that what changes after it is not missed.
            let changed = self.changed.notified();
            let received = self.queues.lock().receive(request, &input)?;
            if received.redriven {
                self.changed.notify_waiters();
            }
            if !received.messages.is_empty() {
                return Ok(json!({ "Messages": received.messages }));
            }
            if Instant::now() >= deadline {
                return Ok(json!({}));
            }
            let wake = received
                .next_visible
                .map_or(deadline, |next| next.min(deadline));
            tokio::select! {
                () = changed => {}
                () = sleep_until(wake) => {}
            }
        }
    }
}

impl ReceiveMessage {
    fn check(&self) -> Result<(), Refusal> {
        let most = self.max_number_of_messages.unwrap_or(1);
        if !(1..=10).contains(&most) {
            return Err(invalid_value(format!(
                "Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
            )));
        }
        let wait = self.wait_time_seconds.unwrap_or(0);
        if wait > 20 {
            return Err(invalid_value(format!(
                "Value {wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."
            )));
        }
        check_timeout(self.visibility_timeout.unwrap_or(0))
    }

    /// By name, by a prefix that ends in `.*`, or all.
    fn wants_attribute(&self, name: &str) -> bool {
        let mut wanted = self.message_attribute_names.iter().flatten();
        wanted.any(|wanted| {
            let prefix = wanted.strip_suffix(".*");
            wanted == "All" || wanted == name || prefix.is_some_and(|start| name.starts_with(start))
        })
    }

    fn wants_system_attribute(&self, name: &str) -> bool {
        let names = self.attribute_names.iter();
        let mut wanted = names.chain(&self.message_system_attribute_names).flatten();
        wanted.any(|wanted| wanted == "All" || wanted == name)
    }
}

impl Queues {
    fn receive(
        &mut self,
        request: &AwsRequest,
        input: &ReceiveMessage,
    ) -> Result<Received, Refusal> {
        let queue = self.addressed(request)?;
        queue.expire();
        let target = queue.settings.redrive.as_ref();
        let target = target.map(|redrive| redrive.target_arn.clone());
        let spent = queue.take_spent();
        let received = Received {
            messages: queue.take_visible(input),
            next_visible: queue.next_visible(),
            redriven: !spent.is_empty(),
        };
        self.redrive(target.as_deref(), spent);
        Ok(received)
    }

    /// Moves messages to the dead-letter queue just as they are.
    fn redrive(&mut self, target: Option<&str>, spent: Vec<Message>) {
        let mut queues = self.queues.iter_mut();
        if let Some(queue) = queues.find(|queue| Some(queue.arn.as_str()) == target) {
            queue.messages.extend(spent);
        }
    }
}

impl Queue {
    /// Takes out the visible messages that were received as often as the redrive policy allows.
    fn take_spent(&mut self) -> Vec<Message> {
        let now = Instant::now();
        let Some(redrive) = &self.settings.redrive else {
            return Vec::new();
        };
        let most = redrive.max_receive_count;
        let is_spent =
            |message: &mut Message| message.is_visible(now) && message.receive_count >= most;
        let mut spent: Vec<Message> = self.messages.extract_if(.., is_spent).collect();
        for message in &mut spent {
            message.source_arn = Some(self.arn.clone());
            message.receipt_handle = None;
        }
        spent
    }

    fn take_visible(&mut self, input: &ReceiveMessage) -> Vec<Value> {
        let now = Instant::now();
        let blocked = self.blocked_groups(now);
        let free = |message: &Message| match &message.group {
            Some(group) => !blocked.contains(group),
            None => true,
        };
        let timeout = input.visibility_timeout.map(Duration::from_secs);
        let timeout = timeout.unwrap_or(self.settings.visibility());
        let most = input.max_number_of_messages.unwrap_or(1);
        let account = &self.account;
        let messages = self.messages.iter_mut();
        messages
            .filter(|message| message.is_visible(now) && free(message))
            .take(most)
            .map(|message| {
                message.receive(now + timeout);
                message.shown(input, account)
            })
            .collect()
    }

    /// In a FIFO queue a group waits while one of its messages is in flight.
    fn blocked_groups(&self, now: Instant) -> BTreeSet<String> {
        let messages = self.messages.iter().filter(|_| self.is_fifo());
        let hidden = messages.filter(|message| !message.is_visible(now));
        hidden.filter_map(|message| message.group.clone()).collect()
    }

    fn next_visible(&self) -> Option<Instant> {
        let now = Instant::now();
        let times = self.messages.iter().map(|message| message.visible_from);
        times.filter(|time| *time > now).min()
    }
}

impl Message {
    fn receive(&mut self, visible_from: Instant) {
        self.receive_count += 1;
        self.first_received.get_or_insert_with(SystemTime::now);
        self.visible_from = visible_from;
        // The message id leads, so that a handle finds its message after later receipts too.
        self.receipt_handle = Some(format!("{}.{}", self.id, ids::random()));
    }

    fn shown(&self, input: &ReceiveMessage, account: &str) -> Value {
        let mut output = json!({
            "MessageId": self.id,
            "ReceiptHandle": self.receipt_handle,
            "MD5OfBody": md5(&self.body),
            "Body": self.body,
        });
        let attributes = self.attributes.iter();
        let wanted = attributes.filter(|(name, _)| input.wants_attribute(name));
        let wanted: Vec<_> = wanted.collect();
        if let Some(digest) = attribute::digest(wanted.iter().copied()) {
            let wanted: Map<_, _> = wanted
                .into_iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            output["MD5OfMessageAttributes"] = json!(digest);
            output["MessageAttributes"] = json!(wanted);
        }
        let mut system = self.system_attributes(account);
        system.retain(|name, _| input.wants_system_attribute(name));
        if !system.is_empty() {
            output["Attributes"] = json!(system);
        }
        output
    }

    fn system_attributes(&self, account: &str) -> Map<String, Value> {
        let first_received = self.first_received.map(epoch_milliseconds);
        let attributes = [
            ("SenderId", Some(account.to_owned())),
            ("SentTimestamp", Some(epoch_milliseconds(self.sent))),
            (
                "ApproximateReceiveCount",
                Some(self.receive_count.to_string()),
            ),
            ("ApproximateFirstReceiveTimestamp", first_received),
            ("MessageGroupId", self.group.clone()),
            ("MessageDeduplicationId", self.deduplication_id.clone()),
            ("SequenceNumber", self.sequence.clone()),
            ("AWSTraceHeader", self.trace_header.clone()),
            ("DeadLetterQueueSourceArn", self.source_arn.clone()),
        ];
        let given = attributes.into_iter();
        given
            .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
            .collect()
    }
}
