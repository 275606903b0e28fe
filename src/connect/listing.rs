//! An instance's lists, every page of them -> a directory of names and ids.

use aws_sdk_connect::Client;
use aws_sdk_connect::types::{HierarchyGroupSummary, HierarchyPath};

use crate::directory::{Directory, HierarchyGroups, Names};
use crate::failure::Failure;

// The most that these operations take (Amazon Connect API reference, MaxResults).
const PAGE: i32 = 1000;

/// Lists profiles and groups; the paths of groups are asked for only where the configuration names such a group.
pub(super) async fn directory(
    client: &Client,
    instance_id: &str,
    group_paths: &[Vec<String>],
) -> Result<Directory, Failure> {
    Ok(Directory {
        routing_profiles: routing_profiles(client, instance_id).await?,
        security_profiles: security_profiles(client, instance_id).await?,
        hierarchy_groups: hierarchy_groups(client, instance_id, group_paths).await?,
    })
}

async fn routing_profiles(client: &Client, instance_id: &str) -> Result<Names, Failure> {
    let mut names = Names::default();
    let call = client
        .list_routing_profiles()
        .instance_id(instance_id)
        .max_results(PAGE);
    let mut items = call.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.map_err(|err| Failure::aws("ListRoutingProfiles", &err))?;
        insert(&mut names, item.name, item.id);
    }
    Ok(names)
}

async fn security_profiles(client: &Client, instance_id: &str) -> Result<Names, Failure> {
    let mut names = Names::default();
    let call = client
        .list_security_profiles()
        .instance_id(instance_id)
        .max_results(PAGE);
    let mut items = call.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.map_err(|err| Failure::aws("ListSecurityProfiles", &err))?;
        insert(&mut names, item.name, item.id);
    }
    Ok(names)
}

fn insert(names: &mut Names, name: Option<String>, id: Option<String>) {
    if let (Some(name), Some(id)) = (name, id) {
        names.insert(name, id);
    }
}

async fn hierarchy_groups(
    client: &Client,
    instance_id: &str,
    paths: &[Vec<String>],
) -> Result<HierarchyGroups, Failure> {
    let mut groups = HierarchyGroups::default();
    let call = client
        .list_user_hierarchy_groups()
        .instance_id(instance_id)
        .max_results(PAGE);
    let mut items = call.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.map_err(|err| Failure::aws("ListUserHierarchyGroups", &err))?;
        let Some(id) = item.id else { continue };
        if paths.iter().any(|path| path.last() == item.name.as_ref()) {
            groups.insert_path(path_of(client, instance_id, &id).await?, id.clone());
        }
        groups.insert(id);
    }
    Ok(groups)
}

async fn path_of(
    client: &Client,
    instance_id: &str,
    group_id: &str,
) -> Result<Vec<String>, Failure> {
    let call = client
        .describe_user_hierarchy_group()
        .instance_id(instance_id)
        .hierarchy_group_id(group_id);
    let answer = call
        .send()
        .await
        .map_err(|err| Failure::aws("DescribeUserHierarchyGroup", &err))?;
    let path = answer
        .hierarchy_group
        .and_then(|group| group.hierarchy_path);
    Ok(path.map(names_of).unwrap_or_default())
}

fn names_of(path: HierarchyPath) -> Vec<String> {
    let levels = [
        path.level_one,
        path.level_two,
        path.level_three,
        path.level_four,
        path.level_five,
    ];
    levels
        .into_iter()
        .flatten()
        .filter_map(|level: HierarchyGroupSummary| level.name)
        .collect()
}

/// The id of the user of a username, from the authoritative list.
pub(super) async fn user_id(
    client: &Client,
    instance_id: &str,
    username: &str,
) -> Result<Option<String>, Failure> {
    let call = client
        .list_users()
        .instance_id(instance_id)
        .max_results(PAGE);
    let mut items = call.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.map_err(|err| Failure::aws("ListUsers", &err))?;
        if item
            .username
            .is_some_and(|name| name.eq_ignore_ascii_case(username))
        {
            return Ok(item.id);
        }
    }
    Ok(None)
}
