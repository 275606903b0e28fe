//! The sections of the file, as they are written.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::assignment::{HierarchyGroup, NameOrId};
use crate::create_user_input::{
    AfterContactWorkConfigPerChannel, AutoAcceptConfig, PersistentConnectionConfig, PhoneConfig,
    PhoneNumberConfig, VoiceEnhancementConfig,
};
use crate::policy::{
    ChangedRequest, EmailWithSaml, IdentityManagement, QueueNames, TooLong, UnmanagedUser,
};

/// A text, and where it stands.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Text(Spanned<String>);

impl Deref for Text {
    type Target = Spanned<String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The file's sections; what is absent or faulty, and so reported, is `None`.
#[derive(Default)]
pub(super) struct File {
    pub(super) connect: Option<Spanned<Connect>>,
    pub(super) user: Option<Spanned<User>>,
    pub(super) has_password: bool,
    pub(super) password: Option<Spanned<Password>>,
    pub(super) instances: Vec<(String, Spanned<Instance>)>,
    pub(super) retry: Option<Spanned<Retry>>,
    pub(super) schedule: Option<Spanned<Schedule>>,
    pub(super) queues: Option<Spanned<QueueNames>>,
    pub(super) lookups: Vec<(String, Spanned<Lookup>)>,
    pub(super) sources: Vec<Spanned<Source>>,
    pub(super) assignments: Vec<Spanned<Assignment>>,
    pub(super) additions: Vec<Spanned<Addition>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connect {
    pub(super) instance_id: Text,
    pub(super) region: Option<String>,
    pub(super) identity_management: IdentityManagement,
    #[serde(default)]
    pub(super) email_with_saml: EmailWithSaml,
    pub(super) requests_per_second: Option<f64>,
    pub(super) burst: Option<u32>,
    pub(super) concurrency: Option<u32>,
    #[serde(default)]
    pub(super) unmanaged_user: UnmanagedUser,
    #[serde(default)]
    pub(super) changed_request: ChangedRequest,
}

/// `[instance.NAME]`: another instance beside that of `[connect]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instance {
    pub(super) connect: Spanned<Connect>,
    pub(super) user: Option<Spanned<User>>,
    pub(super) password: Option<Spanned<Password>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Retry {
    pub(super) first_seconds: u64,
    pub(super) longest_seconds: u64,
    pub(super) systemic_seconds: u64,
    pub(super) same_refusals: usize,
    pub(super) most_replays: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first_seconds: 20,
            longest_seconds: 900,
            systemic_seconds: 900,
            same_refusals: 5,
            most_replays: 10,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    pub(super) hours_before: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) username: Vec<Text>,
    #[serde(default)]
    pub(super) username_when_taken: Vec<Text>,
    #[serde(default)]
    pub(super) too_long: TooLong,
    pub(super) first_name: Option<Text>,
    pub(super) last_name: Option<Text>,
    pub(super) email: Option<Text>,
    pub(super) secondary_email: Option<Text>,
    pub(super) mobile: Option<Text>,
    pub(super) directory_user_id: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    pub(super) secret_id: Text,
    pub(super) json_key: Option<String>,
    #[serde(default = "five_minutes")]
    pub(super) cache_seconds: u64,
}

fn five_minutes() -> u64 {
    300
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) when: Option<Text>,
    pub(super) table: Option<Text>,
    #[serde(default)]
    pub(super) rows: Vec<Spanned<Row>>,
    pub(super) skip: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) routing_profile: Option<NameOrId>,
    #[serde(default)]
    pub(super) security_profiles: Vec<NameOrId>,
    pub(super) hierarchy_group: Option<HierarchyGroup>,
    pub(super) phone_config: Option<PhoneConfig>,
    #[serde(default)]
    pub(super) auto_accept_configs: Vec<AutoAcceptConfig>,
    #[serde(default)]
    pub(super) after_contact_work_configs: Vec<AfterContactWorkConfigPerChannel>,
    #[serde(default)]
    pub(super) phone_number_configs: Vec<PhoneNumberConfig>,
    #[serde(default)]
    pub(super) persistent_connection_configs: Vec<PersistentConnectionConfig>,
    #[serde(default)]
    pub(super) voice_enhancement_configs: Vec<VoiceEnhancementConfig>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, Text>,
}

/// A row of an assignment's table; what it leaves out is the assignment's.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Row {
    /// Field -> what it is compared with, in the order in which they stand: a text, a prefix such as `CC-*`, or `*`.
    #[serde(deserialize_with = "in_order")]
    pub(super) r#match: Vec<(String, String)>,
    pub(super) skip: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) routing_profile: Option<NameOrId>,
    pub(super) security_profiles: Vec<NameOrId>,
    pub(super) hierarchy_group: Option<HierarchyGroup>,
    pub(super) tags: BTreeMap<String, String>,
}

fn in_order<'de, D: Deserializer<'de>>(table: D) -> Result<Vec<(String, String)>, D::Error> {
    let pairs = BTreeMap::<Spanned<String>, String>::deserialize(table)?;
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|(field, _)| field.span().start);
    let plain = |(field, text): (Spanned<String>, String)| (field.into_inner(), text);
    Ok(pairs.into_iter().map(plain).collect())
}

/// An `[[addition]]`: further security profiles for whoever it fits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Addition {
    pub(super) name: String,
    pub(super) when: Text,
    pub(super) instance: Option<String>,
    pub(super) security_profiles: Vec<NameOrId>,
}

/// A table under `[lookup]`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a CSV file's name, or a table of texts")]
pub(super) enum Lookup {
    File(String),
    Rows(BTreeMap<String, String>),
}

/// A `[[source]]`: a preset by name, or a description.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) preset: Option<Text>,
    pub(super) name: Option<String>,
    pub(super) when: Option<Text>,
    pub(super) skip: Option<String>,
    pub(super) insufficient: Option<String>,
    pub(super) items: Option<Text>,
    pub(super) fields: Option<SourceFields>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceFields {
    pub(super) event_id: Option<Text>,
    pub(super) employee_id: Option<Text>,
    pub(super) given_name: Option<Text>,
    pub(super) family_name: Option<Text>,
    pub(super) preferred_name: Option<Text>,
    pub(super) email: Option<Text>,
    pub(super) mobile: Option<Text>,
    pub(super) department: SourceDepartment,
    pub(super) job: SourceJob,
    pub(super) location: Option<Text>,
    pub(super) manager_employee_id: Option<Text>,
    pub(super) start_date: Option<Text>,
    pub(super) employment_type: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceDepartment {
    pub(super) code: Option<Text>,
    pub(super) name: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceJob {
    pub(super) code: Option<Text>,
    pub(super) title: Option<Text>,
}
