//! Policy of a deployment: the configuration, compiled and checked, on which every later step can rely.

pub mod assignment;
pub mod config;
pub mod permitted;
pub mod person_name;
pub mod plan;
pub mod username;

mod instance;
mod retry;
mod user;
mod uses;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::expressions::template::Template;
use crate::failure::SecretSharing;
use crate::invocation::deadline::Deadline;
use crate::policy::assignment::{Addition, Assignment, Grants, HierarchyGroup, NameOrId};
use crate::source::Sources;
use crate::source::start_date;

pub use instance::{ByInstance, Instance, InstanceRef, Instances};
pub use retry::{RetryPolicy, SHORTEST_PART};
pub use user::{CombiningMarks, EmailWithSaml, TooLong, UserPolicy, UsernameCase};

/// The whole configuration, valid.
pub struct Policy {
    pub instances: Instances,
    /// The tables that are files of their own, in the folder of the configuration.
    pub files: BTreeSet<String>,
    pub retry: RetryPolicy,
    /// Without one, users are made as soon as their joins come.
    pub schedule: Option<SchedulePolicy>,
    pub queues: QueueNames,
    /// Without one, nothing is written but to Connect.
    pub claims: Option<ClaimsPolicy>,
    pub logs: Logs,
    /// Without it, events that are ready CreateUser requests are refused.
    pub direct_requests: Option<DirectRequests>,
    pub limits: Limits,
    /// Sources of events of other systems.
    pub sources: Sources,
    /// The first one that fits a joiner wins.
    pub assignments: Vec<Assignment>,
    /// All that fit a joiner add to what the assignment gives.
    pub additions: Vec<Addition>,
}

impl Policy {
    /// Computes how many people of one message an invocation serves that may run so long.
    #[must_use]
    pub fn people_per_invocation(&self, time_out: Duration) -> usize {
        Deadline::within(time_out).people_served(self.instances.users_per_second())
    }

    /// All that the assignments may give users of an instance.
    pub fn grants(&self, instance: InstanceRef) -> impl Iterator<Item = (&str, &Grants)> {
        self.assignments
            .iter()
            .flat_map(|assignment| {
                let named = |grants| (assignment.name.as_str(), grants);
                assignment.grants().map(named)
            })
            .filter(move |(_, grants)| grants.instance == instance)
    }

    /// The additions for users of an instance.
    pub fn additions_in(&self, instance: InstanceRef) -> impl Iterator<Item = &Addition> {
        let there = move |addition: &&Addition| addition.instance == instance;
        self.additions.iter().filter(there)
    }

    /// The hierarchy groups that assignments name in an instance.
    #[must_use]
    pub fn hierarchy_groups(&self, instance: InstanceRef) -> Vec<HierarchyGroup> {
        let grants = self.grants(instance);
        let mut groups: Vec<_> = grants
            .filter_map(|(_, grants)| grants.hierarchy_group.as_ref())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups.into_iter().cloned().collect()
    }
}

/// The Amazon Connect instance and what it expects of users.
pub struct ConnectPolicy {
    /// The id in the instance's ARN.
    pub instance_id: String,
    /// The function's own where there is none.
    pub region: Option<String>,
    pub identity_management: IdentityManagement,
    pub email_with_saml: EmailWithSaml,
    pub combining_marks: CombiningMarks,
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

/// The deployment's queues, in the account and Region of the credentials; the command line looks at them where no option
/// names others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QueueNames {
    /// Where joins wait for the function.
    pub source: Option<String>,
    /// Where what failed waits, with its reason.
    pub dead_letter: Option<String>,
}

/// The table in which the username of each person is pinned before it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsPolicy {
    /// The name of the DynamoDB table, in the account and Region of the function.
    pub table: String,
}

/// Members that a `connect.create-user/1` event may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectRequests {
    pub instances: Vec<InstanceRef>,
    pub routing_profiles: Vec<NameOrId>,
    pub security_profiles: Vec<NameOrId>,
}

/// Limits on what any event, assignment or extra security profiles can lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Security profiles that nobody is given.
    pub forbidden_security_profiles: Vec<NameOrId>,
    /// The most users that all copies of the function make in an hour of UTC, counted in the table of claims.
    pub users_per_hour: Option<u32>,
}

/// Personal identifiers in the function's log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// Form of a person's identifier in a log line.
    pub person_ids: PersonIds,
}

/// Form of a person's identifier in a log line.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum PersonIds {
    /// As it is, unless it looks like a name, an address or a number of a person: then as its hash.
    #[default]
    Plain,
    /// Always as its hash.
    Hashed,
}

/// When users are made whose first working day lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulePolicy {
    /// So long before the first day, which begins at 00:00 UTC.
    pub before: Duration,
}

impl SchedulePolicy {
    /// The moment from which on somebody's user may be made; `None` for a first day that is no date.
    #[must_use]
    pub fn due(self, start_date: &str) -> Option<OffsetDateTime> {
        let first_day = start_date::parse(start_date)?.midnight().assume_utc();
        first_day.checked_sub(self.before.try_into().ok()?)
    }
}

/// `IdentityManagementType` of an instance (Amazon Connect API reference, `Instance`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityManagement {
    ConnectManaged,
    Saml,
    ExistingDirectory,
}

impl IdentityManagement {
    /// The type as AWS spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectManaged => "CONNECT_MANAGED",
            Self::Saml => "SAML",
            Self::ExistingDirectory => "EXISTING_DIRECTORY",
        }
    }

    /// The most characters that a username has (CreateUser, `Username`).
    #[must_use]
    pub fn username_length(self) -> usize {
        match self {
            Self::Saml => 64,
            Self::ConnectManaged | Self::ExistingDirectory => 20,
        }
    }
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
