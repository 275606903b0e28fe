//! Failures that other people would meet too -> who is not tried any more in this invocation: per instance and per secret.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::failure::{Class, Failure, Reason, SecretSharing};
use crate::plan::UserPlan;
use crate::policy::InstanceRef;
use crate::sabotage::{self, Break};

/// The causes that have stopped people in one invocation.
#[derive(Default)]
pub struct Stops(Mutex<HashMap<Scope, Failure>>);

/// The people whom a cause stops.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Scope {
    /// Everybody whose user belongs in an instance.
    Instance(InstanceRef),
    /// Everybody whose password lies in a secret.
    Secret(String),
}

impl Stops {
    /// Lets a person be tried whom no earlier cause would fail too.
    ///
    /// # Errors
    /// Returns `stopped` with the cause.
    pub fn check(&self, plan: &UserPlan) -> Result<(), Failure> {
        let causes = self.causes();
        // Nearly always.
        if causes.is_empty() {
            return Ok(());
        }
        let instance = causes.get(&Scope::Instance(plan.instance));
        let secret = || causes.get(&Scope::Secret(shared_secret(plan)?.to_owned()));
        match instance.or_else(secret) {
            Some(cause) if !sabotage::is(Break::GoOn) => Err(Failure::stopped(cause)),
            _ => Ok(()),
        }
    }

    /// Remembers a failure that others would meet too.
    pub fn note(&self, plan: &UserPlan, failure: &Failure) {
        if let Some(scope) = scope_of(plan, failure) {
            self.causes()
                .entry(scope)
                .or_insert_with(|| failure.clone());
        }
    }

    fn causes(&self) -> MutexGuard<'_, HashMap<Scope, Failure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn scope_of(plan: &UserPlan, failure: &Failure) -> Option<Scope> {
    match failure.reason() {
        Reason::Stopped { .. } => None,
        // Each is found out without a call that creates, and people with other profiles are not concerned.
        Reason::SameRefusal { code } if code != "connect_rejected" => None,
        Reason::Secret(_, SecretSharing::Shared) => {
            shared_secret(plan).map(|id| Scope::Secret(id.to_owned()))
        }
        _ if failure.class() == Class::Systemic => Some(Scope::Instance(plan.instance)),
        _ => None,
    }
}

fn shared_secret(plan: &UserPlan) -> Option<&str> {
    let secret = plan.secret.as_ref();
    let shared = secret.filter(|secret| secret.sharing == SecretSharing::Shared);
    shared.map(|secret| secret.id.as_str())
}
