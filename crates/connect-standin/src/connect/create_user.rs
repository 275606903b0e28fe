//! A `CreateUser` call becomes a stored user, or the refusal that the Amazon Connect API reference
//! documents.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::super::ids;
use super::super::refusal::{Answer, Refusal};
use super::channels::ChannelConfigs;
use super::directory::check_directory_user_id;
use super::identity::IdentityInfo;
use super::instance::{Instance, Summary};
use super::password::check_password;
use super::phone::PhoneConfig;
use super::rule::{Checked, check, invalid, not_found, required};
use super::tags::{Tags, check_tags};
use super::user::User;
use super::username::check_username;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateUser {
    username: Option<String>,
    password: Option<String>,
    identity_info: Option<IdentityInfo>,
    phone_config: Option<PhoneConfig>,
    directory_user_id: Option<String>,
    security_profile_ids: Option<Vec<String>>,
    routing_profile_id: Option<String>,
    hierarchy_group_id: Option<String>,
    tags: Option<Tags>,
    #[serde(flatten)]
    channels: ChannelConfigs,
}

impl Instance {
    pub(super) fn create_user(&mut self, input: CreateUser, index_lag: Duration) -> Answer {
        self.check_members(&input)?;
        self.check_named(&input)?;
        self.check_place(input.username.as_deref().unwrap_or_default())?;
        let user = self.user(input, index_lag);
        let answer = json!({ "UserId": user.id, "UserArn": user.arn });
        self.users.push(user);
        Ok(answer)
    }

    /// The rules that the request itself can break.
    fn check_members(&self, input: &CreateUser) -> Checked {
        let identity_management = self.seed.identity_management;
        check_username(input.username.as_deref(), &self.seed)?;
        check_password(input.password.as_deref(), identity_management)?;
        let no_identity = IdentityInfo::default();
        let identity = input.identity_info.as_ref().unwrap_or(&no_identity);
        identity.check(&self.seed)?;
        check_directory_user_id(
            input.directory_user_id.as_deref(),
            identity_management,
            self.seed.directory_reachable,
        )?;
        let no_phone = PhoneConfig::default();
        let phone = input.phone_config.as_ref().unwrap_or(&no_phone);
        phone.check()?;
        input.channels.check(phone)?;
        input.tags.as_ref().map_or(Ok(()), check_tags)
    }

    /// The ids must be of this instance. The reference lists `ResourceNotFoundException` ("the
    /// specified resource was not found") for whatever a call specifies, so for profiles and groups too.
    fn check_named(&self, input: &CreateUser) -> Checked {
        let security_profiles = input.security_profile_ids.as_deref();
        let security_profiles = required("SecurityProfileIds", security_profiles)?;
        check((1..=10).contains(&security_profiles.len()), || {
            invalid("SecurityProfileIds", "must have 1 to 10 entries")
        })?;
        let routing_profile = input.routing_profile_id.as_deref();
        let routing_profile = required("RoutingProfileId", routing_profile)?;
        for id in security_profiles {
            check_known("SecurityProfileIds", id, self.security_profiles.iter())?;
        }
        check_known(
            "RoutingProfileId",
            routing_profile,
            self.routing_profiles.iter(),
        )?;
        let mut hierarchy_group = input.hierarchy_group_id.iter();
        let groups = || self.groups.iter().map(|group| &group.summary);
        hierarchy_group.try_for_each(|id| check_known("HierarchyGroupId", id, groups()))
    }

    /// Whether there is room for a user of this name.
    fn check_place(&self, username: &str) -> Checked {
        let ignore_case = self.seed.usernames_ignore_case;
        let is_same = |other: &str| {
            other == username || ignore_case && other.to_lowercase() == username.to_lowercase()
        };
        let taken = self.users.iter().any(|user| is_same(&user.username));
        check(!taken, || {
            let message = "Username is taken by another user of the instance";
            Refusal::new("DuplicateResourceException", 409, message)
        })?;
        let full = self
            .seed
            .max_users
            .is_some_and(|most| self.users.len() >= most);
        check(!full, || {
            let message = "the instance has as many users as its quota allows";
            Refusal::new("LimitExceededException", 429, message)
        })
    }

    fn user(&self, input: CreateUser, index_lag: Duration) -> User {
        let id = ids::random();
        User {
            arn: format!("{}/agent/{id}", self.arn()),
            id,
            username: input.username.unwrap_or_default(),
            identity_info: input.identity_info,
            phone_config: input.phone_config,
            channels: input.channels,
            directory_user_id: input.directory_user_id,
            security_profile_ids: input.security_profile_ids.unwrap_or_default(),
            routing_profile_id: input.routing_profile_id.unwrap_or_default(),
            hierarchy_group_id: input.hierarchy_group_id,
            tags: input.tags,
            searchable_from: Instant::now() + index_lag,
            modified: SystemTime::now(),
            region: self.home.region.clone(),
        }
    }
}

fn check_known<'instance>(
    member: &str,
    id: &str,
    mut known: impl Iterator<Item = &'instance Summary>,
) -> Checked {
    check(known.any(|summary| summary.id == id), || not_found(member))
}
