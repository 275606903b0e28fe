//! The names and groups that a plan needs -> a directory that has them, from look-ups that serve everybody.

use std::sync::Arc;

use futures_util::future::{join3, try_join3};

use super::Connect;
use super::calls::{CallError, Calls};
use super::groups::Groups;
use super::kept::Kept;
use super::listing;
use crate::failure::Failure;
use crate::policy::assignment::HierarchyGroup;
use crate::policy::plan::UserPlan;
use crate::request::CreateUserRequest;
use crate::request::directory::{Directory, HierarchyGroups, Names};

/// The look-ups of an instance, each independent of the others.
pub(super) struct LookUps {
    routing_profiles: Kept<(String, String), Names>,
    security_profiles: Kept<(String, String), Names>,
    groups: Groups,
    /// The groups that the configuration names.
    named_groups: Vec<HierarchyGroup>,
}

impl LookUps {
    /// Prepares look-ups without making any.
    pub(super) fn new(
        calls: &Arc<Calls>,
        instance_id: &str,
        named_groups: Vec<HierarchyGroup>,
    ) -> Self {
        let routing_profiles = listing::routing_profiles(Arc::clone(calls), instance_id);
        let security_profiles = listing::security_profiles(Arc::clone(calls), instance_id);
        Self {
            routing_profiles: Kept::new(routing_profiles),
            security_profiles: Kept::new(security_profiles),
            groups: Groups::new(calls, instance_id),
            named_groups,
        }
    }

    /// Lets the group of a request be described, since Connect did not find something that the request names.
    pub(super) fn doubt(&self, request: &CreateUserRequest) {
        if let Some(id) = &request.input().hierarchy_group_id {
            self.groups.doubt(id);
        }
    }

    async fn group_of(&self, plan: &UserPlan) -> Result<Arc<HierarchyGroups>, CallError> {
        match &plan.hierarchy_group {
            Some(group) => self.groups.having(group).await,
            None => Ok(Arc::default()),
        }
    }

    async fn groups_named(&self) -> Result<Arc<HierarchyGroups>, CallError> {
        let mut found = HierarchyGroups::default();
        for group in &self.named_groups {
            let groups = self.groups.having(group).await?;
            if let Some(id) = groups.find(group) {
                found.insert(path_of(group), id.to_owned());
            }
        }
        Ok(Arc::new(found))
    }

    async fn ahead_for_groups(&self) -> Result<(), CallError> {
        if self.named_groups.is_empty() {
            return Ok(());
        }
        self.groups.look_up().await
    }
}

// One that is named by its id is found by that alone.
fn path_of(group: &HierarchyGroup) -> Vec<String> {
    match group {
        HierarchyGroup::Path(path) => path.clone(),
        HierarchyGroup::Id { .. } => Vec::new(),
    }
}

impl Connect {
    /// Looks up the profiles and the group that a plan needs, and waits for nothing else.
    ///
    /// # Errors
    /// Returns what Connect answered to a look-up.
    pub async fn directory_for(&self, plan: &UserPlan) -> Result<Directory, Failure> {
        let of = &self.look_ups;
        let routing_profiles = of
            .routing_profiles
            .having(|names| names.has(&plan.routing_profile));
        let security_profiles = of
            .security_profiles
            .having(|names| plan.security_profiles.iter().all(|one| names.has(one)));
        let (routing_profiles, security_profiles, hierarchy_groups) =
            try_join3(routing_profiles, security_profiles, of.group_of(plan)).await?;
        Ok(Directory {
            routing_profiles,
            security_profiles,
            hierarchy_groups,
        })
    }

    /// Gives the instance's profiles, and the configured hierarchy groups as far as it has them.
    ///
    /// # Errors
    /// Returns what Connect answered to a look-up.
    pub async fn directory(&self) -> Result<Directory, Failure> {
        let of = &self.look_ups;
        let (routing_profiles, security_profiles, hierarchy_groups) = try_join3(
            of.routing_profiles.get(),
            of.security_profiles.get(),
            of.groups_named(),
        )
        .await?;
        Ok(Directory {
            routing_profiles,
            security_profiles,
            hierarchy_groups,
        })
    }

    /// Looks up what the first join may need, and gives what went wrong.
    pub async fn look_up(&self) -> Vec<Failure> {
        let of = &self.look_ups;
        let (routing_profiles, security_profiles, groups) = join3(
            of.routing_profiles.get(),
            of.security_profiles.get(),
            of.ahead_for_groups(),
        )
        .await;
        let errors = [
            routing_profiles.err(),
            security_profiles.err(),
            groups.err(),
        ];
        errors.into_iter().flatten().map(Failure::from).collect()
    }

    /// Gives the instance's routing profiles.
    ///
    /// # Errors
    /// Returns what Connect answered.
    pub async fn routing_profiles(&self) -> Result<Arc<Names>, Failure> {
        Ok(self.look_ups.routing_profiles.get().await?)
    }

    /// Gives the instance's security profiles.
    ///
    /// # Errors
    /// Returns what Connect answered.
    pub async fn security_profiles(&self) -> Result<Arc<Names>, Failure> {
        Ok(self.look_ups.security_profiles.get().await?)
    }

    /// Gives the configured hierarchy groups, as far as the instance has them.
    ///
    /// # Errors
    /// Returns what Connect answered.
    pub async fn hierarchy_groups(&self) -> Result<Arc<HierarchyGroups>, Failure> {
        Ok(self.look_ups.groups_named().await?)
    }

    /// Lets the next look-up list the instance anew.
    pub fn forget_directory(&self) {
        self.look_ups.routing_profiles.forget();
        self.look_ups.security_profiles.forget();
        self.look_ups.groups.forget();
    }

    /// Counts the calls of each operation so far; instances in one Region share the count.
    pub fn sent(&self) -> Vec<(&'static str, usize)> {
        self.calls.sent()
    }
}
