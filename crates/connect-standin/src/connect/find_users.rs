//! A `SearchUsers` call becomes the page of users that fit. Its index lags: young users are not in
//! it yet.

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::refusal::Answer;
use super::super::wire::AwsRequest;
use super::Connect;
use super::page::{Position, with_token};
use super::rule::{Checked, check, invalid, not_here, required};
use super::user::User;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SearchUsers {
    instance_id: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    search_filter: Option<Filter>,
    search_criteria: Option<Criteria>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    tag_filter: Option<TagFilter>,
    user_attribute_filter: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagFilter {
    tag_condition: Option<TagCondition>,
    and_conditions: Option<Vec<TagCondition>>,
    or_conditions: Option<Vec<Vec<TagCondition>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagCondition {
    tag_key: Option<String>,
    tag_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Criteria {
    string_condition: Option<StringCondition>,
    and_conditions: Option<Vec<Criteria>>,
    or_conditions: Option<Vec<Criteria>>,
    list_condition: Option<Value>,
    hierarchy_group_condition: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StringCondition {
    field_name: Option<String>,
    value: Option<String>,
    comparison_type: Option<String>,
}

impl Connect {
    pub(super) fn search_users(&mut self, request: &AwsRequest) -> Answer {
        let input: SearchUsers = request.input()?;
        input.check()?;
        let pages = self.pages;
        let instance = self.instance(required("InstanceId", input.instance_id.as_deref())?)?;
        let ignore_case = instance.seed.usernames_ignore_case;
        let users = instance.users.iter();
        let indexed = users.filter(|user| user.searchable_from <= Instant::now());
        let found: Vec<&User> = indexed
            .filter(|user| input.fits(user, ignore_case))
            .collect();
        let page = pages.cut(&found, &input.position(request))?;
        let summaries: Vec<Value> = page
            .items
            .iter()
            .map(|user| user.search_summary())
            .collect();
        let output = json!({ "Users": summaries, "ApproximateTotalCount": found.len() });
        Ok(with_token(output, page.next_token))
    }
}

impl SearchUsers {
    fn check(&self) -> Checked {
        let filter = self.search_filter.as_ref();
        let by_attribute = filter.is_some_and(|filter| filter.user_attribute_filter.is_some());
        check(!by_attribute, || {
            not_here("SearchFilter.UserAttributeFilter")
        })?;
        self.search_criteria
            .as_ref()
            .map_or(Ok(()), Criteria::check)
    }

    fn fits(&self, user: &User, ignore_case: bool) -> bool {
        let filter = self.search_filter.as_ref();
        let tags = filter.and_then(|filter| filter.tag_filter.as_ref());
        let criteria = self.search_criteria.as_ref();
        tags.is_none_or(|tags| tags.fits(user))
            && criteria.is_none_or(|some| some.fits(user, ignore_case))
    }

    /// `MaxResults` up to 500; the default is not documented, 100 as in the lists.
    fn position<'call>(&'call self, request: &'call AwsRequest) -> Position<'call> {
        Position {
            operation: &request.operation,
            next_token: self.next_token.as_deref(),
            max_results: self.max_results,
            limit: 500,
        }
    }
}

impl TagFilter {
    fn fits(&self, user: &User) -> bool {
        let all = |conditions: &[TagCondition]| conditions.iter().all(|one| one.fits(user));
        let Self {
            tag_condition,
            and_conditions,
            or_conditions,
        } = self;
        tag_condition.as_ref().is_none_or(|one| one.fits(user))
            && and_conditions.as_deref().is_none_or(all)
            && or_conditions
                .as_ref()
                .is_none_or(|any| any.iter().any(|conditions| all(conditions)))
    }
}

impl TagCondition {
    /// A missing key or value fits any.
    fn fits(&self, user: &User) -> bool {
        let fits = |wanted: &Option<String>, found: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let mut tags = user.tags.iter().flatten();
        tags.any(|(key, value)| fits(&self.tag_key, key) && fits(&self.tag_value, value))
    }
}

impl Criteria {
    fn check(&self) -> Checked {
        check(self.list_condition.is_none(), || {
            not_here("SearchCriteria.ListCondition")
        })?;
        check(self.hierarchy_group_condition.is_none(), || {
            not_here("SearchCriteria.HierarchyGroupCondition")
        })?;
        let condition = self.string_condition.as_ref();
        condition.map_or(Ok(()), StringCondition::check)?;
        let nested = self.and_conditions.iter().chain(&self.or_conditions);
        nested.flatten().try_for_each(Self::check)
    }

    fn fits(&self, user: &User, ignore_case: bool) -> bool {
        let Self {
            string_condition,
            and_conditions,
            or_conditions,
            ..
        } = self;
        let nested = |criteria: &Criteria| criteria.fits(user, ignore_case);
        string_condition
            .as_ref()
            .is_none_or(|one| one.fits(user, ignore_case))
            && and_conditions
                .as_ref()
                .is_none_or(|all| all.iter().all(nested))
            && or_conditions
                .as_ref()
                .is_none_or(|any| any.iter().any(nested))
    }
}

impl StringCondition {
    fn check(&self) -> Checked {
        let member = "StringCondition.FieldName";
        let field = required(member, self.field_name.as_deref())?;
        let known = matches!(
            field,
            "Username"
                | "FirstName"
                | "LastName"
                | "RoutingProfileId"
                | "SecurityProfileId"
                | "resourceId"
        );
        check(known, || {
            invalid(member, "is not a field that can be searched")
        })?;
        required("StringCondition.Value", self.value.as_ref())?;
        let comparison = self.comparison_type.as_deref();
        let known = matches!(comparison, Some("EXACT" | "STARTS_WITH" | "CONTAINS"));
        check(known, || {
            let rule = "must be EXACT, STARTS_WITH or CONTAINS";
            invalid("StringCondition.ComparisonType", rule)
        })
    }

    /// The reference does not say that case is ignored, so it counts, but for usernames where the instance ignores theirs.
    fn fits(&self, user: &User, ignore_case: bool) -> bool {
        let wanted = self.value.as_deref().unwrap_or_default();
        let fits = |text: &str| self.compares(text, wanted);
        let identity = user.identity_info.as_ref();
        match self.field_name.as_deref().unwrap_or_default() {
            "FirstName" => {
                identity.is_some_and(|some| some.first_name.as_deref().is_some_and(fits))
            }
            "LastName" => identity.is_some_and(|some| some.last_name.as_deref().is_some_and(fits)),
            "RoutingProfileId" => fits(&user.routing_profile_id),
            "SecurityProfileId" => user.security_profile_ids.iter().any(|id| fits(id)),
            "resourceId" => fits(&user.id),
            _ if ignore_case => {
                self.compares(&user.username.to_lowercase(), &wanted.to_lowercase())
            }
            _ => fits(&user.username),
        }
    }

    fn compares(&self, text: &str, wanted: &str) -> bool {
        match self.comparison_type.as_deref() {
            Some("STARTS_WITH") => text.starts_with(wanted),
            Some("CONTAINS") => text.contains(wanted),
            _ => text == wanted,
        }
    }
}
