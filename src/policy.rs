//! Policy of a deployment: the configuration, compiled and checked, on which every later step can rely.

pub mod assignment;
pub mod config;
pub mod permitted;
pub mod person_name;
pub mod plan;
pub mod username;

mod retry;
mod uses;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::connect::rate_limit;
use crate::expressions::template::Template;
use crate::failure::SecretSharing;
use crate::invocation::deadline::Deadline;
use crate::policy::assignment::{Addition, Assignment, Grants, HierarchyGroup, NameOrId};
use crate::source::Sources;
use crate::source::start_date;

pub use retry::{RetryPolicy, SHORTEST_PART};

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

/// The instances of a configuration: that of `[connect]`, and those of `[instance.NAME]`.
pub struct Instances(Vec<Instance>);

/// Which instance of a configuration: the place in the list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstanceRef(usize);

impl InstanceRef {
    /// The instance of `[connect]`.
    pub const MAIN: Self = Self(0);

    /// One of `[instance.NAME]`, by its place among these.
    pub(crate) fn of_further(place: usize) -> Self {
        Self(place + 1)
    }
}

/// An instance, and how users are made there.
pub struct Instance {
    /// As assignments name it; that of `[connect]` has none.
    pub name: Option<String>,
    pub connect: ConnectPolicy,
    pub user: UserPolicy,
    /// Present exactly where Connect manages identities and so wants a password.
    pub password: Option<PasswordPolicy>,
}

impl Instance {
    /// Tells whether users are made with their e-mail address.
    #[must_use]
    pub fn sends_email(&self) -> bool {
        self.connect.identity_management != IdentityManagement::Saml
            || self.connect.email_with_saml == EmailWithSaml::Send
    }
}

impl Instances {
    /// Collects instances, that of `[connect]` first; `None` without any.
    #[must_use]
    pub fn new(all: Vec<Instance>) -> Option<Self> {
        (!all.is_empty()).then_some(Self(all))
    }

    /// Returns the instance of `[connect]`, where users are made whom no assignment sends elsewhere.
    #[must_use]
    pub fn main(&self) -> &Instance {
        &self.0[0]
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, which: InstanceRef) -> &Instance {
        &self.0[which.0]
    }

    /// Returns how many users one copy of the function makes a second, in the instance with the smallest quota.
    #[must_use]
    pub fn users_per_second(&self) -> f64 {
        self.slowest(RequestRate::share).min(FASTEST)
    }

    /// Returns how many users all copies of the function make a second together, likewise.
    #[must_use]
    pub fn users_per_second_together(&self) -> f64 {
        self.slowest(|rate| rate.per_second)
    }

    fn slowest(&self, of: impl Fn(&RequestRate) -> f64) -> f64 {
        let rates = self.0.iter().map(|instance| of(&instance.connect.rate));
        rates.fold(f64::MAX, f64::min) * rate_limit::BELOW
    }

    /// Each with its place.
    pub fn iter(&self) -> impl Iterator<Item = (InstanceRef, &Instance)> {
        let placed = |(place, instance)| (InstanceRef(place), instance);
        self.0.iter().enumerate().map(placed)
    }

    /// Each, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        self.0.iter_mut()
    }

    /// The one with an id.
    #[must_use]
    pub fn of_id(&self, id: &str) -> Option<InstanceRef> {
        let found = self.iter().find(|(_, one)| one.connect.instance_id == id);
        found.map(|(which, _)| which)
    }
}

// Connect takes up to a quarter of a second for a user, whatever the quota.
const FASTEST: f64 = 4.0;

/// One value for each instance.
pub struct ByInstance<T>(Vec<T>);

impl<T> ByInstance<T> {
    /// One for each.
    pub fn new(instances: &Instances, of: impl FnMut((InstanceRef, &Instance)) -> T) -> Self {
        Self(instances.iter().map(of).collect())
    }

    /// Returns the value of an instance.
    #[must_use]
    pub fn get(&self, which: InstanceRef) -> &T {
        &self.0[which.0]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum UnmanagedUser {
    /// Somebody made it by hand: a person must look.
    #[default]
    Refuse,
    /// It becomes this person's where first and last name are the same: it gets the person's tags.
    Adopt,
}

/// Treatment of a person's user that was made from another request than the one at hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema, serde::Serialize))]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// Form of a person's identifier in a log line.
    pub person_ids: PersonIds,
}

/// Form of a person's identifier in a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema, serde::Serialize))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema))]
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

/// Whether SAML users are created with their e-mail address: the reference calls it both required and an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum EmailWithSaml {
    /// The user is made without it.
    #[default]
    Omit,
    /// It is sent all the same.
    Send,
}

/// First and last names with combining marks, which names in Hindi, Tamil, Thai or Yoruba have in Unicode's NFC too.
///
/// The reference asks for NFC and gives combining marks as an example of text that is not (Amazon Connect API reference,
/// `UserIdentityInfo`), so it leaves open whether Connect refuses marks that have no composed form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum CombiningMarks {
    /// They are sent; Connect decides, and its refusal is a dead letter.
    #[default]
    Send,
    /// The person is refused before Connect is asked.
    Refuse,
}

/// Templates that make a user of a joiner.
pub struct UserPolicy {
    /// In order of preference.
    pub username: Vec<Template>,
    /// In order of preference, for whoever's username another person has.
    pub username_when_taken: Vec<Template>,
    pub too_long: TooLong,
    pub username_case: UsernameCase,
    pub first_name: Template,
    pub last_name: Template,
    pub email: Option<Template>,
    pub secondary_email: Option<Template>,
    pub mobile: Option<Template>,
    pub directory_user_id: Option<Template>,
}

/// Upper and lower case of the usernames that templates give.
///
/// Usernames are case sensitive, and under SAML the username must equal the `RoleSessionName` that the identity provider
/// sends (Amazon Connect Administrator Guide, "Configure SAML with IAM").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum UsernameCase {
    /// Letters stay as the template gives them.
    Keep,
    /// All letters become lower case.
    Lower,
}

impl UsernameCase {
    /// Returns the case with which people can sign in where the configuration names none.
    #[must_use]
    pub fn default_of(identity: IdentityManagement) -> Self {
        match identity {
            IdentityManagement::Saml => Self::Keep,
            IdentityManagement::ConnectManaged | IdentityManagement::ExistingDirectory => {
                Self::Lower
            }
        }
    }
}

/// Treatment of a username that no template gives short enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "operator", derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum TooLong {
    /// The first one is cut to the instance's limit, unless it is an e-mail address.
    #[default]
    Cut,
    /// The person is refused.
    Refuse,
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
