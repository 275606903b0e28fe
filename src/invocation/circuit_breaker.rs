//! Refusals for one cause -> the suspicion that the deployment is at fault and not the people.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::aws::age::Moment;
use crate::failure::{Class, Failure, Reason};
use crate::policy::InstanceRef;
use crate::policy::plan::{DecidedBy, UserPlan};
use crate::source::person_key::PersonKey;

/// The people refused lately, by instance and cause.
pub(crate) struct CircuitBreaker {
    limit: usize,
    streaks: Mutex<HashMap<Cause, Streak>>,
}

/// An instance, and the sentence that names what it refused.
type Cause = (InstanceRef, String);

struct Streak {
    last: Moment,
    people: Vec<PersonKey>,
    /// Whether a user that is created proves that the cause is gone; it proves nothing about a profile of others.
    ends_with_success: bool,
}

// A refusal of so long ago may have another cause than one of now.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

impl CircuitBreaker {
    /// Suspects the deployment from so many different people on.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            streaks: Mutex::default(),
        }
    }

    /// Returns the result, or a systemic failure in the place of a refusal that reaches the limit.
    ///
    /// Refusals of people whose profiles their own event chose do not count.
    pub(crate) fn judged<T>(
        &self,
        result: Result<T, Failure>,
        plan: &UserPlan,
        person: &PersonKey,
    ) -> Result<T, Failure> {
        if plan.decided_by == DecidedBy::Event {
            return result;
        }
        let failure = match result {
            Ok(done) => {
                self.succeeded(plan.instance);
                return Ok(done);
            }
            Err(failure) if may_be_the_deployments(failure.reason()) => failure,
            Err(failure) => return Err(failure),
        };
        let people = self.refused(plan.instance, &failure, person);
        Err(if people < self.limit {
            failure
        } else {
            same_refusal(&failure, people)
        })
    }

    fn succeeded(&self, instance: InstanceRef) {
        let mut streaks = self.streaks.lock().unwrap_or_else(PoisonError::into_inner);
        if !streaks.is_empty() {
            streaks.retain(|(of, _), streak| *of != instance || !streak.ends_with_success);
        }
    }

    fn refused(&self, instance: InstanceRef, failure: &Failure, person: &PersonKey) -> usize {
        let mut streaks = self.streaks.lock().unwrap_or_else(PoisonError::into_inner);
        streaks.retain(|_, streak| streak.last.age() < LONGEST_PAUSE);
        let cause = (instance, failure.explanation().to_owned());
        let streak = streaks.entry(cause).or_insert_with(|| Streak {
            last: Moment::now(),
            people: Vec::new(),
            ends_with_success: *failure.reason() != Reason::UnknownProfile,
        });
        streak.last = Moment::now();
        // More than the limit are not told apart.
        if streak.people.len() < self.limit && !streak.people.contains(person) {
            streak.people.push(person.clone());
        }
        streak.people.len()
    }
}

// Whatever else is refused is refused for what the person's own event says.
fn may_be_the_deployments(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::UnknownProfile | Reason::Aws { .. } | Reason::Secret(..)
    ) && reason.class() == Class::Permanent
}

fn same_refusal(failure: &Failure, people: usize) -> Failure {
    Failure::new(
        Reason::SameRefusal {
            code: failure.reason().code(),
        },
        format!(
            "{people} or more people were refused alike, so the configuration or the instance is to blame: {}",
            failure.explanation()
        ),
    )
    .caused_by(failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::age::thaw;
    use crate::policy::assignment::NameOrId;
    use crate::request::create_user_input::CreateUserInput;

    fn plan_by(decided_by: DecidedBy) -> UserPlan {
        UserPlan {
            instance: InstanceRef::MAIN,
            decided_by,
            input: CreateUserInput::default(),
            routing_profile: NameOrId::Name("Voice".to_owned()),
            security_profiles: Vec::new(),
            hierarchy_group: None,
            secret: None,
            due: None,
            dropped_fields: Vec::new(),
            when_taken: Vec::new(),
        }
    }

    fn unknown(profile: &str) -> Result<(), Failure> {
        Err(Failure::new(
            Reason::UnknownProfile,
            format!("no {profile}"),
        ))
    }

    fn rejected() -> Result<(), Failure> {
        let code = "InvalidRequestException".to_owned();
        let operation = "CreateUser";
        Err(Failure::new(Reason::Aws { operation, code }, "rejected"))
    }

    fn class(breaker: &CircuitBreaker, result: Result<(), Failure>, name: &str) -> Option<Class> {
        let person = PersonKey::Employee(name.to_owned());
        let plan = plan_by(DecidedBy::Configuration);
        let judged = breaker.judged(result, &plan, &person);
        judged.err().map(|failure| failure.class())
    }

    #[tokio::test(start_paused = true)]
    async fn several_people_refused_for_one_cause_are_the_deployments_fault() {
        let breaker = CircuitBreaker::new(3);
        let (permanent, systemic) = (Some(Class::Permanent), Some(Class::Systemic));
        for (name, expected) in [("a", permanent), ("a", permanent), ("b", permanent)] {
            assert_eq!(class(&breaker, unknown("Voice"), name), expected);
        }
        assert_eq!(class(&breaker, unknown("Chat"), "c"), permanent);
        assert_eq!(class(&breaker, unknown("Voice"), "c"), systemic);
        // A user of another profile proves nothing.
        assert_eq!(class(&breaker, Ok(()), "d"), None);
        assert_eq!(class(&breaker, unknown("Voice"), "e"), systemic);
        tokio::time::advance(LONGEST_PAUSE).await;
        assert_eq!(class(&breaker, unknown("Voice"), "f"), permanent);
        assert_eq!(class(&breaker, unknown("Voice"), "g"), permanent);
        assert_eq!(class(&breaker, unknown("Voice"), "h"), systemic);
        thaw::after(LONGEST_PAUSE);
        assert_eq!(class(&breaker, unknown("Voice"), "i"), permanent);
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_that_is_created_ends_the_suspicion_against_the_instance() {
        let breaker = CircuitBreaker::new(2);
        assert_eq!(class(&breaker, rejected(), "a"), Some(Class::Permanent));
        assert_eq!(class(&breaker, Ok(()), "b"), None);
        assert_eq!(class(&breaker, rejected(), "c"), Some(Class::Permanent));
        assert_eq!(class(&breaker, rejected(), "d"), Some(Class::Systemic));
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_event_says_or_chooses_is_never_held_against_the_deployment() {
        let breaker = CircuitBreaker::new(2);
        for name in ["a", "b", "c"] {
            let missing = Err(Failure::new(Reason::NoAssignment, "nobody fits"));
            assert_eq!(class(&breaker, missing, name), Some(Class::Permanent));
            let person = PersonKey::Username(name.to_owned());
            let chosen = plan_by(DecidedBy::Event);
            let judged = breaker.judged(unknown("an id"), &chosen, &person);
            let class = judged.err().map(|failure| failure.class());
            assert_eq!(class, Some(Class::Permanent));
        }
    }
}
