//! The sections of the file -> a policy: templates compiled, references and Connect's rules checked.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;

use super::Faults;
use super::file::{self, File};
use super::sources;
use crate::create_user_input::CreateUserInput;
use crate::policy::{
    Assignment, ConnectPolicy, Grants, HierarchyGroup, IdentityManagement, NameOrId,
    PasswordPolicy, PhoneSettings, Policy, RequestRate, RetryPolicy, Then, UserPolicy,
};
use crate::request::{self, MOST_OWN_TAGS, OWN_TAGS};
use crate::rules;
use crate::template::{BadTemplate, Condition, Template};

/// The policy, as far as faults allow one; they are all collected.
pub(super) fn policy(file: File, faults: &mut Faults) -> Option<Policy> {
    let connect = file.connect.map(|connect| connect_policy(connect, faults));
    let user = file
        .user
        .and_then(|user| user_policy(user, connect.as_ref(), faults));
    if let (Some(connect), false) = (&connect, file.has_password) {
        password_needed(connect, faults);
    }
    let password = file
        .password
        .and_then(|password| password_policy(password, connect.as_ref(), faults));
    let retry = retry_policy(file.retry, faults);
    let sources = sources::sources(file.sources, faults);
    let assignments = assignments(file.assignments, faults);
    Some(Policy {
        connect: connect?,
        user: user?,
        password,
        retry,
        queues: file.queues.map(Spanned::into_inner).unwrap_or_default(),
        sources,
        assignments,
    })
}

fn connect_policy(connect: Spanned<file::Connect>, faults: &mut Faults) -> ConnectPolicy {
    let span = connect.span();
    let connect = connect.into_inner();
    let id = connect.instance_id.get_ref();
    if id.is_empty() || id.len() > 100 || id.contains('/') {
        faults.at(
            connect.instance_id.span(),
            "instance_id is the id at the end of the instance's ARN, 1 to 100 characters",
        );
    }
    let rate = RequestRate {
        per_second: connect.requests_per_second,
        burst: connect.burst,
        concurrency: connect.concurrency,
    };
    if !(rate.per_second > 0.0 && rate.per_second <= 1000.0)
        || rate.burst == 0
        || rate.concurrency == 0
    {
        faults.at(
            span,
            "requests_per_second, burst and concurrency must be above 0, the first at most 1000",
        );
    }
    ConnectPolicy {
        instance_id: connect.instance_id.into_inner(),
        identity_management: connect.identity_management,
        email_with_saml: connect.email_with_saml,
        rate,
        unmanaged_user: connect.unmanaged_user,
        changed_request: connect.changed_request,
    }
}

fn retry_policy(retry: Option<Spanned<file::Retry>>, faults: &mut Faults) -> RetryPolicy {
    // Amazon SQS Developer Guide: a message is hidden for at most 12 hours.
    const LONGEST: u64 = 43_200;
    let span = retry.as_ref().map(Spanned::span).unwrap_or_default();
    let retry = retry.map(Spanned::into_inner).unwrap_or_default();
    let waits = [
        retry.first_seconds,
        retry.longest_seconds,
        retry.systemic_seconds,
    ];
    if waits.iter().any(|seconds| *seconds > LONGEST) || retry.same_refusals < 2 {
        faults.at(
            span,
            "[retry] waits at most 43200 seconds, and same_refusals is 2 or more",
        );
    }
    RetryPolicy {
        first: Duration::from_secs(retry.first_seconds),
        longest: Duration::from_secs(retry.longest_seconds),
        systemic: Duration::from_secs(retry.systemic_seconds),
        same_refusals: retry.same_refusals,
        most_replays: retry.most_replays,
    }
}

fn user_policy(
    user: Spanned<file::User>,
    connect: Option<&ConnectPolicy>,
    faults: &mut Faults,
) -> Option<UserPolicy> {
    let span = user.span();
    let user = user.into_inner();
    let saml =
        connect.is_some_and(|connect| connect.identity_management == IdentityManagement::Saml);
    if let (true, Some(source)) = (saml, &user.directory_user_id) {
        faults.at(
            source.span(),
            "CreateUser takes no directory_user_id where SAML manages identities; leave it out",
        );
    }
    if user.username.is_empty() {
        faults.at(span, "[user] has no username template");
    }
    let username: Vec<_> = user
        .username
        .into_iter()
        .filter_map(|source| username_template(&source, faults))
        .collect();
    let mut optional = |key, source: Option<Spanned<String>>| {
        source.and_then(|source| template(key, &source, faults))
    };
    Some(UserPolicy {
        username,
        too_long: user.too_long,
        first_name: optional("first_name", user.first_name)
            .or_else(|| default("{{ given_name }}"))?,
        last_name: optional("last_name", user.last_name)
            .or_else(|| default("{{ family_name }}"))?,
        email: optional("email", user.email).or_else(|| default("{{ email }}")),
        secondary_email: optional("secondary_email", user.secondary_email),
        mobile: optional("mobile", user.mobile).or_else(|| default("{{ mobile | e164 }}")),
        directory_user_id: optional("directory_user_id", user.directory_user_id),
    })
}

fn default(source: &str) -> Option<Template> {
    Template::compile(source).ok()
}

fn password_needed(connect: &ConnectPolicy, faults: &mut Faults) {
    if connect.identity_management == IdentityManagement::ConnectManaged {
        faults.whole(
            "there is no [password], which CONNECT_MANAGED identities need; give it a secret_id",
        );
    }
}

fn password_policy(
    password: Spanned<file::Password>,
    connect: Option<&ConnectPolicy>,
    faults: &mut Faults,
) -> Option<PasswordPolicy> {
    if connect
        .is_some_and(|connect| connect.identity_management != IdentityManagement::ConnectManaged)
    {
        faults.at(
            password.span(),
            "[password] is only for CONNECT_MANAGED identities; leave it out",
        );
    }
    let password = password.into_inner();
    Some(PasswordPolicy {
        secret_id: template("secret_id", &password.secret_id, faults)?,
        json_key: password.json_key,
        cache: Duration::from_secs(password.cache_seconds),
    })
}

fn assignments(list: Vec<Spanned<file::Assignment>>, faults: &mut Faults) -> Vec<Assignment> {
    let mut fits_everybody = false;
    let mut compiled = Vec::new();
    for entry in list {
        let mut entry_faults = EntryFaults {
            span: entry.span(),
            faults,
        };
        if fits_everybody {
            let name = &entry.get_ref().name;
            entry_faults.add(format!(
                "assignment \"{name}\" is never reached: an assignment above it fits everybody"
            ));
        }
        fits_everybody |= entry.get_ref().when.is_none();
        compiled.extend(assignment(entry.into_inner(), &mut entry_faults));
    }
    compiled
}

/// Faults that concern an entry as a whole stand at its head.
struct EntryFaults<'a> {
    span: std::ops::Range<usize>,
    faults: &'a mut Faults,
}

impl EntryFaults<'_> {
    fn add(&mut self, text: String) {
        self.faults.at(self.span.clone(), text);
    }
}

fn assignment(mut entry: file::Assignment, faults: &mut EntryFaults) -> Option<Assignment> {
    let when = entry
        .when
        .take()
        .map(|source| condition(&source, faults.faults));
    let name = entry.name.clone();
    let then = match entry.skip.take() {
        Some(_) if entry.routing_profile.is_some() => {
            faults.add(format!(
                "assignment \"{name}\" both skips and has a routing_profile; choose one"
            ));
            return None;
        }
        Some(why) => Then::Skip(why),
        None => Then::Create(Box::new(grants(entry, faults)?)),
    };
    // A condition that did not compile has been reported, and must not turn into one that always holds.
    let when = match when {
        Some(compiled) => Some(compiled?),
        None => None,
    };
    Some(Assignment { name, when, then })
}

fn grants(entry: file::Assignment, faults: &mut EntryFaults) -> Option<Grants> {
    let name = entry.name.clone();
    if entry.routing_profile.is_none() {
        faults.add(format!(
            "assignment \"{name}\" has no routing_profile; name one, or give a reason in `skip`"
        ));
    }
    if !(1..=10).contains(&entry.security_profiles.len()) {
        let count = entry.security_profiles.len();
        faults.add(format!(
            "assignment \"{name}\" has {count} security_profiles; CreateUser takes 1 to 10"
        ));
    }
    if let Some(HierarchyGroup::Path(path)) = &entry.hierarchy_group
        && !(1..=5).contains(&path.len())
    {
        let count = path.len();
        faults.add(format!(
            "assignment \"{name}\" has a hierarchy_group of {count} levels; Connect has 1 to 5"
        ));
    }
    if entry
        .routing_profile
        .iter()
        .chain(&entry.security_profiles)
        .any(NameOrId::is_blank)
    {
        faults.add(format!(
            "assignment \"{name}\" has a profile without a name"
        ));
    }
    let tags = tags(&name, entry.tags, faults);
    let members = CreateUserInput {
        phone_config: entry.phone_config,
        auto_accept_configs: entry.auto_accept_configs,
        after_contact_work_configs: entry.after_contact_work_configs,
        phone_number_configs: entry.phone_number_configs,
        persistent_connection_configs: entry.persistent_connection_configs,
        voice_enhancement_configs: entry.voice_enhancement_configs,
        ..CreateUserInput::default()
    };
    Some(Grants {
        routing_profile: entry.routing_profile?,
        security_profiles: entry.security_profiles,
        hierarchy_group: entry.hierarchy_group,
        phone: phone_settings(&name, members, faults),
        tags,
    })
}

fn tags(
    name: &str,
    sources: BTreeMap<String, Spanned<String>>,
    faults: &mut EntryFaults,
) -> BTreeMap<String, Template> {
    if sources.len() > MOST_OWN_TAGS {
        let count = sources.len();
        faults.add(format!(
            "assignment \"{name}\" has {count} tags; CreateUser takes 50, of which this program needs 2"
        ));
    }
    let mut tags = BTreeMap::new();
    for (key, source) in sources {
        if !rules::is_tag_key(&key) || key.starts_with(OWN_TAGS) {
            faults.add(format!(
                "assignment \"{name}\": `{key}` is no tag key; CreateUser takes 1 to 128 letters, digits, spaces and \
                 _.:/=+-@, not starting with aws: or {OWN_TAGS}"
            ));
        }
        tags.extend(
            template_of(&format!("tag `{key}`"), &source, faults.faults)
                .map(|template| (key, template)),
        );
    }
    tags
}

fn phone_settings(name: &str, members: CreateUserInput, faults: &mut EntryFaults) -> PhoneSettings {
    if let Err(failure) = request::check_phone(&with_plausible_numbers(&members)) {
        faults.add(format!("assignment \"{name}\": {failure}"));
    }
    let desk_phone_number = members
        .phone_config
        .as_ref()
        .and_then(|config| config.desk_phone_number.clone());
    let mut number = |source: Option<String>| {
        source.and_then(|source| match Template::compile_with_username(&source) {
            Ok(template) => Some(template),
            Err(err) => {
                faults.add(format!(
                    "assignment \"{name}\": the phone number `{source}`: {err}"
                ));
                None
            }
        })
    };
    PhoneSettings {
        desk_phone_number: number(desk_phone_number),
        phone_numbers: members
            .phone_number_configs
            .iter()
            .map(|config| number(config.phone_number.clone()))
            .collect(),
        members,
    }
}

// A number that a template will fill in cannot be checked yet.
fn with_plausible_numbers(members: &CreateUserInput) -> CreateUserInput {
    let mut members = members.clone();
    let desk_phone_number = members
        .phone_config
        .iter_mut()
        .filter_map(|config| config.desk_phone_number.as_mut());
    let numbers = members
        .phone_number_configs
        .iter_mut()
        .filter_map(|config| config.phone_number.as_mut());
    for number in desk_phone_number
        .chain(numbers)
        .filter(|number| number.contains("{{"))
    {
        "+15555551212".clone_into(number);
    }
    members
}

fn username_template(source: &Spanned<String>, faults: &mut Faults) -> Option<Template> {
    reported(
        "`username`",
        source,
        Template::compile(source.get_ref()),
        faults,
    )
}

fn template(key: &str, source: &Spanned<String>, faults: &mut Faults) -> Option<Template> {
    template_of(&format!("`{key}`"), source, faults)
}

fn template_of(label: &str, source: &Spanned<String>, faults: &mut Faults) -> Option<Template> {
    let compiled = Template::compile_with_username(source.get_ref());
    reported(label, source, compiled, faults)
}

fn condition(source: &Spanned<String>, faults: &mut Faults) -> Option<Condition> {
    let compiled = Condition::compile(source.get_ref());
    reported("`when`", source, compiled, faults)
}

fn reported<T>(
    label: &str,
    source: &Spanned<String>,
    compiled: Result<T, BadTemplate>,
    faults: &mut Faults,
) -> Option<T> {
    compiled
        .map_err(|err| faults.at(source.span(), format!("{label}: {err}")))
        .ok()
}
