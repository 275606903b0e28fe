//! Method and path become the operation that they mean (Amazon Connect service model, `requestUri`).

const ROUTES: [(&str, &str, &str); 12] = [
    ("PUT", "users/{}", "CreateUser"),
    ("GET", "users/{}/{}", "DescribeUser"),
    ("DELETE", "users/{}/{}", "DeleteUser"),
    ("POST", "search-users", "SearchUsers"),
    ("POST", "tags/{}", "TagResource"),
    ("GET", "users-summary/{}", "ListUsers"),
    ("GET", "routing-profiles-summary/{}", "ListRoutingProfiles"),
    (
        "GET",
        "security-profiles-summary/{}",
        "ListSecurityProfiles",
    ),
    (
        "GET",
        "user-hierarchy-groups-summary/{}",
        "ListUserHierarchyGroups",
    ),
    (
        "GET",
        "user-hierarchy-groups/{}/{}",
        "DescribeUserHierarchyGroup",
    ),
    (
        "POST",
        "search-user-hierarchy-groups",
        "SearchUserHierarchyGroups",
    ),
    ("GET", "instance/{}", "DescribeInstance"),
];

/// The operation and the labels of its path.
pub(in super::super) fn route(
    method: &str,
    segments: &[String],
) -> Option<(&'static str, Vec<String>)> {
    let mut routes = ROUTES.iter().filter(|route| route.0 == method);
    routes.find_map(|(_, template, operation)| Some((*operation, labels(template, segments)?)))
}

fn labels(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let parts: Vec<&str> = template.split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut labels = Vec::new();
    for (part, segment) in parts.into_iter().zip(segments) {
        match part {
            "{}" if !segment.is_empty() => labels.push(segment.clone()),
            literal if literal == segment => {}
            _ => return None,
        }
    }
    Some(labels)
}
