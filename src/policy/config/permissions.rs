//! `[direct_requests]` and `[limits]` -> what may be asked for, checked against each other, the assignments and additions.

use std::ops::Range;

use toml::Spanned;

use super::expressions::Compiler;
use super::faults::Faults;
use super::file;
use super::identifiers::mistake_in_name;
use crate::policy::assignment::{Addition, Assignment, NameOrId};
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
    let names = section
        .routing_profiles
        .iter()
        .chain(&section.security_profiles);
    check_names(names, "[direct_requests]", &span, compiler.faults);
    let mut instances = Vec::new();
    for name in &section.instances {
        match name.as_str() {
            file::MAIN if compiler.instances.contains(name) => compiler.faults.at(
                span.clone(),
                "[direct_requests] instances: main is the instance of [connect]; give [instance.main] another name",
            ),
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

fn check_names<'a>(
    names: impl Iterator<Item = &'a NameOrId>,
    section: &str,
    span: &Range<usize>,
    faults: &mut Faults,
) {
    for mistake in names.filter_map(|name| mistake_in_name(name.text())) {
        faults.at(span.clone(), format!("{section}: {mistake}"));
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
    check_names(
        section.forbidden_security_profiles.iter(),
        "[limits]",
        &span,
        faults,
    );
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

/// Refuses assignments, additions and direct requests that name a forbidden profile as the limits name it; another form of it
/// is found when its id is known.
pub(super) fn check(
    limits: &Limits,
    assignments: &[Assignment],
    additions: &[Addition],
    direct_requests: Option<&DirectRequests>,
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
        profiles.map(move |profile| {
            (
                format!("extra_security_profiles \"{}\"", addition.name),
                profile,
            )
        })
    });
    let direct = direct_requests.iter().flat_map(|direct| {
        let profiles = direct.security_profiles.iter();
        profiles.map(|profile| ("[direct_requests]".to_owned(), profile))
    });
    for (label, profile) in granted.chain(added).chain(direct) {
        if limits.forbidden_security_profiles.contains(profile) {
            let name = profile.text();
            faults.whole(format!(
                "{label} gives the security profile \"{name}\", which [limits] forbidden_security_profiles forbids"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::config::tests::check;

    /// Puts sections before the only assignment, which gives "Agent".
    #[track_caller]
    fn with(sections: &str, expected: &[&str]) {
        check(
            "[[assignment]]",
            &format!("{sections}\n\n[[assignment]]"),
            expected,
        );
    }

    const BOTH: &str =
        "[direct_requests]\nrouting_profiles = [\"Voice\"]\nsecurity_profiles = [\"Agent\"]\n";

    #[test]
    fn whoever_names_a_forbidden_profile_is_named() {
        let forbids =
            |profile: &str| format!("[limits]\nforbidden_security_profiles = [{profile}]\n");
        with(&(forbids("\"Admin\"") + BOTH), &[]);
        with(
            &(forbids("\"Agent\"") + BOTH),
            &[
                "assignment \"agents\" gives the security profile \"Agent\", which [limits] forbidden_security_profiles forbids",
                "[direct_requests] gives the security profile \"Agent\", which [limits] forbidden_security_profiles forbids",
            ],
        );
        let addition = "[[extra_security_profiles]]\nname = \"all\"\nwhen = 'given_name'\nsecurity_profiles = [{ id = \"adm-1\" }]";
        with(
            &(forbids("{ id = \"adm-1\" }") + addition),
            &[
                "extra_security_profiles \"all\" gives the security profile \"adm-1\", which [limits] forbidden_security_profiles forbids",
            ],
        );
    }

    #[test]
    fn direct_requests_name_profiles_and_known_instances() {
        with(
            &BOTH.replace("[\"Agent\"]", "[]"),
            &[
                "line 12: [direct_requests] lists at least one of routing_profiles and one of security_profiles; leave it out to \
                 refuse such events",
            ],
        );
        with(
            &format!("{BOTH}instances = [\"us\"]"),
            &["line 12: [direct_requests] instances: there is no [instance.us]"],
        );
        with(
            &format!(
                "{BOTH}[instance.main.connect]\ninstance_id = \"22222222-aaaa-4bbb-8ccc-222222222222\"\nidentity_management = \"SAML\""
            ),
            &[
                "line 12: [direct_requests] instances: main is the instance of [connect]; give [instance.main] another name",
            ],
        );
    }

    #[test]
    fn users_of_an_hour_are_one_or_more_and_counted_in_the_claims() {
        with(
            "[limits]\nusers_per_hour = 0",
            &[
                "line 12: users_per_hour is 1 or more; leave it out for no limit",
                "line 12: users_per_hour is counted in the table of [claims]; add that section",
            ],
        );
    }
}
