//! The instance that a configuration names -> whether it has all that the configuration needs of it.

use std::collections::BTreeMap;

use aws_sdk_connect::types::{Instance, InstanceStatus};

use super::finding::Findings;
use crate::aws::Clients;
use crate::cli::CannotRun;
use crate::cli::refused::{failed, refused};
use crate::connect::Connect;
use crate::directory::Names;
use crate::failure::Failure;
use crate::policy::{Assignment, Grants, HierarchyGroup, NameOrId, Policy, Then};
use crate::resolve::{group_id, id_of};

pub(super) async fn look(findings: &mut Findings, clients: &Clients, policy: &Policy) {
    let id = &policy.connect.instance_id;
    match described(clients, policy).await {
        Ok(says) => findings.ok(&format!("instance {id}"), says),
        Err(why) => findings.fail(&format!("instance {id}"), why.to_string()),
    }
    for (permission, result) in searches(clients, id).await {
        match result {
            Ok(()) => findings.ok(permission, "allowed"),
            Err(why) => findings.fail(permission, why.to_string()),
        }
    }
    let connect = Connect::new(clients.connect.clone(), policy);
    let profiles = connect.routing_profiles().await;
    let routing = |grants: &Grants| vec![grants.routing_profile.clone()];
    names(
        findings,
        "routing profile",
        profiles,
        &wanted(policy, routing),
    );
    let profiles = connect.security_profiles().await;
    let security = |grants: &Grants| grants.security_profiles.clone();
    names(
        findings,
        "security profile",
        profiles,
        &wanted(policy, security),
    );
    groups(findings, &connect, policy).await;
}

async fn described(clients: &Clients, policy: &Policy) -> Result<String, CannotRun> {
    let call = clients.connect.describe_instance();
    let answer = call.instance_id(&policy.connect.instance_id).send().await;
    let answer = answer.map_err(|err| refused("connect:DescribeInstance", &err))?;
    let instance = answer
        .instance
        .unwrap_or_else(|| Instance::builder().build());
    let wanted = policy.connect.identity_management.as_str();
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
    clients: &Clients,
    instance_id: &str,
) -> [(&'static str, Result<(), CannotRun>); 2] {
    let search = clients.connect.search_users().instance_id(instance_id);
    let search = search.max_results(1).send().await;
    let list = clients.connect.list_users().instance_id(instance_id);
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

/// What assignments name, each with their names.
type Wanted<T> = Vec<(T, Vec<String>)>;

fn wanted<T: Clone + PartialEq>(policy: &Policy, of: impl Fn(&Grants) -> Vec<T>) -> Wanted<T> {
    let mut wanted: Wanted<T> = Vec::new();
    for Assignment { name, then, .. } in &policy.assignments {
        let Then::Create(grants) = then else { continue };
        for thing in of(grants) {
            match wanted.iter_mut().find(|(other, _)| *other == thing) {
                Some((_, assignments)) => assignments.push(name.clone()),
                None => wanted.push((thing, vec![name.clone()])),
            }
        }
    }
    wanted
}

fn names(
    findings: &mut Findings,
    kind: &str,
    listed: Result<Names, Failure>,
    wanted: &Wanted<NameOrId>,
) {
    let listed = match listed {
        Ok(listed) => listed,
        Err(failure) => return findings.fail(&format!("{kind}s"), failed(&failure)),
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

async fn groups(findings: &mut Findings, connect: &Connect, policy: &Policy) {
    let wanted = wanted(policy, |grants| {
        grants.hierarchy_group.iter().cloned().collect()
    });
    let listed = match connect.hierarchy_groups().await {
        Ok(listed) => listed,
        Err(failure) => return findings.fail("hierarchy groups", failed(&failure)),
    };
    for (group, assignments) in &wanted {
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
