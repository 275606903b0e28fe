//! Requests -> users in Amazon Connect: the adapter that lists an instance, creates, and reconciles duplicates.

pub mod claims;
pub mod rate_limit;

mod calls;
mod expected;
mod groups;
mod kept;
mod listing;
mod look_up;
mod members;
mod not_created;
mod paged;
mod people;
mod refused;
mod search;
mod whose;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use aws_sdk_connect::operation::create_user::CreateUserError;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::aws::Clients;
use crate::connect::claims::Claims;
use crate::failure::{Failure, Reason};
use crate::policy::assignment::HierarchyGroup;
use crate::policy::{ByInstance, ChangedRequest, ConnectPolicy, Policy, UnmanagedUser};
use crate::request::{CreateUserRequest, PERSON_TAG};
use crate::sabotage;
use crate::source::person_key::PersonKey;

use calls::Calls;
use expected::Expected;
use look_up::LookUps;
use not_created::Refusals;
use people::{KnownUser, People, Seen};
use refused::Refused;
use whose::Whose;

pub use not_created::NotCreated;

/// One Amazon Connect instance.
pub struct Connect {
    calls: Arc<Calls>,
    instance_id: String,
    unmanaged_user: UnmanagedUser,
    changed_request: ChangedRequest,
    look_ups: LookUps,
    people: People,
    claims: Option<Arc<Claims>>,
    /// The people to come, in whichever instance.
    expected: Arc<Expected>,
    /// Whether Connect does not tell of several people at once.
    searches_alone: Refused,
}

/// A user of this person, made now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    Created {
        user_id: String,
    },
    AlreadyExists {
        user_id: String,
        username: String,
    },
    /// Somebody made it by hand, and now its tags say that it is this person's.
    Adopted {
        user_id: String,
        username: String,
    },
}

impl Creation {
    fn existing(user: KnownUser) -> Self {
        Self::AlreadyExists {
            user_id: user.id,
            username: user.username,
        }
    }
}

impl Connect {
    /// Every instance of a configuration; those in one Region share its quota.
    #[must_use]
    pub fn every(
        policy: &Policy,
        clients: &Clients,
        claims: Option<&Arc<Claims>>,
    ) -> ByInstance<Self> {
        let expected: Arc<Expected> = Arc::default();
        let mut by_region: HashMap<Option<String>, Arc<Calls>> = HashMap::new();
        ByInstance::new(&policy.instances, |(which, instance)| {
            let ConnectPolicy { region, rate, .. } = &instance.connect;
            let calls = || Arc::new(Calls::new(clients.connect_in(region.as_deref()), *rate));
            let calls = by_region.entry(region.clone()).or_insert_with(calls);
            let groups = policy.hierarchy_groups(which);
            Self {
                claims: claims.cloned(),
                expected: Arc::clone(&expected),
                ..Self::new(Arc::clone(calls), &instance.connect, groups)
            }
        })
    }

    /// An instance whose directory has the groups at these paths, in the place of those that a configuration names.
    #[must_use]
    pub fn naming(
        group_paths: Vec<Vec<String>>,
        policy: &ConnectPolicy,
        clients: &Clients,
    ) -> Self {
        let client = clients.connect_in(policy.region.as_deref());
        let groups = group_paths.into_iter().map(HierarchyGroup::Path);
        let calls = Arc::new(Calls::new(client, policy.rate));
        Self::new(calls, policy, groups.collect())
    }

    fn new(calls: Arc<Calls>, policy: &ConnectPolicy, groups: Vec<HierarchyGroup>) -> Self {
        Self {
            look_ups: LookUps::new(&calls, &policy.instance_id, groups),
            calls,
            instance_id: policy.instance_id.clone(),
            unmanaged_user: policy.unmanaged_user,
            changed_request: policy.changed_request,
            people: People::default(),
            claims: None,
            expected: Arc::default(),
            searches_alone: Refused::default(),
        }
    }

    /// The instance's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.instance_id
    }

    /// Expects these people to come in this order, in whichever instance of the configuration: a search for one of them finds
    /// the users of the next ones too.
    pub fn expect(&self, people: VecDeque<PersonKey>) {
        self.expected.set(people);
    }

    /// Stops expecting people who need no user.
    pub fn expect_no_more(&self, people: &HashSet<&PersonKey>) {
        self.expected.remove(people);
    }

    /// Takes a person's turn: only those who come after are expected.
    pub fn begin(&self, person: &PersonKey) {
        self.expected.begin(person);
    }

    /// Finds the user that this person has already, as far as Connect's search index and this copy's memory show it: whatever its
    /// username, a second one must not be made.
    ///
    /// # Errors
    /// Returns the failure of a call, or that the user was made from another request.
    pub async fn existing(&self, request: &CreateUserRequest) -> Result<Option<Creation>, Failure> {
        let person = request.tag(PERSON_TAG).unwrap_or_default();
        let seen = match self.people.recall(person) {
            Some(seen) => seen,
            None => self.looked_for(person).await?,
        };
        let Seen::User(user) = seen else {
            return self.existing_since(request).await;
        };
        if user.was_made_from(request) {
            return Ok(Some(Creation::existing(user)));
        }
        // The index may be older than the user's tags.
        match self.described(&user.id).await? {
            Some(user) => self.settle(user, request).await.map(Some),
            // DescribeUser is eventually consistent: a user that was made a moment ago may be the one that is missing.
            None if self.people.may_appear(&user.id) => Err(not_shown_yet()),
            None => {
                self.people.forget(person);
                Ok(None)
            }
        }
    }

    /// Finds the user that an earlier version made of this username, under the tag that it wrote then.
    async fn existing_since(
        &self,
        request: &CreateUserRequest,
    ) -> Result<Option<Creation>, Failure> {
        let Some(earlier) = request.earlier_person() else {
            return Ok(None);
        };
        let user = search::user_of(&self.calls, &self.instance_id, earlier).await?;
        // Under that tag the name in lower case is found too, which is another person's.
        let Some(user) = user.filter(|user| user.username == request.username()) else {
            return Ok(None);
        };
        match self.described(&user.id).await? {
            Some(user) => self.settle(user, request).await.map(Some),
            None => Err(not_shown_yet()),
        }
    }

    async fn looked_for(&self, person: &str) -> Result<Seen, Failure> {
        let next = self.unknown_to_come();
        let since = Instant::now();
        let found = match next.as_slice() {
            [] => None,
            next => search::users_of(&self.calls, &self.instance_id, person, next).await?,
        };
        let Some(mut users) = found else {
            let user = search::user_of(&self.calls, &self.instance_id, person).await?;
            if !next.is_empty() {
                self.searches_alone.note();
            }
            return Ok(Seen::new(user));
        };
        // Somebody may come more than once.
        for other in next {
            let seen = Seen::new(users.get(&other).cloned());
            self.people.remember(other, since, seen);
        }
        Ok(Seen::new(users.remove(person)))
    }

    /// Returns the tags of expected people who are not known yet.
    fn unknown_to_come(&self) -> Vec<String> {
        self.people.tidy();
        if self.searches_alone.lasts() {
            return Vec::new();
        }
        let is_unknown = |person: &str| self.people.recall(person).is_none();
        self.expected
            .first_tags(search::MOST_PEOPLE - 1, is_unknown)
    }

    /// The user that a creation would meet: this person's, or one that has the username.
    ///
    /// # Errors
    /// Returns the failure of a call, or that the username is another person's.
    pub async fn preview(&self, request: &CreateUserRequest) -> Result<Option<Creation>, Failure> {
        if let Some(existing) = self.existing(request).await? {
            return Ok(Some(existing));
        }
        let Some(user) = self.user_named(request.username()).await? else {
            return Ok(None);
        };
        // Usernames are case sensitive by AWS's guide, so a user of another spelling stands in nobody's way.
        if user.username != request.username() {
            return Ok(None);
        }
        Ok(Some(match self.whose(&user, request)? {
            Whose::Persons => Creation::existing(user),
            Whose::Adoptable => Creation::Adopted {
                user_id: user.id,
                username: user.username,
            },
        }))
    }

    /// Gives the users that carry a person's tag, as the value of the tag and the user's id.
    ///
    /// # Errors
    /// Returns what Connect answered.
    pub async fn tagged_users(&self) -> Result<Vec<(String, String)>, Failure> {
        let users = search::every_user(&self.calls, &self.instance_id).await?;
        let tagged = users.into_iter();
        Ok(tagged
            .filter_map(|user| Some((user.person?, user.id)))
            .collect())
    }

    /// Judges the user that a claim led to, whatever its username is by now; `None` where it is deleted.
    ///
    /// # Errors
    /// Returns what Connect answered, `not_visible_yet` while DescribeUser may lag, or why the user is not for this request.
    pub async fn made_before(
        &self,
        user_id: &str,
        since: OffsetDateTime,
        request: &CreateUserRequest,
    ) -> Result<Option<Creation>, Failure> {
        match self.described(user_id).await? {
            Some(user) => {
                let asked = request.named(&user.username);
                self.settle(user, &asked).await.map(Some)
            }
            None if OffsetDateTime::now_utc() - since < people::LAG => Err(not_shown_yet()),
            None => Ok(None),
        }
    }

    /// Creates the user, or finds that this person has it already.
    ///
    /// # Errors
    /// Returns the failure of a call, or that the username is another person's.
    pub async fn create(
        &self,
        request: &CreateUserRequest,
        password: Option<&SecretString>,
    ) -> Result<Creation, NotCreated> {
        let person = request.tag(PERSON_TAG).unwrap_or_default();
        // The outcome is unknown until Connect answers.
        self.people.forget(person);
        let refused = Refusals::default();
        let attempt = || {
            refused.begin();
            let call = members::create_user(&self.calls.client, request.input());
            call.set_password(password.map(|password| password.expose_secret().to_owned()))
                .send()
        };
        let answer = self
            .calls
            .send_watched("CreateUser", attempt, |answer| refused.note(answer));
        match answer.await {
            Ok(answer) => {
                let user_id = answer.user_id.unwrap_or_default();
                let seen = Seen::User(KnownUser::made(&user_id, request));
                self.people
                    .remember(person.to_owned(), Instant::now(), seen);
                Ok(Creation::Created { user_id })
            }
            Err(err) if is_duplicate(err.as_service_error()) => self
                .reconcile(request)
                .await
                .map_err(NotCreated::by_reconciliation),
            Err(err) => {
                sabotage::keep_secret(&err);
                if is_not_found(err.as_service_error()) {
                    self.look_ups.doubt(request);
                }
                Err(NotCreated {
                    failure: Failure::aws_with_password(
                        "CreateUser",
                        &err,
                        password.map(ExposeSecret::expose_secret),
                    ),
                    is_certain: refused.are_all(),
                })
            }
        }
    }

    // CreateUser has no client token, so a lost answer and a second delivery both end here: the tags tell whose it is.
    async fn reconcile(&self, request: &CreateUserRequest) -> Result<Creation, Failure> {
        let user = self
            .user_named(request.username())
            .await?
            .ok_or_else(not_visible_yet)?;
        self.settle(user, request).await
    }

    async fn user_named(&self, username: &str) -> Result<Option<KnownUser>, Failure> {
        let id = match search::user_named(&self.calls, &self.instance_id, username).await? {
            Some(id) => Some(id),
            // The search index lags behind; the listing does not, and it also has a user whose name differs in case only.
            None => listing::user_id(&self.calls, &self.instance_id, username).await?,
        };
        match id {
            Some(id) => self.described(&id).await,
            None => Ok(None),
        }
    }

    async fn described(&self, user_id: &str) -> Result<Option<KnownUser>, Failure> {
        let call = self
            .calls
            .client
            .describe_user()
            .instance_id(&self.instance_id)
            .user_id(user_id);
        match self.calls.send("DescribeUser", || call.clone().send()).await {
            Ok(answer) => Ok(answer.user.map(KnownUser::described)),
            // Deleted between the two calls: the next try may create it.
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(aws_sdk_connect::operation::describe_user::DescribeUserError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(err) => Err(Failure::aws("DescribeUser", &err)),
        }
    }
}

fn is_duplicate(err: Option<&CreateUserError>) -> bool {
    err.is_some_and(CreateUserError::is_duplicate_resource_exception)
}

fn is_not_found(err: Option<&CreateUserError>) -> bool {
    err.is_some_and(CreateUserError::is_resource_not_found_exception)
}

fn not_visible_yet() -> Failure {
    Failure::new(
        Reason::NotVisibleYet,
        "Connect says that the username exists, but does not show the user yet; it will be looked up again",
    )
}

fn not_shown_yet() -> Failure {
    Failure::new(
        Reason::NotVisibleYet,
        "Connect's search has a user of this person, and DescribeUser does not show it with its tags; both may lag by minutes, and it \
         will be looked up again",
    )
}
