//! Settings of an Amazon Connect instance, its quota, and where its initial passwords lie.

use std::time::Duration;

use serde::Deserialize;

use crate::expressions::template::Template;
use crate::failure::SecretSharing;
use crate::policy::identity::IdentityManagement;
use crate::policy::user::{CombiningMarks, EmailWithSaml};

/// The Amazon Connect instance and what it expects of users.
pub struct ConnectPolicy {
    /// The id in the instance's ARN.
    pub instance_id: String,
    /// The function's own where there is none.
    pub region: Option<String>,
    pub identity_management: IdentityManagement,
    pub email_with_saml: EmailWithSaml,
    pub combining_marks: CombiningMarks,
    /// The most characters of a username.
    pub username_length: usize,
    pub rate: RequestRate,
    pub unmanaged_user: UnmanagedUser,
    pub changed_request: ChangedRequest,
}

/// The account's quota for each operation of Amazon Connect, and how many copies of the function share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestRate {
    pub per_second: f64,
    pub burst: u32,
    /// The event source's maximum concurrency.
    pub concurrency: u32,
}

// The quota: Amazon Connect Administrator Guide, "API throttling quotas". The concurrency: the least maximum that Lambda
// takes for a queue (Lambda API reference, `ScalingConfig`).
pub(crate) const DEFAULT_RATE: RequestRate = RequestRate {
    per_second: 2.0,
    burst: 5,
    concurrency: 2,
};

impl RequestRate {
    /// One function's share of the requests a second.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.per_second / f64::from(self.concurrency)
    }
}

/// Treatment of a user that has the person's username but no tag of this program.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum UnmanagedUser {
    /// Somebody made it by hand: a person must look.
    #[default]
    Refuse,
    /// It becomes this person's where first and last name are the same: it gets the person's tags.
    Adopt,
}

/// Treatment of a person's user that was made from another request than the one at hand.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ChangedRequest {
    /// A person must look.
    #[default]
    Refuse,
    /// The user stays as it is, and the person counts as provisioned; not where first or last name differ.
    Keep,
}

/// Where initial passwords lie.
pub struct PasswordPolicy {
    pub secret_id: Template,
    /// The key that holds the password where the secret is a JSON object; without it the secret is the password.
    pub json_key: Option<String>,
    /// Time for which a shared secret is kept in memory.
    pub cache: Duration,
}

impl PasswordPolicy {
    /// Whether everybody's password lies in one secret.
    #[must_use]
    pub fn sharing(&self) -> SecretSharing {
        if self.secret_id.is_constant() {
            SecretSharing::Shared
        } else {
            SecretSharing::PerPerson
        }
    }
}
