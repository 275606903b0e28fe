//! `[connect]`, `[user]` and `[password]`, or those of an `[instance.NAME]` -> an instance and how users are made there.

use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::expressions::Compiler;
use super::faults::Faults;
use super::file;
use super::identifiers;
use super::text::Text;
use crate::expressions::Expressions;
use crate::expressions::template::Template;
use crate::policy::connect::DEFAULT_RATE;
use crate::policy::secret_arn::SecretArn;
use crate::policy::{
    ConnectPolicy, IdentityManagement, Instance, PasswordPolicy, RequestRate, UserPolicy,
    UsernameCase,
};
/// The instance of `[connect]`, as far as faults allow one.
pub(super) fn main(
    connect: Option<Spanned<file::Connect>>,
    user: Option<&Spanned<file::User>>,
    has_password: bool,
    password: Option<Spanned<file::Password>>,
    compiler: &mut Compiler,
) -> Option<Instance> {
    let connect = connect.map(|connect| connect_policy(connect, DEFAULT_RATE, compiler.faults));
    let length = user.and_then(|user| username_length(user, compiler.faults));
    let connect = connect.map(|connect| with_username_length(connect, length));
    // Without an instance the faults of the others are found as if Connect managed its identities.
    let identity = connect
        .as_ref()
        .map_or(IdentityManagement::ConnectManaged, |connect| {
            connect.identity_management
        });
    let user = user.and_then(|user| user_policy(user, identity, compiler));
    if connect.as_ref().is_some_and(needs_password) && !has_password {
        compiler.faults.whole(
            "there is no [password], which CONNECT_MANAGED identities need; give it a secret_id",
        );
    }
    let password = password.and_then(|password| password_policy(password, identity, compiler));
    Some(Instance {
        name: None,
        connect: connect?,
        user: user?,
        password,
    })
}

/// The instance of an `[instance.NAME]`, beside those that stand above it.
pub(super) fn other(
    name: String,
    section: Spanned<file::Instance>,
    user: Option<&Spanned<file::User>>,
    earlier: &[Instance],
    compiler: &mut Compiler,
) -> Option<Instance> {
    let span = section.span();
    let section = section.into_inner();
    if section.connect.get_ref().concurrency.is_some() {
        compiler.faults.at(
            section.connect.span(),
            "concurrency is the event source's, one for all instances; say it in [connect]",
        );
    }
    let region = section.connect.get_ref().region.as_ref();
    let region = region.map(|region| region.get_ref().clone());
    let of_region = |one: &&Instance| one.connect.region == region;
    let sharing = earlier.iter().find(of_region);
    let says_a_rate =
        |connect: &file::Connect| connect.requests_per_second.is_some() || connect.burst.is_some();
    if sharing.is_some() && says_a_rate(section.connect.get_ref()) {
        compiler.faults.at(
            section.connect.span(),
            "the quota is the account's in a Region, and an instance above says it; leave requests_per_second and burst out, \
             or name the instance's region",
        );
    }
    let of_source = earlier
        .first()
        .map_or(DEFAULT_RATE, |main| main.connect.rate);
    let rate = sharing.map_or(
        RequestRate {
            concurrency: of_source.concurrency,
            ..DEFAULT_RATE
        },
        |one| one.connect.rate,
    );
    let connect = connect_policy(section.connect, rate, compiler.faults);
    if earlier
        .iter()
        .any(|one| one.connect.instance_id == connect.instance_id)
    {
        compiler.faults.at(
            span.clone(),
            format!("[instance.{name}] has the instance_id of another one; leave it out"),
        );
    }
    let user = section.user.as_ref().or(user);
    let length = user.and_then(|user| username_length(user, compiler.faults));
    let connect = with_username_length(connect, length);
    let user = user.and_then(|user| user_policy(user, connect.identity_management, compiler));
    if needs_password(&connect) && section.password.is_none() {
        compiler.faults.at(
            span,
            format!(
                "there is no [instance.{name}.password], which CONNECT_MANAGED identities need; give it a secret_id"
            ),
        );
    }
    let password = section
        .password
        .and_then(|password| password_policy(password, connect.identity_management, compiler));
    Some(Instance {
        name: Some(name),
        connect,
        user: user?,
        password,
    })
}

fn username_length(user: &Spanned<file::User>, faults: &mut Faults) -> Option<usize> {
    let length = user.get_ref().username_max_length?;
    if !(file::SHORTEST_LIMIT..=file::LONGEST_USERNAME).contains(&length) {
        faults.at(
            user.span(),
            format!(
                "username_max_length is {} to {}",
                file::SHORTEST_LIMIT,
                file::LONGEST_USERNAME
            ),
        );
    }
    Some(length)
}

fn with_username_length(connect: ConnectPolicy, length: Option<usize>) -> ConnectPolicy {
    ConnectPolicy {
        username_length: length.unwrap_or(connect.username_length),
        ..connect
    }
}

fn connect_policy(
    connect: Spanned<file::Connect>,
    shared: RequestRate,
    faults: &mut Faults,
) -> ConnectPolicy {
    let span = connect.span();
    let connect = connect.into_inner();
    let id = connect.instance_id.get_ref();
    if let Some(mistake) = identifiers::mistake_in_instance_id(id) {
        faults.at(connect.instance_id.span(), mistake);
    }
    if let Some(region) = &connect.region
        && let Some(mistake) = identifiers::mistake_in_region(region.get_ref())
    {
        faults.at(region.span(), mistake);
    }
    let rate = RequestRate {
        per_second: connect.requests_per_second.unwrap_or(shared.per_second),
        burst: connect.burst.unwrap_or(shared.burst),
        concurrency: connect.concurrency.unwrap_or(shared.concurrency),
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
        instance_id: id.clone(),
        region: connect.region.map(|region| region.get_ref().clone()),
        identity_management: connect.identity_management,
        email_with_saml: connect.email_with_saml,
        combining_marks: connect.combining_marks,
        username_length: connect.identity_management.username_length(),
        rate,
        unmanaged_user: connect.unmanaged_user,
        changed_request: connect.changed_request,
    }
}

fn user_policy(
    user: &Spanned<file::User>,
    identity: IdentityManagement,
    compiler: &mut Compiler,
) -> Option<UserPolicy> {
    let span = user.span();
    let user = user.get_ref();
    let saml = identity == IdentityManagement::Saml;
    if let (true, Some(source)) = (saml, &user.directory_user_id) {
        compiler.faults.at(
            source.span(),
            "CreateUser takes no directory_user_id where SAML manages identities; leave it out",
        );
    }
    if user.username.is_empty() {
        compiler.faults.at(span, "[user] has no username template");
    }
    let case = user
        .username_case
        .unwrap_or_else(|| UsernameCase::default_of(identity));
    let mut usernames = |key, sources: &[Text]| -> Vec<Template> {
        let each = sources.iter();
        each.filter_map(|source| {
            let template = compiler.username_template(key, source, case)?;
            if template.is_constant() {
                compiler.faults.at(source.span(), of_everybody(key, source));
            }
            Some(template)
        })
        .collect()
    };
    let username = usernames("`username`", &user.username);
    let username_when_taken = usernames("`username_when_taken`", &user.username_when_taken);
    let mut optional = |key: &str, source: &Option<Text>| {
        let source = source.as_ref()?;
        compiler.template(&format!("`{key}`"), source)
    };
    Some(UserPolicy {
        username,
        username_when_taken,
        too_long: user.too_long,
        username_case: case,
        first_name: optional("first_name", &user.first_name)
            .or_else(|| default(file::FIRST_NAME))?,
        last_name: optional("last_name", &user.last_name).or_else(|| default(file::LAST_NAME))?,
        email: optional("email", &user.email).or_else(|| default(file::EMAIL)),
        secondary_email: optional("secondary_email", &user.secondary_email),
        mobile: optional("mobile", &user.mobile).or_else(|| default(file::MOBILE)),
        directory_user_id: optional("directory_user_id", &user.directory_user_id),
    })
}

fn of_everybody(key: &str, source: &Text) -> String {
    let source = source.get_ref();
    format!(
        "{key}: `{source}` names no field, and would be everybody's username; write a field such as {{{{ given_name }}}} into it"
    )
}

fn default(source: &str) -> Option<Template> {
    Expressions::default().template(source).ok()
}

fn needs_password(connect: &ConnectPolicy) -> bool {
    connect.identity_management == IdentityManagement::ConnectManaged
}

fn password_policy(
    password: Spanned<file::Password>,
    identity: IdentityManagement,
    compiler: &mut Compiler,
) -> Option<Arc<PasswordPolicy>> {
    if identity != IdentityManagement::ConnectManaged {
        compiler.faults.at(
            password.span(),
            "[password] is only for CONNECT_MANAGED identities; leave it out",
        );
    }
    let password = password.into_inner();
    let secret_id = &password.secret_id;
    if let Some(Err(fault)) = SecretArn::read(secret_id.get_ref()) {
        compiler
            .faults
            .at(secret_id.span(), format!("secret_id {fault}"));
        return None;
    }
    Some(Arc::new(PasswordPolicy {
        secret_id: compiler.template("`secret_id`", &password.secret_id)?,
        json_key: password.json_key,
        cache: Duration::from_secs(password.cache_seconds),
    }))
}
