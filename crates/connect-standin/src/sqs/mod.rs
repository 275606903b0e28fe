//! SQS calls become answers and changes of the queues.

mod attribute;
mod batch;
mod body;
mod delete;
mod message;
mod queue;
mod receive;
mod send;
mod settings;
mod visibility;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::ids::Home;
use super::locked::Locked;
use super::refusal::{Answer, Refusal};
use super::seed::Seed;
use super::wire::AwsRequest;
use queue::Queue;

pub use message::MessageView;

pub(super) struct Sqs {
    queues: Locked<Queues>,
    /// Wakes the long polls when a message may have become visible.
    changed: Notify,
}

pub(super) struct Queues {
    home: Home,
    queues: Vec<Queue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnQueue {
    queue_url: Option<String>,
}

impl Sqs {
    pub(super) fn new(seed: &Seed) -> Self {
        let home = seed.home();
        let queues = seed.queues.iter();
        let queues = queues.map(|seed| Queue::seeded(&home, seed)).collect();
        Self {
            queues: Locked::new(Queues { home, queues }),
            changed: Notify::new(),
        }
    }

    pub(super) fn messages(&self, name: &str) -> Vec<MessageView> {
        let mut queues = self.queues.lock();
        let mut named = queues.queues.iter_mut().filter(|queue| queue.name == name);
        named.next().map(Queue::views).unwrap_or_default()
    }

    pub(super) async fn perform(&self, request: &AwsRequest) -> Answer {
        if request.operation == "ReceiveMessage" {
            return self.receive_message(request).await;
        }
        let answer = self.queues.lock().perform(request);
        self.changed.notify_waiters();
        answer
    }
}

impl Queues {
    fn perform(&mut self, request: &AwsRequest) -> Answer {
        match request.operation.as_str() {
            "CreateQueue" => return self.create_queue(request),
            "GetQueueUrl" => return self.get_queue_url(request),
            "ListQueues" => return self.list_queues(request),
            "SetQueueAttributes" => return self.set_queue_attributes(request),
            _ => {}
        }
        let queue = self.addressed(request)?;
        match request.operation.as_str() {
            "GetQueueAttributes" => Ok(queue.get_attributes(&request.input()?)),
            "SendMessage" => queue.send_message(request.input()?),
            "SendMessageBatch" => queue.send_message_batch(request.input()?),
            "DeleteMessage" => queue.delete_message(&request.input()?),
            "DeleteMessageBatch" => queue.delete_message_batch(&request.input()?),
            "ChangeMessageVisibility" => queue.change_message_visibility(&request.input()?),
            "ChangeMessageVisibilityBatch" => {
                queue.change_message_visibility_batch(&request.input()?)
            }
            "PurgeQueue" => queue.purge(),
            unknown => Err(Refusal::unknown_operation(unknown)),
        }
    }

    /// The queue that the call's `QueueUrl` names.
    fn addressed(&mut self, request: &AwsRequest) -> Result<&mut Queue, Refusal> {
        let OnQueue { queue_url } = request.input()?;
        let url = queue_url.ok_or_else(|| missing("QueueUrl"))?;
        let mut ends = url.rsplit('/');
        let name = ends.next().unwrap_or_default();
        if ends.next() != Some(self.home.account.as_str()) {
            return Err(queue_not_found());
        }
        self.named(name)
    }

    fn named(&mut self, name: &str) -> Result<&mut Queue, Refusal> {
        let mut queues = self.queues.iter_mut();
        queues
            .find(|queue| queue.name == name)
            .ok_or_else(queue_not_found)
    }

    fn url(&self, request: &AwsRequest, name: &str) -> Value {
        let (origin, account) = (&request.origin, &self.home.account);
        json!(format!("{origin}/{account}/{name}"))
    }
}

/// The code of the former query protocol, which clients still report (`x-amzn-query-error`).
pub(super) fn query_error(code: &str) -> String {
    let code = match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "InvalidBatchEntryId" => "AWS.SimpleQueueService.InvalidBatchEntryId",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        other => other,
    };
    format!("{code};Sender")
}

fn queue_not_found() -> Refusal {
    Refusal::bad_request("QueueDoesNotExist", "The specified queue does not exist.")
}

fn missing(parameter: &str) -> Refusal {
    let message = format!("The request must contain the parameter {parameter}.");
    Refusal::bad_request("MissingParameter", message)
}

fn invalid_value(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("InvalidParameterValue", message)
}
