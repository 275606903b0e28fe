//! A dead-letter queue -> its dead letters, received, and then made visible again or deleted.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
    QueueAttributeName,
};
use connect_provisioner::aws::Sqs;
use connect_provisioner::source::Sources;

use super::dead_letter::DeadLetter;
use super::queue_options::QueueOptions;
use super::select::{Filters, check_ids, matches};
use crate::ending::CannotRun;
use crate::queue_url::url_of_any;
use crate::refused::refused;

/// Dead-letter queue that exists.
pub(super) struct DeadLetterQueue {
    pub(super) client: Sqs,
    pub(super) url: String,
    redrives: bool,
    depth: usize,
    sources: Sources,
}

/// Dead letters selected from a queue.
pub(super) struct Selection {
    pub(super) dead_letters: Vec<DeadLetter>,
    /// Number of messages on the queue that were not received, by its approximate counts.
    pub(super) not_received: usize,
}

/// Visibility timeout of received dead letters, in seconds.
pub(super) const VISIBILITY_TIMEOUT: i32 = 60;
// SQS queries a sample of its hosts, so one empty answer does not prove that the queue is empty.
const EMPTY_ANSWERS: usize = 2;
const BATCH: usize = 10;

impl DeadLetterQueue {
    /// Finds the queue that the options or the configuration name.
    ///
    /// # Errors
    /// Returns an error if no queue is named, if a call fails, or if the queue has a redrive policy and `--anyway` is not given.
    pub(super) async fn new(options: &QueueOptions, client: Sqs) -> Result<Self, CannotRun> {
        let (name, url) = (options.queue_name.as_deref(), options.queue_url.as_deref());
        // No configuration is needed; without one, only this program's own events can be read.
        let (configured, sources) = match options.config.load() {
            Ok(policy) => (policy.queues.dead_letter, policy.sources),
            Err(_) if name.or(url).is_none() => return Err(no_queue()),
            Err(_) => (None, Sources::default()),
        };
        let url = url_of_any(&client, name, url, configured.as_deref()).await?;
        let url = url.ok_or_else(no_queue)?;
        let call = client.get_queue_attributes().queue_url(&url);
        let answer = call.attribute_names(QueueAttributeName::All).send().await;
        let answer = answer.map_err(|err| refused("sqs:GetQueueAttributes", &err))?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| {
            attributes
                .get(&name)
                .and_then(|count| count.parse::<usize>().ok())
        };
        let depth = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let queue = Self {
            client,
            url,
            redrives: attributes.contains_key(&QueueAttributeName::RedrivePolicy),
            depth: depth.into_iter().filter_map(count).sum(),
            sources,
        };
        queue.checked(options.anyway)
    }

    fn checked(self, anyway: bool) -> Result<Self, CannotRun> {
        if self.redrives && !anyway {
            return Err(CannotRun(
                "the queue has a redrive policy: each receive counts as a delivery, and SQS may then move messages away; \
                 remove that policy, or give --anyway"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    /// Returns the dead letters that match ids and filters, and makes all visible again.
    ///
    /// # Errors
    /// Returns an error if an id does not match exactly one, or if a call fails.
    pub(super) async fn peek(
        &self,
        ids: &[String],
        filters: &Filters,
    ) -> Result<Selection, CannotRun> {
        let selection = self.pick(ids, filters).await?;
        self.make_visible(&selection.dead_letters).await?;
        Ok(selection)
    }

    /// Returns the dead letters that match ids and filters, which stay hidden, and makes the others visible again.
    ///
    /// # Errors
    /// Returns an error if an id does not match exactly one, or if a call fails.
    pub(super) async fn pick(
        &self,
        ids: &[String],
        filters: &Filters,
    ) -> Result<Selection, CannotRun> {
        let Selection {
            dead_letters,
            not_received,
        } = self.receive_all().await?;
        if let Err(why) = check_ids(ids, &dead_letters) {
            self.make_visible(&dead_letters).await?;
            return Err(why);
        }
        let matching = |dead_letter: &DeadLetter| matches(dead_letter, ids, filters);
        let (dead_letters, others): (Vec<_>, Vec<_>) = dead_letters.into_iter().partition(matching);
        self.make_visible(&others).await?;
        Ok(Selection {
            dead_letters,
            not_received,
        })
    }

    /// Receives every visible dead letter, which hides each for the visibility timeout.
    async fn receive_all(&self) -> Result<Selection, CannotRun> {
        let mut dead_letters: BTreeMap<String, DeadLetter> = BTreeMap::new();
        let mut empty = 0;
        while empty < EMPTY_ANSWERS && dead_letters.len() < self.depth.max(1) {
            let received = match self.receive().await {
                Ok(received) => received,
                Err(why) => {
                    self.make_visible(dead_letters.values()).await?;
                    return Err(why);
                }
            };
            empty = if received.is_empty() { empty + 1 } else { 0 };
            for message in received {
                let dead_letter = DeadLetter::new(message, &self.sources);
                // A long receive may get a message twice; only its newest receipt handle is valid.
                dead_letters.insert(dead_letter.id.clone(), dead_letter);
            }
        }
        let not_received = self.depth.saturating_sub(dead_letters.len());
        let mut dead_letters: Vec<DeadLetter> = dead_letters.into_values().collect();
        dead_letters.sort_by_key(DeadLetter::failed_at);
        Ok(Selection {
            dead_letters,
            not_received,
        })
    }

    async fn receive(&self) -> Result<Vec<Message>, CannotRun> {
        let call = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(10)
            .wait_time_seconds(1)
            .visibility_timeout(VISIBILITY_TIMEOUT)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let answer = call.send().await;
        let answer = answer.map_err(|err| refused("sqs:ReceiveMessage", &err))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Makes dead letters visible again at once.
    ///
    /// # Errors
    /// Returns the failure of a call.
    pub(super) async fn make_visible<'a>(
        &self,
        dead_letters: impl IntoIterator<Item = &'a DeadLetter>,
    ) -> Result<(), CannotRun> {
        self.hide(dead_letters, 0).await
    }

    /// Hides dead letters for a number of seconds from now.
    ///
    /// # Errors
    /// Returns the failure of a call.
    pub(super) async fn hide<'a>(
        &self,
        dead_letters: impl IntoIterator<Item = &'a DeadLetter>,
        seconds: i32,
    ) -> Result<(), CannotRun> {
        let entries: Vec<_> = dead_letters
            .into_iter()
            .enumerate()
            .map(|(n, dead_letter)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(n.to_string())
                    .receipt_handle(&dead_letter.receipt_handle)
                    .visibility_timeout(seconds)
                    .build()
                    .map_err(CannotRun::because)
            })
            .collect::<Result<_, _>>()?;
        for batch in entries.chunks(BATCH) {
            let call = self.client.change_message_visibility_batch();
            let call = call.queue_url(&self.url).set_entries(Some(batch.to_vec()));
            let answer = call.send().await;
            answer.map_err(|err| refused("sqs:ChangeMessageVisibility", &err))?;
        }
        Ok(())
    }

    /// Deletes a dead letter from the queue.
    ///
    /// # Errors
    /// Returns the failure of the call.
    pub(super) async fn delete(&self, dead_letter: &DeadLetter) -> Result<(), CannotRun> {
        let call = self.client.delete_message().queue_url(&self.url);
        let answer = call
            .receipt_handle(&dead_letter.receipt_handle)
            .send()
            .await;
        answer
            .map(drop)
            .map_err(|err| refused("sqs:DeleteMessage", &err))
    }
}

fn no_queue() -> CannotRun {
    let way_out = "no queue is named: give --queue-url or --queue-name, set PROVISIONER_DLQ_URL, or name one as [queues] dead_letter in a \
                   valid configuration";
    CannotRun(way_out.to_owned())
}
