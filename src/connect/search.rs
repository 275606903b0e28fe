//! SearchUsers, over an index that lags behind -> the users of people, or the id of the user of a name.

use std::collections::HashMap;

use aws_sdk_connect::types::{
    ControlPlaneTagFilter, StringComparisonType, StringCondition, TagCondition, UserSearchCriteria,
    UserSearchFilter, UserSearchSummary,
};

use super::calls::{CallError, Calls};
use super::paged::{self, Page};
use super::people::KnownUser;
use crate::failure::Failure;
use crate::request::PERSON_TAG;

/// The most people in one call.
///
/// Amazon Connect API reference, `ControlPlaneUserAttributeFilter`: at most 25 tag conditions. It names no limit for
/// `ControlPlaneTagFilter`.
pub(super) const MOST_PEOPLE: usize = 25;

// The most that SearchUsers gives (Amazon Connect API reference, MaxResults).
const PAGE: i32 = 500;

/// A person's user, by the value of the identity tag.
pub(super) async fn user_of(
    calls: &Calls,
    instance_id: &str,
    person: &str,
) -> Result<Option<KnownUser>, Failure> {
    let alone = ControlPlaneTagFilter::builder().tag_condition(is(person));
    let users = tagged(calls, instance_id, alone.build()).await?;
    Ok(users.into_iter().find_map(KnownUser::found))
}

/// The users of a person and of those who come next, found with one call; nothing where that does not tell whose they are.
pub(super) async fn users_of(
    calls: &Calls,
    instance_id: &str,
    person: &str,
    next: &[String],
) -> Result<Option<HashMap<String, KnownUser>>, Failure> {
    let people = || std::iter::once(person).chain(next.iter().map(String::as_str));
    let any = people().map(|person| vec![is(person)]).collect();
    let any = ControlPlaneTagFilter::builder().set_or_conditions(Some(any));
    let users = match tagged(calls, instance_id, any.build()).await {
        // It may be too many at once; if not, the search for one is refused too.
        Err(err) if err.is_refusal() => return Ok(None),
        users => users?,
    };
    let whose = |user: UserSearchSummary| {
        let user = KnownUser::found(user)?;
        Some((user.person.clone()?, user))
    };
    let users: Option<HashMap<_, _>> = users.into_iter().map(whose).collect();
    Ok(users.filter(|users| users.keys().all(|whose| people().any(|one| one == whose))))
}

/// The id of the user of exactly this username.
pub(super) async fn user_named(
    calls: &Calls,
    instance_id: &str,
    username: &str,
) -> Result<Option<String>, Failure> {
    let exactly = StringCondition::builder()
        .field_name("Username")
        .value(username)
        .comparison_type(StringComparisonType::Exact)
        .build();
    let criteria = UserSearchCriteria::builder()
        .string_condition(exactly)
        .build();
    let call = calls
        .client
        .search_users()
        .instance_id(instance_id)
        .search_criteria(criteria);
    let answer = calls.send("SearchUsers", || call.clone().send()).await;
    let answer = answer.map_err(|err| Failure::aws("SearchUsers", &err))?;
    let users = answer.users.unwrap_or_default();
    let same = |user: &UserSearchSummary| user.username.as_deref() == Some(username);
    Ok(users.into_iter().find(same).and_then(|user| user.id))
}

/// Reads every user of an instance that the search shows.
pub(super) async fn every_user(
    calls: &Calls,
    instance_id: &str,
) -> Result<Vec<KnownUser>, Failure> {
    let users = searched(calls, instance_id, None).await?;
    Ok(users.into_iter().filter_map(KnownUser::found).collect())
}

async fn tagged(
    calls: &Calls,
    instance_id: &str,
    tags: ControlPlaneTagFilter,
) -> Result<Vec<UserSearchSummary>, CallError> {
    let filter = UserSearchFilter::builder().tag_filter(tags).build();
    searched(calls, instance_id, Some(filter)).await
}

async fn searched(
    calls: &Calls,
    instance_id: &str,
    filter: Option<UserSearchFilter>,
) -> Result<Vec<UserSearchSummary>, CallError> {
    let call = calls.client.search_users();
    let call = call.instance_id(instance_id).max_results(PAGE);
    let call = call.set_search_filter(filter);
    let ask = |token| call.clone().set_next_token(token).send();
    paged::all(calls, "SearchUsers", ask, |answer| {
        Page::new(answer.users, answer.next_token)
    })
    .await
}

fn is(person: &str) -> TagCondition {
    TagCondition::builder()
        .tag_key(PERSON_TAG)
        .tag_value(person)
        .build()
}
