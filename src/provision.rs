//! The story of one join, from a payload to a user: read this file first.

mod claimed;
mod further_usernames;
mod waiting;
mod warm_up;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use time::OffsetDateTime;

use further_usernames::FurtherUsernames;

use crate::aws::Clients;
use crate::aws::password::Passwords;
use crate::connect::claims::Claims;
use crate::connect::{Connect, Creation, NotCreated};
use crate::failure::{Class, Failure, Reason};
use crate::invocation::circuit_breaker::CircuitBreaker;
use crate::invocation::outcome::End;
use crate::invocation::stops::Stops;
use crate::policy::permitted;
use crate::policy::plan::{Plan, UserPlan, plan};
use crate::policy::{ByInstance, InstanceRef, Instances, Policy};
use crate::request::CreateUserRequest;
use crate::request::resolve::{ResolvedUser, resolve};
use crate::schedule::{Destination, Event, Schedules};
use crate::source::Delivery;
use crate::source::Sources;
use crate::source::person_key::PersonKey;

/// Provisions joins: the policy of a deployment, and the services that it calls.
pub struct Provisioner {
    policy: Policy,
    instances: ByInstance<Connect>,
    passwords: Passwords,
    claims: Option<Arc<Claims>>,
    schedules: Option<Schedules>,
    circuit_breaker: CircuitBreaker,
}

/// End of a join, with the username where there is one.
pub struct Provisioned {
    pub username: Option<String>,
    /// Fields of the event that were dropped because Connect would refuse them.
    pub dropped_fields: Vec<&'static str>,
    pub end: End,
}

impl Provisioner {
    /// A provisioner that has not called anything yet.
    #[must_use]
    pub fn new(policy: Policy, clients: &Clients) -> Self {
        let claims = policy.claims.as_ref();
        let claims = claims.map(|claims| Claims::new(clients.dynamodb(), claims.table.clone()));
        let claims = claims.map(Arc::new);
        Self {
            instances: Connect::every(&policy, clients, claims.as_ref()),
            passwords: Passwords::new(clients.secrets.clone()),
            claims,
            schedules: None,
            circuit_breaker: CircuitBreaker::new(policy.retry.circuit_breaker_after),
            policy,
        }
    }

    /// Enables scheduling of joins that are dated ahead, where `[schedule]` is configured.
    #[must_use]
    pub fn with_schedules(self, clients: &Clients, to: Option<Destination>) -> Self {
        let to = to.filter(|_| self.policy.schedule.is_some());
        let schedules = to.map(|to| Schedules::new(clients.scheduler(), to));
        Self { schedules, ..self }
    }

    /// Expects these people in this order, so that they are looked up together.
    pub fn expect(&self, people: VecDeque<PersonKey>) {
        self.instances.get(InstanceRef::MAIN).expect(people);
    }

    /// Stops expecting people who need no call.
    pub fn expect_no_more(&self, people: &HashSet<&PersonKey>) {
        self.instances.get(InstanceRef::MAIN).expect_no_more(people);
    }

    /// Turns one person's delivery into a user, now or when it is due.
    ///
    /// # Errors
    /// Why there is no user; [`Failure::class`] says what that means for the message. A failure that others would meet too is
    /// noted in `stops`; people that an earlier failure stops are not tried.
    pub async fn provision(
        &self,
        delivery: &Delivery,
        event: &Event<'_>,
        stops: &Stops,
    ) -> Result<Provisioned, Failure> {
        let plan = match self.planned(delivery)? {
            Plan::User(plan) => plan,
            Plan::Skip(why) => return self.skipped(why, delivery, event).await,
        };
        stops.check(&plan)?;
        let result = self.provision_planned(&plan, delivery, event).await;
        let result = self.circuit_breaker.judged(result, &plan, event.key);
        result.inspect_err(|failure| stops.note(&plan, failure))
    }

    /// Applies the configuration to a delivery, without a call.
    ///
    /// # Errors
    /// Returns why there can be no user, whatever the instance has.
    pub fn planned(&self, delivery: &Delivery) -> Result<Plan, Failure> {
        let reading = self.policy.sources.read(delivery)?;
        plan(reading, &self.policy)
    }

    async fn provision_planned(
        &self,
        plan: &UserPlan,
        delivery: &Delivery,
        event: &Event<'_>,
    ) -> Result<Provisioned, Failure> {
        let request = self.proven(plan, event.key).await?;
        let connect = self.instances.get(request.instance());
        connect.begin(event.key);
        if let Some(existing) = connect.existing(&request).await? {
            return Ok(Provisioned::by(&request, existing));
        }
        if let Some(ended) = self.waits(&request, delivery, event).await? {
            return Ok(ended);
        }
        match &self.claims {
            Some(claims) => self.create_claimed(claims, connect, &request).await,
            None => self.create_unclaimed(connect, &request).await,
        }
    }

    async fn create_unclaimed(
        &self,
        connect: &Connect,
        request: &CreateUserRequest,
    ) -> Result<Provisioned, Failure> {
        let mut further = FurtherUsernames::new(request);
        let mut created = self.create(connect, request).await;
        while let Some(other) = further.after(created.as_ref().err().map(|err| &err.failure)) {
            created = self.create(connect, other).await;
        }
        created.map_err(Failure::from)
    }

    /// The request that a delivery leads to, without its password and without creating anything.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn build_request(
        &self,
        delivery: &Delivery,
        person: &PersonKey,
    ) -> Result<BuiltRequest, Failure> {
        match self.planned(delivery)? {
            Plan::User(plan) => {
                let request = self.proven(&plan, person).await?;
                Ok(BuiltRequest::Request(Box::new(request)))
            }
            Plan::Skip(why) => {
                // A withdrawal that does not say who it is about is a failure.
                if self.policy.schedule.is_some() {
                    self.policy.sources.ends_the_wait(delivery)?;
                }
                Ok(BuiltRequest::Skip(why))
            }
        }
    }

    async fn proven(
        &self,
        plan: &UserPlan,
        person: &PersonKey,
    ) -> Result<CreateUserRequest, Failure> {
        let user = self.resolved(plan).await?;
        let instance = self.policy.instances.get(user.instance);
        CreateUserRequest::prove(user, person, &instance.connect)
    }

    /// Finds out how a delivery would end now, without a password and without creating anything.
    ///
    /// # Errors
    /// Why there would be no user.
    pub async fn preview(
        &self,
        delivery: &Delivery,
        person: &PersonKey,
    ) -> Result<Preview, Failure> {
        let request = match self.build_request(delivery, person).await? {
            BuiltRequest::Request(request) => request,
            BuiltRequest::Skip(why) => return Ok(Preview::Skip(why)),
        };
        let connect = self.instances.get(request.instance());
        let mut further = FurtherUsernames::new(&request);
        let mut found = connect.preview(&request).await;
        while let Some(other) = further.after(found.as_ref().err()) {
            found = connect.preview(other).await;
        }
        let due = request.due_after(OffsetDateTime::now_utc());
        Ok(match (found?, due) {
            (Some(Creation::Adopted { .. }), _) => Preview::WouldAdopt,
            (Some(_), _) => Preview::AlreadyExists,
            (None, Some(until)) => Preview::WouldWait { until },
            (None, None) => Preview::WouldCreate,
        })
    }

    async fn resolved(&self, plan: &UserPlan) -> Result<ResolvedUser, Failure> {
        let connect = self.instances.get(plan.instance);
        let directory = connect.directory_for(plan).await?;
        let user = resolve(plan, &directory)?;
        let permitted = permitted::check(plan, &user, &self.policy, &directory);
        // A forbidden profile may have been created or renamed since.
        let is_unknown = |failure: &Failure| *failure.reason() == Reason::ForbiddenProfileUnknown;
        if permitted.as_ref().is_err_and(is_unknown) {
            connect.forget_directory();
        }
        permitted.map(|()| user)
    }

    async fn create(
        &self,
        connect: &Connect,
        request: &CreateUserRequest,
    ) -> Result<Provisioned, NotCreated> {
        let password = self.passwords.for_request(request).await;
        let password = password.map_err(NotCreated::certainly)?;
        let mut created = connect.create(request, password.as_ref()).await;
        if let Err(first) = &created
            && is_create_user_refused(&first.failure)
        {
            let is_certain = first.is_certain;
            let newer = self.passwords.newer(request).await;
            let newer = newer.map_err(|failure| NotCreated {
                failure,
                is_certain,
            })?;
            if let Some(newer) = newer {
                let again = connect.create(request, Some(&newer)).await;
                created = again.map_err(|err| err.also(is_certain));
            }
        }
        if created
            .as_ref()
            .is_err_and(|err| names_an_unknown_id(&err.failure))
        {
            connect.forget_directory();
        }
        created
            .map(|creation| Provisioned::by(request, creation))
            .map_err(|err| NotCreated {
                failure: with_possible_cause(err.failure, request),
                ..err
            })
    }

    /// Returns the sources of events that it reads.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.policy.sources
    }

    /// Returns the instances in which it makes users.
    #[must_use]
    pub fn instances(&self) -> &Instances {
        &self.policy.instances
    }
}

/// Forecast of the end of a delivery.
pub enum BuiltRequest {
    Request(Box<CreateUserRequest>),
    Skip(String),
}

/// Forecast of the end of a delivery, by the instance as it is.
pub enum Preview {
    WouldCreate,
    WouldWait {
        until: OffsetDateTime,
    },
    AlreadyExists,
    /// A user made by hand has the person's username and names.
    WouldAdopt,
    Skip(String),
}

impl Provisioned {
    /// There is a user, as asked for or found.
    fn by(request: &CreateUserRequest, creation: Creation) -> Self {
        let username = match &creation {
            Creation::Created { .. } => request.username(),
            // Perhaps one of the others, which was made when somebody had the first.
            Creation::AlreadyExists { username, .. } | Creation::Adopted { username, .. } => {
                username
            }
        };
        Self {
            username: Some(username.to_owned()),
            dropped_fields: request.dropped_fields().to_vec(),
            end: creation.into(),
        }
    }

    /// No user is wanted.
    pub(crate) fn skipped(why: String) -> Self {
        Self::without_user(End::Skipped { why })
    }

    /// An end at which there is no user.
    pub(crate) fn without_user(end: End) -> Self {
        Self {
            username: None,
            dropped_fields: Vec::new(),
            end,
        }
    }
}

// Connect's text would say so, but it may quote the request and is not read.
fn is_create_user_refused(failure: &Failure) -> bool {
    matches!(
        failure.reason(),
        Reason::Aws {
            operation: "CreateUser",
            ..
        }
    ) && failure.class() == Class::Permanent
}

// Connect's text is not read, so the sentence can only name what may be the cause.
fn with_possible_cause(failure: Failure, request: &CreateUserRequest) -> Failure {
    if is_create_user_refused(&failure) && request.has_combining_marks() {
        return failure.with_hint(
            "the first or last name has combining marks, which this instance may refuse; send the name without them, and set \
             combining_marks = \"refuse\" in [connect] if it does",
        );
    }
    failure
}

// The listed profile was deleted since: the next try lists anew and says which one.
fn names_an_unknown_id(failure: &Failure) -> bool {
    matches!(failure.reason(), Reason::Aws { code, .. } if code == "ResourceNotFoundException")
}
