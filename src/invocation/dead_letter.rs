//! People of a message who can never have a user -> dead letters: the body as it came, the reasons in attributes.

mod details;
mod fit;

use aws_sdk_sqs::Config;

use crate::aws::queue;
use crate::aws::{self, Sqs};
use crate::failure::Failure;
use crate::source::person_key::short_hash;

pub use crate::invocation::attributes::{
    DETAILS, EXPLANATION, MOST_ATTRIBUTES, REASON, producers_value,
};
pub use details::{Details, Listed, details_of, earlier_reason, replays};
pub use fit::{DeadLetter, Refused, dead_letters};

/// The dead-letter queue.
pub struct DeadLetters {
    client: Sqs,
    queue_url: String,
}

impl DeadLetters {
    /// Sends to the queue of a URL.
    #[must_use]
    pub fn new(client: Sqs, queue_url: String) -> Self {
        Self { client, queue_url }
    }

    /// Sends a dead letter; only when this has succeeded may the message be acknowledged.
    ///
    /// # Errors
    /// Returns what SQS answered, or that the message has no room for a reason; its queue keeps it then.
    pub async fn send(&self, dead_letter: &DeadLetter<'_>) -> Result<(), Failure> {
        let mut call = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(dead_letter.body());
        for (name, value) in dead_letter.attributes()? {
            call = call.message_attributes(name, value);
        }
        if queue::is_fifo(&self.queue_url) {
            call = call
                .message_group_id(group_of(dead_letter))
                .message_deduplication_id(deduplication_id(dead_letter));
        }
        let answer = aws::signed_anew(|| {
            let in_time = Config::builder().timeout_config(aws::time_outs_now());
            call.clone().customize().config_override(in_time).send()
        });
        answer
            .await
            .map(drop)
            .map_err(|err| Failure::aws("SendMessage", &err))
    }
}

fn group_of(dead_letter: &DeadLetter) -> String {
    let group = dead_letter.message().origin.message_group_id.clone();
    group.unwrap_or_else(|| short_hash(dead_letter.first_key().as_bytes()))
}

// A dead letter that is sent twice within five minutes, after a lost answer, arrives once.
fn deduplication_id(dead_letter: &DeadLetter) -> String {
    let origin = &dead_letter.message().origin;
    let message_id = origin.message_id.as_deref();
    let message_id = message_id.unwrap_or(dead_letter.request_id());
    format!(
        "{message_id}-{}",
        short_hash(dead_letter.ranges().as_bytes())
    )
}
