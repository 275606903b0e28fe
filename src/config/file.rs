//! TOML text -> the sections of the file as they are written, reading on after each fault.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::Faults;
use crate::create_user_input::{
    AfterContactWorkConfigPerChannel, AutoAcceptConfig, PersistentConnectionConfig, PhoneConfig,
    PhoneNumberConfig, VoiceEnhancementConfig,
};
use crate::policy::{
    ChangedRequest, EmailWithSaml, HierarchyGroup, IdentityManagement, NameOrId, QueueNames,
    TooLong, UnmanagedUser,
};

/// The file's sections; what is absent or faulty, and so reported, is `None`.
#[derive(Default)]
pub(super) struct File {
    pub(super) connect: Option<Spanned<Connect>>,
    pub(super) user: Option<Spanned<User>>,
    pub(super) has_password: bool,
    pub(super) password: Option<Spanned<Password>>,
    pub(super) retry: Option<Spanned<Retry>>,
    pub(super) queues: Option<Spanned<QueueNames>>,
    pub(super) sources: Vec<Spanned<Source>>,
    pub(super) assignments: Vec<Spanned<Assignment>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connect {
    pub(super) instance_id: Spanned<String>,
    pub(super) identity_management: IdentityManagement,
    #[serde(default)]
    pub(super) email_with_saml: EmailWithSaml,
    #[serde(default = "two")]
    pub(super) requests_per_second: f64,
    #[serde(default = "five")]
    pub(super) burst: u32,
    #[serde(default = "two_copies")]
    pub(super) concurrency: u32,
    #[serde(default)]
    pub(super) unmanaged_user: UnmanagedUser,
    #[serde(default)]
    pub(super) changed_request: ChangedRequest,
}

// Amazon Connect Administrator Guide, service quotas, "API throttling quotas".
fn two() -> f64 {
    2.0
}

fn five() -> u32 {
    5
}

// The least maximum concurrency that Lambda takes for a queue (Lambda API reference, `ScalingConfig`).
fn two_copies() -> u32 {
    2
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
pub(super) struct User {
    pub(super) username: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) too_long: TooLong,
    pub(super) first_name: Option<Spanned<String>>,
    pub(super) last_name: Option<Spanned<String>>,
    pub(super) email: Option<Spanned<String>>,
    pub(super) secondary_email: Option<Spanned<String>>,
    pub(super) mobile: Option<Spanned<String>>,
    pub(super) directory_user_id: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    pub(super) secret_id: Spanned<String>,
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
    pub(super) when: Option<Spanned<String>>,
    pub(super) skip: Option<String>,
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
    pub(super) tags: BTreeMap<String, Spanned<String>>,
}

/// A `[[source]]`: a preset by name, or a description.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) preset: Option<Spanned<String>>,
    pub(super) name: Option<String>,
    pub(super) when: Option<Spanned<String>>,
    pub(super) skip: Option<String>,
    pub(super) insufficient: Option<String>,
    pub(super) items: Option<Spanned<String>>,
    pub(super) fields: Option<SourceFields>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceFields {
    pub(super) event_id: Option<Spanned<String>>,
    pub(super) employee_id: Option<Spanned<String>>,
    pub(super) given_name: Option<Spanned<String>>,
    pub(super) family_name: Option<Spanned<String>>,
    pub(super) preferred_name: Option<Spanned<String>>,
    pub(super) email: Option<Spanned<String>>,
    pub(super) mobile: Option<Spanned<String>>,
    pub(super) department: SourceDepartment,
    pub(super) job: SourceJob,
    pub(super) location: Option<Spanned<String>>,
    pub(super) manager_employee_id: Option<Spanned<String>>,
    pub(super) start_date: Option<Spanned<String>>,
    pub(super) employment_type: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceDepartment {
    pub(super) code: Option<Spanned<String>>,
    pub(super) name: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceJob {
    pub(super) code: Option<Spanned<String>>,
    pub(super) title: Option<Spanned<String>>,
}

/// Reads the sections; `None` where the text is not TOML.
pub(super) fn read(text: &str, faults: &mut Faults) -> Option<File> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for err in &errors {
        faults.at(err.span().unwrap_or_default(), first_line(err.message()));
    }
    errors
        .is_empty()
        .then(|| sections(table.into_inner(), faults))
}

fn sections(table: DeTable, faults: &mut Faults) -> File {
    missing_sections(&table, faults);
    let mut file = File {
        has_password: table.contains_key("password"),
        ..File::default()
    };
    let mut in_file_order: Vec<_> = table.into_iter().collect();
    in_file_order.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in in_file_order {
        match key.get_ref().as_ref() {
            "connect" => {
                file.connect = section("[connect]", value, faults);
            }
            "user" => file.user = section("[user]", value, faults),
            "password" => file.password = section("[password]", value, faults),
            "retry" => file.retry = section("[retry]", value, faults),
            "queues" => file.queues = section("[queues]", value, faults),
            "source" => file.sources = list("source", value, faults),
            "assignment" => file.assignments = list("assignment", value, faults),
            other => faults.at(
                key.span(),
                format!(
                    "unknown section `{other}`; there are connect, user, password, retry, queues, source, assignment"
                ),
            ),
        }
    }
    file
}

fn missing_sections(table: &DeTable, faults: &mut Faults) {
    for (section, fault) in [
        (
            "connect",
            "there is no [connect]; give it instance_id and identity_management",
        ),
        ("user", "there is no [user]; give it username templates"),
        (
            "assignment",
            "there is no [[assignment]], so nobody would get a user",
        ),
    ] {
        if !table.contains_key(section) {
            faults.whole(fault);
        }
    }
}

fn list<T: DeserializeOwned>(
    name: &str,
    value: Spanned<DeValue>,
    faults: &mut Faults,
) -> Vec<Spanned<T>> {
    let span = value.span();
    if let DeValue::Array(items) = value.into_inner() {
        items
            .into_iter()
            .filter_map(|item| section(&format!("[[{name}]]"), item, faults))
            .collect()
    } else {
        faults.at(span, format!("{name} is a list; write [[{name}]]"));
        Vec::new()
    }
}

// Serde stops at the first fault of a table, so each offending key is taken out and the rest read again.
fn section<T: DeserializeOwned>(
    name: &str,
    value: Spanned<DeValue>,
    faults: &mut Faults,
) -> Option<Spanned<T>> {
    let span = value.span();
    let DeValue::Table(mut table) = value.into_inner() else {
        faults.at(span, format!("{name} is a table"));
        return None;
    };
    let mut whole = true;
    loop {
        let copy = Spanned::new(span.clone(), DeValue::Table(table.clone()));
        let err = match T::deserialize(ValueDeserializer::from(copy)) {
            Ok(section) => return whole.then(|| Spanned::new(span, section)),
            Err(err) => err,
        };
        let message = err.message();
        let place = err.span().unwrap_or_else(|| span.clone());
        // What is missing now may be what was taken out, and has been reported then.
        if whole || !message.starts_with("missing field") {
            faults.at(
                place.clone(),
                explained(&owner(name, &table, &place), message),
            );
        }
        let key = offending_key(&table, &place)?;
        whole &= table
            .get(key.as_str())
            .is_some_and(|_| message.starts_with("unknown field"));
        table.remove(key.as_str());
    }
}

// The key that is at fault, or in whose value the fault lies.
fn offending_key(table: &DeTable, place: &Range<usize>) -> Option<String> {
    let holds = |span: Range<usize>| span.start <= place.start && place.end <= span.end;
    table
        .iter()
        .find(|(key, value)| holds(key.span()) || holds(value.span()))
        .map(|(key, _)| key.get_ref().clone().into_owned())
}

// What takes the keys that a message lists: the section, or a table within it.
fn owner(section: &str, table: &DeTable, place: &Range<usize>) -> String {
    let within = |value: Range<usize>| value.start < place.start && place.end <= value.end;
    let nested = table.iter().find(|(_, value)| within(value.span()));
    nested.map_or_else(
        || section.to_owned(),
        |(key, _)| key.get_ref().clone().into_owned(),
    )
}

fn explained(section: &str, message: &str) -> String {
    let message = first_line(message);
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return message.to_owned();
    };
    let (key, expected) = rest.split_once('`').unwrap_or((rest, ""));
    let keys = expected
        .trim_start_matches(", expected")
        .trim_start_matches(" one of")
        .replace('`', "");
    format!("unknown key `{key}`; {section} takes{keys}")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
