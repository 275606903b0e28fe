//! Failures that other people would meet too -> who is not tried any more in this invocation: everybody of an instance.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::failure::{Class, Failure, Family, Reason};
use crate::policy::InstanceRef;
use crate::policy::plan::UserPlan;
use crate::sabotage;

/// The causes that have stopped people in one invocation, by the instance where their users belong.
///
/// A shared secret is one instance's, or is found to be broken once for each: people of other instances go on.
#[derive(Default)]
pub struct Stops(Mutex<HashMap<InstanceRef, Failure>>);

impl Stops {
    /// Lets a person be tried, unless an earlier cause would fail this person too.
    ///
    /// # Errors
    /// Returns `stopped` with the cause.
    pub fn check(&self, plan: &UserPlan) -> Result<(), Failure> {
        match sabotage::stop(self.causes().get(&plan.instance)) {
            Some(cause) => Err(Failure::stopped(cause)),
            None => Ok(()),
        }
    }

    /// Remembers a failure that others would meet too.
    pub fn note(&self, plan: &UserPlan, failure: &Failure) {
        if is_met_by_others(failure) {
            let mut causes = self.causes();
            causes
                .entry(plan.instance)
                .or_insert_with(|| failure.clone());
        }
    }

    fn causes(&self) -> MutexGuard<'_, HashMap<InstanceRef, Failure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_met_by_others(failure: &Failure) -> bool {
    match failure.reason() {
        // It is found out without a call that creates, and people with other profiles are not concerned.
        Reason::SameRefusal { code } => *code == Family::ConnectRejected.code(),
        _ => failure.class() == Class::Systemic,
    }
}
