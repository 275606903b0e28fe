//! A batch call becomes its entries done one by one, each with its own success or failure.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::refusal::{Answer, Refusal};
use super::delete::DeleteMessage;
use super::query_error;
use super::queue::Queue;
use super::send::SendMessage;
use super::visibility::ChangeMessageVisibility;

/// The most bytes that the messages of a batch have together.
const LARGEST_BATCH: usize = 1_048_576;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "T: Deserialize<'de>")]
pub(super) struct Batch<T> {
    #[serde(default = "Vec::new")]
    entries: Vec<Entry<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "T: Deserialize<'de>")]
struct Entry<T> {
    #[serde(default)]
    id: String,
    #[serde(flatten)]
    call: T,
}

impl Queue {
    pub(super) fn send_message_batch(&mut self, batch: Batch<SendMessage>) -> Answer {
        batch.check()?;
        let size: usize = batch.entries.iter().map(|entry| entry.call.size()).sum();
        if size > LARGEST_BATCH {
            return Err(refusal(
                "BatchRequestTooLong",
                &format!(
                    "Batch requests cannot be longer than {LARGEST_BATCH} bytes. You have sent {size} bytes."
                ),
            ));
        }
        let entries = batch.entries.into_iter();
        Ok(account(
            entries.map(|entry| (entry.id, self.send_message(entry.call))),
        ))
    }

    pub(super) fn delete_message_batch(&mut self, batch: &Batch<DeleteMessage>) -> Answer {
        batch.check()?;
        let entries = batch.entries.iter();
        Ok(account(entries.map(|entry| {
            (entry.id.clone(), self.delete_message(&entry.call))
        })))
    }

    pub(super) fn change_message_visibility_batch(
        &mut self,
        batch: &Batch<ChangeMessageVisibility>,
    ) -> Answer {
        batch.check()?;
        let entries = batch.entries.iter();
        Ok(account(entries.map(|entry| {
            let answer = self.change_message_visibility(&entry.call);
            (entry.id.clone(), answer)
        })))
    }
}

impl<T> Batch<T> {
    /// One to ten entries with distinct ids (`SendMessageBatch`, Amazon SQS API reference).
    fn check(&self) -> Result<(), Refusal> {
        match self.entries.len() {
            0 => {
                return Err(refusal(
                    "EmptyBatchRequest",
                    "There should be at least one entry in the request.",
                ));
            }
            1..=10 => {}
            given => {
                let message =
                    format!("Maximum number of entries per request are 10. You have sent {given}.");
                return Err(refusal("TooManyEntriesInBatchRequest", &message));
            }
        }
        let mut seen = BTreeSet::new();
        self.entries.iter().try_for_each(|entry| {
            check_id(&entry.id)?;
            if seen.insert(&entry.id) {
                return Ok(());
            }
            let message = format!("Id {} repeated.", entry.id);
            Err(refusal("BatchEntryIdsNotDistinct", &message))
        })
    }
}

fn check_id(id: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=80).contains(&id.len()) && id.chars().all(allowed) {
        return Ok(());
    }
    Err(refusal(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    ))
}

fn account(answers: impl Iterator<Item = (String, Answer)>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, answer) in answers {
        match answer {
            Ok(mut output) => {
                output["Id"] = json!(id);
                successful.push(output);
            }
            Err(refusal) => failed.push(failure(&id, &refusal)),
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}

fn failure(id: &str, refusal: &Refusal) -> Value {
    let code = query_error(&refusal.code);
    let code = code.trim_end_matches(";Sender");
    json!({ "Id": id, "SenderFault": true, "Code": code, "Message": refusal.message })
}

fn refusal(code: &'static str, message: &str) -> Refusal {
    Refusal::bad_request(code, message)
}
