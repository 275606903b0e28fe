//! The people of a batch, in the order of their turns -> those whose turn is still to come.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::source::person_key::PersonKey;

/// People who are to come, so that one search finds the users of several.
///
/// This is a forecast: somebody may come who is not expected, and somebody who is expected may not come.
#[derive(Default)]
pub(super) struct Expected(Mutex<VecDeque<PersonKey>>);

impl Expected {
    /// Expects these people in this order, and nobody else.
    pub(super) fn set(&self, people: VecDeque<PersonKey>) {
        *self.people() = people;
    }

    /// Takes a person's turn: whoever was to come before the person does not come any more.
    pub(super) fn begin(&self, person: &PersonKey) {
        let mut people = self.people();
        let place = people.iter().position(|one| one == person);
        people.drain(..place.map_or(0, |place| place + 1));
    }

    /// Stops expecting some people.
    pub(super) fn remove(&self, others: &HashSet<&PersonKey>) {
        self.people().retain(|person| !others.contains(person));
    }

    /// Returns the tags of the first people to come who are `wanted`.
    pub(super) fn first_tags(&self, most: usize, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let people = self.people();
        let tags = people.iter().map(PersonKey::tag_value);
        tags.filter(|tag| wanted(tag)).take(most).collect()
    }

    fn people(&self) -> MutexGuard<'_, VecDeque<PersonKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> PersonKey {
        PersonKey::Employee(name.to_owned())
    }

    fn expecting(names: &str) -> Expected {
        let expected = Expected::default();
        expected.set(names.split(' ').map(person).collect());
        expected
    }

    #[track_caller]
    fn check(expected: &Expected, names: &str) {
        let tags: Vec<String> = names
            .split_whitespace()
            .map(|name| person(name).tag_value())
            .collect();
        assert_eq!(expected.first_tags(9, |_| true), tags, "{names}");
    }

    #[test]
    fn whoever_has_had_a_turn_or_was_passed_over_is_not_expected_any_more() {
        let expected = expecting("a b a c d");
        expected.begin(&person("a"));
        check(&expected, "b a c d");
        expected.begin(&person("c"));
        check(&expected, "d");
        expected.begin(&person("unexpected"));
        check(&expected, "d");
        expected.begin(&person("d"));
        check(&expected, "");
    }

    #[test]
    fn the_first_who_are_wanted_are_given_and_those_removed_are_not() {
        let expected = expecting("a b c d e");
        expected.remove(&HashSet::from([&person("b")]));
        check(&expected, "a c d e");
        let of_d = person("d").tag_value();
        let first = expected.first_tags(2, |tag| tag != of_d);
        assert_eq!(first, ["a", "c"].map(|name| person(name).tag_value()));
    }
}
