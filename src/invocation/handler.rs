//! One invocation -> the end of everybody in it: records one after the other, each for itself.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use serde_json::value::RawValue;

use crate::aws::queue;
use crate::failure::{Class, Failure, Reason};
use crate::intake::{self, Decoded, Invocation, Message, Origin, Record, Unanswerable, Undecoded};
use crate::invocation::deadline::Deadline;
use crate::invocation::logging;
use crate::invocation::metrics::Metrics;
use crate::invocation::outcome::{PersonReport, Report};
use crate::invocation::redelivery::Redelivery;
use crate::invocation::settlement::{Opened, Settlement, not_started};
use crate::policy::PersonIds;

pub use crate::invocation::invoked::Invoked;

/// The function's handler, and the simulator's.
pub struct Handler {
    settlement: Settlement,
    redelivery: Redelivery,
    metrics: Metrics,
    person_ids: PersonIds,
}

/// Result of an invocation, with everybody in it.
pub enum Handled {
    /// Answer with [`Report::batch_response`].
    Batch(Report),
    /// Answer with success, unless [`Report::has_retries`].
    Direct(Report),
}

impl Handler {
    /// A handler that accounts for every person in the dead-letter queue, the log and the metrics.
    #[must_use]
    pub fn new(settlement: Settlement, redelivery: Redelivery, metrics: Metrics) -> Self {
        Self {
            settlement,
            redelivery,
            metrics,
            person_ids: PersonIds::default(),
        }
    }

    /// Sets how log lines show a person's identifier.
    #[must_use]
    pub fn with_person_ids(self, person_ids: PersonIds) -> Self {
        Self { person_ids, ..self }
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
            .for_each(|person| logging::person(person, invoked.request_id, self.person_ids));
        self.metrics.record(report, started.elapsed());
        Ok(handled)
    }

    async fn direct(&self, message: Message, invoked: &Invoked<'_>) -> Report {
        let opened = self.settlement.open(message, Decoded::Yes);
        self.settlement.expect([&opened]);
        let people = self.settled(opened, invoked.request_id, invoked).await;
        Report { people }
    }

    async fn batch(&self, records: Vec<Undecoded<'_>>, invoked: &Invoked<'_>) -> Report {
        let mut turns = Turns::default();
        let mut records = records.into_iter();
        while records.len() > 0 {
            let together = records.by_ref().take(OPENED_TOGETHER);
            let opened = together
                .map(|record| self.opened(record.decode()))
                .collect();
            self.settle_in_turn(opened, &mut turns, invoked).await;
        }
        Box::pin(self.redelivery.all(&turns.returned)).await;
        turns.report
    }

    async fn settle_in_turn(
        &self,
        messages: Vec<Opened>,
        turns: &mut Turns,
        invoked: &Invoked<'_>,
    ) {
        self.settlement.expect(&messages);
        for opened in messages {
            let origin = opened.origin().clone();
            let message_id = origin.message_id.as_deref().unwrap_or_default();
            let people = match turns.why_not(&origin, invoked.deadline) {
                None => self.settled(opened, message_id, invoked).await,
                Some(failure) => self.settlement.leave(opened, failure, invoked).await,
            };
            turns.taken(origin, people);
        }
    }

    fn opened(&self, record: Record) -> Opened {
        self.settlement.open(record.message, record.decoded)
    }

    // Beyond the guard of each person: a panic here fails one message only.
    async fn settled(
        &self,
        opened: Opened,
        message_id: &str,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let settled = AssertUnwindSafe(self.settlement.settle(opened, invoked)).catch_unwind();
        settled
            .await
            .unwrap_or_else(|_| vec![not_started(message_id.to_owned(), Failure::panicked())])
    }
}

// The most that are looked up with one call; a batch of thousands is not held open as a whole.
const OPENED_TOGETHER: usize = 25;

/// Results of the records processed so far.
#[derive(Default)]
struct Turns {
    report: Report,
    held_groups: HashSet<String>,
    returned: Vec<(Origin, Class)>,
}

impl Turns {
    fn taken(&mut self, origin: Origin, people: Vec<PersonReport>) {
        if let Some(failure) = people.iter().find_map(PersonReport::retried) {
            self.held_groups.extend(origin.message_group_id.clone());
            self.returned.push((origin, failure.class()));
        }
        self.report.people.extend(people);
    }

    /// Returns why a record is left untouched for redelivery, if it is.
    fn why_not(&self, origin: &Origin, deadline: Deadline) -> Option<Failure> {
        // In a FIFO group nothing may overtake a message that comes back.
        let fifo = origin.source_arn.as_deref().is_some_and(queue::is_fifo);
        let group = origin.message_group_id.as_ref();
        let held = fifo && group.is_some_and(|group| self.held_groups.contains(group));
        if held {
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
