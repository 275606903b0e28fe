//! The story of one join, from a payload to a user: read this file first.

use crate::aws::Clients;
use crate::connect::{Connect, Creation};
use crate::failure::{Failure, Reason};
use crate::intake::Delivery;
use crate::outcome::End;
use crate::password::Passwords;
use crate::person_key::PersonKey;
use crate::plan::{Plan, UserPlan, plan};
use crate::policy::{Policy, RetryPolicy};
use crate::request::CreateUserRequest;
use crate::resolve::{ResolvedUser, resolve};
use crate::source;

/// What a deployment has decided, and the services that it decided about.
pub struct Provisioner {
    policy: Policy,
    connect: Connect,
    passwords: Passwords,
}

/// How a join ended well, with the username where there is one.
pub struct Provisioned {
    pub username: Option<String>,
    pub end: End,
}

impl Provisioner {
    /// A provisioner that has not called anything yet.
    #[must_use]
    pub fn new(policy: Policy, clients: &Clients) -> Self {
        let connect = Connect::new(clients.connect.clone(), &policy);
        let passwords = Passwords::new(clients.secrets.clone());
        Self {
            policy,
            connect,
            passwords,
        }
    }

    /// Turns one person's delivery into a user.
    ///
    /// # Errors
    /// Why there is no user; [`Failure::class`] says what that means for the message.
    pub async fn provision(
        &self,
        delivery: &Delivery,
        person: &PersonKey,
    ) -> Result<Provisioned, Failure> {
        let request = match self.rehearse(delivery, person).await? {
            Rehearsed::Request(request) => request,
            Rehearsed::Skip(why) => return Ok(Provisioned::skipped(why)),
        };
        let creation = match self.connect.existing(&request).await? {
            Some(existing) => existing,
            None => self.create(&request).await?,
        };
        Ok(Provisioned {
            username: Some(request.username().to_owned()),
            end: creation.into(),
        })
    }

    /// The request that a delivery leads to, without its password and without creating anything.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn rehearse(
        &self,
        delivery: &Delivery,
        person: &PersonKey,
    ) -> Result<Rehearsed, Failure> {
        let reading = source::read(delivery)?;
        let plan = match plan(reading, &self.policy)? {
            Plan::User(plan) => plan,
            Plan::Skip(why) => return Ok(Rehearsed::Skip(why)),
        };
        let user = self.resolved(&plan).await?;
        let request = CreateUserRequest::prove(user, person, &self.policy.connect)?;
        Ok(Rehearsed::Request(Box::new(request)))
    }

    async fn resolved(&self, plan: &UserPlan) -> Result<ResolvedUser, Failure> {
        match resolve(plan, self.connect.directory().await?.as_ref()) {
            // It may have been made in the console since the instance was listed.
            Err(failure) if *failure.reason() == Reason::UnknownProfile => {
                resolve(plan, self.connect.newer_directory().await?.as_ref())
            }
            resolved => resolved,
        }
    }

    async fn create(&self, request: &CreateUserRequest) -> Result<Creation, Failure> {
        let password = self
            .passwords
            .of(request, self.policy.password.as_ref())
            .await?;
        let created = self.connect.create(request, password.as_ref()).await;
        if created.as_ref().is_err_and(names_an_unknown_id) {
            self.connect.forget_directory().await;
        }
        created
    }

    /// How what failed is delivered again.
    #[must_use]
    pub fn retry_policy(&self) -> RetryPolicy {
        self.policy.retry
    }
}

/// What would become of a delivery.
pub enum Rehearsed {
    Request(Box<CreateUserRequest>),
    Skip(String),
}

impl Provisioned {
    /// No user is wanted.
    pub(crate) fn skipped(why: String) -> Self {
        Self {
            username: None,
            end: End::Skipped { why },
        }
    }
}

// The listed profile was deleted since: the next try lists anew and says which one.
fn names_an_unknown_id(failure: &Failure) -> bool {
    matches!(failure.reason(), Reason::Aws { code, .. } if code == "ResourceNotFoundException")
}
