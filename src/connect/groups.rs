//! A hierarchy group by path or id -> its id, from the search index, or described where that does not have it.

mod learnt;

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_connect::operation::describe_user_hierarchy_group::DescribeUserHierarchyGroupError as DescribeError;
use aws_sdk_connect::types::{HierarchyGroupSummary, HierarchyPath};
use futures_util::future::BoxFuture;

use super::calls::{CallError, Calls};
use super::kept::Kept;
use super::listing;
use super::paged::{self, Page};
use super::refused::Refused;
use crate::failure::Failure;
use crate::policy::assignment::HierarchyGroup;
use crate::request::directory::HierarchyGroups;
use learnt::Learnt;

// The most that SearchUserHierarchyGroups gives (Amazon Connect API reference, MaxResults).
const PAGE: i32 = 100;

/// A path of names, from the top level down, and the id of the group there.
type Placed = (Vec<String>, String);

/// The hierarchy groups of one instance.
pub(super) struct Groups {
    calls: Arc<Calls>,
    instance_id: String,
    /// Every group with its path; a group that is new may be missing for a while.
    index: Kept<Placed, HierarchyGroups>,
    index_refused: Refused,
    /// Every group without its path.
    list: Kept<(String, String), Leaves>,
    learnt: Learnt,
}

/// The ids of the groups that have a name, whatever is above them.
#[derive(Default)]
struct Leaves(HashMap<String, Vec<String>>);

impl Groups {
    /// The groups of an instance, of which nothing is known yet.
    pub(super) fn new(calls: &Arc<Calls>, instance_id: &str) -> Self {
        Self {
            index: Kept::new(searched(Arc::clone(calls), instance_id)),
            index_refused: Refused::default(),
            list: Kept::new(listing::hierarchy_groups(Arc::clone(calls), instance_id)),
            learnt: Learnt::default(),
            calls: Arc::clone(calls),
            instance_id: instance_id.to_owned(),
        }
    }

    /// Looks up what serves everybody who needs a group.
    pub(super) async fn look_up(&self) -> Result<(), CallError> {
        match self.index().await? {
            Some(_) => Ok(()),
            None => self.list.get().await.map(drop),
        }
    }

    /// Gives groups that have the wanted one, if there is such a group.
    pub(super) async fn having(
        &self,
        wanted: &HierarchyGroup,
    ) -> Result<Arc<HierarchyGroups>, CallError> {
        let index = self.index().await?;
        if let Some(index) = index.filter(|index| self.is_in(index, wanted)) {
            return Ok(index);
        }
        match wanted {
            HierarchyGroup::Id { id } => self.with_id(id).await,
            HierarchyGroup::Path(path) => self.at(path, wanted).await,
        }
    }

    /// Lets the next look-up list the groups anew.
    pub(super) fn forget(&self) {
        self.index.forget();
        self.list.forget();
    }

    /// Lets the next look-up describe a group that Connect did not find, whatever the search index says.
    pub(super) fn doubt(&self, id: &str) {
        self.learnt.doubt(id);
    }

    /// The search index; `None` where Connect refuses to search and none is kept.
    async fn index(&self) -> Result<Option<Arc<HierarchyGroups>>, CallError> {
        if self.index_refused.lasts() {
            return Ok(self.index.usable());
        }
        self.unless_refused(self.index.get().await)
    }

    async fn newest_index(&self) -> Result<Option<Arc<HierarchyGroups>>, CallError> {
        if self.index_refused.lasts() {
            return Ok(None);
        }
        self.unless_refused(self.index.newest().await)
    }

    fn unless_refused<T>(&self, searched: Result<T, CallError>) -> Result<Option<T>, CallError> {
        match searched {
            Err(err) if err.is_refusal() => {
                self.index_refused.note();
                let reason = Failure::from(err).reason().code();
                tracing::warn!(
                    reason,
                    "hierarchy groups cannot be searched, and are described one by one; allow connect:SearchUserHierarchyGroups"
                );
                Ok(None)
            }
            searched => searched.map(Some),
        }
    }

    fn is_in(&self, index: &HierarchyGroups, wanted: &HierarchyGroup) -> bool {
        let found = index.find(wanted);
        found.is_some_and(|id| !self.learnt.is_doubted(id))
    }

    async fn with_id(&self, id: &str) -> Result<Arc<HierarchyGroups>, CallError> {
        if may_be_an_id(id) && !self.learnt.knows(id) {
            self.describe(id).await?;
        }
        let path = self.learnt.path_of(id);
        Ok(only(path.map(|path| (path, id.to_owned()))))
    }

    async fn at(
        &self,
        path: &[String],
        wanted: &HierarchyGroup,
    ) -> Result<Arc<HierarchyGroups>, CallError> {
        if let Some(id) = self.learnt.id_at(path) {
            return Ok(only(Some((path.to_vec(), id))));
        }
        let index = self.newest_index().await?;
        if let Some(index) = index.as_ref().filter(|index| self.is_in(index, wanted)) {
            return Ok(Arc::clone(index));
        }
        let mut listed = self.list.get().await?;
        let mut found = self.describe_until(path, &listed, index.as_deref()).await?;
        if found.is_none() {
            listed = self.list.newest().await?;
            found = self.describe_until(path, &listed, index.as_deref()).await?;
        }
        Ok(only(found.map(|id| (path.to_vec(), id))))
    }

    /// Describes the listed groups that may be at a path and whose own path is not known, until one is there.
    async fn describe_until(
        &self,
        path: &[String],
        listed: &Leaves,
        index: Option<&HierarchyGroups>,
    ) -> Result<Option<String>, CallError> {
        let indexed = |id: &str| {
            let known = index.is_some_and(|index| index.has_id(id));
            known && !self.learnt.is_doubted(id)
        };
        for id in listed.named(path) {
            if self.learnt.knows(id) || indexed(id) {
                continue;
            }
            self.describe(id).await?;
            if let Some(found) = self.learnt.id_at(path) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Asks for a group's path, and remembers it and those of the groups above.
    async fn describe(&self, id: &str) -> Result<(), CallError> {
        let operation = "DescribeUserHierarchyGroup";
        let call = self.calls.client.describe_user_hierarchy_group();
        let call = call.instance_id(&self.instance_id).hierarchy_group_id(id);
        match self.calls.send(operation, || call.clone().send()).await {
            Ok(answer) => {
                let group = answer.hierarchy_group;
                let path = group.and_then(|group| group.hierarchy_path);
                self.learn(id, path.map(levels).unwrap_or_default());
                Ok(())
            }
            Err(err) if err.as_service_error().is_some_and(is_no_group) => {
                self.learnt.absent(id);
                Ok(())
            }
            Err(err) => Err(CallError::new(operation, &err)),
        }
    }

    fn learn(&self, id: &str, levels: Vec<HierarchyGroupSummary>) {
        // A group without a path is nowhere.
        self.learnt.absent(id);
        let mut path = Vec::new();
        for level in levels {
            path.extend(level.name);
            if let Some(id) = level.id {
                self.learnt.learn(id, path.clone());
            }
        }
    }
}

impl FromIterator<(String, String)> for Leaves {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(named: I) -> Self {
        let mut leaves = Self::default();
        for (name, id) in named {
            leaves.0.entry(name).or_default().push(id);
        }
        leaves
    }
}

impl Leaves {
    /// The ids of the groups with the last name of a path.
    fn named(&self, path: &[String]) -> &[String] {
        let ids = path.last().and_then(|name| self.0.get(name));
        ids.map(Vec::as_slice).unwrap_or_default()
    }
}

fn only(found: Option<Placed>) -> Arc<HierarchyGroups> {
    Arc::new(found.into_iter().collect())
}

// An event may name any text as an id, and what Connect answers to an odd one would look like a wrong configuration.
fn may_be_an_id(text: &str) -> bool {
    let of_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= 100 && text.bytes().all(of_id)
}

// It was deleted since it was listed, or an event made its id up.
fn is_no_group(err: &DescribeError) -> bool {
    err.is_resource_not_found_exception()
        || err.is_invalid_parameter_exception()
        || err.is_invalid_request_exception()
}

/// Reads a page of the search index.
fn searched(
    calls: Arc<Calls>,
    instance_id: &str,
) -> impl Fn(Option<String>) -> BoxFuture<'static, Result<Page<Placed>, CallError>> + use<> {
    let call = calls.client.search_user_hierarchy_groups();
    let call = call.instance_id(instance_id).max_results(PAGE);
    let ask = move |token| call.clone().set_next_token(token).send();
    paged::reader(calls, "SearchUserHierarchyGroups", ask, |answer| {
        let page = Page::new(answer.user_hierarchy_groups, answer.next_token);
        // One without a path is left out, and so described where it is needed.
        page.filter_map(|group| {
            let path = names_of(group.hierarchy_path?);
            (!path.is_empty()).then_some((path, group.id?))
        })
    })
}

fn names_of(path: HierarchyPath) -> Vec<String> {
    let names = levels(path).into_iter().filter_map(|level| level.name);
    names.collect()
}

fn levels(path: HierarchyPath) -> Vec<HierarchyGroupSummary> {
    let levels = [
        path.level_one,
        path.level_two,
        path.level_three,
        path.level_four,
        path.level_five,
    ];
    levels.into_iter().flatten().collect()
}
