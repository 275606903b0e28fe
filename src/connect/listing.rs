//! An instance's lists, every page of them -> a directory of names and ids.

use aws_sdk_connect::operation::describe_user_hierarchy_group::DescribeUserHierarchyGroupError;
use aws_sdk_connect::types::{HierarchyGroupSummary, HierarchyPath};

use super::calls::Calls;
use crate::directory::{Directory, HierarchyGroups, Names};
use crate::failure::Failure;

// The most that these operations take (Amazon Connect API reference, MaxResults).
const PAGE: i32 = 1000;

/// A page's items and the token of the next one.
type Page<T> = (Option<Vec<T>>, Option<String>);

/// Lists profiles and groups; the paths of groups are asked for only where the configuration names such a group.
pub(super) async fn directory(
    calls: &Calls,
    instance_id: &str,
    group_paths: &[Vec<String>],
) -> Result<Directory, Failure> {
    Ok(Directory {
        routing_profiles: routing_profiles(calls, instance_id).await?,
        security_profiles: security_profiles(calls, instance_id).await?,
        hierarchy_groups: hierarchy_groups(calls, instance_id, group_paths).await?,
    })
}

pub(super) async fn routing_profiles(calls: &Calls, instance_id: &str) -> Result<Names, Failure> {
    let call = calls
        .client
        .list_routing_profiles()
        .instance_id(instance_id)
        .max_results(PAGE);
    let profiles = all(async |token| {
        let page = calls
            .send("ListRoutingProfiles", || {
                call.clone().set_next_token(token.clone()).send()
            })
            .await;
        let page = page.map_err(|err| Failure::aws("ListRoutingProfiles", &err))?;
        Ok((page.routing_profile_summary_list, page.next_token))
    });
    Ok(names(
        profiles
            .await?
            .into_iter()
            .map(|profile| (profile.name, profile.id)),
    ))
}

pub(super) async fn security_profiles(calls: &Calls, instance_id: &str) -> Result<Names, Failure> {
    let call = calls
        .client
        .list_security_profiles()
        .instance_id(instance_id)
        .max_results(PAGE);
    let profiles = all(async |token| {
        let page = calls
            .send("ListSecurityProfiles", || {
                call.clone().set_next_token(token.clone()).send()
            })
            .await;
        let page = page.map_err(|err| Failure::aws("ListSecurityProfiles", &err))?;
        Ok((page.security_profile_summary_list, page.next_token))
    });
    Ok(names(
        profiles
            .await?
            .into_iter()
            .map(|profile| (profile.name, profile.id)),
    ))
}

pub(super) async fn hierarchy_groups(
    calls: &Calls,
    instance_id: &str,
    paths: &[Vec<String>],
) -> Result<HierarchyGroups, Failure> {
    let call = calls
        .client
        .list_user_hierarchy_groups()
        .instance_id(instance_id)
        .max_results(PAGE);
    let listed = all(async |token| {
        let page = calls
            .send("ListUserHierarchyGroups", || {
                call.clone().set_next_token(token.clone()).send()
            })
            .await;
        let page = page.map_err(|err| Failure::aws("ListUserHierarchyGroups", &err))?;
        Ok((page.user_hierarchy_group_summary_list, page.next_token))
    });
    let mut groups = HierarchyGroups::default();
    for group in listed.await? {
        let Some(id) = group.id else { continue };
        if paths.iter().any(|path| path.last() == group.name.as_ref()) {
            groups.insert_path(path_of(calls, instance_id, &id).await?, id.clone());
        }
        groups.insert(id);
    }
    Ok(groups)
}

async fn path_of(calls: &Calls, instance_id: &str, group_id: &str) -> Result<Vec<String>, Failure> {
    let call = calls.client.describe_user_hierarchy_group();
    let call = call.instance_id(instance_id).hierarchy_group_id(group_id);
    let answer = calls
        .send("DescribeUserHierarchyGroup", || call.clone().send())
        .await;
    let answer = match answer {
        // Deleted since it was listed.
        Err(err)
            if err
                .as_service_error()
                .is_some_and(DescribeUserHierarchyGroupError::is_resource_not_found_exception) =>
        {
            return Ok(Vec::new());
        }
        answer => answer.map_err(|err| Failure::aws("DescribeUserHierarchyGroup", &err))?,
    };
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
    calls: &Calls,
    instance_id: &str,
    username: &str,
) -> Result<Option<String>, Failure> {
    let call = calls
        .client
        .list_users()
        .instance_id(instance_id)
        .max_results(PAGE);
    let users = all(async |token| {
        let page = calls
            .send("ListUsers", || {
                call.clone().set_next_token(token.clone()).send()
            })
            .await;
        let page = page.map_err(|err| Failure::aws("ListUsers", &err))?;
        Ok((page.user_summary_list, page.next_token))
    });
    let same = |name: &Option<String>| {
        name.as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(username))
    };
    Ok(users
        .await?
        .into_iter()
        .find(|user| same(&user.username))
        .and_then(|user| user.id))
}

/// The items of every page.
pub(super) async fn all<T>(
    fetch: impl AsyncFn(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let (first, mut token) = fetch(None).await?;
    let mut items = first.unwrap_or_default();
    while token.is_some() {
        let (page, next) = fetch(token).await?;
        items.extend(page.unwrap_or_default());
        token = next;
    }
    Ok(items)
}

fn names(pairs: impl Iterator<Item = (Option<String>, Option<String>)>) -> Names {
    let mut names = Names::default();
    for (name, id) in pairs {
        if let (Some(name), Some(id)) = (name, id) {
            names.insert(name, id);
        }
    }
    names
}
