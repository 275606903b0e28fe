//! The plan for a person: a user as the configuration wants it, or a skip.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::failure::SecretSharing;
use crate::policy::assignment::{HierarchyGroup, NameOrId};
use crate::policy::connect::PasswordPolicy;
use crate::policy::instance::InstanceRef;
use crate::request::create_user_input::CreateUserInput;

/// Plan for a reading.
pub enum Plan {
    User(Box<UserPlan>),
    /// No user, and why.
    Skip(String),
}

/// A user as the configuration wants it; it holds personal data, so it has no `Debug`.
pub struct UserPlan {
    /// The instance where the user is made.
    pub instance: InstanceRef,
    pub decided_by: DecidedBy,
    /// All but the ids that the instance has to give.
    pub input: CreateUserInput,
    pub routing_profile: NameOrId,
    pub security_profiles: Vec<NameOrId>,
    pub hierarchy_group: Option<HierarchyGroup>,
    /// Where the initial password lies, for identities that Connect manages.
    pub secret: Option<SecretRef>,
    /// The moment from which on the user may be made, where that is not at once.
    pub due: Option<OffsetDateTime>,
    /// Fields of the event that are dropped because Connect would refuse them.
    pub dropped_fields: Vec<&'static str>,
    /// Plans with further usernames, in order of preference, for the case that another person has this one.
    pub when_taken: Vec<Self>,
}

/// Source of the decision which profiles a user gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidedBy {
    /// An assignment of the configuration.
    Configuration,
    /// The event itself, which is a ready CreateUser request.
    Event,
}

/// A secret of Secrets Manager, with the policy that says how a password is read from it; its id may be made of a name, so it has no
/// `Debug`.
#[derive(Clone)]
pub struct SecretRef {
    pub id: String,
    policy: Arc<PasswordPolicy>,
}

impl SecretRef {
    /// Refers to the secret of an id.
    #[must_use]
    pub fn new(id: String, policy: Arc<PasswordPolicy>) -> Self {
        Self { id, policy }
    }

    /// Tells whether the secret serves everybody or one person.
    #[must_use]
    pub fn sharing(&self) -> SecretSharing {
        self.policy.sharing()
    }

    /// Returns the policy of the password in it.
    #[must_use]
    pub fn policy(&self) -> &PasswordPolicy {
        &self.policy
    }
}
