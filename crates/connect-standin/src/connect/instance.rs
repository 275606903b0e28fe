//! An instance of the seed becomes one that answers calls.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::clock::epoch_seconds;
use super::super::ids;
use super::super::ids::Home;
use super::super::refusal::Answer;
use super::super::seed::{InstanceSeed, ProfileSeed, Seed};
use super::super::wire::AwsRequest;
use super::hierarchy::{Group, grow};
use super::page::Pages;
use super::user::{User, UserView};

pub(super) struct Instance {
    pub(super) home: Home,
    pub(super) seed: InstanceSeed,
    pub(super) routing_profiles: Vec<Summary>,
    pub(super) security_profiles: Vec<Summary>,
    pub(super) groups: Vec<Group>,
    pub(super) users: Vec<User>,
    created: SystemTime,
}

/// Entry of a list of profiles or groups (`RoutingProfileSummary` and its like).
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) name: String,
}

impl Instance {
    pub(super) fn new(instance: &InstanceSeed, seed: &Seed) -> Self {
        let arn = seed
            .home()
            .arn("connect", &format!("instance/{}", instance.id));
        let shared = &seed.shared;
        let own = instance.clone();
        let routing = own
            .routing_profiles
            .as_ref()
            .unwrap_or(&shared.routing_profiles);
        let security = own
            .security_profiles
            .as_ref()
            .unwrap_or(&shared.security_profiles);
        let groups = own
            .hierarchy_groups
            .as_ref()
            .unwrap_or(&shared.hierarchy_groups);
        Self {
            routing_profiles: summaries(&arn, "routing-profile", routing),
            security_profiles: summaries(&arn, "security-profile", security),
            groups: grow(&arn, groups),
            users: Vec::new(),
            created: SystemTime::now(),
            home: seed.home(),
            seed: own,
        }
    }

    /// Whether it is meant by an id or an ARN.
    pub(super) fn is_named(&self, name: &str) -> bool {
        name == self.seed.id || name == self.arn()
    }

    pub(super) fn arn(&self) -> String {
        let resource = format!("instance/{}", self.seed.id);
        self.home.arn("connect", &resource)
    }

    pub(super) fn user_views(&self) -> Vec<UserView> {
        self.users.iter().map(User::view).collect()
    }

    /// `DescribeInstance`.
    pub(super) fn describe(&self) -> Value {
        let alias = &self.seed.alias;
        let role = "role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect";
        json!({ "Instance": {
            "Id": self.seed.id,
            "Arn": self.arn(),
            "IdentityManagementType": self.seed.identity_management,
            "InstanceAlias": alias,
            "CreatedTime": epoch_seconds(self.created),
            "ServiceRole": format!("arn:aws:iam::{}:{role}", self.home.account),
            "InstanceStatus": "ACTIVE",
            "InboundCallsEnabled": true,
            "OutboundCallsEnabled": true,
            "InstanceAccessUrl": format!("https://{alias}.my.connect.aws"),
        } })
    }

    pub(super) fn list_routing_profiles(&self, pages: Pages, request: &AwsRequest) -> Answer {
        pages.list(request, "RoutingProfileSummaryList", &self.routing_profiles)
    }

    pub(super) fn list_security_profiles(&self, pages: Pages, request: &AwsRequest) -> Answer {
        pages.list(
            request,
            "SecurityProfileSummaryList",
            &self.security_profiles,
        )
    }
}

fn summaries(instance_arn: &str, kind: &str, profiles: &[ProfileSeed]) -> Vec<Summary> {
    let summary = |profile: &ProfileSeed| {
        let id = profile.id.clone();
        Summary::new(instance_arn, kind, id, &profile.name, &profile.name)
    };
    profiles.iter().map(summary).collect()
}

impl Summary {
    /// Without an id it gets one that is derived from its full name.
    pub(super) fn new(
        instance_arn: &str,
        kind: &str,
        id: Option<String>,
        full_name: &str,
        name: &str,
    ) -> Self {
        let id = id.unwrap_or_else(|| ids::derived(kind, full_name));
        Self {
            arn: format!("{instance_arn}/{kind}/{id}"),
            name: name.to_owned(),
            id,
        }
    }
}
