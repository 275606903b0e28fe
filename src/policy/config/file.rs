//! The sections of the file, as they are written; what is said of them here is what an editor shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::identifiers;
use super::presets;
use super::source_fields::SourceFields;
use super::text::Text;
use crate::policy::assignment::{HierarchyGroup, NameOrId};
use crate::policy::connect::DEFAULT_RATE;
use crate::policy::{
    ChangedRequest, CombiningMarks, EmailWithSaml, IdentityManagement, Logs, QueueNames, TooLong,
    UnmanagedUser, UsernameCase,
};
use crate::request::create_user_input::{
    AfterContactWorkConfigPerChannel, AutoAcceptConfig, PersistentConnectionConfig, PhoneConfig,
    PhoneNumberConfig, VoiceEnhancementConfig,
};
use crate::source::field::Field;

/// The file's sections; what is absent or faulty, and so reported, is `None`.
#[derive(Default, schemars::JsonSchema)]
#[schemars(
    deny_unknown_fields,
    title = "provisioner.toml",
    description = "What a deployment of connect-provisioner does with a joiner."
)]
pub(super) struct File {
    /// The Amazon Connect instance, and the account's quota there.
    #[schemars(with = "Connect")]
    pub(super) connect: Option<Spanned<Connect>>,
    /// Templates that make a user of a joiner.
    #[schemars(with = "User")]
    pub(super) user: Option<Spanned<User>>,
    #[schemars(skip)]
    pub(super) has_password: bool,
    /// Where the initial password lies in Secrets Manager; exactly where identities are `CONNECT_MANAGED`.
    #[schemars(with = "Option<Password>")]
    pub(super) password: Option<Spanned<Password>>,
    /// Further instances, `[instance.NAME]`; assignments send people there by that name.
    #[schemars(rename = "instance", with = "Option<BTreeMap<String, Instance>>")]
    pub(super) instances: Vec<(String, Spanned<Instance>)>,
    /// Waits between deliveries of a message that failed, and when to give it up.
    #[schemars(with = "Option<Retry>")]
    pub(super) retry: Option<Spanned<Retry>>,
    /// Users of people whose first working day lies ahead wait until it is near; without this section they are made at
    /// once.
    #[schemars(with = "Option<Schedule>")]
    pub(super) schedule: Option<Spanned<Schedule>>,
    /// The queues' names: so the CDK names them, and so the command line finds them.
    #[schemars(with = "Option<QueueNames>")]
    pub(super) queues: Option<Spanned<QueueNames>>,
    /// Members that `connect.create-user/1` events may name; without this section such events are refused.
    #[schemars(with = "Option<DirectRequests>")]
    pub(super) direct_requests: Option<Spanned<DirectRequests>>,
    /// Limits on what any event, assignment or extra security profiles can lead to.
    #[schemars(with = "Option<Limits>")]
    pub(super) limits: Option<Spanned<Limits>>,
    /// A DynamoDB table in which each person's username is pinned before CreateUser, so that two events of a person never make
    /// two users; without this section there is no database.
    #[schemars(with = "Option<Claims>")]
    pub(super) claims: Option<Spanned<Claims>>,
    /// Personal identifiers in the function's log lines.
    #[schemars(with = "Option<Logs>")]
    pub(super) logs: Option<Spanned<Logs>>,
    /// Tables of texts by name, for the filter lookup: `{{ location | lookup("sites") }}`.
    #[schemars(rename = "lookup", with = "Option<BTreeMap<String, Lookup>>")]
    pub(super) lookups: Vec<(String, Spanned<Lookup>)>,
    /// Sources of events of other systems; the first one that recognises an event reads it.
    #[schemars(rename = "source", with = "Option<Vec<Source>>")]
    pub(super) sources: Vec<Spanned<Source>>,
    /// Grants for people; the first assignment that fits wins.
    #[schemars(rename = "assignment", with = "Vec<Assignment>")]
    pub(super) assignments: Vec<Spanned<Assignment>>,
    /// Further security profiles; all that fit add theirs.
    #[schemars(rename = "extra_security_profiles", with = "Option<Vec<Addition>>")]
    pub(super) additions: Vec<Spanned<Addition>>,
}

/// An Amazon Connect instance, and the account's quota there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Connect {
    /// The id at the end of the instance's ARN.
    #[schemars(regex(pattern = identifiers::INSTANCE_ID))]
    pub(super) instance_id: Text,
    /// The instance's Region, where that is not the function's own.
    #[schemars(regex(pattern = identifiers::REGION))]
    pub(super) region: Option<Text>,
    /// Identity management of the instance.
    pub(super) identity_management: IdentityManagement,
    /// Whether an e-mail address is sent under SAML: AWS's reference calls it both an error and required.
    #[serde(default)]
    pub(super) email_with_saml: EmailWithSaml,
    /// Whether names with combining marks, such as Hindi's vowel signs, are sent: AWS's reference leaves open whether Connect
    /// takes them.
    #[serde(default)]
    pub(super) combining_marks: CombiningMarks,
    /// The account's quota for each operation of Amazon Connect; calls are paced just below it.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1000, "default" = DEFAULT_RATE.per_second))]
    pub(super) requests_per_second: Option<f64>,
    /// The burst of that quota.
    #[schemars(range(min = 1), extend("default" = DEFAULT_RATE.burst))]
    pub(super) burst: Option<u32>,
    /// Number of copies of the function that share that quota: the event source's maximum concurrency.
    #[schemars(range(min = 1), extend("default" = DEFAULT_RATE.concurrency))]
    pub(super) concurrency: Option<u32>,
    /// A user made by hand has the person's username.
    #[serde(default)]
    pub(super) unmanaged_user: UnmanagedUser,
    /// The person's user was made from other data than this event's.
    #[serde(default)]
    pub(super) changed_request: ChangedRequest,
}

/// Another instance beside that of `[connect]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Instance {
    /// The instance, and its quota where it lies in another Region than those above it.
    #[schemars(with = "Connect")]
    pub(super) connect: Spanned<Connect>,
    /// Templates for users there, where they differ from `[user]`.
    #[schemars(with = "Option<User>")]
    pub(super) user: Option<Spanned<User>>,
    /// Where the initial password lies; exactly where identities are `CONNECT_MANAGED`.
    #[schemars(with = "Option<Password>")]
    pub(super) password: Option<Spanned<Password>>,
}

/// Waits between deliveries of a message that failed, and when to give it up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(schemars::JsonSchema)]
pub(super) struct Retry {
    /// The longest wait after the first delivery; it doubles with each further one, and the wait itself varies by chance.
    #[schemars(range(max = LONGEST_WAIT))]
    pub(super) first_seconds: u64,
    /// Longest wait, in seconds, to which it doubles.
    #[schemars(range(max = LONGEST_WAIT))]
    pub(super) longest_seconds: u64,
    /// The longest wait after the first delivery that met a failure only a person can end, such as access denied; it doubles
    /// too.
    #[schemars(range(max = LONGEST_WAIT))]
    pub(super) systemic_seconds: u64,
    /// From so many different people refused for one cause on, the others wait until somebody has looked.
    #[schemars(range(min = FEWEST_ALIKE))]
    pub(super) circuit_breaker_after: usize,
    /// A failure that may pass becomes a dead letter after this many deliveries at the earliest.
    #[schemars(range(min = 1))]
    pub(super) give_up_after_deliveries: u32,
    /// A failure that may pass becomes a dead letter when its message is so old, at the earliest.
    #[schemars(range(max = LONGEST_LIFE))]
    pub(super) give_up_after_seconds: u64,
    /// A failure that only a person can end becomes a dead letter when its message is so old.
    #[schemars(range(max = LONGEST_LIFE))]
    pub(super) systemic_give_up_after_seconds: u64,
    /// A dead letter that was replayed so often goes no further round.
    pub(super) most_replays: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first_seconds: 20,
            longest_seconds: 3600,
            systemic_seconds: 60,
            circuit_breaker_after: 5,
            give_up_after_deliveries: 10,
            give_up_after_seconds: 7200,
            systemic_give_up_after_seconds: 259_200,
            most_replays: 10,
        }
    }
}

// Amazon SQS Developer Guide: a message is hidden for at most 12 hours.
pub(super) const LONGEST_WAIT: u64 = 43_200;
pub(super) const FEWEST_ALIKE: usize = 2;
// Amazon SQS Developer Guide: a queue keeps a message for at most 14 days.
pub(super) const LONGEST_LIFE: u64 = 14 * 86_400;

/// When users are made whose first working day lies ahead.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Schedule {
    /// Hours before the first day begins.
    #[schemars(range(max = MOST_HOURS_BEFORE))]
    pub(super) hours_before: u64,
    /// The time zone in which a day begins at 00:00, by its name in the IANA database, such as `Europe/London`.
    #[schemars(extend("default" = "UTC"))]
    pub(super) time_zone: Option<Text>,
}

// Longer would be no wait but a store of personal data.
pub(super) const MOST_HOURS_BEFORE: u64 = 24 * 90;

/// Members that `connect.create-user/1` events may name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct DirectRequests {
    /// `main` for the instance of `[connect]`, and NAMEs of `[instance.NAME]`.
    #[serde(default = "main_instance")]
    pub(super) instances: Vec<String>,
    /// Routing profiles, by name or as `{ id = "..." }`.
    #[schemars(length(min = 1))]
    pub(super) routing_profiles: Vec<NameOrId>,
    /// Security profiles, by name or as `{ id = "..." }`.
    #[schemars(length(min = 1))]
    pub(super) security_profiles: Vec<NameOrId>,
}

/// The name of the instance of `[connect]`.
pub(super) const MAIN: &str = "main";

fn main_instance() -> Vec<String> {
    vec![MAIN.to_owned()]
}

/// Limits on what any event, assignment or extra security profiles can lead to.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(schemars::JsonSchema)]
pub(super) struct Limits {
    /// Security profiles that nobody is given, compared by id; each instance must have them.
    pub(super) forbidden_security_profiles: Vec<NameOrId>,
    /// The most users that are made in an hour; needs `[claims]`, whose table counts them.
    #[schemars(range(min = 1))]
    pub(super) users_per_hour: Option<u32>,
}

/// The table of claims.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Claims {
    /// The table's name, in the account and Region of the function; its partition key is the string `claim`.
    // Amazon DynamoDB Developer Guide, "Naming rules".
    #[schemars(length(min = 3, max = 255), regex(pattern = r"^[a-zA-Z0-9_.-]+$"))]
    pub(super) table: Text,
}

/// Templates that make a user of a joiner: minijinja over the fields of a joiner.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct User {
    /// Templates in order of preference, folded to Connect's alphabet; one that lacks a field or comes out too long gives
    /// way to the next.
    #[schemars(length(min = 1))]
    pub(super) username: Vec<Text>,
    /// Templates in order of preference, for whoever's username another person has; without any the person is refused.
    #[serde(default)]
    pub(super) username_when_taken: Vec<Text>,
    /// Whether usernames keep upper and lower case as the templates give them; by default `keep` under SAML, otherwise `lower`.
    pub(super) username_case: Option<UsernameCase>,
    /// The most characters of a username; by default those of the reference: 20, and 64 under SAML. Instances of Amazon Connect
    /// were seen to take up to 64 everywhere.
    #[schemars(range(min = SHORTEST_LIMIT, max = LONGEST_USERNAME))]
    pub(super) username_max_length: Option<usize>,
    /// Treatment of a username that no template gives short enough.
    #[serde(default)]
    pub(super) too_long: TooLong,
    /// A template.
    #[schemars(extend("default" = FIRST_NAME))]
    pub(super) first_name: Option<Text>,
    /// A template.
    #[schemars(extend("default" = LAST_NAME))]
    pub(super) last_name: Option<Text>,
    /// A template.
    #[schemars(extend("default" = EMAIL))]
    pub(super) email: Option<Text>,
    /// A template; without one there is no secondary address.
    pub(super) secondary_email: Option<Text>,
    /// A template.
    #[schemars(extend("default" = MOBILE))]
    pub(super) mobile: Option<Text>,
    /// A template, for `EXISTING_DIRECTORY` where Connect cannot look into the directory.
    pub(super) directory_user_id: Option<Text>,
}

pub(super) const SHORTEST_LIMIT: usize = 8;
pub(super) const LONGEST_USERNAME: usize = 64;
pub(super) const FIRST_NAME: &str = "{{ given_name }}";
pub(super) const LAST_NAME: &str = "{{ family_name }}";
pub(super) const EMAIL: &str = "{{ email }}";
pub(super) const MOBILE: &str = "{{ mobile | e164 }}";

/// Where the initial password lies in Secrets Manager; it never comes from an event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Password {
    /// The secret's name: one for all, or a template for one each, such as `connect/initial/{{ employee_id }}`.
    pub(super) secret_id: Text,
    /// The key of the password, where the secret is a JSON object.
    pub(super) json_key: Option<String>,
    /// Seconds for which a shared secret is kept in memory.
    #[serde(default = "five_minutes")]
    pub(super) cache_seconds: u64,
}

fn five_minutes() -> u64 {
    300
}

/// A condition, and the grants for the people that it fits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Assignment {
    /// Name of the assignment, for explain, check and people.
    pub(super) name: String,
    /// A condition over the fields of a joiner, such as `department.code == "CC-UK"`; without one it fits everybody.
    pub(super) when: Option<Text>,
    /// A CSV file beside this one whose rows say who gets what: columns of a joiner's fields, and of what a row gives.
    pub(super) table: Option<Text>,
    /// Rows, written here; the most exact row that fits wins, wherever it stands.
    #[serde(default)]
    #[schemars(with = "Vec<Row>")]
    pub(super) rows: Vec<Spanned<Row>>,
    /// No user for these, and why: the reason is recorded.
    pub(super) skip: Option<String>,
    /// The NAME of an `[instance.NAME]`; otherwise the instance of `[connect]`.
    pub(super) instance: Option<String>,
    /// The routing profile.
    pub(super) routing_profile: Option<NameOrId>,
    /// 1 to 10 security profiles.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub(super) security_profiles: Vec<NameOrId>,
    /// The user hierarchy group.
    pub(super) hierarchy_group: Option<HierarchyGroup>,
    /// CreateUser's `PhoneConfig`; the lists per channel take the place of the same members of it.
    pub(super) phone_config: Option<PhoneConfig>,
    /// CreateUser's `AutoAcceptConfigs`.
    #[serde(default)]
    pub(super) auto_accept_configs: Vec<AutoAcceptConfig>,
    /// CreateUser's `AfterContactWorkConfigs`.
    #[serde(default)]
    pub(super) after_contact_work_configs: Vec<AfterContactWorkConfigPerChannel>,
    /// CreateUser's `PhoneNumberConfigs`.
    #[serde(default)]
    pub(super) phone_number_configs: Vec<PhoneNumberConfig>,
    /// CreateUser's `PersistentConnectionConfigs`.
    #[serde(default)]
    pub(super) persistent_connection_configs: Vec<PersistentConnectionConfig>,
    /// CreateUser's `VoiceEnhancementConfigs`.
    #[serde(default)]
    pub(super) voice_enhancement_configs: Vec<VoiceEnhancementConfig>,
    /// Tags of the user; the values are templates.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, Text>,
}

/// A row of an assignment's table; what it leaves out is the assignment's.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(schemars::JsonSchema)]
pub(super) struct Row {
    /// Field of a joiner -> what it is compared with: a text, a prefix such as `CC-*`, or `*` for everything. The first field
    /// decides, then the second.
    #[serde(deserialize_with = "in_order")]
    #[schemars(with = "BTreeMap<String, String>", extend("default" = serde_json::json!({}), "propertyNames" = serde_json::json!({ "anyOf": [{ "enum": Field::ALL.map(Field::name) }, { "pattern": "^extra\\.[^.]+$" }] })))]
    pub(super) r#match: Vec<(String, String)>,
    /// No user for these, and why.
    pub(super) skip: Option<String>,
    /// The NAME of an `[instance.NAME]`.
    pub(super) instance: Option<String>,
    /// The routing profile.
    pub(super) routing_profile: Option<NameOrId>,
    /// 1 to 10 security profiles.
    #[schemars(length(max = 10))]
    pub(super) security_profiles: Vec<NameOrId>,
    /// The user hierarchy group.
    pub(super) hierarchy_group: Option<HierarchyGroup>,
    /// Tags beside the assignment's; the values are templates.
    pub(super) tags: BTreeMap<String, String>,
}

fn in_order<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    table: D,
) -> Result<Vec<(String, T)>, D::Error> {
    let pairs = BTreeMap::<Spanned<String>, T>::deserialize(table)?;
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_unstable_by_key(|(field, _)| field.span().start);
    let plain = |(field, value): (Spanned<String>, T)| (field.into_inner(), value);
    Ok(pairs.into_iter().map(plain).collect())
}

/// Further security profiles for whoever it fits, beside those of the assignment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Addition {
    /// Name of the entry, for check and people.
    pub(super) name: String,
    /// A condition over the fields of a joiner.
    pub(super) when: Text,
    /// The NAME of an `[instance.NAME]`: it adds for users of that instance alone; otherwise for those of `[connect]`.
    pub(super) instance: Option<String>,
    /// 1 to 10 security profiles.
    #[schemars(length(min = 1, max = 10))]
    pub(super) security_profiles: Vec<NameOrId>,
}

/// A CSV file beside this one with two columns, or the rows themselves: a text or a prefix such as `CC-*` -> what it gives.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a CSV file's name, or a table of texts")]
#[derive(schemars::JsonSchema)]
pub(super) enum Lookup {
    File(String),
    Rows(BTreeMap<String, String>),
}

/// A preset by name; or a name, a condition, and one of fields, skip and reject.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub(super) struct Source {
    /// A ready-made source, alone; `provisionctl source show NAME` prints it.
    #[schemars(extend("enum" = presets::names()))]
    pub(super) preset: Option<Text>,
    /// Tells this HR system's employee ids from another's with equal numbers: 1 to 32 letters, digits, `-`, `_` and `.`.
    pub(super) key_namespace: Option<Text>,
    /// Name of the source, for source test and people. A source of yours with the name of a preset's replaces that one.
    pub(super) name: Option<Text>,
    /// An expression that recognises the event, over its members, event, envelope, text and sqs.
    pub(super) when: Option<Text>,
    /// The source is asked only where no other source recognises an event, wherever it stands.
    #[serde(default)]
    pub(super) catch_all: bool,
    /// Names for expressions that stand in the others again and again.
    #[serde(default, deserialize_with = "in_order")]
    #[schemars(with = "BTreeMap<String, Text>", extend("propertyNames" = serde_json::json!({ "pattern": NAME_OF_A_PART })))]
    pub(super) r#let: Vec<(String, Text)>,
    /// An expression that finds the people in the event; left out where it is about one.
    pub(super) items: Option<Text>,
    /// These events are no joins; the text is recorded as the reason. With fields, it is the reason for people where `skip_when` holds.
    pub(super) skip: Option<String>,
    /// An expression over the event and `item`, beside the fields: where it holds, the person is skipped, and not the others.
    pub(super) skip_when: Option<Text>,
    /// A skip also withdraws a join: the person of `employee_id` no longer waits for a start date. Only with skip.
    #[serde(default)]
    pub(super) withdraws: bool,
    /// These carry an id and nothing else: what to do, for the dead letter. With fields, it is for people where `reject_when` holds.
    pub(super) reject: Option<String>,
    /// An expression over the event and `item`, beside the fields: where it holds, the person is rejected, and not the others.
    pub(super) reject_when: Option<Text>,
    /// An expression for the employee id of a skip or a reject, so that the log and the dead letter name the person.
    pub(super) employee_id: Option<Text>,
    /// An expression for the event's id, which stands for the person of a skip or a reject where there is no employee id.
    pub(super) event_id: Option<Text>,
    /// An expression for the type of the event, which stands behind the reason of a skip.
    pub(super) event_type: Option<Text>,
    /// An expression for each field of a joiner.
    pub(super) fields: Option<SourceFields>,
}

/// Names of `[source.let]`: those that an expression can write.
pub(super) const NAME_OF_A_PART: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
