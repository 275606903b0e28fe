//! A stored user becomes what the operations show of it.

use std::time::SystemTime;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::clock::epoch_seconds;
use super::super::refusal::Answer;
use super::super::wire::AwsRequest;
use super::channels::ChannelConfigs;
use super::identity::IdentityInfo;
use super::instance::Instance;
use super::page::Pages;
use super::phone::PhoneConfig;
use super::rule::not_found;
use super::tags::Tags;

pub(super) struct User {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) username: String,
    pub(super) identity_info: Option<IdentityInfo>,
    pub(super) phone_config: Option<PhoneConfig>,
    pub(super) channels: ChannelConfigs,
    pub(super) directory_user_id: Option<String>,
    pub(super) security_profile_ids: Vec<String>,
    pub(super) routing_profile_id: String,
    pub(super) hierarchy_group_id: Option<String>,
    pub(super) tags: Option<Tags>,
    /// When the search index begins to see it.
    pub(super) searchable_from: Instant,
    pub(super) modified: SystemTime,
    pub(super) region: String,
}

/// A user as tests see it.
#[derive(Debug, Clone, PartialEq)]
pub struct UserView {
    pub id: String,
    pub arn: String,
    pub username: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub directory_user_id: Option<String>,
    pub routing_profile_id: String,
    pub security_profile_ids: Vec<String>,
    pub hierarchy_group_id: Option<String>,
    pub tags: Tags,
    /// The whole user as `DescribeUser` gives it.
    pub described: Value,
}

impl User {
    pub(super) fn view(&self) -> UserView {
        let identity = self.identity_info.clone().unwrap_or_default();
        UserView {
            id: self.id.clone(),
            arn: self.arn.clone(),
            username: self.username.clone(),
            first_name: identity.first_name,
            last_name: identity.last_name,
            email: identity.email,
            directory_user_id: self.directory_user_id.clone(),
            routing_profile_id: self.routing_profile_id.clone(),
            security_profile_ids: self.security_profile_ids.clone(),
            hierarchy_group_id: self.hierarchy_group_id.clone(),
            tags: self.tags.clone().unwrap_or_default(),
            described: self.described(),
        }
    }

    /// `User` of the service model.
    fn described(&self) -> Value {
        let mut user = self.common();
        user["IdentityInfo"] = json!(self.identity_info);
        user["PhoneConfig"] = json!(self.phone_config);
        user["LastModifiedTime"] = json!(epoch_seconds(self.modified));
        user["LastModifiedRegion"] = json!(self.region);
        without_nulls(user)
    }

    /// `UserSearchSummary` of the service model: names only, and after contact work in milliseconds.
    pub(super) fn search_summary(&self) -> Value {
        let mut user = self.common();
        user["IdentityInfo"] = json!(self.identity_info.as_ref().map(|identity| {
            without_nulls(json!({
                "FirstName": identity.first_name,
                "LastName": identity.last_name,
            }))
        }));
        let phone = self.phone_config.clone().map(|mut phone| {
            let seconds = phone.after_contact_work_time_limit;
            phone.after_contact_work_time_limit = seconds.map(|seconds| seconds * 1000);
            phone
        });
        user["PhoneConfig"] = json!(phone);
        without_nulls(user)
    }

    fn common(&self) -> Value {
        let mut user = json!(self.channels);
        user["Id"] = json!(self.id);
        user["Arn"] = json!(self.arn);
        user["Username"] = json!(self.username);
        user["DirectoryUserId"] = json!(self.directory_user_id);
        user["SecurityProfileIds"] = json!(self.security_profile_ids);
        user["RoutingProfileId"] = json!(self.routing_profile_id);
        user["HierarchyGroupId"] = json!(self.hierarchy_group_id);
        user["Tags"] = json!(self.tags);
        user
    }

    /// `UserSummary` of the service model.
    fn summary(&self) -> Value {
        json!({
            "Id": self.id,
            "Arn": self.arn,
            "Username": self.username,
            "LastModifiedTime": epoch_seconds(self.modified),
            "LastModifiedRegion": self.region,
        })
    }
}

fn without_nulls(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}

impl Instance {
    pub(super) fn describe_user(&self, id: &str) -> Answer {
        let mut users = self.users.iter();
        let user = users
            .find(|user| user.id == id)
            .ok_or_else(|| not_found("UserId"))?;
        Ok(json!({ "User": user.described() }))
    }

    pub(super) fn delete_user(&mut self, id: &str) -> Answer {
        let mut users = self.users.iter();
        let position = users
            .position(|user| user.id == id)
            .ok_or_else(|| not_found("UserId"))?;
        self.users.remove(position);
        Ok(json!({}))
    }

    pub(super) fn list_users(&self, pages: Pages, request: &AwsRequest) -> Answer {
        let summaries: Vec<Value> = self.users.iter().map(User::summary).collect();
        pages.list(request, "UserSummaryList", &summaries)
    }
}
