//! A dead-letter queue -> its letters, looked at and given back, or deleted.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
    QueueAttributeName,
};
use connect_provisioner::aws::Sqs;
use connect_provisioner::source::Sources;

use super::WhichQueue;
use super::letter::Letter;
use super::select::{Filters, each_names_one, is_meant};
use crate::ending::CannotRun;
use crate::refused::refused;
use crate::trigger::meant;

/// A dead-letter queue that exists.
pub(super) struct Queue {
    pub(super) client: Sqs,
    pub(super) url: String,
    redrives: bool,
    depth: usize,
    sources: Sources,
}

/// Letters that one look at a queue has found, hidden from everybody else until they are given back.
pub(super) struct Look {
    pub(super) letters: Vec<Letter>,
    /// Number of further letters in the queue, by its approximate counts.
    pub(super) unseen: usize,
}

/// Seconds that a look hides what it finds, and a renewal what is still to do.
pub(super) const HIDDEN: i32 = 60;
// SQS answers from a sample of its hosts, so one empty answer proves nothing.
const EMPTY_ANSWERS: usize = 2;
const BATCH: usize = 10;

impl Queue {
    /// Finds the queue that the options name.
    pub(super) async fn new(which: &WhichQueue, client: Sqs) -> Result<Self, CannotRun> {
        let (name, url) = (which.queue_name.as_deref(), which.queue_url.as_deref());
        // A look needs no configuration; without one it knows this program's own events only.
        let (configured, sources) = match which.config.load() {
            Ok(policy) => (policy.queues.dead_letter, policy.sources),
            Err(_) if name.or(url).is_none() => return Err(no_queue()),
            Err(_) => (None, Sources::default()),
        };
        let url = meant(&client, name, url, configured.as_deref()).await?;
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
        queue.safe_to_look(which.anyway)
    }

    fn safe_to_look(self, anyway: bool) -> Result<Self, CannotRun> {
        if self.redrives && !anyway {
            return Err(CannotRun(
                "the queue has a redrive policy of its own: each look counts as a delivery, and SQS may then move messages \
                 away; remove that policy, or look with --anyway"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    /// Finds the letters that ids and filters mean, and leaves the queue as it was.
    pub(super) async fn peek(&self, ids: &[String], filters: &Filters) -> Result<Look, CannotRun> {
        let look = self.pick(ids, filters).await?;
        self.give_back(&look.letters).await?;
        Ok(look)
    }

    /// Finds the letters that ids and filters mean, which stay hidden, and gives all others back.
    pub(super) async fn pick(&self, ids: &[String], filters: &Filters) -> Result<Look, CannotRun> {
        let Look { letters, unseen } = self.look().await?;
        if let Err(why) = each_names_one(ids, &letters) {
            self.give_back(&letters).await?;
            return Err(why);
        }
        let meant = |letter: &Letter| is_meant(letter, ids, filters);
        let (letters, others): (Vec<_>, Vec<_>) = letters.into_iter().partition(meant);
        self.give_back(&others).await?;
        Ok(Look { letters, unseen })
    }

    /// Receives every letter that is visible, and hides each for a minute.
    async fn look(&self) -> Result<Look, CannotRun> {
        let mut letters: BTreeMap<String, Letter> = BTreeMap::new();
        let mut empty = 0;
        while empty < EMPTY_ANSWERS && letters.len() < self.depth.max(1) {
            let received = match self.receive().await {
                Ok(received) => received,
                Err(why) => {
                    self.give_back(letters.values()).await?;
                    return Err(why);
                }
            };
            empty = if received.is_empty() { empty + 1 } else { 0 };
            for message in received {
                let letter = Letter::new(message, &self.sources);
                // Met again where the look took long; only its newest receipt handle counts.
                letters.insert(letter.id.clone(), letter);
            }
        }
        let unseen = self.depth.saturating_sub(letters.len());
        let mut letters: Vec<Letter> = letters.into_values().collect();
        letters.sort_by_key(Letter::failed_at);
        Ok(Look { letters, unseen })
    }

    async fn receive(&self) -> Result<Vec<Message>, CannotRun> {
        let call = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(10)
            .wait_time_seconds(1)
            .visibility_timeout(HIDDEN)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let answer = call.send().await;
        let answer = answer.map_err(|err| refused("sqs:ReceiveMessage", &err))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Makes letters visible again at once.
    pub(super) async fn give_back<'a>(
        &self,
        letters: impl IntoIterator<Item = &'a Letter>,
    ) -> Result<(), CannotRun> {
        self.hide(letters, 0).await
    }

    /// Hides letters for so many seconds from now.
    pub(super) async fn hide<'a>(
        &self,
        letters: impl IntoIterator<Item = &'a Letter>,
        seconds: i32,
    ) -> Result<(), CannotRun> {
        let entries: Vec<_> = letters
            .into_iter()
            .enumerate()
            .map(|(n, letter)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(n.to_string())
                    .receipt_handle(&letter.receipt_handle)
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

    /// Deletes a letter.
    pub(super) async fn delete(&self, letter: &Letter) -> Result<(), CannotRun> {
        let call = self.client.delete_message().queue_url(&self.url);
        let answer = call.receipt_handle(&letter.receipt_handle).send().await;
        answer
            .map(drop)
            .map_err(|err| refused("sqs:DeleteMessage", &err))
    }
}

fn no_queue() -> CannotRun {
    let way_out = "no queue: give --queue-url or --queue-name, set PROVISIONER_DLQ_URL, or name one as [queues] dead_letter in a \
                   valid configuration";
    CannotRun(way_out.to_owned())
}
