//! The instances of a configuration -> their states, profiles, groups and users.

use std::sync::Arc;

use aws_sdk_connect::Client;
use aws_sdk_connect::types::InstanceStatus;
use connect_provisioner::aws::Clients;
use connect_provisioner::connect::Connect;
use connect_provisioner::failure::Failure;
use connect_provisioner::policy::{InstanceRef, Policy};
use connect_provisioner::request::directory::{HierarchyGroups, Names};

use crate::ending::CannotRun;
use crate::refused::refused;

/// Instance, with the results of the calls that the function makes to it.
pub(in crate::check) struct InstanceFacts {
    pub(in crate::check) look_ups: InstanceLookUps,
    /// Number of calls of the look-ups by operation; instances in one Region share them.
    pub(in crate::check) calls: Vec<(&'static str, usize)>,
    /// Tag of the person and user id of each user that the function created or adopted.
    pub(in crate::check) tagged_users: Result<Vec<(String, String)>, Failure>,
}

/// Results of the look-ups in an instance.
pub(in crate::check) struct InstanceLookUps {
    pub(in crate::check) description: Result<InstanceDescription, CannotRun>,
    /// Permissions of further calls, with the results of trying them.
    pub(in crate::check) trials: [(&'static str, Result<(), CannotRun>); 2],
    pub(in crate::check) routing_profiles: Result<Arc<Names>, Failure>,
    pub(in crate::check) security_profiles: Result<Arc<Names>, Failure>,
    /// `None` if the configuration names no groups.
    pub(in crate::check) hierarchy_groups: Option<GroupLookUps>,
}

/// State of an instance, in the terms of Amazon Connect.
pub(in crate::check) struct InstanceDescription {
    pub(in crate::check) identity_management: Option<String>,
    pub(in crate::check) status: Option<String>,
}

/// Results of the look-ups of hierarchy groups.
pub(in crate::check) struct GroupLookUps {
    /// Result of trying `SearchUserHierarchyGroups`.
    pub(in crate::check) search: Result<(), CannotRun>,
    pub(in crate::check) groups: Result<Arc<HierarchyGroups>, Failure>,
}

/// Returns the facts about each instance, in the order of the configuration.
pub(in crate::check) async fn gather(clients: &Clients, policy: &Policy) -> Vec<InstanceFacts> {
    let connects = Connect::every(policy, clients, None);
    let mut look_ups = Vec::new();
    for (which, instance) in policy.instances.iter() {
        let client = clients.connect_in(instance.connect.region.as_deref());
        look_ups.push(look_up(policy, which, &client, connects.get(which)).await);
    }
    // Counted before the users are listed, which the function does not do at a start.
    let instances = policy.instances.iter().map(|(which, _)| which);
    let calls: Vec<_> = instances.map(|which| connects.get(which).sent()).collect();
    let mut facts = Vec::new();
    for ((which, _), (look_ups, calls)) in
        policy.instances.iter().zip(look_ups.into_iter().zip(calls))
    {
        facts.push(InstanceFacts {
            look_ups,
            calls,
            tagged_users: connects.get(which).tagged_users().await,
        });
    }
    facts
}

async fn look_up(
    policy: &Policy,
    which: InstanceRef,
    client: &Client,
    connect: &Connect,
) -> InstanceLookUps {
    let id = &policy.instances.get(which).connect.instance_id;
    InstanceLookUps {
        description: describe(client, id).await,
        trials: try_searches(client, id).await,
        routing_profiles: connect.routing_profiles().await,
        security_profiles: connect.security_profiles().await,
        hierarchy_groups: if policy.hierarchy_groups(which).is_empty() {
            None
        } else {
            Some(GroupLookUps {
                search: try_group_search(client, id).await,
                groups: connect.hierarchy_groups().await,
            })
        },
    }
}

async fn describe(client: &Client, instance_id: &str) -> Result<InstanceDescription, CannotRun> {
    let call = client.describe_instance().instance_id(instance_id);
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("connect:DescribeInstance", &err))?;
    let instance = answer.instance.as_ref();
    let identity_management = instance.and_then(|found| found.identity_management_type());
    let status = instance.and_then(|found| found.instance_status());
    Ok(InstanceDescription {
        identity_management: identity_management.map(|found| found.as_str().to_owned()),
        status: status.map(InstanceStatus::as_str).map(str::to_owned),
    })
}

// Tries further read calls of the function, each with the smallest page.
async fn try_searches(
    client: &Client,
    instance_id: &str,
) -> [(&'static str, Result<(), CannotRun>); 2] {
    let search = client.search_users().instance_id(instance_id);
    let search = search.max_results(1).send().await;
    let list = client.list_users().instance_id(instance_id);
    let list = list.max_results(1).send().await;
    let (search_users, list_users) = ("connect:SearchUsers", "connect:ListUsers");
    [
        (
            search_users,
            search.map(drop).map_err(|err| refused(search_users, &err)),
        ),
        (
            list_users,
            list.map(drop).map_err(|err| refused(list_users, &err)),
        ),
    ]
}

async fn try_group_search(client: &Client, instance_id: &str) -> Result<(), CannotRun> {
    let call = client.search_user_hierarchy_groups();
    let answer = call.instance_id(instance_id).max_results(1).send().await;
    let answer = answer.map(drop);
    answer.map_err(|err| refused("connect:SearchUserHierarchyGroups", &err))
}
