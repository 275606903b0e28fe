//! `[direct_requests]` and `[limits]` -> what may be asked for, checked against the assignments and additions.

use toml::Spanned;

use super::Faults;
use super::expressions::Compiler;
use super::file;
use crate::assignment::{Addition, Assignment, NameOrId};
use crate::policy::{DirectRequests, InstanceRef, Limits};

/// Reads what ready requests may name, as far as faults allow.
pub(super) fn direct_requests(
    section: Spanned<file::DirectRequests>,
    compiler: &mut Compiler,
) -> DirectRequests {
    let span = section.span();
    let section = section.into_inner();
    if section.routing_profiles.is_empty() || section.security_profiles.is_empty() {
        compiler.faults.at(
            span.clone(),
            "[direct_requests] lists at least one of routing_profiles and one of security_profiles; leave it out to refuse \
             such events",
        );
    }
    let mut instances = Vec::new();
    for name in &section.instances {
        match name.as_str() {
            file::MAIN => instances.push(InstanceRef::MAIN),
            other => match compiler.instance(Some(other)) {
                Ok(instance) => instances.push(instance),
                Err(fault) => compiler.faults.at(
                    span.clone(),
                    format!("[direct_requests] instances: {fault}"),
                ),
            },
        }
    }
    DirectRequests {
        instances,
        routing_profiles: section.routing_profiles,
        security_profiles: section.security_profiles,
    }
}

/// Reads the limits.
pub(super) fn limits(
    section: Option<Spanned<file::Limits>>,
    has_claims: bool,
    faults: &mut Faults,
) -> Limits {
    let Some(section) = section else {
        return Limits::default();
    };
    let span = section.span();
    let section = section.into_inner();
    if section.users_per_hour == Some(0) {
        faults.at(
            span.clone(),
            "users_per_hour is 1 or more; leave it out for no limit",
        );
    }
    if section.users_per_hour.is_some() && !has_claims {
        faults.at(
            span,
            "users_per_hour is counted in the table of [claims]; add that section",
        );
    }
    Limits {
        forbidden_security_profiles: section.forbidden_security_profiles,
        users_per_hour: section.users_per_hour,
    }
}

/// Refuses assignments and additions that name a forbidden profile as the limits name it; another form of it is found when its
/// id is known.
pub(super) fn check(
    limits: &Limits,
    assignments: &[Assignment],
    additions: &[Addition],
    faults: &mut Faults,
) {
    let granted = assignments.iter().flat_map(|assignment| {
        let profiles = assignment
            .grants()
            .flat_map(|grants| &grants.security_profiles);
        profiles.map(move |profile| (format!("assignment \"{}\"", assignment.name), profile))
    });
    let added = additions.iter().flat_map(|addition| {
        let profiles = addition.security_profiles.iter();
        profiles.map(move |profile| (format!("addition \"{}\"", addition.name), profile))
    });
    for (label, profile) in granted.chain(added) {
        if limits.forbidden_security_profiles.contains(profile) {
            let (NameOrId::Name(name) | NameOrId::Id { id: name }) = profile;
            faults.whole(format!(
                "{label} gives the security profile \"{name}\", which [limits] forbidden_security_profiles forbids"
            ));
        }
    }
}
