//! One invocation -> what became of everybody in it: records one after the other, each for itself.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use serde_json::value::RawValue;

use crate::account::{Account, Opened};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Reason};
use crate::hand_back::HandBack;
use crate::intake::{
    self, Invocation, Message, Origin, Record, Unanswerable, Undecodable, Undecoded,
};
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
            Invocation::Direct(message) => Handled::Direct(self.direct(message, invoked).await),
        };
        let (Handled::Batch(report) | Handled::Direct(report)) = &handled;
        report
            .people
            .iter()
            .for_each(|person| logging::person(person, invoked.request_id));
        self.metrics.record(report, started.elapsed());
        Ok(handled)
    }

    async fn direct(&self, message: Message, invoked: &Invoked<'_>) -> Report {
        let people = match self.opened(message) {
            Ok(opened) => {
                let coming: Vec<PersonKey> = opened.keys().cloned().collect();
                self.settled(opened, &coming, invoked.request_id, invoked)
                    .await
            }
            Err(failure) => vec![not_started(invoked.request_id.to_owned(), failure)],
        };
        Report { people }
    }

    async fn batch(&self, records: Vec<Undecoded<'_>>, invoked: &Invoked<'_>) -> Report {
        let mut turns = Turns::default();
        let mut records = records.into_iter();
        while records.len() > 0 {
            let together = records.by_ref().take(OPENED_TOGETHER);
            let waiting = together
                .map(|record| self.waiting(record.decode()))
                .collect();
            self.settle_in_turn(waiting, &mut turns, invoked).await;
        }
        Box::pin(self.hand_back.all(&turns.returned)).await;
        turns.report
    }

    async fn settle_in_turn(
        &self,
        waiting: Vec<Waiting>,
        turns: &mut Turns,
        invoked: &Invoked<'_>,
    ) {
        let everybody = waiting.iter().filter_map(|one| one.message.as_ref().ok());
        let everybody: Vec<PersonKey> = everybody.flat_map(Opened::keys).cloned().collect();
        let mut coming = everybody.as_slice();
        for Waiting {
            message_id,
            origin,
            message,
        } in waiting
        {
            let untried = turns.why_not(&origin, invoked.deadline);
            let people = match message {
                Ok(opened) => {
                    let here = coming;
                    coming = &coming[opened.keys().count()..];
                    match untried {
                        None => self.settled(opened, here, &message_id, invoked).await,
                        Some(failure) => vec![not_started(message_id, failure)],
                    }
                }
                Err(failure) => vec![not_started(message_id, failure)],
            };
            turns.taken(origin, people);
        }
    }

    fn waiting(&self, record: Record) -> Waiting {
        let message = match record.message {
            Ok(message) => self.opened(message),
            Err(Undecodable) => Err(undecodable()),
        };
        Waiting {
            message_id: record.message_id,
            origin: record.origin,
            message,
        }
    }

    // Beyond the person-by-person guard: what fails here fails for one message only.
    fn opened(&self, message: Message) -> Result<Opened, Failure> {
        let opened = AssertUnwindSafe(|| self.account.open(message));
        std::panic::catch_unwind(opened).map_err(|_| Failure::panicked())
    }

    // The same for all that comes after.
    async fn settled(
        &self,
        opened: Opened,
        coming: &[PersonKey],
        message_id: &str,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let settled = AssertUnwindSafe(self.account.settle(opened, coming, invoked)).catch_unwind();
        settled
            .await
            .unwrap_or_else(|_| vec![not_started(message_id.to_owned(), Failure::panicked())])
    }
}

// As many as are looked up with one call; a batch of thousands is not held open as a whole.
const OPENED_TOGETHER: usize = 25;

/// A record that is settled when those before it are.
struct Waiting {
    message_id: String,
    origin: Origin,
    message: Result<Opened, Failure>,
}

/// How those of a batch ended whose turn it was.
#[derive(Default)]
struct Turns {
    report: Report,
    held_groups: HashSet<String>,
    returned: Vec<(Origin, Class)>,
}

impl Turns {
    fn taken(&mut self, origin: Origin, people: Vec<PersonReport>) {
        if let Some(failure) = people.iter().find_map(retried) {
            self.held_groups.extend(origin.message_group_id.clone());
            self.returned.push((origin, failure.class()));
        }
        self.report.people.extend(people);
    }

    /// Why a record is handed back untouched, if it is.
    fn why_not(&self, origin: &Origin, deadline: Deadline) -> Option<Failure> {
        // In a FIFO group nothing may overtake a message that comes back.
        let fifo = origin.source_arn.as_deref().is_some_and(queue::is_fifo);
        let group = origin.message_group_id.as_ref();
        let held = fifo && group.is_some_and(|group| self.held_groups.contains(group));
        if self.report.has_systemic_stop() {
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
