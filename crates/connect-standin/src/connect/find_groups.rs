//! A `SearchUserHierarchyGroups` call becomes a page of groups with their paths. Its index may lag.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::refusal::Answer;
use super::super::wire::AwsRequest;
use super::Connect;
use super::hierarchy::Group;
use super::page::{Position, with_token};
use super::rule::{Checked, check, not_here, required};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SearchGroups {
    instance_id: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    search_filter: Option<Value>,
    search_criteria: Option<Value>,
}

impl Connect {
    pub(super) fn search_hierarchy_groups(&mut self, request: &AwsRequest) -> Answer {
        let input: SearchGroups = request.input()?;
        input.check()?;
        let pages = self.pages;
        let instance = self.instance(required("InstanceId", input.instance_id.as_deref())?)?;
        let groups = instance.groups.iter();
        let found: Vec<&Group> = groups.filter(|group| group.is_indexed).collect();
        let page = pages.cut(&found, &input.position(request))?;
        let groups: Vec<Value> = page
            .items
            .iter()
            .map(|group| instance.hierarchy_group(group))
            .collect();
        let output = json!({ "UserHierarchyGroups": groups, "ApproximateTotalCount": found.len() });
        Ok(with_token(output, page.next_token))
    }
}

impl SearchGroups {
    fn check(&self) -> Checked {
        check(self.search_filter.is_none(), || not_here("SearchFilter"))?;
        check(self.search_criteria.is_none(), || {
            not_here("SearchCriteria")
        })
    }

    /// `MaxResults` up to 100, which is also taken for the undocumented default.
    fn position<'call>(&'call self, request: &'call AwsRequest) -> Position<'call> {
        Position {
            operation: &request.operation,
            next_token: self.next_token.as_deref(),
            max_results: self.max_results,
            limit: 100,
        }
    }
}
