//! What is known for a moment of the users that people have: who has which, and who has none.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What an instance has said of people, by the value of their identity tag.
#[derive(Default)]
pub(super) struct People(Mutex<HashMap<String, (Instant, Seen)>>);

/// What was seen of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// A user, by its id.
    User(String),
    Nobody,
}

impl Seen {
    pub(super) fn of(user_id: Option<String>) -> Self {
        user_id.map_or(Self::Nobody, Self::User)
    }

    // A user that another copy of the function makes meanwhile must not be missed for long; one that was made here stays
    // out of Connect's search for minutes.
    fn kept(&self) -> Duration {
        match self {
            Self::User(_) => Duration::from_mins(5),
            Self::Nobody => Duration::from_secs(2),
        }
    }
}

impl People {
    /// What is known of a person.
    pub(super) fn recall(&self, person: &str) -> Option<Seen> {
        let known = self.known();
        let (since, seen) = known.get(person)?;
        (since.elapsed() < seen.kept()).then(|| seen.clone())
    }

    /// Keeps what was seen since a moment, in the place of what was known before.
    pub(super) fn remember(&self, person: String, since: Instant, seen: Seen) {
        self.known().insert(person, (since, seen));
    }

    /// Lets a person be looked up anew.
    pub(super) fn forget(&self, person: &str) {
        self.known().remove(person);
    }

    /// Drops what is too old to be believed.
    pub(super) fn tidy(&self) {
        self.known()
            .retain(|_, (since, seen)| since.elapsed() < seen.kept());
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Instant, Seen)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_known_of_a_person_ages() {
        let people = People::default();
        let user = Seen::User("id".to_owned());
        let known = || ["has", "has-none", "unknown"].map(|person| people.recall(person));
        people.remember("has".to_owned(), Instant::now(), user.clone());
        people.remember("has-none".to_owned(), Instant::now(), Seen::Nobody);
        assert_eq!(known(), [Some(user.clone()), Some(Seen::Nobody), None]);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(known(), [Some(user.clone()), None, None]);
        people.tidy();
        assert_eq!(people.known().len(), 1);
        tokio::time::advance(Duration::from_mins(6)).await;
        people.tidy();
        assert_eq!(people.known().len(), 0);
    }
}
