//! Refusals in a row -> the suspicion that the deployment is at fault and not the people.

use std::sync::{Mutex, PoisonError};

use crate::failure::{Failure, Reason};
use crate::person_key::PersonKey;

/// The last refusals in a row for one reason that a deployment can cause for everybody.
pub(crate) struct Refusals {
    limit: usize,
    streak: Mutex<Streak>,
}

#[derive(Default)]
struct Streak {
    code: String,
    people: Vec<PersonKey>,
}

impl Refusals {
    /// Counts up to a limit of different people.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            streak: Mutex::default(),
        }
    }

    /// A result, or a systemic failure in the place of the refusal that reaches the limit.
    pub(crate) fn judged<T>(
        &self,
        result: Result<T, Failure>,
        person: &PersonKey,
    ) -> Result<T, Failure> {
        let mut streak = self.streak.lock().unwrap_or_else(PoisonError::into_inner);
        match &result {
            Ok(_) => *streak = Streak::default(),
            Err(failure) if may_be_the_deployments(failure.reason()) => {
                streak.add(failure.reason().code(), person);
                if streak.people.len() >= self.limit {
                    return Err(same_refusal(failure, streak.people.len()));
                }
            }
            Err(_) => (),
        }
        result
    }
}

impl Streak {
    fn add(&mut self, code: String, person: &PersonKey) {
        if self.code != code {
            *self = Self {
                code,
                people: Vec::new(),
            };
        }
        if !self.people.contains(person) {
            self.people.push(person.clone());
        }
    }
}

// Whatever else is refused is refused for what the person's own event says.
fn may_be_the_deployments(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::UnknownProfile | Reason::Aws { .. } | Reason::Secret(..)
    ) && reason.class() == crate::failure::Class::Permanent
}

fn same_refusal(failure: &Failure, people: usize) -> Failure {
    Failure::new(
        Reason::SameRefusal {
            code: failure.reason().code(),
        },
        format!(
            "{people} different people in a row were refused alike, so the configuration or the instance is to blame: {}",
            failure.explanation()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Class;

    fn person(name: &str) -> PersonKey {
        PersonKey::Employee(name.to_owned())
    }

    fn unknown_profile() -> Result<(), Failure> {
        Err(Failure::new(Reason::UnknownProfile, "no such profile"))
    }

    fn class(refusals: &Refusals, result: Result<(), Failure>, name: &str) -> Option<Class> {
        refusals
            .judged(result, &person(name))
            .err()
            .map(|failure| failure.class())
    }

    #[test]
    fn the_same_refusal_of_several_people_in_a_row_stops_the_batch() {
        let refusals = Refusals::new(3);
        assert_eq!(
            class(&refusals, unknown_profile(), "a"),
            Some(Class::Permanent)
        );
        assert_eq!(
            class(&refusals, unknown_profile(), "a"),
            Some(Class::Permanent)
        );
        assert_eq!(
            class(&refusals, unknown_profile(), "b"),
            Some(Class::Permanent)
        );
        assert_eq!(
            class(&refusals, unknown_profile(), "c"),
            Some(Class::Systemic)
        );
        assert_eq!(class(&refusals, Ok(()), "d"), None);
        assert_eq!(
            class(&refusals, unknown_profile(), "e"),
            Some(Class::Permanent)
        );
    }

    #[test]
    fn what_an_event_says_is_never_held_against_the_deployment() {
        let refusals = Refusals::new(2);
        for name in ["a", "b", "c"] {
            let missing = Err(Failure::new(Reason::NoAssignment, "nobody fits"));
            assert_eq!(class(&refusals, missing, name), Some(Class::Permanent));
        }
    }
}
