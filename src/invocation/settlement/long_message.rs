//! A message of more people than one invocation serves -> parts of it, and results of people who need no part.

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use super::{Attempt, Person, Settlement};
use crate::failure::Failure;
use crate::intake::{Content, Message, Parcel};
use crate::invocation::invoked::Invoked;
use crate::invocation::outcome::{End, PersonReport};
use crate::invocation::split::Whole;
use crate::policy::plan::Plan;
use crate::provision::Provisioned;
use crate::source::person_key::PersonKey;

/// The people of a long message, by what they need.
#[derive(Default)]
struct SortedOut {
    settled: Vec<Attempt>,
    /// The event and the configuration alone refuse them.
    refused: Vec<Person<Failure>>,
    waiting: Vec<Person<Parcel>>,
}

impl Person<Failure> {
    fn settled(self) -> Attempt {
        let Self { items, key, step } = self;
        Attempt {
            items,
            key,
            step: Err(step),
        }
    }
}

impl Settlement {
    /// Puts the people of a long message into parts of it, unless few of them need a call.
    pub(super) async fn settle_many(
        &self,
        message: &Message,
        people: Vec<Person<Parcel>>,
        invoked: &Invoked<'_>,
    ) -> Vec<PersonReport> {
        let SortedOut {
            mut settled,
            refused,
            waiting,
        } = self.sorted_out(people);
        if waiting.len() <= self.capacity(invoked) {
            settled.extend(refused.into_iter().map(Person::settled));
            let ended = settled.iter().map(|attempt| &attempt.key);
            self.provisioner.expect_no_more(&ended.collect());
            settled.extend(self.tried(message, waiting, invoked).await);
            return self.settled(message, settled, invoked).await;
        }
        let whole = Whole::new(message);
        let cut = whole.as_ref().is_ok_and(Whole::is_cut);
        // Without the password that they are refused for, they would be taken in a part.
        let (here, in_part) = if cut {
            (refused, Vec::new())
        } else {
            (Vec::new(), refused)
        };
        settled.extend(here.into_iter().map(Person::settled));
        let sent = match &whole {
            Ok(whole) => self.send_parts(whole, &waiting, &in_part, invoked).await,
            Err(failure) => Err(failure.clone()),
        };
        let sent = sent.map_err(|failure| self.give_up.judged(failure, &message.origin));
        let mut reports = Vec::new();
        match sent {
            Ok(()) => {
                reports.extend(waiting.into_iter().map(|person| person.split(message)));
                reports.extend(in_part.into_iter().map(|person| person.split(message)));
            }
            Err(failure) => {
                settled.extend(in_part.into_iter().map(Person::settled));
                settled.extend(waiting.into_iter().map(|one| one.failed(failure.clone())));
            }
        }
        reports.extend(self.settled(message, settled, invoked).await);
        reports
    }

    // Sorts people by whether the event and the configuration alone refuse or skip them, or a call is needed.
    fn sorted_out(&self, people: Vec<Person<Parcel>>) -> SortedOut {
        let mut sorted = SortedOut::default();
        for person in people {
            match self.foretold(&person.step) {
                None => sorted.waiting.push(person),
                Some(Ok(why)) => {
                    let skipped = Ok(Provisioned::skipped(why));
                    sorted.settled.push(person.at(skipped));
                }
                Some(Err(failure)) => sorted.refused.push(person.at(failure)),
            }
        }
        sorted
    }

    fn foretold(&self, parcel: &Parcel) -> Option<Result<String, Failure>> {
        let delivery = match &parcel.content {
            Ok(Content::Delivery(delivery)) => delivery,
            Ok(Content::NoJoin(why)) => return Some(Ok(why.clone().into_owned())),
            Err(failure) => return Some(Err(failure.clone())),
        };
        let plan = AssertUnwindSafe(|| self.provisioner.planned(delivery));
        match std::panic::catch_unwind(plan) {
            Ok(Ok(Plan::Skip(_))) if self.provisioner.skips_with_a_call(delivery) => None,
            Ok(Ok(Plan::Skip(why))) => Some(Ok(why)),
            Ok(Err(failure)) => Some(Err(failure)),
            // A person over whom it panics fails alone, when tried.
            Ok(Ok(Plan::User(_))) | Err(_) => None,
        }
    }

    /// Sends parts for those who need a user, and one for all who are refused, which needs no call but a dead letter.
    async fn send_parts(
        &self,
        whole: &Whole<'_>,
        waiting: &[Person<Parcel>],
        refused: &[Person<Failure>],
        invoked: &Invoked<'_>,
    ) -> Result<(), Failure> {
        let mut parts = whole.parts(waiting.iter().map(Person::placed), self.capacity(invoked));
        let refused = refused.iter().map(Person::placed);
        parts.extend(whole.parts(refused, usize::MAX));
        let each =
            Duration::from_secs_f64(1.0 / self.provisioner.instances().users_per_second_together());
        let sent = Box::pin(self.splitter.send(whole, &parts, each));
        let sent = invoked.deadline.to_the_end(sent).await;
        sent.unwrap_or_else(|| Err(Failure::out_of_time()))
    }
}

impl<T> Person<T> {
    fn placed(&self) -> (Range<usize>, &PersonKey) {
        (self.items.clone(), &self.key)
    }

    fn split(self, message: &Message) -> PersonReport {
        PersonReport {
            message_id: message.origin.message_id.clone(),
            item: self.items.start,
            key: self.key,
            username: None,
            dropped_fields: Vec::new(),
            end: End::Split,
        }
    }
}
