//! A reading -> the user that Connect must have, still in the names of the configuration, or a recorded skip.

use minijinja::Value;
use minijinja::value::Serde;

use std::sync::Arc;

use crate::expressions::template::{self, Template};
use crate::failure::{Failure, FieldName, Reason};
use crate::ordered::inserted;
use crate::policy::assignment::{
    Addition, Assignment, Grants, HierarchyGroup, NameOrId, PhoneSettings, Then,
};
use crate::policy::permitted;
use crate::policy::person_name;
use crate::policy::username;
use crate::policy::{IdentityManagement, Instance, InstanceRef, Policy, TooLong, UserPolicy};
use crate::request::create_user_input::{CreateUserInput, IdentityInfo};
use crate::source::Reading;
use crate::source::field::Field;
use crate::source::joiner::Joiner;

pub use crate::policy::user_plan::{DecidedBy, Plan, SecretRef, UserPlan};

/// Plans what a reading asks for.
///
/// # Errors
/// A field that the plan needs is missing, no username can be made, or no assignment fits.
pub fn plan(reading: Reading, policy: &Policy) -> Result<Plan, Failure> {
    match reading {
        Reading::NoJoin(why) => Ok(Plan::Skip(why.into_owned())),
        Reading::Joiner(joiner) => plan_joiner(*joiner, policy),
        Reading::Request(input) => {
            plan_request(*input, policy).map(|user| Plan::User(Box::new(user)))
        }
    }
}

fn plan_joiner(joiner: Joiner, policy: &Policy) -> Result<Plan, Failure> {
    let refusal = joiner.faults.iter().find(|(field, _)| policy.uses(field));
    if let Some((_, failure)) = refusal {
        return Err(failure.clone());
    }
    let joiner = with_clean_names(joiner);
    let person = seen_by_conditions(&joiner);
    match then(&joiner, &person, &policy.assignments)? {
        Then::Skip(why) => Ok(Plan::Skip(why.clone())),
        Then::Create(grants) => {
            plan_user(&joiner, &person, grants, policy).map(|user| Plan::User(Box::new(user)))
        }
    }
}

/// Returns the variables of the conditions of assignments.
#[must_use]
pub fn seen_by_conditions(joiner: &Joiner) -> Value {
    Value::from(Serde(joiner))
}

/// A joiner whose names are as Connect takes them.
#[must_use]
pub fn with_clean_names(joiner: Joiner) -> Joiner {
    let clean = |name: Option<String>| {
        name.map(|name| person_name::clean(&name))
            .filter(|name| !name.is_empty())
    };
    let mut joiner = joiner;
    for field in [Field::GivenName, Field::FamilyName, Field::PreferredName] {
        let name = clean(joiner.take(field));
        joiner.set(field, name);
    }
    joiner
}

fn then<'a>(joiner: &Joiner, person: &Value, list: &'a [Assignment]) -> Result<&'a Then, Failure> {
    list.iter()
        .find_map(|assignment| assignment.then(person))
        .ok_or_else(|| no_assignment(joiner))
}

fn no_assignment(joiner: &Joiner) -> Failure {
    let code = |code: Option<&str>| match code {
        Some(code) if is_code(code) => code.to_owned(),
        Some(_) => "(unprintable)".to_owned(),
        None => "(none)".to_owned(),
    };
    Failure::new(
        Reason::NoAssignment,
        format!(
            "no assignment fits department code {} and job code {}; add one to provisioner.toml",
            code(joiner.get(Field::DepartmentCode)),
            code(joiner.get(Field::JobCode))
        ),
    )
}

// A code is the organisation's word; what could be a person's name, address or number is not repeated.
fn is_code(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.len() <= 24
        && digits < 7
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn plan_user(
    joiner: &Joiner,
    person: &Value,
    grants: &Grants,
    policy: &Policy,
) -> Result<UserPlan, Failure> {
    let instance = policy.instances.get(grants.instance);
    let username = username(person, joiner, instance)?;
    let security_profiles = security_profiles(grants, &policy.additions, person);
    let named =
        |username: String| user_named(username, joiner, grants, &security_profiles, instance);
    let others = usernames_when_taken(person, instance, &username);
    let start_date = joiner.get(Field::StartDate);
    let due = policy.schedule.as_ref().zip(start_date);
    Ok(UserPlan {
        due: due.and_then(|(schedule, first_day)| schedule.due(first_day)),
        // One that cannot be planned is one fewer to choose from, and no reason to refuse the person.
        when_taken: others
            .into_iter()
            .filter_map(|name| named(name).ok())
            .collect(),
        ..named(username)?
    })
}

fn user_named(
    username: String,
    joiner: &Joiner,
    grants: &Grants,
    security_profiles: &[NameOrId],
    instance: &Instance,
) -> Result<UserPlan, Failure> {
    let person = with_username(joiner, &username);
    let user = &instance.user;
    let text = |template: &Option<Template>| {
        template
            .as_ref()
            .and_then(|template| template.render(&person))
    };
    let input = CreateUserInput {
        username: Some(username),
        identity_info: Some(IdentityInfo {
            first_name: name(&user.first_name, &person, joiner, instance)?,
            last_name: name(&user.last_name, &person, joiner, instance)?,
            email: text(&user.email).filter(|_| instance.sends_email()),
            secondary_email: text(&user.secondary_email),
            mobile: text(&user.mobile),
        }),
        directory_user_id: text(&user.directory_user_id),
        tags: tags(grants, &person),
        ..phone_members(&grants.phone, &person)
    };
    let dropped_fields = dropped_fields(joiner, user, &input);
    Ok(UserPlan {
        instance: grants.instance,
        decided_by: DecidedBy::Configuration,
        dropped_fields,
        input,
        routing_profile: grants.routing_profile.clone(),
        security_profiles: security_profiles.to_vec(),
        hierarchy_group: grants.hierarchy_group.clone(),
        secret: secret(&person, instance)?,
        due: None,
        when_taken: Vec::new(),
    })
}

// The assignment's, and those of every addition that fits, each once.
fn security_profiles(grants: &Grants, additions: &[Addition], person: &Value) -> Vec<NameOrId> {
    let mut profiles = grants.security_profiles.clone();
    let added = additions
        .iter()
        .filter(|addition| addition.instance == grants.instance && addition.when.holds(person))
        .flat_map(|addition| &addition.security_profiles);
    for profile in added {
        if !profiles.contains(profile) {
            profiles.push(profile.clone());
        }
    }
    profiles
}

// Never cut: what tells the person from the other one mostly stands at the end.
fn usernames_when_taken(person: &Value, instance: &Instance, first: &str) -> Vec<String> {
    let length = instance.connect.username_length;
    let mut names: Vec<String> = Vec::new();
    for template in &instance.user.username_when_taken {
        let text = template.render(person).into_iter();
        match username::choose(text, length, TooLong::Refuse, instance.user.username_case) {
            Ok(name) if name != first && !names.contains(&name) => names.push(name),
            _ => (),
        }
    }
    names
}

// A mobile number is a convenience: one that is no number must not cost the person the first shift.
fn dropped_fields(
    joiner: &Joiner,
    user: &UserPolicy,
    input: &CreateUserInput,
) -> Vec<&'static str> {
    let info = input.identity_info.as_ref();
    let sent = info.is_some_and(|info| info.mobile.is_some());
    let wanted = user.mobile.is_some() && joiner.get(Field::Mobile).is_some();
    joiner
        .faults
        .logged()
        .chain((wanted && !sent).then_some("mobile"))
        .collect()
}

fn username(person: &Value, joiner: &Joiner, instance: &Instance) -> Result<String, Failure> {
    let user = &instance.user;
    let rendered = |template: &Template| template.render(person);
    let texts: Vec<String> = user.username.iter().filter_map(rendered).collect();
    if texts.is_empty() {
        let mut absent = user
            .username
            .iter()
            .filter_map(|one| absent(one, person, joiner));
        absent.next().map_or(Ok(()), Err)?;
    }
    let length = instance.connect.username_length;
    username::choose(texts.into_iter(), length, user.too_long, user.username_case)
}

// A directory may know the names.
fn name(
    template: &Template,
    person: &Value,
    joiner: &Joiner,
    instance: &Instance,
) -> Result<Option<String>, Failure> {
    let name = template.render(person);
    let needed = instance.connect.identity_management != IdentityManagement::ExistingDirectory;
    let absent = || absent(template, person, joiner);
    match (needed && name.is_none()).then(absent).flatten() {
        Some(failure) => Err(failure),
        None => Ok(name),
    }
}

/// Names the first field of a template that a person lacks.
fn absent(template: &Template, person: &Value, joiner: &Joiner) -> Option<Failure> {
    let fields = template.fields();
    let lacks = |field: &&String| template::field(person, field).is_none();
    let name = joiner.spelling.name_of(fields.iter().find(lacks)?);
    let accepted = format!(
        "a text that is not blank, which the template \"{}\" needs",
        template.source()
    );
    Some(Failure::missing(name, &accepted))
}

fn with_username(joiner: &Joiner, username: &str) -> Value {
    #[derive(serde::Serialize)]
    struct Named<'a> {
        #[serde(flatten)]
        joiner: &'a Joiner,
        username: &'a str,
    }
    Value::from(Serde(Named { joiner, username }))
}

fn tags(grants: &Grants, person: &Value) -> std::collections::BTreeMap<String, String> {
    let tags = grants.tags.iter();
    inserted(tags.filter_map(|(key, template)| Some((key.clone(), template.render(person)?))))
}

fn phone_members(phone: &PhoneSettings, person: &Value) -> CreateUserInput {
    let mut members = phone.members.clone();
    if let Some(config) = &mut members.phone_config {
        config.desk_phone_number = phone
            .desk_phone_number
            .as_ref()
            .and_then(|number| number.render(person));
    }
    for (config, number) in members
        .phone_number_configs
        .iter_mut()
        .zip(&phone.phone_numbers)
    {
        config.phone_number = number.as_ref().and_then(|number| number.render(person));
    }
    members
}

fn secret(person: &Value, instance: &Instance) -> Result<Option<SecretRef>, Failure> {
    let Some(password) = &instance.password else {
        return Ok(None);
    };
    let id = password.secret_id.render(person).ok_or_else(|| {
        Failure::new(
            Reason::InsufficientData,
            format!(
                "[password] secret_id \"{}\" needs a field that the event lacks",
                password.secret_id.source()
            ),
        )
    })?;
    Ok(Some(SecretRef::new(id, Arc::clone(password))))
}

fn plan_request(mut input: CreateUserInput, policy: &Policy) -> Result<UserPlan, Failure> {
    const PROFILE_ID: &str = "the id of a routing profile";
    if policy.direct_requests.is_none() {
        return Err(permitted::turned_off());
    }
    // An id that is no instance's is refused where the request is proved.
    let which = input.instance_id.as_deref();
    let which = which.and_then(|id| policy.instances.of_id(id));
    let which = which.unwrap_or(InstanceRef::MAIN);
    let instance = policy.instances.get(which);
    if let Some(info) = &mut input.identity_info {
        info.first_name = info.first_name.take().map(|name| person_name::clean(&name));
        info.last_name = info.last_name.take().map(|name| person_name::clean(&name));
        info.email = info.email.take().filter(|_| instance.sends_email());
    }
    let routing_profile = input.routing_profile_id.take();
    let routing_profile = routing_profile
        .ok_or_else(|| Failure::missing(FieldName::new("RoutingProfileId"), PROFILE_ID))?;
    let person = with_username(
        &joiner_of(&input),
        input.username.as_deref().unwrap_or_default(),
    );
    Ok(UserPlan {
        instance: which,
        decided_by: DecidedBy::Event,
        routing_profile: NameOrId::Id {
            id: routing_profile,
        },
        security_profiles: std::mem::take(&mut input.security_profile_ids)
            .into_iter()
            .map(|id| NameOrId::Id { id })
            .collect(),
        hierarchy_group: input
            .hierarchy_group_id
            .take()
            .map(|id| HierarchyGroup::Id { id }),
        secret: secret(&person, instance)?,
        due: None,
        dropped_fields: Vec::new(),
        input,
        when_taken: Vec::new(),
    })
}

/// Returns the variables of a ready request's person, for the template of a secret's id.
fn joiner_of(input: &CreateUserInput) -> Joiner {
    let info = input.identity_info.clone().unwrap_or_default();
    let mut joiner = Joiner::default();
    joiner.set(Field::GivenName, info.first_name);
    joiner.set(Field::FamilyName, info.last_name);
    joiner.set(Field::Email, info.email);
    joiner.set(Field::Mobile, info.mobile);
    joiner
}

#[cfg(test)]
mod tests;
