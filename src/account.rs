//! One message -> everybody in it settled: provisioned, in the dead-letter queue, or left for another try.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::dead_letter::{self, DeadLetter, DeadLetters};
use crate::failure::{Class, Failure, Reason};
use crate::handler::Invoked;
use crate::intake::{Content, Message, Parcel};
use crate::outcome::{End, PersonReport};
use crate::person_key::PersonKey;
use crate::provision::{Provisioned, Provisioner};
use crate::refusals::Refusals;
use crate::sabotage::{self, Break};
use crate::schedule::{self, Event, Scheduled};
use crate::source::Sources;

/// The provisioner, and the queue for what it cannot do.
pub struct Account {
    provisioner: Provisioner,
    dead_letters: DeadLetters,
    refusals: Refusals,
    /// The source queue's `maxReceiveCount`, where the deployment tells it.
    most_deliveries: Option<u32>,
}

/// A message with everybody in it.
pub struct Opened {
    message: Message,
    people: Vec<Person>,
}

/// Somebody in a message.
struct Person {
    item: usize,
    key: PersonKey,
    parcel: Parcel,
}

impl Opened {
    /// Whom the message is about.
    pub fn keys(&self) -> impl Iterator<Item = &PersonKey> {
        self.people.iter().map(|person| &person.key)
    }
}

/// One person of a message before the message as a whole is settled.
struct Attempt {
    item: usize,
    key: PersonKey,
    result: Result<Provisioned, Failure>,
}

impl Account {
    /// An account of a provisioner's results.
    #[must_use]
    pub fn new(
        provisioner: Provisioner,
        dead_letters: DeadLetters,
        most_deliveries: Option<u32>,
    ) -> Self {
        let refusals = Refusals::new(provisioner.retry_policy().same_refusals);
        Self {
            provisioner,
            dead_letters,
            refusals,
            most_deliveries,
        }
    }

    /// Opens a message.
    #[must_use]
    pub fn open(&self, message: Message) -> Opened {
        let sources = self.provisioner.sources();
        let people = people_of(&message, sources).into_iter();
        let people = people.map(|(item, parcel)| Person {
            item,
            key: sources.key_of(&parcel),
            parcel,
        });
        Opened {
            people: people.collect(),
            message,
        }
    }

    /// Tries everybody in a message, and settles each; `coming` is whom it is about, and who is to be settled after them.
    pub async fn settle(
        &self,
        opened: Opened,
        coming: &[PersonKey],
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let Opened { message, people } = opened;
        let message = &message;
        let mut attempts: Vec<Attempt> = Vec::new();
        for (place, Person { item, key, parcel }) in people.into_iter().enumerate() {
            let untried = self
                .replayed_too_often(message)
                .or_else(|| why_not(&attempts, invoked));
            let result = if let Some(failure) = untried {
                Err(failure)
            } else {
                let event = Event {
                    message,
                    item,
                    key: &key,
                };
                let next = coming.get(place + 1..).unwrap_or_default();
                let result = self.attempt(parcel, &event, next, invoked).await;
                self.refusals.judged(result, &key)
            };
            let result = result.map_err(|failure| self.judged(failure, message));
            attempts.push(Attempt { item, key, result });
        }
        self.account(message, attempts, invoked).await
    }

    async fn attempt(
        &self,
        parcel: Parcel,
        event: &Event<'_>,
        next: &[PersonKey],
        invoked: &Invoked<'_>,
    ) -> Result<Provisioned, Failure> {
        let delivery = match parcel.content? {
            Content::Delivery(delivery) => delivery,
            Content::NoJoin(why) => return Ok(Provisioned::skipped(why.into_owned())),
        };
        // Boxed: with the SDK's calls in it the future is 30 kB, and would be so at every level above.
        let provision = Box::pin(async {
            sabotage::panic_over(event.key, &delivery);
            self.provisioner.provision(&delivery, event, next).await
        });
        // Each call borrows its own data and shares only clients and caches, which a panic leaves whole.
        let attempt = AssertUnwindSafe(provision).catch_unwind();
        match invoked.deadline.for_person(attempt).await {
            Some(Ok(result)) => result,
            Some(Err(_panic)) => Err(Failure::panicked()),
            None => Err(took_too_long()),
        }
    }

    // A redrive that is repeated by a machine must come to an end.
    fn replayed_too_often(&self, message: &Message) -> Option<Failure> {
        let replays = dead_letter::replays(message);
        let earlier = dead_letter::earlier_reason(message);
        (replays > self.provisioner.retry_policy().most_replays)
            .then(|| Failure::replay_exhausted(replays - 1, earlier))
    }

    /// What a failure means on this delivery of its message.
    fn judged(&self, failure: Failure, message: &Message) -> Failure {
        let last = self
            .most_deliveries
            .is_some_and(|most| message.origin.receive_count >= most);
        if last { exhausted(failure) } else { failure }
    }

    // A message that comes back brings everybody in it along, so nobody of it is sent to the dead-letter queue before.
    async fn account(
        &self,
        message: &Message,
        attempts: Vec<Attempt>,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let comes_back = attempts.iter().any(|attempt| is_retry(&attempt.result));
        let mut people = Vec::with_capacity(attempts.len());
        for Attempt { item, key, result } in attempts {
            let provisioned = match result {
                Ok(provisioned) => provisioned,
                Err(failure) if comes_back => Provisioned::without_user(End::Retry(failure)),
                Err(failure) => {
                    let letter = DeadLetter {
                        message,
                        item,
                        key: &key,
                        failure: &failure,
                        request_id: invoked.request_id,
                    };
                    let buried = self.bury(&letter, invoked).await;
                    let end = buried.map_or_else(End::Retry, |()| End::DeadLettered(failure));
                    Provisioned::without_user(end)
                }
            };
            people.push(PersonReport {
                message_id: message.origin.message_id.clone(),
                item,
                key,
                username: provisioned.username,
                left_out: provisioned.left_out,
                end: provisioned.end,
            });
        }
        people
    }

    async fn bury(&self, letter: &DeadLetter<'_>, invoked: &Invoked<'_>) -> Result<(), Failure> {
        let sent = invoked
            .deadline
            .for_dead_letter(Box::pin(self.dead_letters.send(letter)))
            .await;
        if sabotage::is(Break::SwallowDeadLetters) {
            return Ok(());
        }
        sent.unwrap_or_else(|| {
            Err(Failure::new(
                Reason::DeadLetterRefused,
                "the dead-letter queue did not answer in time",
            ))
        })
    }
}

/// Everybody in a message with their places; of one that was sent back or that waited, the one whom it is about.
///
/// A source that was mended since may find others, or more of them, in the same message. Where nobody has the letter's key
/// then, everybody is tried: who has a user already is found to have one, and nobody is lost.
pub(crate) fn people_of(message: &Message, sources: &Sources) -> Vec<(usize, Parcel)> {
    let everybody: Vec<_> = sources
        .open(&message.body)
        .into_iter()
        .enumerate()
        .collect();
    let Some(Scheduled { event_key, item }) = meant(message) else {
        return everybody;
    };
    let is_meant = |parcel: &Parcel| sources.key_of(parcel).to_string() == event_key;
    let at_its_place = |(place, _): &(usize, Parcel)| *place == item;
    let by_configuration = everybody
        .iter()
        .any(|(_, parcel)| parcel.is_read_by_configuration());
    if by_configuration
        && !everybody
            .iter()
            .any(|one| at_its_place(one) && is_meant(&one.1))
    {
        let (meant, others): (Vec<_>, Vec<_>) = everybody
            .into_iter()
            .partition(|(_, parcel)| is_meant(parcel));
        return if meant.is_empty() { others } else { meant };
    }
    let (one, others): (Vec<_>, Vec<_>) = everybody.into_iter().partition(at_its_place);
    // A body that was mended may list fewer people than it did.
    if one.is_empty() { others } else { one }
}

/// Whom of a message it is about, of one that was sent back or that waited.
fn meant(message: &Message) -> Option<Scheduled> {
    let failed = dead_letter::details_of(message).map(|details| Scheduled {
        event_key: details.event_key,
        item: details.item,
    });
    failed.or_else(|| schedule::scheduled(message))
}

/// Why a person is not tried, if so: somebody before failed for everybody, or too little time is left.
fn why_not(attempts: &[Attempt], invoked: &Invoked) -> Option<Failure> {
    let failed = attempts
        .iter()
        .filter_map(|attempt| attempt.result.as_ref().err());
    if failed
        .clone()
        .any(|failure| failure.class() == Class::Systemic)
    {
        return Some(Failure::stopped());
    }
    // The handler has seen to it that there is time for the first.
    (!attempts.is_empty() && !invoked.deadline.leaves_time_for_a_person())
        .then(Failure::out_of_time)
}

fn is_retry(result: &Result<Provisioned, Failure>) -> bool {
    result
        .as_ref()
        .is_err_and(|failure| failure.class() != Class::Permanent)
}

// What is systemic stays in the queue: its own redrive moves it, and nothing is said of the person.
fn exhausted(failure: Failure) -> Failure {
    if failure.class() != Class::Transient {
        return failure;
    }
    let code = match failure.reason() {
        Reason::Aws { code, .. } => code.clone(),
        reason => reason.code(),
    };
    Failure::new(
        Reason::AttemptsExhausted { code },
        format!(
            "on the queue's last delivery: {}; replay this message once that is over",
            failure.explanation()
        ),
    )
}

fn took_too_long() -> Failure {
    Failure::new(
        Reason::TookTooLong,
        "AWS did not answer in the time that one person may take",
    )
}
