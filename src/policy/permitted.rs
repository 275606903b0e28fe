//! A resolved user -> whether the configuration permits its profiles, compared by the ids of its instance.

use crate::failure::{Failure, FieldName, Reason};
use crate::policy::assignment::NameOrId;
use crate::policy::user_plan::{DecidedBy, UserPlan};
use crate::policy::{DirectRequests, Policy};
use crate::request::directory::{Directory, Names};
use crate::request::resolve::ResolvedUser;

/// Checks the profiles of a user against `[limits]` and, where the event names them itself, against `[direct_requests]`.
///
/// # Errors
/// Returns `not_permitted` with the member, or `forbidden_profile_unknown` where the instance lacks a profile that must not be
/// given: then nobody gets a user there, since a renamed profile would be forbidden no more.
pub fn check(
    plan: &UserPlan,
    user: &ResolvedUser,
    policy: &Policy,
    directory: &Directory,
) -> Result<(), Failure> {
    let given = &user.input.security_profile_ids;
    for forbidden in &policy.limits.forbidden_security_profiles {
        let id = directory.security_profiles.find(forbidden);
        let id = id.ok_or_else(|| unknown(forbidden))?;
        if given.iter().any(|one| one == id) {
            let says = format!("no {}, which [limits] forbids", shown(forbidden));
            return Err(not_permitted("SecurityProfileIds", &says));
        }
    }
    match (plan.decided_by, &policy.direct_requests) {
        (DecidedBy::Event, Some(permitted)) => permitted.check(user, directory),
        (DecidedBy::Event, None) => Err(turned_off()),
        (DecidedBy::Configuration, _) => Ok(()),
    }
}

impl DirectRequests {
    fn check(&self, user: &ResolvedUser, directory: &Directory) -> Result<(), Failure> {
        if !self.instances.contains(&user.instance) {
            let says = "an instance that [direct_requests] instances lists";
            return Err(not_permitted("InstanceId", says));
        }
        let routing = user.input.routing_profile_id.iter();
        let listed = &directory.routing_profiles;
        if !all_are_in(routing, &self.routing_profiles, listed) {
            let says = "a routing profile that [direct_requests] routing_profiles lists";
            return Err(not_permitted("RoutingProfileId", says));
        }
        let security = user.input.security_profile_ids.iter();
        let listed = &directory.security_profiles;
        if !all_are_in(security, &self.security_profiles, listed) {
            let says = "security profiles that [direct_requests] security_profiles lists";
            return Err(not_permitted("SecurityProfileIds", says));
        }
        Ok(())
    }
}

/// Describes the refusal of a ready CreateUser request where the configuration takes none.
#[must_use]
pub fn turned_off() -> Failure {
    Failure::new(
        Reason::NotPermitted,
        "connect.create-user/1 events go past the assignments, and provisioner.toml has no [direct_requests] that says what they \
         may name; send hr.join/1, or add that section",
    )
}

fn all_are_in<'a>(
    mut ids: impl Iterator<Item = &'a String>,
    permitted: &[NameOrId],
    listed: &Names,
) -> bool {
    let permitted: Vec<&str> = permitted
        .iter()
        .filter_map(|one| listed.find(one))
        .collect();
    ids.all(|id| permitted.contains(&id.as_str()))
}

fn not_permitted(member: &str, accepted: &str) -> Failure {
    let member = FieldName::new(member);
    Failure::new(
        Reason::NotPermitted,
        format!("{member} names what provisioner.toml does not permit; send {accepted}"),
    )
}

fn unknown(forbidden: &NameOrId) -> Failure {
    Failure::new(
        Reason::ForbiddenProfileUnknown,
        format!(
            "the instance has no {}, which [limits] forbidden_security_profiles names, so it cannot be told apart; correct the \
             name there, or create the profile in Connect",
            shown(forbidden)
        ),
    )
}

fn shown(profile: &NameOrId) -> String {
    match profile {
        NameOrId::Name(name) => format!("security profile \"{name}\""),
        NameOrId::Id { id } => format!("security profile with the id {id}"),
    }
}
