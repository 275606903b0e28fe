//! Amazon Connect's lists -> their pages, as names and ids.

mod tokens;

use std::sync::Arc;

use aws_sdk_connect::types::UserSummary;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::calls::{CallError, Calls};
use super::kept::Page;
use crate::failure::Failure;

pub(super) use tokens::Tokens;

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
    let call = calls
        .client
        .list_routing_profiles()
        .instance_id(instance_id)
        .max_results(PAGE);
    move |token| {
        let (calls, call) = (Arc::clone(&calls), call.clone().set_next_token(token));
        async move {
            let operation = "ListRoutingProfiles";
            let page = calls.send(operation, || call.clone().send()).await;
            let page = page.map_err(|err| CallError::new(operation, &err))?;
            let profiles = page.routing_profile_summary_list.unwrap_or_default();
            let profiles = profiles
                .into_iter()
                .map(|profile| (profile.name, profile.id));
            Ok(names_page(profiles, page.next_token))
        }
        .boxed()
    }
}

/// Reads a page of the security profiles.
pub(super) fn security_profiles(
    calls: Arc<Calls>,
    instance_id: &str,
) -> impl Fn(Option<String>) -> NamesPage + use<> {
    let call = calls
        .client
        .list_security_profiles()
        .instance_id(instance_id)
        .max_results(PAGE);
    move |token| {
        let (calls, call) = (Arc::clone(&calls), call.clone().set_next_token(token));
        async move {
            let operation = "ListSecurityProfiles";
            let page = calls.send(operation, || call.clone().send()).await;
            let page = page.map_err(|err| CallError::new(operation, &err))?;
            let profiles = page.security_profile_summary_list.unwrap_or_default();
            let profiles = profiles
                .into_iter()
                .map(|profile| (profile.name, profile.id));
            Ok(names_page(profiles, page.next_token))
        }
        .boxed()
    }
}

/// Reads a page of the hierarchy groups, which the list gives without their paths.
pub(super) fn hierarchy_groups(
    calls: Arc<Calls>,
    instance_id: &str,
) -> impl Fn(Option<String>) -> NamesPage + use<> {
    let call = calls
        .client
        .list_user_hierarchy_groups()
        .instance_id(instance_id)
        .max_results(PAGE);
    move |token| {
        let (calls, call) = (Arc::clone(&calls), call.clone().set_next_token(token));
        async move {
            let operation = "ListUserHierarchyGroups";
            let page = calls.send(operation, || call.clone().send()).await;
            let page = page.map_err(|err| CallError::new(operation, &err))?;
            let groups = page.user_hierarchy_group_summary_list.unwrap_or_default();
            let groups = groups.into_iter().map(|group| (group.name, group.id));
            Ok(names_page(groups, page.next_token))
        }
        .boxed()
    }
}

fn names_page(
    listed: impl Iterator<Item = (Option<String>, Option<String>)>,
    next: Option<String>,
) -> Page<Named> {
    let named = listed.filter_map(|(name, id)| Some((name?, id?)));
    Page {
        items: named.collect(),
        next,
    }
}

/// The id of the user of a username, from the authoritative list; without one, of a user whose username differs from it in case
/// only.
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
        let page = page.map_err(|err| CallError::new("ListUsers", &err))?;
        Ok((page.user_summary_list, page.next_token))
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

/// Reads every page and returns their items.
///
/// # Errors
/// Returns the failure of a call, or a transient one where the list has no end.
pub(super) async fn all<T>(
    fetch: impl AsyncFn(Option<String>) -> Result<(Option<Vec<T>>, Option<String>), CallError>,
) -> Result<Vec<T>, CallError> {
    let mut tokens = Tokens::default();
    let (first, next) = fetch(None).await?;
    let mut token = tokens.next(next)?;
    let mut items = first.unwrap_or_default();
    while token.is_some() {
        let (page, next) = fetch(token).await?;
        items.extend(page.unwrap_or_default());
        token = tokens.next(next)?;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Class;

    /// Reads a list that gives these tokens, one after the other; a page more than they are for would panic.
    async fn read(tokens: &[Option<&str>]) -> Result<usize, Class> {
        let asked = std::cell::Cell::new(0);
        let read = all(async |_| {
            let page = asked.replace(asked.get() + 1);
            Ok((Some(vec![page]), tokens[page].map(str::to_owned)))
        });
        let read = read.await.map_err(Failure::from);
        read.map(|items| items.len())
            .map_err(|failure| failure.class())
    }

    #[tokio::test]
    async fn an_empty_token_ends_a_list_and_a_repeated_one_fails_it() {
        assert_eq!(read(&[None]).await, Ok(1));
        assert_eq!(read(&[Some("a"), Some("b"), None]).await, Ok(3));
        assert_eq!(read(&[Some("")]).await, Ok(1));
        assert_eq!(read(&[Some("a"), Some("")]).await, Ok(2));
        assert_eq!(read(&[Some("a"), Some("a")]).await, Err(Class::Transient));
        let round = [Some("a"), Some("b"), Some("a")];
        assert_eq!(read(&round).await, Err(Class::Transient));
    }
}
