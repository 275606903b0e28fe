//! The paths of the seed become hierarchy groups with parents.

use serde_json::{Map, Value, json};

use super::super::refusal::Answer;
use super::super::seed::GroupSeed;
use super::super::wire::AwsRequest;
use super::instance::{Instance, Summary};
use super::page::Pages;
use super::rule::not_found;

const LEVELS: [&str; 5] = [
    "LevelOne",
    "LevelTwo",
    "LevelThree",
    "LevelFour",
    "LevelFive",
];

pub(super) struct Group {
    path: Vec<String>,
    pub(super) is_indexed: bool,
    pub(super) summary: Summary,
}

/// Every group of the paths once, parents before children.
pub(super) fn grow(instance_arn: &str, seeds: &[GroupSeed]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for depth in 1..=LEVELS.len() {
        for seed in seeds.iter().filter(|seed| seed.path.len() >= depth) {
            let path = &seed.path[..depth];
            if !groups.iter().any(|group| group.path == path) {
                groups.push(Group::new(instance_arn, path, seeds));
            }
        }
    }
    groups
}

impl Group {
    fn new(instance_arn: &str, path: &[String], seeds: &[GroupSeed]) -> Self {
        let given = || seeds.iter().filter(|seed| seed.path == path);
        let id = given().find_map(|seed| seed.id.clone());
        let name = path.last().map_or("", String::as_str);
        Self {
            summary: Summary::new(instance_arn, "agent-group", id, &path.join("/"), name),
            path: path.to_vec(),
            is_indexed: !given().any(|seed| seed.hidden_from_search),
        }
    }
}

impl Instance {
    pub(super) fn list_hierarchy_groups(&self, pages: Pages, request: &AwsRequest) -> Answer {
        let summaries: Vec<&Summary> = self.groups.iter().map(|group| &group.summary).collect();
        pages.list(request, "UserHierarchyGroupSummaryList", &summaries)
    }

    /// `DescribeUserHierarchyGroup`.
    pub(super) fn describe_hierarchy_group(&self, id: &str) -> Answer {
        let mut groups = self.groups.iter();
        let group = groups
            .find(|group| group.summary.id == id)
            .ok_or_else(|| not_found("HierarchyGroupId"))?;
        Ok(json!({ "HierarchyGroup": self.hierarchy_group(group) }))
    }

    /// `HierarchyGroup` of the service model.
    pub(super) fn hierarchy_group(&self, group: &Group) -> Value {
        let Summary { id, arn, name } = &group.summary;
        json!({
            "Id": id,
            "Arn": arn,
            "Name": name,
            "LevelId": group.path.len().to_string(),
            "HierarchyPath": self.hierarchy_path(group),
        })
    }

    fn hierarchy_path(&self, group: &Group) -> Map<String, Value> {
        let ancestors = self
            .groups
            .iter()
            .filter(|ancestor| group.path.starts_with(&ancestor.path));
        // Parents come before children in `groups`, so the levels are in order.
        LEVELS
            .iter()
            .zip(ancestors)
            .map(|(level, ancestor)| ((*level).to_owned(), json!(ancestor.summary)))
            .collect()
    }
}
