//! The instance that a configuration names -> whether it has all that the configuration needs of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_connect::Client;
use aws_sdk_connect::types::{Instance, InstanceStatus};
use connect_provisioner::aws::Clients;
use connect_provisioner::connect::Connect;
use connect_provisioner::failure::Failure;
use connect_provisioner::policy::assignment::{Grants, HierarchyGroup, NameOrId};
use connect_provisioner::policy::{ConnectPolicy, InstanceRef, Policy};
use connect_provisioner::request::directory::Names;
use connect_provisioner::request::resolve::{group_id, id_of};

use super::claims;
use super::finding::Findings;
use super::start::Start;
use crate::ending::CannotRun;
use crate::refused::{explain_failure, refused};

/// Looks at the instances, and tells what the look-ups of a start cost there.
pub(super) async fn look(findings: &mut Findings, clients: &Clients, policy: &Policy) -> Start {
    let connects = Connect::every(policy, clients, None);
    for (which, instance) in policy.instances.iter() {
        let client = clients.connect_in(instance.connect.region.as_deref());
        look_at(findings, &client, &instance.connect).await;
        let wanted = Wanted {
            policy,
            instance: which,
        };
        let connect = connects.get(which);
        let profiles = connect.routing_profiles().await;
        let routing = wanted.routing_profiles();
        names(findings, "routing profile", profiles, &routing);
        let profiles = connect.security_profiles().await;
        let security = wanted.security_profiles();
        names(findings, "security profile", profiles, &security);
        let groups = wanted.by(|grants| grants.hierarchy_group.iter().cloned().collect());
        if !groups.is_empty() {
            look_at_search(findings, &client, &instance.connect.instance_id).await;
            look_at_groups(findings, connect, &groups).await;
        }
    }
    let start = Start::counted(policy, &connects);
    for (which, _) in policy.instances.iter() {
        claims::look_for_doubles(findings, connects.get(which)).await;
    }
    start
}

async fn look_at(findings: &mut Findings, client: &Client, instance: &ConnectPolicy) {
    let id = &instance.instance_id;
    match described(client, instance).await {
        Ok(says) => findings.ok(&format!("instance {id}"), says),
        Err(why) => findings.fail(&format!("instance {id}"), why.to_string()),
    }
    for (permission, result) in searches(client, id).await {
        match result {
            Ok(()) => findings.ok(permission, "allowed"),
            Err(why) => findings.fail(permission, why.to_string()),
        }
    }
}

async fn described(client: &Client, policy: &ConnectPolicy) -> Result<String, CannotRun> {
    let call = client.describe_instance();
    let answer = call.instance_id(&policy.instance_id).send().await;
    let answer = answer.map_err(|err| refused("connect:DescribeInstance", &err))?;
    let instance = answer
        .instance
        .unwrap_or_else(|| Instance::builder().build());
    let wanted = policy.identity_management.as_str();
    let found = instance
        .identity_management_type()
        .map_or("nothing", |kind| kind.as_str());
    if found != wanted {
        return Err(CannotRun(format!(
            "its identity management is {found}, and [connect] identity_management says {wanted}"
        )));
    }
    match instance.instance_status().map(InstanceStatus::as_str) {
        Some("ACTIVE") => Ok(format!("active, {found} as configured")),
        status => Err(CannotRun(format!(
            "its status is {}, and only an ACTIVE one takes users",
            status.unwrap_or("unknown")
        ))),
    }
}

// What else the function reads, tried with the smallest page.
async fn searches(
    client: &Client,
    instance_id: &str,
) -> [(&'static str, Result<(), CannotRun>); 2] {
    let search = client.search_users().instance_id(instance_id);
    let search = search.max_results(1).send().await;
    let list = client.list_users().instance_id(instance_id);
    let list = list.max_results(1).send().await;
    [
        (
            "connect:SearchUsers",
            search
                .map(drop)
                .map_err(|err| refused("connect:SearchUsers", &err)),
        ),
        (
            "connect:ListUsers",
            list.map(drop)
                .map_err(|err| refused("connect:ListUsers", &err)),
        ),
    ]
}

/// Things that assignments and additions name, each with their names.
type Named<T> = Vec<(T, Vec<String>)>;

/// Names and settings that a configuration needs of an instance.
struct Wanted<'a> {
    policy: &'a Policy,
    instance: InstanceRef,
}

impl Wanted<'_> {
    fn by<T: PartialEq>(&self, of: impl Fn(&Grants) -> Vec<T>) -> Named<T> {
        let grants = self.policy.grants(self.instance);
        named(
            grants
                .flat_map(|(name, grants)| of(grants).into_iter().map(move |thing| (thing, name))),
        )
    }

    fn routing_profiles(&self) -> Named<NameOrId> {
        let granted = self.policy.grants(self.instance);
        let granted = granted.map(|(name, grants)| (grants.routing_profile.clone(), name));
        let direct = self.policy.direct_requests.iter();
        let direct = direct.filter(|direct| direct.instances.contains(&self.instance));
        let direct = direct.flat_map(|direct| direct.routing_profiles.iter().cloned());
        named(granted.chain(direct.map(|profile| (profile, "[direct_requests]"))))
    }

    fn security_profiles(&self) -> Named<NameOrId> {
        let granted = self.policy.grants(self.instance);
        let granted = granted.map(|(name, grants)| (name, &grants.security_profiles));
        let added = self.policy.additions_in(self.instance);
        let added = added.map(|addition| (addition.name.as_str(), &addition.security_profiles));
        let limits = &self.policy.limits.forbidden_security_profiles;
        let direct = self.policy.direct_requests.iter();
        let direct = direct.filter(|direct| direct.instances.contains(&self.instance));
        let direct = direct.map(|direct| ("[direct_requests]", &direct.security_profiles));
        let all = granted
            .chain(added)
            .chain(direct)
            .chain([("[limits]", limits)]);
        named(all.flat_map(|(name, profiles)| profiles.iter().map(move |one| (one.clone(), name))))
    }
}

fn named<'a, T: PartialEq>(things: impl Iterator<Item = (T, &'a str)>) -> Named<T> {
    let mut all: Named<T> = Vec::new();
    for (thing, name) in things {
        match all.iter_mut().find(|(other, _)| *other == thing) {
            // The rows of a table have one name.
            Some((_, names)) if names.last().is_some_and(|last| last == name) => (),
            Some((_, names)) => names.push(name.to_owned()),
            None => all.push((thing, vec![name.to_owned()])),
        }
    }
    all
}

fn names(
    findings: &mut Findings,
    kind: &str,
    listed: Result<Arc<Names>, Failure>,
    wanted: &Named<NameOrId>,
) {
    let listed = match listed {
        Ok(listed) => listed,
        Err(failure) => return findings.fail(&format!("{kind}s"), explain_failure(&failure)),
    };
    for (profile, assignments) in wanted {
        let (NameOrId::Name(name) | NameOrId::Id { id: name }) = profile;
        let about = format!("{kind} \"{name}\" of {}", assignments.join(", "));
        match id_of(kind, profile, &listed) {
            Ok(_) => findings.ok(&about, "the instance has it"),
            Err(failure) => {
                let near = near(name, &listed).map(|near| format!("; did you mean \"{near}\"?"));
                let near = near.unwrap_or_default();
                findings.fail(&about, format!("{}{near}", failure.explanation()));
            }
        }
    }
}

// Names as near as this are mistaken for each other.
const NEAR: f64 = 0.85;

fn near<'a>(name: &str, listed: &'a Names) -> Option<&'a str> {
    let nearness: BTreeMap<u64, &str> = listed
        .iter()
        .map(|other| {
            (
                strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase()),
                other,
            )
        })
        .filter(|(nearness, _)| *nearness >= NEAR)
        .map(|(nearness, other)| (nearness.to_bits(), other))
        .collect();
    nearness.into_values().last()
}

// Without it groups are found all the same, only more slowly.
async fn look_at_search(findings: &mut Findings, client: &Client, instance_id: &str) {
    let permission = "connect:SearchUserHierarchyGroups";
    let call = client.search_user_hierarchy_groups();
    let call = call.instance_id(instance_id).max_results(1);
    match call.send().await {
        Ok(_) => findings.ok(permission, "allowed"),
        Err(err) => findings.warn(
            permission,
            format!(
                "{}; groups are described one by one",
                refused(permission, &err)
            ),
        ),
    }
}

async fn look_at_groups(
    findings: &mut Findings,
    connect: &Connect,
    wanted: &Named<HierarchyGroup>,
) {
    let listed = match connect.hierarchy_groups().await {
        Ok(listed) => listed,
        Err(failure) => return findings.fail("hierarchy groups", explain_failure(&failure)),
    };
    for (group, assignments) in wanted {
        let name = match group {
            HierarchyGroup::Path(path) => path.join(" / "),
            HierarchyGroup::Id { id } => id.clone(),
        };
        let about = format!("hierarchy group \"{name}\" of {}", assignments.join(", "));
        match group_id(group, &listed) {
            Ok(_) => findings.ok(&about, "the instance has it"),
            Err(failure) => findings.fail(&about, failure.explanation()),
        }
    }
}
