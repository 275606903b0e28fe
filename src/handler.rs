//! One invocation -> what became of everybody in it: records one after the other, each for itself.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use serde_json::value::RawValue;

use crate::dead_letter::{DeadLetter, DeadLetters};
use crate::failure::{Class, Failure, Reason};
use crate::intake::{self, Content, Invocation, Message, Parcel, Record, Unanswerable};
use crate::logging;
use crate::metrics::Metrics;
use crate::outcome::{End, PersonReport, Report};
use crate::person_key::PersonKey;
use crate::provision::{Provisioned, Provisioner};
use crate::source;

/// The function's handler, and the simulator's.
pub struct Handler {
    provisioner: Provisioner,
    dead_letters: DeadLetters,
    metrics: Metrics,
}

/// What an invocation turned out to be, with everybody in it.
pub enum Handled {
    /// Answer with [`Report::batch_response`].
    Batch(Report),
    /// Answer with success, unless [`Report::has_retries`].
    Direct(Report),
}

/// One person of a message before the message as a whole is settled.
struct Attempt {
    item: usize,
    key: PersonKey,
    result: Result<Provisioned, Failure>,
}

impl Handler {
    /// A handler that accounts for every person in the dead-letter queue, the log and the metrics.
    #[must_use]
    pub fn new(provisioner: Provisioner, dead_letters: DeadLetters, metrics: Metrics) -> Self {
        Self {
            provisioner,
            dead_letters,
            metrics,
        }
    }

    /// Handles an invocation.
    ///
    /// # Errors
    /// Only where no answer could name the records; Lambda then delivers all of them again.
    pub async fn handle(
        &self,
        event: &RawValue,
        request_id: &str,
    ) -> Result<Handled, Unanswerable> {
        let started = Instant::now();
        let handled = match intake::read(event)? {
            Invocation::Batch(records) => Handled::Batch(self.batch(records, request_id).await),
            Invocation::Direct(message) => Handled::Direct(self.direct(&message, request_id).await),
        };
        let (Handled::Batch(report) | Handled::Direct(report)) = &handled;
        report
            .people
            .iter()
            .for_each(|person| logging::person(person, request_id));
        self.metrics.record(report, started.elapsed());
        Ok(handled)
    }

    async fn direct(&self, message: &Message, request_id: &str) -> Report {
        Report {
            people: self.message(message, request_id).await,
        }
    }

    async fn batch(&self, records: Vec<Record>, request_id: &str) -> Report {
        let mut report = Report::default();
        let mut held_groups = HashSet::new();
        for record in records {
            let people = match &record.message {
                Err(_) => vec![retry(&record.message_id, undecodable())],
                Ok(_) if report.has_systemic_stop() => vec![retry(&record.message_id, stopped())],
                Ok(message) if is_held(message, &held_groups) => {
                    vec![retry(&record.message_id, out_of_turn())]
                }
                Ok(message) => self.message(message, request_id).await,
            };
            if people
                .iter()
                .any(|person| matches!(person.end, End::Retry(_)))
            {
                held_groups.extend(
                    record
                        .message
                        .ok()
                        .and_then(|message| message.message_group_id),
                );
            }
            report.people.extend(people);
        }
        report
    }

    async fn message(&self, message: &Message, request_id: &str) -> Vec<PersonReport> {
        let mut attempts = Vec::new();
        for (item, parcel) in intake::open(&message.body).into_iter().enumerate() {
            let key = source::key_of(&parcel);
            let result = if systemic(&attempts) {
                Err(stopped())
            } else {
                self.attempt(parcel, &key).await
            };
            attempts.push(Attempt { item, key, result });
        }
        self.settle(message, attempts, request_id).await
    }

    async fn attempt(&self, parcel: Parcel, key: &PersonKey) -> Result<Provisioned, Failure> {
        match parcel.content? {
            Content::NoJoin(why) => Ok(Provisioned {
                username: None,
                end: End::Skipped {
                    why: why.to_owned(),
                },
            }),
            Content::Delivery(delivery) => {
                // Each call borrows its own data and shares only clients and caches, which a panic leaves whole.
                let attempt = AssertUnwindSafe(self.provisioner.provision(&delivery, key));
                attempt
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(panicked()))
            }
        }
    }

    // A message that comes back brings everybody in it along, so nobody of it is sent to the dead-letter queue before.
    async fn settle(
        &self,
        message: &Message,
        attempts: Vec<Attempt>,
        request_id: &str,
    ) -> Vec<PersonReport> {
        let comes_back = attempts.iter().any(|attempt| is_retry(&attempt.result));
        let mut people = Vec::with_capacity(attempts.len());
        for Attempt { item, key, result } in attempts {
            let (username, end) = match result {
                Ok(provisioned) => (provisioned.username, provisioned.end),
                Err(failure) if comes_back => (None, End::Retry(failure)),
                Err(failure) => {
                    let letter = DeadLetter {
                        message,
                        item,
                        key: &key,
                        failure: &failure,
                        request_id,
                    };
                    let sent = self.dead_letters.send(&letter).await;
                    (
                        None,
                        sent.map_or_else(End::Retry, |()| End::DeadLettered(failure)),
                    )
                }
            };
            people.push(PersonReport {
                message_id: message.message_id.clone(),
                item,
                key,
                username,
                end,
            });
        }
        people
    }
}

fn is_retry(result: &Result<Provisioned, Failure>) -> bool {
    result
        .as_ref()
        .is_err_and(|failure| failure.class() != Class::Permanent)
}

fn systemic(attempts: &[Attempt]) -> bool {
    attempts
        .iter()
        .filter_map(|attempt| attempt.result.as_ref().err())
        .any(|failure| failure.class() == Class::Systemic)
}

// In a FIFO group nothing may overtake a message that comes back.
fn is_held(message: &Message, held_groups: &HashSet<String>) -> bool {
    message
        .message_group_id
        .as_ref()
        .is_some_and(|group| held_groups.contains(group))
}

fn retry(message_id: &str, failure: Failure) -> PersonReport {
    PersonReport {
        message_id: Some(message_id.to_owned()),
        item: 0,
        key: PersonKey::Event(message_id.to_owned()),
        username: None,
        end: End::Retry(failure),
    }
}

fn undecodable() -> Failure {
    Failure::new(
        Reason::UnreplayableRecord,
        "the record's text cannot be decoded, so no faithful copy can be made; the queue's redrive policy will move it",
    )
}

fn stopped() -> Failure {
    Failure::new(
        Reason::NotTried,
        "not tried: what failed before it would fail for everybody",
    )
}

fn out_of_turn() -> Failure {
    Failure::new(
        Reason::NotTried,
        "not tried: an earlier message of its group comes back first",
    )
}

fn panicked() -> Failure {
    Failure::new(
        Reason::Internal,
        "the program failed on this person; the log names the place",
    )
}
