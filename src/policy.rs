//! What a deployment has decided, compiled and checked: the configuration that every later step can rely on.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::create_user_input::CreateUserInput;
use crate::failure::SecretSharing;
use crate::source::Sources;
use crate::template::{Condition, Template};

/// The whole configuration, valid.
pub struct Policy {
    pub connect: ConnectPolicy,
    pub user: UserPolicy,
    /// Present exactly where Connect manages identities and so wants a password.
    pub password: Option<PasswordPolicy>,
    pub retry: RetryPolicy,
    pub queues: QueueNames,
    /// What else than this program's own events is read.
    pub sources: Sources,
    /// The first one that fits a joiner wins.
    pub assignments: Vec<Assignment>,
}

impl Policy {
    /// The hierarchy paths that assignments name.
    #[must_use]
    pub fn hierarchy_paths(&self) -> Vec<Vec<String>> {
        let group = |assignment: &Assignment| match &assignment.then {
            Then::Create(grants) => grants.hierarchy_group.clone(),
            Then::Skip(_) => None,
        };
        let path = |group| match group {
            HierarchyGroup::Path(path) => Some(path),
            HierarchyGroup::Id { .. } => None,
        };
        self.assignments
            .iter()
            .filter_map(group)
            .filter_map(path)
            .collect()
    }
}

/// The Amazon Connect instance and what it expects of users.
pub struct ConnectPolicy {
    /// The id in the instance's ARN.
    pub instance_id: String,
    pub identity_management: IdentityManagement,
    pub email_with_saml: EmailWithSaml,
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

    /// One function's share of the burst, at least one request.
    #[must_use]
    pub fn burst_share(&self) -> u32 {
        (self.burst / self.concurrency).max(1)
    }
}

/// What a user means that has the person's username but no tag of this program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnmanagedUser {
    /// Somebody made it by hand: a person must look.
    #[default]
    Refuse,
    /// It is this person's where first and last name are the same.
    Adopt,
}

/// What it means that a person's user was made from another request than the one at hand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangedRequest {
    #[default]
    Refuse,
    /// The user stays as it is, and the person counts as provisioned.
    Keep,
}

/// The deployment's queues, in the account and Region of the credentials; the command line looks at them where no option
/// names others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueueNames {
    pub source: Option<String>,
    pub dead_letter: Option<String>,
}

/// How what failed is delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The longest wait after the first failed delivery; it doubles with each further one.
    pub first: Duration,
    /// The longest wait of all.
    pub longest: Duration,
    /// The wait after a stop that only a person can end.
    pub systemic: Duration,
    /// So many people in a row refused for the same reason are no longer their own fault.
    pub same_refusals: usize,
    /// A dead letter that has been replayed so often is not tried again.
    pub most_replays: u32,
}

/// `IdentityManagementType` of an instance (Amazon Connect API reference, `Instance`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
#[serde(rename_all = "lowercase")]
pub enum EmailWithSaml {
    #[default]
    Omit,
    Send,
}

/// How a joiner's words become a user's.
pub struct UserPolicy {
    /// In order of preference.
    pub username: Vec<Template>,
    pub too_long: TooLong,
    pub first_name: Template,
    pub last_name: Template,
    pub email: Option<Template>,
    pub secondary_email: Option<Template>,
    pub mobile: Option<Template>,
    pub directory_user_id: Option<Template>,
}

/// What becomes of a username that no template gives short enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TooLong {
    /// The first one is cut to the instance's limit, unless it is an e-mail address.
    #[default]
    Cut,
    Refuse,
}

/// Where initial passwords lie.
pub struct PasswordPolicy {
    pub secret_id: Template,
    /// The key that holds the password where the secret is a JSON object; without it the secret is the password.
    pub json_key: Option<String>,
    /// How long a shared secret is kept in memory.
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

/// A rule: whom it fits and what they get.
pub struct Assignment {
    pub name: String,
    /// Without one it fits everybody.
    pub when: Option<Condition>,
    pub then: Then,
}

/// What an assignment does with the joiners whom it fits.
pub enum Then {
    /// They are no users of this instance; the reason is recorded.
    Skip(String),
    Create(Box<Grants>),
}

/// What a user of an assignment gets.
pub struct Grants {
    pub routing_profile: NameOrId,
    /// 1 to 10.
    pub security_profiles: Vec<NameOrId>,
    pub hierarchy_group: Option<HierarchyGroup>,
    pub phone: PhoneSettings,
    pub tags: BTreeMap<String, Template>,
}

/// Phone settings in CreateUser's own members; its phone numbers are templates.
pub struct PhoneSettings {
    /// `PhoneConfig` and the per-channel lists, and nothing else.
    pub members: CreateUserInput,
    pub desk_phone_number: Option<Template>,
    /// One for each of `PhoneNumberConfigs`.
    pub phone_numbers: Vec<Option<Template>>,
}

/// A routing or security profile, as a person or as AWS names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a name, or { id = \"...\" }")]
pub enum NameOrId {
    Name(String),
    Id { id: String },
}

impl NameOrId {
    /// Whether it names nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let (Self::Name(text) | Self::Id { id: text }) = self;
        text.trim().is_empty()
    }
}

/// A user hierarchy group, as the path of names from the top level down, or by its id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "a list of 1 to 5 names from the top level down, or { id = \"...\" }"
)]
pub enum HierarchyGroup {
    Path(Vec<String>),
    Id { id: String },
}
