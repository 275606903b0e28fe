//! One invocation -> what became of everybody in it: records one after the other, each for itself.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use serde_json::value::RawValue;

use crate::account::Account;
use crate::deadline::Deadline;
use crate::failure::{Failure, Reason};
use crate::hand_back::HandBack;
use crate::intake::{self, Invocation, Message, Origin, Record, Unanswerable};
use crate::logging;
use crate::metrics::Metrics;
use crate::outcome::{End, PersonReport, Report};
use crate::person_key::PersonKey;
use crate::queue;

/// The function's handler, and the simulator's.
pub struct Handler {
    account: Account,
    hand_back: HandBack,
    metrics: Metrics,
}

/// What is known of an invocation besides its event.
pub struct Invoked<'a> {
    pub request_id: &'a str,
    pub deadline: Deadline,
}

/// What an invocation turned out to be, with everybody in it.
pub enum Handled {
    /// Answer with [`Report::batch_response`].
    Batch(Report),
    /// Answer with success, unless [`Report::has_retries`].
    Direct(Report),
}

impl Handler {
    /// A handler that accounts for every person in the dead-letter queue, the log and the metrics.
    #[must_use]
    pub fn new(account: Account, hand_back: HandBack, metrics: Metrics) -> Self {
        Self {
            account,
            hand_back,
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
        invoked: &Invoked<'_>,
    ) -> Result<Handled, Unanswerable> {
        let started = Instant::now();
        let handled = match intake::read(event)? {
            Invocation::Batch(records) => Handled::Batch(self.batch(records, invoked).await),
            Invocation::Direct(message) => Handled::Direct(self.direct(&message, invoked).await),
        };
        let (Handled::Batch(report) | Handled::Direct(report)) = &handled;
        report
            .people
            .iter()
            .for_each(|person| logging::person(person, invoked.request_id));
        self.metrics.record(report, started.elapsed());
        Ok(handled)
    }

    async fn direct(&self, message: &Message, invoked: &Invoked<'_>) -> Report {
        Report {
            people: self.settled(message, invoked.request_id, invoked).await,
        }
    }

    async fn batch(&self, records: Vec<Record>, invoked: &Invoked<'_>) -> Report {
        let mut report = Report::default();
        let mut held_groups = HashSet::new();
        let mut returned = Vec::new();
        for Record {
            message_id,
            origin,
            message,
        } in records
        {
            let people = match (
                message,
                why_not(&origin, &report, &held_groups, invoked.deadline),
            ) {
                (Ok(message), None) => self.settled(&message, &message_id, invoked).await,
                (Ok(_), Some(failure)) => vec![not_started(message_id, failure)],
                (Err(_), _) => vec![not_started(message_id, undecodable())],
            };
            if let Some(failure) = people.iter().find_map(retried) {
                held_groups.extend(origin.message_group_id.clone());
                returned.push((origin, failure.class()));
            }
            report.people.extend(people);
        }
        Box::pin(self.hand_back.all(&returned)).await;
        report
    }
}

impl Handler {
    // Beyond the person-by-person guard: what fails here fails for one message only.
    async fn settled(
        &self,
        message: &Message,
        message_id: &str,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let settled = AssertUnwindSafe(self.account.settle(message, invoked)).catch_unwind();
        settled
            .await
            .unwrap_or_else(|_| vec![not_started(message_id.to_owned(), Failure::panicked())])
    }
}

/// Why a record is handed back untouched, if it is.
fn why_not(
    origin: &Origin,
    report: &Report,
    held_groups: &HashSet<String>,
    deadline: Deadline,
) -> Option<Failure> {
    // In a FIFO group nothing may overtake a message that comes back.
    let fifo = origin.source_arn.as_deref().is_some_and(queue::is_fifo);
    let held = fifo
        && origin
            .message_group_id
            .as_ref()
            .is_some_and(|group| held_groups.contains(group));
    if report.has_systemic_stop() {
        Some(Failure::stopped())
    } else if held {
        Some(Failure::new(
            Reason::OutOfTurn,
            "not tried: an earlier message of its group comes back first",
        ))
    } else if deadline.leaves_time_for_a_person() {
        None
    } else {
        Some(Failure::out_of_time())
    }
}

fn retried(person: &PersonReport) -> Option<&Failure> {
    match &person.end {
        End::Retry(failure) => Some(failure),
        _ => None,
    }
}

fn not_started(message_id: String, failure: Failure) -> PersonReport {
    PersonReport {
        key: PersonKey::Event(message_id.clone()),
        message_id: Some(message_id),
        item: 0,
        username: None,
        left_out: Vec::new(),
        end: End::Retry(failure),
    }
}

fn undecodable() -> Failure {
    Failure::new(
        Reason::UnreplayableRecord,
        "the record's text cannot be decoded, so no faithful copy can be made; the queue's redrive policy will move it",
    )
}
