//! Amazon Connect's lists -> their pages, as names and ids.

use std::sync::Arc;

use aws_sdk_connect::types::UserSummary;
use futures_util::future::BoxFuture;

use super::calls::{CallError, Calls};
use super::paged::{self, Page};
use crate::failure::Failure;

// The most that these operations take (Amazon Connect API reference, MaxResults).
const PAGE: i32 = 1000;

/// A name and its id.
type Named = (String, String);

/// The answer to a call for a page of names.
type NamesPage = BoxFuture<'static, Result<Page<Named>, CallError>>;

/// Reads a page of the routing profiles.
pub(super) fn routing_profiles(
    calls: Arc<Calls>,
    instance_id: &str,
) -> impl Fn(Option<String>) -> NamesPage + use<> {
    let call = calls.client.list_routing_profiles();
    let call = call.instance_id(instance_id).max_results(PAGE);
    let ask = move |token| call.clone().set_next_token(token).send();
    paged::reader(calls, "ListRoutingProfiles", ask, |answer| {
        let page = Page::new(answer.routing_profile_summary_list, answer.next_token);
        page.filter_map(|profile| Some((profile.name?, profile.id?)))
    })
}

/// Reads a page of the security profiles.
pub(super) fn security_profiles(
    calls: Arc<Calls>,
    instance_id: &str,
) -> impl Fn(Option<String>) -> NamesPage + use<> {
    let call = calls.client.list_security_profiles();
    let call = call.instance_id(instance_id).max_results(PAGE);
    let ask = move |token| call.clone().set_next_token(token).send();
    paged::reader(calls, "ListSecurityProfiles", ask, |answer| {
        let page = Page::new(answer.security_profile_summary_list, answer.next_token);
        page.filter_map(|profile| Some((profile.name?, profile.id?)))
    })
}

/// Reads a page of the hierarchy groups, which the list gives without their paths.
pub(super) fn hierarchy_groups(
    calls: Arc<Calls>,
    instance_id: &str,
) -> impl Fn(Option<String>) -> NamesPage + use<> {
    let call = calls.client.list_user_hierarchy_groups();
    let call = call.instance_id(instance_id).max_results(PAGE);
    let ask = move |token| call.clone().set_next_token(token).send();
    paged::reader(calls, "ListUserHierarchyGroups", ask, |answer| {
        let page = Page::new(answer.user_hierarchy_group_summary_list, answer.next_token);
        page.filter_map(|group| Some((group.name?, group.id?)))
    })
}

/// Finds the id of the user of a username in the authoritative list; without one, of a user with a username that differs from it
/// in case only.
pub(super) async fn user_id(
    calls: &Calls,
    instance_id: &str,
    username: &str,
) -> Result<Option<String>, Failure> {
    let call = calls.client.list_users();
    let call = call.instance_id(instance_id).max_results(PAGE);
    let ask = |token| call.clone().set_next_token(token).send();
    let users = paged::all(calls, "ListUsers", ask, |answer| {
        Page::new(answer.user_summary_list, answer.next_token)
    });
    let mut users = users.await?;
    let differs = |user: &UserSummary| user.username.as_deref() != Some(username);
    let alike = |user: &UserSummary| {
        let name = user.username.as_deref();
        name.is_some_and(|name| name.eq_ignore_ascii_case(username))
    };
    users.retain(alike);
    let nearest = users.into_iter().min_by_key(differs);
    Ok(nearest.and_then(|user| user.id))
}
