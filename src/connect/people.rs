//! Memory, for a moment, of the users that people have: who has which, and who has none.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_connect::types::{User, UserSearchSummary};
use tokio::time::Instant;

use crate::aws::age::Moment;
use crate::request::{CreateUserRequest, PERSON_TAG, REQUEST_TAG};

/// Answers of an instance about people, by the value of their identity tag.
#[derive(Default)]
pub(super) struct People {
    known: Mutex<HashMap<String, (Moment, Seen)>>,
    /// User ids that DescribeUser did not find, since when.
    missing: Mutex<HashMap<String, Moment>>,
}

/// The longest time for which Connect's search index and DescribeUser may lag behind CreateUser; AWS names none.
pub(super) const LAG: Duration = Duration::from_mins(5);

/// Answer about one person.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Seen {
    User(KnownUser),
    Nobody,
}

/// A user, as far as it tells whose it is; it holds personal data, so it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct KnownUser {
    pub(super) id: String,
    pub(super) username: String,
    /// Present where DescribeUser gave it.
    pub(super) arn: String,
    /// The tag that says whose user it is.
    pub(super) person: Option<String>,
    /// The tag that says what was asked for.
    pub(super) request: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl KnownUser {
    /// A user that was made a moment ago.
    pub(super) fn made(id: &str, request: &CreateUserRequest) -> Self {
        let tag = |key| request.tag(key).map(str::to_owned);
        Self {
            id: id.to_owned(),
            username: request.username().to_owned(),
            person: tag(PERSON_TAG),
            request: tag(REQUEST_TAG),
            ..Self::default()
        }
    }

    /// A user as DescribeUser gives it.
    pub(super) fn described(user: User) -> Self {
        let (first_name, last_name) = user
            .identity_info
            .map(|info| (info.first_name, info.last_name))
            .unwrap_or_default();
        Self {
            id: user.id.unwrap_or_default(),
            arn: user.arn.unwrap_or_default(),
            username: user.username.unwrap_or_default(),
            first_name,
            last_name,
            ..Self::tagged(user.tags)
        }
    }

    /// A user as SearchUsers gives it; `None` without an id.
    pub(super) fn found(user: UserSearchSummary) -> Option<Self> {
        Some(Self {
            id: user.id?,
            username: user.username.unwrap_or_default(),
            ..Self::tagged(user.tags)
        })
    }

    fn tagged(tags: Option<HashMap<String, String>>) -> Self {
        let mut tags = tags.unwrap_or_default();
        Self {
            person: tags.remove(PERSON_TAG),
            request: tags.remove(REQUEST_TAG),
            ..Self::default()
        }
    }

    /// Whether its tags say that it is this person's, made from this very request.
    pub(super) fn was_made_from(&self, request: &CreateUserRequest) -> bool {
        let is = |own: &Option<String>, key| own.is_some() && own.as_deref() == request.tag(key);
        is(&self.person, PERSON_TAG) && is(&self.request, REQUEST_TAG)
    }

    /// Tells whether it has the first and last name of a request: a username alone proves nothing.
    pub(super) fn has_names_of(&self, request: &CreateUserRequest) -> bool {
        let Some(ours) = &request.input().identity_info else {
            return false;
        };
        ours.first_name.is_some()
            && ours.first_name == self.first_name
            && ours.last_name == self.last_name
    }

    /// Tells whether a first or last name of a request is not its own.
    pub(super) fn has_other_names_than(&self, request: &CreateUserRequest) -> bool {
        let differs =
            |asked: &Option<String>, has: &Option<String>| asked.is_some() && asked != has;
        request.input().identity_info.as_ref().is_some_and(|asked| {
            differs(&asked.first_name, &self.first_name)
                || differs(&asked.last_name, &self.last_name)
        })
    }
}

impl Seen {
    pub(super) fn new(user: Option<KnownUser>) -> Self {
        user.map_or(Self::Nobody, Self::User)
    }

    // A user that another copy of the function makes meanwhile must not be missed for long; one that was made here stays
    // out of Connect's search for minutes.
    fn kept(&self) -> Duration {
        match self {
            Self::User(_) => LAG,
            Self::Nobody => Duration::from_secs(2),
        }
    }
}

impl People {
    /// Returns the answer about a person that is still fresh.
    pub(super) fn recall(&self, person: &str) -> Option<Seen> {
        let known = self.known();
        let (since, seen) = known.get(person)?;
        (since.age() < seen.kept()).then(|| seen.clone())
    }

    /// Keeps what was seen since a moment, in the place of what was known before.
    pub(super) fn remember(&self, person: String, since: Instant, seen: Seen) {
        self.known().insert(person, (since.into(), seen));
    }

    /// Lets a person be looked up anew.
    pub(super) fn forget(&self, person: &str) {
        self.known().remove(person);
    }

    /// Tells whether a user that DescribeUser does not find may still appear, since it was missed for the first time less
    /// than [`LAG`] ago; afterwards it counts as deleted.
    pub(super) fn may_appear(&self, user_id: &str) -> bool {
        let mut missing = locked(&self.missing);
        missing.retain(|_, since| since.age() < LAG * 2);
        let since = missing.entry(user_id.to_owned());
        since.or_insert_with(Moment::now).age() < LAG
    }

    /// Drops what is too old to be believed.
    pub(super) fn tidy(&self) {
        self.known()
            .retain(|_, (since, seen)| since.age() < seen.kept());
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Moment, Seen)>> {
        locked(&self.known)
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::age::thaw;

    #[test]
    fn a_user_that_was_found_has_its_name_and_its_tags() {
        let summary = UserSearchSummary::builder()
            .id("id")
            .username("mary.major")
            .tags(PERSON_TAG, "mary")
            .tags(REQUEST_TAG, "this");
        let user = KnownUser::found(summary.build()).expect("it has an id");
        assert_eq!(
            (user.id.as_str(), user.username.as_str()),
            ("id", "mary.major")
        );
        assert_eq!(user.person.as_deref(), Some("mary"));
        assert_eq!(user.request.as_deref(), Some("this"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_of_a_person_ages() {
        let people = People::default();
        let user = Seen::User(KnownUser {
            id: "id".to_owned(),
            ..KnownUser::default()
        });
        let known = || ["has", "has-none", "unknown"].map(|person| people.recall(person));
        people.remember("has".to_owned(), Instant::now(), user.clone());
        people.remember("has-none".to_owned(), Instant::now(), Seen::Nobody);
        assert!(known() == [Some(user.clone()), Some(Seen::Nobody), None]);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(known() == [Some(user.clone()), None, None]);
        people.tidy();
        assert_eq!(people.known().len(), 1);
        tokio::time::advance(Duration::from_mins(6)).await;
        people.tidy();
        assert_eq!(people.known().len(), 0);
    }
    #[tokio::test(start_paused = true)]
    async fn a_user_that_is_missing_counts_as_deleted_after_the_lag() {
        let people = People::default();
        assert!(people.may_appear("id"));
        tokio::time::advance(LAG / 2).await;
        assert!(people.may_appear("id"));
        tokio::time::advance(LAG / 2).await;
        assert!(!people.may_appear("id"));
        assert!(people.may_appear("another"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_ages_while_the_function_is_frozen() {
        let people = People::default();
        people.remember("has-none".to_owned(), Instant::now(), Seen::Nobody);
        assert!(people.recall("has-none").is_some());
        thaw::after(Duration::from_secs(3));
        assert!(people.recall("has-none").is_none());
    }
}
