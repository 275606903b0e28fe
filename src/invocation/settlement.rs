//! One message -> everybody in it settled: provisioned, in the dead-letter queue, or left for another try.

mod long_message;

use std::ops::Range;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::failure::{Class, Failure, Reason};
use crate::intake::people::people_of;
use crate::intake::{Content, Decoded, Message, Origin, Parcel};
use crate::invocation::dead_letter::{self, DeadLetter, DeadLetters, Refused};
use crate::invocation::give_up::GiveUp;
use crate::invocation::invoked::Invoked;
use crate::invocation::outcome::{End, PersonReport};
use crate::invocation::split::{self, Splitter};
use crate::provision::{Provisioned, Provisioner};
use crate::sabotage;
use crate::schedule::Event;
use crate::source::person_key::{LazyKey, PersonKey};

/// The provisioner, and the places for people that it cannot serve now.
pub struct Settlement {
    pub provisioner: Provisioner,
    pub dead_letters: DeadLetters,
    pub splitter: Splitter,
    pub give_up: GiveUp,
    /// A dead letter that was replayed so often is not tried again.
    pub most_replays: u32,
}

/// A message with everybody in it.
pub struct Opened {
    message: Message,
    people: Vec<Person<Parcel>>,
}

/// Somebody in a message, with the step that the person has reached: a parcel to read, a refusal, or a result. Neighbours that are
/// no people at all count as one.
struct Person<T> {
    items: Range<usize>,
    key: PersonKey,
    step: T,
}

/// A person who was tried, before the message as a whole is settled.
type Attempt = Person<Result<Provisioned, Failure>>;

impl Settlement {
    /// Opens a message; one that cannot be opened is about one person, who fails.
    #[must_use]
    pub fn open(&self, message: Message, decoded: Decoded) -> Opened {
        let people = match decoded {
            Decoded::Yes => self.people_in(&message),
            Decoded::No => vec![nobody(&message, undecodable())],
        };
        Opened { message, people }
    }

    fn people_in(&self, message: &Message) -> Vec<Person<Parcel>> {
        let sources = self.provisioner.sources();
        let person = |(items, parcel): (Range<usize>, Parcel)| Person {
            items,
            key: sources.key_of(&parcel),
            step: parcel,
        };
        let open = || {
            people_of(message, sources)
                .into_iter()
                .map(person)
                .collect()
        };
        // Beyond the guard of each person: a panic here fails one message only.
        let opened = std::panic::catch_unwind(AssertUnwindSafe(open));
        opened.unwrap_or_else(|_| vec![nobody(message, Failure::panicked())])
    }

    /// Expects everybody in these messages, which are to be settled in this order.
    pub fn expect<'a>(&self, messages: impl IntoIterator<Item = &'a Opened>) {
        let people = messages.into_iter().flat_map(|opened| &opened.people);
        let people = people.map(|person| person.key.clone());
        self.provisioner.expect(people.collect());
    }

    /// Tries everybody in a message, and settles each.
    pub async fn settle(&self, opened: Opened, invoked: &Invoked<'_>) -> Vec<PersonReport> {
        let Opened { message, people } = opened;
        if let Some(failure) = self.replayed_too_often(&message) {
            let attempts = people.into_iter().map(|one| one.failed(failure.clone()));
            return self.settled(&message, attempts.collect(), invoked).await;
        }
        if people.len() > self.capacity(invoked) && split::part_of(&message).is_none() {
            return self.settle_many(&message, people, invoked).await;
        }
        let attempts = self.tried(&message, people, invoked).await;
        self.settled(&message, attempts, invoked).await
    }

    /// Leaves everybody in a message for another try, or gives them up with the cause where that is due.
    pub async fn leave(
        &self,
        opened: Opened,
        failure: Failure,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let Opened { message, people } = opened;
        let failure = self.give_up.judged(failure, &message.origin);
        if failure.class() != Class::Permanent {
            let message_id = message.origin.message_id.unwrap_or_default();
            return vec![not_started(message_id, failure)];
        }
        let attempts = people.into_iter().map(|one| one.failed(failure.clone()));
        self.settled(&message, attempts.collect(), invoked).await
    }

    /// Computes the number of people that one invocation serves.
    fn capacity(&self, invoked: &Invoked<'_>) -> usize {
        let per_second = self.provisioner.instances().users_per_second();
        invoked.deadline.people_served(per_second)
    }

    async fn tried(
        &self,
        message: &Message,
        people: Vec<Person<Parcel>>,
        invoked: &Invoked<'_>,
    ) -> Vec<Attempt> {
        let mut attempts: Vec<Attempt> = Vec::with_capacity(people.len());
        for (place, Person { items, key, step }) in people.into_iter().enumerate() {
            // The handler has seen to it that there is time for the first.
            let result = if place > 0 && !invoked.deadline.leaves_time_for_a_person() {
                Err(Failure::out_of_time())
            } else {
                let event = Event {
                    message,
                    item: items.start,
                    key: &key,
                };
                self.attempt(step, &event, invoked).await
            };
            let result = result.map_err(|failure| self.give_up.judged(failure, &message.origin));
            attempts.push(Attempt {
                items,
                key,
                step: result,
            });
        }
        attempts
    }

    async fn attempt(
        &self,
        parcel: Parcel,
        event: &Event<'_>,
        invoked: &Invoked<'_>,
    ) -> Result<Provisioned, Failure> {
        let delivery = match parcel.content? {
            Content::Delivery(delivery) => delivery,
            Content::NoJoin(why) => return Ok(Provisioned::skipped(why.into_owned())),
        };
        // Boxed: with the SDK's calls in it the future is 30 kB, and would be so at every level above.
        let provision = Box::pin(async {
            sabotage::panic_over(event.key, &delivery);
            let stops = &invoked.stops;
            self.provisioner.provision(&delivery, event, stops).await
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
        let earlier = || dead_letter::earlier_reason(message);
        (replays > self.most_replays).then(|| Failure::replay_exhausted(replays - 1, &earlier()))
    }

    // A message that comes back brings everybody in it along, so nobody of it is sent to the dead-letter queue before.
    async fn settled(
        &self,
        message: &Message,
        attempts: Vec<Attempt>,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let comes_back = attempts.iter().any(|attempt| is_retry(&attempt.step));
        let buried = if comes_back {
            Vec::new()
        } else {
            self.bury(message, &attempts, invoked).await
        };
        let report = |attempt: Attempt| {
            let place = attempt.items.start;
            let dead_letter = || {
                buried
                    .iter()
                    .find(|(dead_letter, _)| dead_letter.is_about(place))
            };
            let ended = match attempt.step {
                Ok(provisioned) => provisioned,
                Err(failure) => Provisioned::without_user(match dead_letter() {
                    None => End::Retry(failure),
                    Some((_, Ok(()))) => End::DeadLettered(failure),
                    Some((_, Err(why))) => End::Retry(why.clone()),
                }),
            };
            PersonReport {
                message_id: message.origin.message_id.clone(),
                item: place,
                key: attempt.key,
                username: ended.username,
                dropped_fields: ended.dropped_fields,
                end: ended.end,
            }
        };
        attempts.into_iter().map(report).collect()
    }

    /// Sends the dead letters of a message, and says of each whether that succeeded.
    async fn bury<'a>(
        &self,
        message: &'a Message,
        attempts: &[Attempt],
        invoked: &'a Invoked<'_>,
    ) -> Vec<(DeadLetter<'a>, Result<(), Failure>)> {
        let refused = attempts.iter().filter_map(|attempt| {
            Some(Refused {
                items: attempt.items.clone(),
                key: &attempt.key,
                failure: attempt.step.as_ref().err()?,
            })
        });
        let mut buried = Vec::new();
        for dead_letter in dead_letter::dead_letters(message, invoked.request_id, refused) {
            let sent = self.bury_one(&dead_letter, invoked).await;
            buried.push((dead_letter, sent));
        }
        buried
    }

    async fn bury_one(
        &self,
        dead_letter: &DeadLetter<'_>,
        invoked: &Invoked<'_>,
    ) -> Result<(), Failure> {
        let deadline = invoked.deadline;
        // A message that is sent at the last moment would be sent again, since its answer came too late.
        let sent = if deadline.leaves_time_for_a_dead_letter() {
            let sent = Box::pin(self.dead_letters.send(dead_letter));
            deadline.for_dead_letter(sent).await
        } else {
            None
        };
        sabotage::sent(sent.unwrap_or_else(|| {
            Err(Failure::new(
                Reason::DeadLetterRefused,
                "the dead-letter queue did not answer in time",
            ))
        }))
    }
}

impl<T> Person<T> {
    fn at<U>(self, step: U) -> Person<U> {
        Person {
            items: self.items,
            key: self.key,
            step,
        }
    }

    fn failed(self, failure: Failure) -> Attempt {
        self.at(Err(failure))
    }
}

impl Opened {
    /// Returns where the message came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.message.origin
    }
}

/// Reports a message of which nobody was tried.
pub(crate) fn not_started(message_id: String, failure: Failure) -> PersonReport {
    PersonReport {
        key: PersonKey::Event(message_id.clone()),
        message_id: Some(message_id),
        item: 0,
        username: None,
        dropped_fields: Vec::new(),
        end: End::Retry(failure),
    }
}

// A message in which no people can be found, so that it stands for one itself.
fn nobody(message: &Message, failure: Failure) -> Person<Parcel> {
    let key = match &message.origin.message_id {
        Some(id) => PersonKey::Event(id.clone()),
        None => PersonKey::of_payload(message.body.as_bytes()),
    };
    let fallback_key = key.clone();
    Person {
        items: 0..1,
        key,
        step: Parcel {
            content: Err(failure),
            place: Vec::new(),
            fallback_key: LazyKey::new(|| fallback_key),
            count: 1,
        },
    }
}

fn is_retry(result: &Result<Provisioned, Failure>) -> bool {
    result
        .as_ref()
        .is_err_and(|failure| failure.class() != Class::Permanent)
}

fn took_too_long() -> Failure {
    Failure::new(
        Reason::TookTooLong,
        "AWS did not answer in the time that one person may take",
    )
}

fn undecodable() -> Failure {
    Failure::new(
        Reason::UnreplayableRecord,
        "the record's text cannot be decoded, so that the body here is the record as Lambda handed it over and cannot be replayed; \
         have the event sent again",
    )
}
