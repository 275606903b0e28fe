//! Requests -> users in Amazon Connect: the adapter that lists an instance, creates, and reconciles duplicates.

mod calls;
mod listing;
mod members;
mod people;
mod search;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use aws_sdk_connect::operation::create_user::CreateUserError;
use aws_sdk_connect::types::User;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::aws::Clients;
use crate::directory::{Directory, HierarchyGroups, Names};
use crate::failure::{Failure, Reason};
use crate::person_key::PersonKey;
use crate::policy::{ByInstance, ChangedRequest, ConnectPolicy, Policy, UnmanagedUser};
use crate::request::{CreateUserRequest, PERSON_TAG, REQUEST_TAG};
use crate::sabotage::{self, Break};

use calls::Calls;
use people::{People, Seen};

/// One Amazon Connect instance.
pub struct Connect {
    calls: Arc<Calls>,
    instance_id: String,
    unmanaged_user: UnmanagedUser,
    changed_request: ChangedRequest,
    /// The hierarchy groups that the configuration names, whose paths the listing has to find out.
    group_paths: Vec<Vec<String>>,
    directory: Mutex<Option<(Instant, Arc<Directory>)>>,
    people: People,
    /// Whether Connect has not told of several people at once.
    searches_alone: AtomicBool,
}

/// A user of this person, made now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    Created { user_id: String },
    AlreadyExists { user_id: String, username: String },
}

// Long enough that a batch lists once, short enough that a profile made in the console is soon known.
const DIRECTORY_KEPT: Duration = Duration::from_mins(5);
// A batch of unknown names must not list the instance for each of them.
const DIRECTORY_FRESH: Duration = Duration::from_secs(20);

impl Connect {
    /// Every instance of a configuration; those in one Region share its quota.
    #[must_use]
    pub fn every(policy: &Policy, clients: &Clients) -> ByInstance<Self> {
        let mut by_region: HashMap<Option<String>, Arc<Calls>> = HashMap::new();
        ByInstance::new(&policy.instances, |(which, instance)| {
            let ConnectPolicy { region, rate, .. } = &instance.connect;
            let calls = || Arc::new(Calls::new(clients.connect_in(region.as_deref()), *rate));
            let calls = by_region.entry(region.clone()).or_insert_with(calls);
            Self::new(
                Arc::clone(calls),
                &instance.connect,
                policy.hierarchy_paths(which),
            )
        })
    }

    /// An instance whose listing finds out the paths of these hierarchy groups, and not of those that a configuration names.
    #[must_use]
    pub fn naming(
        group_paths: Vec<Vec<String>>,
        policy: &ConnectPolicy,
        clients: &Clients,
    ) -> Self {
        let client = clients.connect_in(policy.region.as_deref());
        Self::new(
            Arc::new(Calls::new(client, policy.rate)),
            policy,
            group_paths,
        )
    }

    fn new(calls: Arc<Calls>, policy: &ConnectPolicy, group_paths: Vec<Vec<String>>) -> Self {
        Self {
            calls,
            instance_id: policy.instance_id.clone(),
            unmanaged_user: policy.unmanaged_user,
            changed_request: policy.changed_request,
            group_paths,
            directory: Mutex::default(),
            people: People::default(),
            searches_alone: AtomicBool::default(),
        }
    }

    /// The instance's profiles and groups, listed at most every five minutes.
    ///
    /// # Errors
    /// What Connect answered to a listing.
    pub async fn directory(&self) -> Result<Arc<Directory>, Failure> {
        self.listed_within(DIRECTORY_KEPT).await
    }

    /// The same, listed a moment ago: for names that an older listing lacks.
    ///
    /// # Errors
    /// What Connect answered to a listing.
    pub async fn newer_directory(&self) -> Result<Arc<Directory>, Failure> {
        self.listed_within(DIRECTORY_FRESH).await
    }

    async fn listed_within(&self, age: Duration) -> Result<Arc<Directory>, Failure> {
        let mut kept = self.directory.lock().await;
        if let Some((since, directory)) = kept.as_ref()
            && since.elapsed() < age
        {
            return Ok(Arc::clone(directory));
        }
        let directory =
            listing::directory(&self.calls, &self.instance_id, &self.group_paths).await?;
        let directory = Arc::new(directory);
        *kept = Some((Instant::now(), Arc::clone(&directory)));
        Ok(directory)
    }

    /// The instance's routing profiles as they are now.
    ///
    /// # Errors
    /// What Connect answered.
    pub async fn routing_profiles(&self) -> Result<Names, Failure> {
        listing::routing_profiles(&self.calls, &self.instance_id).await
    }

    /// The instance's security profiles as they are now.
    ///
    /// # Errors
    /// What Connect answered.
    pub async fn security_profiles(&self) -> Result<Names, Failure> {
        listing::security_profiles(&self.calls, &self.instance_id).await
    }

    /// The instance's hierarchy groups as they are now, with the paths that the configuration names.
    ///
    /// # Errors
    /// What Connect answered.
    pub async fn hierarchy_groups(&self) -> Result<HierarchyGroups, Failure> {
        listing::hierarchy_groups(&self.calls, &self.instance_id, &self.group_paths).await
    }

    /// Lets the next look-up list the instance anew.
    pub async fn forget_directory(&self) {
        *self.directory.lock().await = None;
    }

    /// The user that this person has already, as far as Connect's search index and this copy's memory show it: whatever its
    /// username, a second one must not be made. Who comes `next` is searched for with the same call.
    ///
    /// # Errors
    /// What Connect answered, or that the user was made from another request.
    pub async fn existing(
        &self,
        request: &CreateUserRequest,
        next: &[PersonKey],
    ) -> Result<Option<Creation>, Failure> {
        let person = request.tag(PERSON_TAG).unwrap_or_default();
        let seen = match self.people.recall(person) {
            Some(seen) => seen,
            None => self.looked_for(person, next).await?,
        };
        let Seen::User(id) = seen else {
            return Ok(None);
        };
        let user = self.described(&id).await?;
        if user.is_none() {
            self.people.forget(person);
        }
        user.map(|user| self.recognised(user, request)).transpose()
    }

    async fn looked_for(&self, person: &str, next: &[PersonKey]) -> Result<Seen, Failure> {
        let next = self.unknown_of(next);
        let since = Instant::now();
        let found = match next.as_slice() {
            [] => None,
            next => search::users_of(&self.calls, &self.instance_id, person, next).await?,
        };
        let Some(users) = found else {
            let user = search::user_of(&self.calls, &self.instance_id, person).await?;
            self.searches_alone.fetch_or(!next.is_empty(), Relaxed);
            return Ok(Seen::of(user));
        };
        // Somebody may come more than once.
        for other in next {
            let seen = Seen::of(users.get(&other).cloned());
            self.people.remember(other, since, seen);
        }
        Ok(Seen::of(users.get(person).cloned()))
    }

    /// The tags of people who are to come, of whom nothing is known.
    fn unknown_of(&self, next: &[PersonKey]) -> Vec<String> {
        self.people.tidy();
        if self.searches_alone.load(Relaxed) {
            return Vec::new();
        }
        let next = next.iter().map(PersonKey::tag_value);
        let unknown = next.filter(|person| self.people.recall(person).is_none());
        unknown.take(search::MOST_PEOPLE - 1).collect()
    }

    /// The user that a creation would meet: this person's, or one that has the username.
    ///
    /// # Errors
    /// What Connect answered, or whose the username is.
    pub async fn foreseen(&self, request: &CreateUserRequest) -> Result<Option<Creation>, Failure> {
        if let Some(existing) = self.existing(request, &[]).await? {
            return Ok(Some(existing));
        }
        let user = self.user_named(request.username()).await?;
        user.map(|user| self.recognised(user, request)).transpose()
    }

    /// Creates the user, or finds that this person has it already.
    ///
    /// # Errors
    /// What Connect answered, or whose the username is.
    pub async fn create(
        &self,
        request: &CreateUserRequest,
        password: Option<&SecretString>,
    ) -> Result<Creation, Failure> {
        let person = request.tag(PERSON_TAG).unwrap_or_default();
        // What becomes of this is not known until it is answered.
        self.people.forget(person);
        let answer = self.calls.send("CreateUser", || {
            let call = members::create_user(&self.calls.client, request.input());
            call.set_password(password.map(|password| password.expose_secret().to_owned()))
                .send()
        });
        match answer.await {
            Ok(answer) => {
                let user_id = answer.user_id.unwrap_or_default();
                let seen = Seen::User(user_id.clone());
                self.people
                    .remember(person.to_owned(), Instant::now(), seen);
                Ok(Creation::Created { user_id })
            }
            Err(err) if is_duplicate(err.as_service_error()) => self.reconcile(request).await,
            Err(err) => {
                if sabotage::is(Break::LogAnswers) {
                    tracing::error!("{err:?}");
                }
                Err(Failure::aws("CreateUser", &err))
            }
        }
    }

    // CreateUser has no client token, so a lost answer and a second delivery both end here: the tags tell whose it is.
    async fn reconcile(&self, request: &CreateUserRequest) -> Result<Creation, Failure> {
        let user = self
            .user_named(request.username())
            .await?
            .ok_or_else(not_visible_yet)?;
        self.recognised(user, request)
    }

    /// Whose a user is, by its tags.
    fn recognised(&self, user: User, request: &CreateUserRequest) -> Result<Creation, Failure> {
        let exists = |user: User| Creation::AlreadyExists {
            user_id: user.id.unwrap_or_default(),
            username: user.username.unwrap_or_default(),
        };
        let tag = |key: &str| {
            user.tags
                .as_ref()
                .and_then(|tags| tags.get(key))
                .map(String::as_str)
        };
        match (tag(PERSON_TAG), tag(REQUEST_TAG)) {
            (None, _)
                if self.unmanaged_user == UnmanagedUser::Adopt && has_same_name(&user, request) =>
            {
                Ok(exists(user))
            }
            (None, _) => Err(unmanaged()),
            _ if sabotage::is(Break::SkipReconciliation) => Ok(exists(user)),
            (person, _) if person != request.tag(PERSON_TAG) => Err(taken()),
            (_, asked) if asked == request.tag(REQUEST_TAG) => Ok(exists(user)),
            _ if self.changed_request == ChangedRequest::Keep => Ok(exists(user)),
            _ => Err(conflicting_replay()),
        }
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, Failure> {
        let id = match search::user_named(&self.calls, &self.instance_id, username).await? {
            Some(id) => Some(id),
            // The search index lags behind; the listing does not.
            None => listing::user_id(&self.calls, &self.instance_id, username).await?,
        };
        match id {
            Some(id) => self.described(&id).await,
            None => Ok(None),
        }
    }

    async fn described(&self, user_id: &str) -> Result<Option<User>, Failure> {
        let call = self
            .calls
            .client
            .describe_user()
            .instance_id(&self.instance_id)
            .user_id(user_id);
        match self.calls.send("DescribeUser", || call.clone().send()).await {
            Ok(answer) => Ok(answer.user),
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

// A username alone proves nothing: John Doe the elder may have it.
fn has_same_name(user: &User, request: &CreateUserRequest) -> bool {
    let (Some(theirs), Some(ours)) = (&user.identity_info, &request.input().identity_info) else {
        return false;
    };
    ours.first_name.is_some()
        && ours.first_name == theirs.first_name
        && ours.last_name == theirs.last_name
}

fn not_visible_yet() -> Failure {
    Failure::new(
        Reason::NotVisibleYet,
        "Connect says that the username exists, but does not show the user yet; it will be looked up again",
    )
}

fn unmanaged() -> Failure {
    Failure::new(
        Reason::UsernameExistsUnmanaged,
        "a user of this username exists that was not made by this program; delete or rename it, or leave it in place and \
         drop this message",
    )
}

fn taken() -> Failure {
    Failure::new(
        Reason::UsernameTaken,
        "the username belongs to another person; rename that user in Connect, or send this person as a CreateUser request \
         with a Username of its own",
    )
}

fn conflicting_replay() -> Failure {
    Failure::new(
        Reason::ConflictingReplay,
        "this person has a user already, made from other data or another configuration; change it in Connect, or \
         delete it and replay this message",
    )
}
