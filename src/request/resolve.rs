//! A plan in names -> a request in this instance's ids.

use time::OffsetDateTime;

use crate::failure::{Failure, Reason};
use crate::policy::assignment::{HierarchyGroup, NameOrId};
use crate::policy::instance::InstanceRef;
use crate::policy::user_plan::{SecretRef, UserPlan};
use crate::request::create_user_input::CreateUserInput;
use crate::request::directory::{Directory, HierarchyGroups, Names};

/// A user whose profiles and group are ids that the instance has; it holds personal data, so it has no `Debug`.
pub struct ResolvedUser {
    pub instance: InstanceRef,
    pub input: CreateUserInput,
    pub secret: Option<SecretRef>,
    pub due: Option<OffsetDateTime>,
    pub dropped_fields: Vec<&'static str>,
    /// Requests with further usernames, for the case that another person has this one.
    pub when_taken: Vec<Self>,
}

/// Looks every profile and group of a plan up.
///
/// # Errors
/// `unknown_profile` where the instance has none of that name or id; nothing is left out silently.
pub fn resolve(plan: &UserPlan, directory: &Directory) -> Result<ResolvedUser, Failure> {
    let mut input = plan.input.clone();
    input.routing_profile_id = Some(id_of(
        "routing profile",
        &plan.routing_profile,
        &directory.routing_profiles,
    )?);
    input.security_profile_ids = plan
        .security_profiles
        .iter()
        .map(|profile| id_of("security profile", profile, &directory.security_profiles))
        .collect::<Result<_, _>>()?;
    input.hierarchy_group_id = plan
        .hierarchy_group
        .as_ref()
        .map(|group| group_id(group, &directory.hierarchy_groups))
        .transpose()?;
    let when_taken = plan.when_taken.iter();
    Ok(ResolvedUser {
        instance: plan.instance,
        input,
        secret: plan.secret.clone(),
        due: plan.due,
        dropped_fields: plan.dropped_fields.clone(),
        when_taken: when_taken
            .map(|other| resolve(other, directory))
            .collect::<Result<_, _>>()?,
    })
}

/// The id of a profile.
///
/// # Errors
/// `unknown_profile`.
pub fn id_of(kind: &str, profile: &NameOrId, names: &Names) -> Result<String, Failure> {
    let found = names.find(profile).map(str::to_owned);
    found.ok_or_else(|| match profile {
        NameOrId::Name(name) => unknown(kind, &format!("named \"{name}\"")),
        NameOrId::Id { .. } => unknown(kind, "with the id that is asked for"),
    })
}

/// The id of a hierarchy group.
///
/// # Errors
/// `unknown_profile`.
pub fn group_id(group: &HierarchyGroup, groups: &HierarchyGroups) -> Result<String, Failure> {
    let found = groups.find(group).map(str::to_owned);
    found.ok_or_else(|| match group {
        HierarchyGroup::Path(path) => unknown(
            "hierarchy group",
            &format!("at the path \"{}\"", path.join(" / ")),
        ),
        HierarchyGroup::Id { .. } => unknown("hierarchy group", "with the id that is asked for"),
    })
}

fn unknown(kind: &str, which: &str) -> Failure {
    Failure::new(
        Reason::UnknownProfile,
        format!("the instance has no {kind} {which}; create it in Connect, or name another one"),
    )
}
