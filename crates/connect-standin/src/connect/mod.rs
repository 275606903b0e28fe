//! Amazon Connect calls become answers and changes of its instances.

mod channels;
mod create_user;
mod directory;
mod find_groups;
mod find_users;
mod hierarchy;
mod identity;
mod instance;
mod page;
mod password;
mod phone;
mod routes;
mod rule;
mod tags;
mod user;
mod username;

use std::time::Duration;

use tokio::time::Instant;

use super::refusal::{Answer, Refusal};
use super::seed::Seed;
use super::wire::AwsRequest;
use instance::Instance;
use page::Pages;

pub(super) use routes::route;
pub use user::UserView;

pub(super) struct Connect {
    instances: Vec<Instance>,
    pages: Pages,
    /// The age at which the search index begins to see a user.
    index_lag: Duration,
}

impl Connect {
    pub(super) fn new(seed: &Seed) -> Self {
        let instances = seed.instances.iter();
        Self {
            instances: instances
                .map(|instance| Instance::new(instance, seed))
                .collect(),
            pages: Pages::capped_at(seed.page_size),
            index_lag: Duration::from_secs(seed.hide_new_users_seconds),
        }
    }

    pub(super) fn users(&self, instance_id: &str) -> Vec<UserView> {
        let instances = self.instances.iter();
        let mut named = instances.filter(|instance| instance.is_named(instance_id));
        named.next().map(Instance::user_views).unwrap_or_default()
    }

    pub(super) fn perform(&mut self, request: &AwsRequest) -> Answer {
        match request.operation.as_str() {
            "SearchUsers" => return self.search_users(request),
            "TagResource" => return self.tag_resource(request.label(0), request.input()?),
            "SearchUserHierarchyGroups" => return self.search_hierarchy_groups(request),
            _ => (),
        }
        let pages = self.pages;
        let index_lag = self.index_lag;
        let instance = self.instance(request.label(0))?;
        let id = request.label(1);
        match request.operation.as_str() {
            "CreateUser" => instance.create_user(request.input()?, index_lag),
            "DescribeUser" => instance.describe_user(id),
            "DeleteUser" => instance.delete_user(id),
            "ListUsers" => instance.list_users(pages, request),
            "ListRoutingProfiles" => instance.list_routing_profiles(pages, request),
            "ListSecurityProfiles" => instance.list_security_profiles(pages, request),
            "ListUserHierarchyGroups" => instance.list_hierarchy_groups(pages, request),
            "DescribeUserHierarchyGroup" => instance.describe_hierarchy_group(id),
            "DescribeInstance" => Ok(instance.describe()),
            unknown => Err(Refusal::unknown_operation(unknown)),
        }
    }

    /// Tags a user: `TagResource` knows its resource by ARN alone, and the stand-in has ARNs of users only.
    fn tag_resource(&mut self, arn: &str, input: tags::TagResource) -> Answer {
        let tags = input.checked()?;
        let users = self.instances.iter_mut().flat_map(|one| &mut one.users);
        let user = users.into_iter().find(|user| user.arn == arn);
        let user = user.ok_or_else(|| rule::not_found("resourceArn"))?;
        let mut all = user.tags.clone().unwrap_or_default();
        all.extend(tags);
        tags::check_tags(&all)?;
        user.tags = Some(all);
        Ok(serde_json::json!({}))
    }

    /// Hides the user that was created last, of all instances, from searches for a while.
    pub(super) fn hide_newest_user(&mut self, hidden_for: Duration) {
        let newest = self
            .instances
            .iter_mut()
            .flat_map(|instance| &mut instance.users);
        if let Some(user) = newest.max_by_key(|user| user.modified) {
            user.searchable_from = Instant::now() + hidden_for;
        }
    }

    /// The instance of an id or ARN.
    fn instance(&mut self, name: &str) -> Result<&mut Instance, Refusal> {
        let mut instances = self.instances.iter_mut();
        instances
            .find(|instance| instance.is_named(name))
            .ok_or_else(|| rule::not_found("InstanceId"))
    }
}
