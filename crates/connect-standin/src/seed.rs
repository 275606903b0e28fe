//! TOML becomes what the stand-in holds when it starts, checked whole.

use std::collections::BTreeSet;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};

use super::ids::Home;

const DEFAULT: &str = include_str!("default.toml");

/// Content of the stand-in when it starts, and its behaviour.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    pub account: String,
    pub region: String,
    /// The most entries that a page of Amazon Connect has, below the limit of the operation.
    pub page_size: Option<usize>,
    /// The age at which `SearchUsers` begins to see a user.
    #[serde(default)]
    pub hide_new_users_seconds: u64,
    /// Milliseconds that every answer takes, as if a network and a service lay between.
    #[serde(default)]
    pub service_time_milliseconds: u64,
    pub throttle: Option<ThrottleSeed>,
    #[serde(default)]
    pub shared: SharedSeed,
    #[serde(default, rename = "instance")]
    pub instances: Vec<InstanceSeed>,
    #[serde(default, rename = "secret")]
    pub secrets: Vec<SecretSeed>,
    #[serde(default, rename = "queue")]
    pub queues: Vec<QueueSeed>,
    #[serde(default, rename = "table")]
    pub tables: Vec<TableSeed>,
}

/// A DynamoDB table with a partition key alone, a string.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSeed {
    pub name: String,
    /// The name of the partition key.
    pub key: String,
}

/// The request rate that every Amazon Connect operation is held to.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleSeed {
    pub requests_per_second: f64,
    pub burst: u32,
}

/// The profiles and groups of every instance that gives no list of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SharedSeed {
    pub routing_profiles: Vec<ProfileSeed>,
    pub security_profiles: Vec<ProfileSeed>,
    pub hierarchy_groups: Vec<GroupSeed>,
}

/// An Amazon Connect instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSeed {
    pub id: String,
    pub alias: String,
    pub identity_management: IdentityManagement,
    /// Whether Amazon Connect can read the existing directory; if not, users need a `DirectoryUserId`.
    #[serde(default = "yes")]
    pub directory_reachable: bool,
    /// Whether two usernames that differ in upper and lower case only are one: AWS does not say whether CreateUser sees
    /// them so.
    #[serde(default = "yes")]
    pub usernames_ignore_case: bool,
    /// Whether names with combining marks are refused in NFC too: AWS does not say whether CreateUser takes them.
    #[serde(default)]
    pub refuses_combining_marks: bool,
    /// The most characters of a username: by default those of the reference, 20, and 64 with SAML. Real instances were seen to take
    /// more than 20.
    #[serde(default)]
    pub username_max_length: Option<usize>,
    pub max_users: Option<usize>,
    pub routing_profiles: Option<Vec<ProfileSeed>>,
    pub security_profiles: Option<Vec<ProfileSeed>>,
    pub hierarchy_groups: Option<Vec<GroupSeed>>,
}

fn yes() -> bool {
    true
}

/// Identity management of an instance (`DirectoryType`, Amazon Connect API reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityManagement {
    Saml,
    ConnectManaged,
    ExistingDirectory,
}

/// A routing profile or security profile; without an id, one is derived from the name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileSeed {
    pub name: String,
    pub id: Option<String>,
}

/// A hierarchy group by the names from the top down to it; its parents come with it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSeed {
    pub path: Vec<String>,
    pub id: Option<String>,
    /// Whether `SearchUserHierarchyGroups` does not see the group yet.
    #[serde(default)]
    pub hidden_from_search: bool,
}

/// A secret with exactly one source of its value.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSeed {
    pub name: String,
    pub generate: Option<Generate>,
    /// The key of a generated JSON secret: `password` unless given.
    pub json_key: Option<String>,
    pub string: Option<String>,
    pub binary_base64: Option<String>,
}

/// The form of a password made at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generate {
    Json,
    Plain,
}

/// An SQS queue; a name that ends in `.fifo` makes a FIFO queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSeed {
    pub name: String,
    pub visibility_timeout_seconds: Option<u64>,
    pub retention_seconds: Option<u64>,
    #[serde(default)]
    pub content_based_deduplication: bool,
    pub redrive: Option<RedriveSeed>,
}

/// Where a queue sends what it delivered too often.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedriveSeed {
    pub queue: String,
    pub max_receive_count: u64,
}

/// Why a seed can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("line {line} of the seed: {message}")]
    Toml { line: usize, message: String },
    #[error("the seed names {kind} {name:?} twice; keep one")]
    Twice { kind: &'static str, name: String },
    #[error(
        "secret {0:?} needs exactly one of generate, string and binary_base64, and the last as base64"
    )]
    SecretValue(String),
    #[error("queue {queue:?} redrives to {target:?}, which the seed does not have; add it")]
    UnknownRedriveTarget { queue: String, target: String },
    #[error("hierarchy group {0:?} needs a path of one to five names")]
    GroupPath(Vec<String>),
    #[error("a throttle needs a positive requests_per_second and a burst of at least 1")]
    Throttle,
    #[error("page_size must be at least 1")]
    PageSize,
}

impl Default for Seed {
    fn default() -> Self {
        Self::parse(DEFAULT).unwrap_or_else(|error| panic!("the embedded seed is wrong: {error}"))
    }
}

impl Seed {
    /// Reads a seed.
    ///
    /// # Errors
    /// The text is not TOML, has an unknown key, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let seed: Self =
            toml::from_str(text).map_err(|error| SeedError::from_toml(text, &error))?;
        seed.check_switches()?;
        seed.check_names()?;
        seed.groups().try_for_each(GroupSeed::check)?;
        seed.secrets.iter().try_for_each(SecretSeed::check)?;
        seed.queues
            .iter()
            .try_for_each(|queue| seed.check_redrive(queue))?;
        Ok(seed)
    }

    pub(super) fn home(&self) -> Home {
        Home {
            account: self.account.clone(),
            region: self.region.clone(),
        }
    }

    fn check_switches(&self) -> Result<(), SeedError> {
        let throttled = |limit: &ThrottleSeed| limit.requests_per_second > 0.0 && limit.burst > 0;
        if !self.throttle.as_ref().is_none_or(throttled) {
            return Err(SeedError::Throttle);
        }
        match self.page_size {
            Some(0) => Err(SeedError::PageSize),
            _ => Ok(()),
        }
    }

    fn check_names(&self) -> Result<(), SeedError> {
        distinct(
            "instance",
            self.instances.iter().map(|instance| &instance.id),
        )?;
        distinct("secret", self.secrets.iter().map(|secret| &secret.name))?;
        distinct("queue", self.queues.iter().map(|queue| &queue.name))
    }

    fn groups(&self) -> impl Iterator<Item = &GroupSeed> {
        let own = |instance: &'_ InstanceSeed| instance.hierarchy_groups.is_some();
        let instances = self.instances.iter().filter(move |instance| own(instance));
        let own_groups = instances.flat_map(|instance| instance.hierarchy_groups.iter().flatten());
        self.shared.hierarchy_groups.iter().chain(own_groups)
    }

    fn check_redrive(&self, queue: &QueueSeed) -> Result<(), SeedError> {
        let Some(RedriveSeed { queue: target, .. }) = &queue.redrive else {
            return Ok(());
        };
        if self.queues.iter().any(|queue| queue.name == *target) {
            return Ok(());
        }
        Err(SeedError::UnknownRedriveTarget {
            queue: queue.name.clone(),
            target: target.clone(),
        })
    }
}

fn distinct<'seed>(
    kind: &'static str,
    names: impl Iterator<Item = &'seed String>,
) -> Result<(), SeedError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let name = name.clone();
            return Err(SeedError::Twice { kind, name });
        }
    }
    Ok(())
}

impl GroupSeed {
    fn check(&self) -> Result<(), SeedError> {
        if (1..=5).contains(&self.path.len()) {
            return Ok(());
        }
        Err(SeedError::GroupPath(self.path.clone()))
    }
}

impl SecretSeed {
    fn check(&self) -> Result<(), SeedError> {
        let sources = [
            self.generate.is_some(),
            self.string.is_some(),
            self.binary_base64.is_some(),
        ];
        let binary = self.binary_base64.as_deref();
        let is_base64 = binary.is_none_or(|text| BASE64_STANDARD.decode(text).is_ok());
        if is_base64 && sources.into_iter().filter(|given| *given).count() == 1 {
            return Ok(());
        }
        Err(SeedError::SecretValue(self.name.clone()))
    }
}

impl SeedError {
    /// Keeps the line and the reason. The whole error would quote the line, and with it a secret.
    fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        Self::Toml {
            line: before.matches('\n').count() + 1,
            message: error.message().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn a_wrong_seed_is_refused_with_its_reason() {
        let check = |text: &str, expected: &str| {
            let home = "account = \"1\"\nregion = \"r\"\n";
            let refused = Seed::parse(&format!("{home}{text}")).err();
            let refused = refused.map(|error| error.to_string()).unwrap_or_default();
            assert!(refused.contains(expected), "{text}: {refused:?}");
        };
        check("colour = 1", "line 3 of the seed: unknown field `colour`");
        check("page_size = 0", "page_size");
        check(
            "throttle = { requests_per_second = 0, burst = 5 }",
            "throttle",
        );
        check("[[secret]]\nname = \"a\"", "exactly one of");
        check("[[secret]]\nname = \"a\"\nbinary_base64 = \"!\"", "base64");
        check(
            "[[queue]]\nname = \"a\"\n[[queue]]\nname = \"a\"",
            "queue \"a\" twice",
        );
        check(
            "[[queue]]\nname = \"a\"\nredrive = { queue = \"b\", max_receive_count = 1 }",
            "redrives to \"b\"",
        );
        check(
            "[shared]\nhierarchy_groups = [{ path = [] }]",
            "one to five",
        );
    }

    #[test]
    fn the_embedded_seed_is_right() {
        assert_eq!(Seed::default().instances.len(), 3);
    }
}
