//! A queue of the stand-in and the function, joined as Lambda's event source mapping joins them.
//!
//! Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS": a record that the answer does not name is deleted,
//! any other becomes visible again.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, SendMessageBatchRequestEntry};
use connect_provisioner::aws::{Clients, Sqs, queue};
use connect_standin::{QueueSeed, RedriveSeed, Running, Seed};
use serde_json::{Value, json};

use crate::function::{Answer, Function};

pub struct EventSource {
    client: Sqs,
    queue_url: String,
    queue_arn: String,
}

/// Seconds that a message stays hidden; short, since the tests wait for it.
const VISIBILITY: u64 = 2;

/// The default seed with one source queue of this name.
pub fn seed_with_queue(name: &str, max_receive_count: u64) -> Seed {
    let mut seed = Seed::default();
    let redrive = RedriveSeed {
        queue: "hr-joins-dlq".to_owned(),
        max_receive_count,
    };
    // A FIFO queue redrives to a FIFO queue only; there the function's own letters are all that is looked at.
    let redrive = (!queue::is_fifo(name)).then_some(redrive);
    seed.queues.retain(|queue| queue.name != name);
    seed.queues.push(QueueSeed {
        name: name.to_owned(),
        visibility_timeout_seconds: Some(VISIBILITY),
        retention_seconds: None,
        content_based_deduplication: true,
        redrive,
    });
    seed
}

impl EventSource {
    pub fn new(running: &Running, queue: &str) -> Self {
        let client = Clients::at(&running.endpoint_url(), "eu-west-2").sqs;
        let queue_arn = format!("arn:aws:sqs:eu-west-2:111122223333:{queue}");
        Self {
            client,
            queue_url: running.queue_url(queue),
            queue_arn,
        }
    }

    pub async fn send(&self, body: &str, group: Option<&str>) {
        let call = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body);
        call.set_message_group_id(group.map(str::to_owned))
            .send()
            .await
            .expect("sent");
    }

    /// Sends a message in a batch of its own, which goes on while `SendMessage` is in trouble; returns whether SQS took it.
    pub async fn try_send(&self, body: &str) -> bool {
        let entry = SendMessageBatchRequestEntry::builder()
            .id("1")
            .message_body(body)
            .build()
            .expect("an id and a body are set");
        let call = self
            .client
            .send_message_batch()
            .queue_url(&self.queue_url)
            .entries(entry);
        let answer = call.send().await;
        answer.is_ok_and(|answer| answer.failed.is_empty())
    }

    /// Receives the visible messages, at most ten, each as Lambda hands it over.
    pub async fn poll(&self) -> Vec<(Value, Message)> {
        let call = self
            .client
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(10);
        let call = call
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let received = call
            .send()
            .await
            .expect("received")
            .messages
            .unwrap_or_default();
        received
            .into_iter()
            .map(|message| (self.record(&message), message))
            .collect()
    }

    fn record(&self, message: &Message) -> Value {
        let system = message.attributes.iter().flatten();
        let system: BTreeMap<&str, &str> = system
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let own = message.message_attributes.iter().flatten();
        let own: BTreeMap<&str, Value> = own
            .map(|(name, value)| {
                (
                    name.as_str(),
                    json!({"stringValue": value.string_value(), "dataType": value.data_type()}),
                )
            })
            .collect();
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": system,
            "messageAttributes": own,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
        })
    }

    /// Deletes what an answer does not name; an invocation that failed whole deletes nothing.
    pub async fn acknowledge(&self, answer: &Answer, messages: &[(Value, Message)]) {
        let Answer::Success(answer) = answer else {
            return;
        };
        let answer: Value = serde_json::from_str(answer).expect("JSON");
        let failed: Vec<&str> = answer["batchItemFailures"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|failure| failure["itemIdentifier"].as_str().expect("an id"))
            .collect();
        let ids: Vec<&str> = messages
            .iter()
            .filter_map(|(_, message)| message.message_id())
            .collect();
        assert!(
            failed.iter().all(|id| ids.contains(id)),
            "{failed:?} are not all of {ids:?}"
        );
        assert!(
            failed
                .iter()
                .enumerate()
                .all(|(n, id)| !failed[..n].contains(id)),
            "{failed:?} names one twice"
        );
        for (_, message) in messages
            .iter()
            .filter(|(_, m)| !failed.contains(&m.message_id().unwrap_or_default()))
        {
            let call = self.client.delete_message().queue_url(&self.queue_url);
            call.set_receipt_handle(message.receipt_handle.clone())
                .send()
                .await
                .expect("deleted");
        }
    }

    /// One delivery; false where nothing is visible.
    pub async fn deliver(&self, function: &mut Function) -> bool {
        let messages = self.poll().await;
        if messages.is_empty() {
            return false;
        }
        let answer = function.invoke(&event_of(&messages)).await;
        self.acknowledge(&answer, &messages).await;
        true
    }

    /// Delivers until the queue is empty.
    pub async fn drain(&self, function: &mut Function) {
        for _ in 0..400 {
            if !self.deliver(function).await {
                if self.depth().await == 0 {
                    return;
                }
                // Hidden messages show themselves by the queue's clock.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        panic!("the queue is not empty after all deliveries");
    }

    /// Counts the messages of the queue, whether visible, in flight or delayed.
    pub async fn depth(&self) -> usize {
        use aws_sdk_sqs::types::QueueAttributeName as Name;
        let call = self
            .client
            .get_queue_attributes()
            .queue_url(&self.queue_url)
            .attribute_names(Name::All);
        let attributes = call
            .send()
            .await
            .expect("attributes")
            .attributes
            .unwrap_or_default();
        [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        ]
        .iter()
        .filter_map(|name| attributes.get(name)?.parse::<usize>().ok())
        .sum()
    }
}

pub fn event_of(messages: &[(Value, Message)]) -> String {
    json!({"Records": messages.iter().map(|(record, _)| record).collect::<Vec<_>>()}).to_string()
}
