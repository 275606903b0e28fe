//! An instance and the names that the configuration wants in it -> whether the instance fits.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_provisioner::failure::Failure;
use connect_provisioner::policy::assignment::{HierarchyGroup, NameOrId};
use connect_provisioner::policy::{ConnectPolicy, InstanceRef, Policy};
use connect_provisioner::request::directory::Names;
use connect_provisioner::request::resolve::{group_id, id_of};

use super::facts::instance::{GroupLookUps, InstanceDescription, InstanceLookUps};
use super::finding::Finding;
use super::named::{NamedBy, hierarchy_groups, routing_profiles, security_profiles};
use crate::ending::CannotRun;
use crate::refused::explain_failure;

/// Judges an instance by the results of the look-ups in it.
pub(super) fn judge(
    policy: &Policy,
    instance: InstanceRef,
    look_ups: &InstanceLookUps,
) -> Vec<Finding> {
    let connect = &policy.instances.get(instance).connect;
    let mut findings = vec![judge_description(connect, &look_ups.description)];
    let trials = look_ups.trials.iter();
    findings.extend(trials.map(|(permission, result)| judge_trial(permission, result)));
    let wanted = routing_profiles(policy, instance);
    let listed = &look_ups.routing_profiles;
    findings.extend(judge_profiles("routing profile", &wanted, listed));
    let wanted = security_profiles(policy, instance);
    let listed = &look_ups.security_profiles;
    findings.extend(judge_profiles("security profile", &wanted, listed));
    if let Some(look_ups) = &look_ups.hierarchy_groups {
        findings.push(judge_group_search(&look_ups.search));
        findings.extend(judge_groups(&hierarchy_groups(policy, instance), look_ups));
    }
    findings
}

fn judge_description(
    connect: &ConnectPolicy,
    description: &Result<InstanceDescription, CannotRun>,
) -> Finding {
    let about = format!("instance {}", connect.instance_id);
    let description = match description {
        Ok(description) => description,
        Err(why) => return Finding::fail(&about, why.to_string()),
    };
    let wanted = connect.identity_management.as_str();
    let found = description.identity_management.as_deref();
    let found = found.unwrap_or("nothing");
    if found != wanted {
        return Finding::fail(
            &about,
            format!(
                "its identity management is {found}, and [connect] identity_management says {wanted}"
            ),
        );
    }
    match description.status.as_deref() {
        Some("ACTIVE") => Finding::ok(&about, format!("active, {found} as configured")),
        status => Finding::fail(
            &about,
            format!(
                "its status is {}, and only an ACTIVE one takes users",
                status.unwrap_or("unknown")
            ),
        ),
    }
}

fn judge_trial(permission: &str, result: &Result<(), CannotRun>) -> Finding {
    match result {
        Ok(()) => Finding::ok(permission, "allowed"),
        Err(why) => Finding::fail(permission, why.to_string()),
    }
}

fn judge_profiles(
    kind: &str,
    wanted: &[NamedBy<NameOrId>],
    listed: &Result<Arc<Names>, Failure>,
) -> Vec<Finding> {
    let listed = match listed {
        Ok(listed) => listed,
        Err(failure) => return vec![Finding::fail(&format!("{kind}s"), explain_failure(failure))],
    };
    let judge_one = |wanted: &NamedBy<NameOrId>| {
        let (NameOrId::Name(name) | NameOrId::Id { id: name }) = &wanted.thing;
        let about = format!("{kind} \"{name}\" of {}", wanted.names.join(", "));
        match id_of(kind, &wanted.thing, listed) {
            Ok(_) => Finding::ok(&about, "the instance has it"),
            Err(failure) => {
                let hint = similar(name, listed.iter());
                let hint = hint.map(|similar| format!("; did you mean \"{similar}\"?"));
                let hint = hint.unwrap_or_default();
                Finding::fail(&about, format!("{}{hint}", failure.explanation()))
            }
        }
    };
    wanted.iter().map(judge_one).collect()
}

// Similarity from which a name may be a misspelling of another.
const SIMILAR: f64 = 0.85;

fn similar<'a>(name: &str, listed: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let similarity =
        |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let similar: BTreeMap<u64, &str> = listed
        .map(|other| (similarity(other), other))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .map(|(similarity, other)| (similarity.to_bits(), other))
        .collect();
    similar.into_values().last()
}

// The function falls back to describing groups, which takes longer.
fn judge_group_search(result: &Result<(), CannotRun>) -> Finding {
    let permission = "connect:SearchUserHierarchyGroups";
    match result {
        Ok(()) => Finding::ok(permission, "allowed"),
        Err(why) => Finding::warn(
            permission,
            format!("{why}; groups are described one by one"),
        ),
    }
}

fn judge_groups(wanted: &[NamedBy<HierarchyGroup>], look_ups: &GroupLookUps) -> Vec<Finding> {
    let listed = match &look_ups.groups {
        Ok(listed) => listed,
        Err(failure) => return vec![Finding::fail("hierarchy groups", explain_failure(failure))],
    };
    let judge_one = |wanted: &NamedBy<HierarchyGroup>| {
        let name = match &wanted.thing {
            HierarchyGroup::Path(path) => path.join(" / "),
            HierarchyGroup::Id { id } => id.clone(),
        };
        let about = format!("hierarchy group \"{name}\" of {}", wanted.names.join(", "));
        match group_id(&wanted.thing, listed) {
            Ok(_) => Finding::ok(&about, "the instance has it"),
            Err(failure) => Finding::fail(&about, failure.explanation()),
        }
    };
    wanted.iter().map(judge_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        let listed = ["Agent", "Admin", "Quality Analyst"].into_iter();
        assert_eq!(similar(name, listed), expected, "{name}");
    }

    #[test]
    fn the_most_similar_name_is_suggested() {
        check("Admn", Some("Admin"));
        check("agents", Some("Agent"));
        check("QualityAnalist", Some("Quality Analyst"));
        check("Supervisor", None);
    }
}
