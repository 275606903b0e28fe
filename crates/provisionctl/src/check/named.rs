//! A policy -> the profiles and groups that it names in an instance, with the parts of the configuration that name them.

use connect_provisioner::policy::assignment::{HierarchyGroup, NameOrId};
use connect_provisioner::policy::{InstanceRef, Policy};

/// Profile or group, with the names of the assignments, additions or tables that name it.
pub(super) struct NamedBy<T> {
    pub(super) thing: T,
    pub(super) names: Vec<String>,
}

/// Returns the routing profiles that the policy names in an instance.
pub(super) fn routing_profiles(policy: &Policy, instance: InstanceRef) -> Vec<NamedBy<NameOrId>> {
    let granted = policy.grants(instance);
    let granted = granted.map(|(name, grants)| (grants.routing_profile.clone(), name));
    let direct = policy.direct_requests.iter();
    let direct = direct.filter(|direct| direct.instances.contains(&instance));
    let direct = direct.flat_map(|direct| direct.routing_profiles.iter().cloned());
    grouped(granted.chain(direct.map(|profile| (profile, "[direct_requests]"))))
}

/// Returns the security profiles that the policy names in an instance, the forbidden ones too.
pub(super) fn security_profiles(policy: &Policy, instance: InstanceRef) -> Vec<NamedBy<NameOrId>> {
    let granted = policy.grants(instance);
    let granted = granted.map(|(name, grants)| (name, &grants.security_profiles));
    let added = policy.additions_in(instance);
    let added = added.map(|addition| (addition.name.as_str(), &addition.security_profiles));
    let limits = &policy.limits.forbidden_security_profiles;
    let direct = policy.direct_requests.iter();
    let direct = direct.filter(|direct| direct.instances.contains(&instance));
    let direct = direct.map(|direct| ("[direct_requests]", &direct.security_profiles));
    let all = granted
        .chain(added)
        .chain(direct)
        .chain([("[limits]", limits)]);
    grouped(all.flat_map(|(name, profiles)| profiles.iter().map(move |one| (one.clone(), name))))
}

/// Returns the hierarchy groups that the policy names in an instance.
pub(super) fn hierarchy_groups(
    policy: &Policy,
    instance: InstanceRef,
) -> Vec<NamedBy<HierarchyGroup>> {
    let granted = policy.grants(instance);
    grouped(granted.filter_map(|(name, grants)| Some((grants.hierarchy_group.clone()?, name))))
}

fn grouped<'a, T: PartialEq>(things: impl Iterator<Item = (T, &'a str)>) -> Vec<NamedBy<T>> {
    let mut all: Vec<NamedBy<T>> = Vec::new();
    for (thing, name) in things {
        match all.iter_mut().find(|other| other.thing == thing) {
            // The rows of a table have one name.
            Some(NamedBy { names, .. }) if names.last().is_some_and(|last| last == name) => (),
            Some(NamedBy { names, .. }) => names.push(name.to_owned()),
            None => all.push(NamedBy {
                thing,
                names: vec![name.to_owned()],
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_has_each_name_once_and_in_order() {
        let things = [("a", "rows"), ("a", "rows"), ("b", "rows"), ("a", "other")];
        let found: Vec<_> = grouped(things.into_iter())
            .into_iter()
            .map(|one| format!("{}: {}", one.thing, one.names.join(", ")))
            .collect();
        assert_eq!(found, ["a: rows, other", "b: rows"]);
    }
}
