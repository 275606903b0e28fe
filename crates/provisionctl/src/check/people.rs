//! The users of an instance -> whether each person has one user only.

use std::collections::BTreeMap;

use connect_provisioner::failure::Failure;

use super::finding::Finding;

/// Judges the users of an instance, given as pairs of a person's tag and a user id.
pub(super) fn judge(
    instance_id: &str,
    tagged_users: &Result<Vec<(String, String)>, Failure>,
) -> Vec<Finding> {
    let about = format!("people of instance {instance_id}");
    match tagged_users {
        Ok(users) => judge_users(&about, users),
        Err(failure) => vec![Finding::fail(&about, failure.explanation())],
    }
}

fn judge_users(about: &str, tagged_users: &[(String, String)]) -> Vec<Finding> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (person, user_id) in tagged_users {
        users.entry(person).or_default().push(user_id);
    }
    let several = users.iter().filter(|(_, users)| users.len() > 1);
    let findings: Vec<_> = several
        .map(|(person, users)| {
            Finding::fail(
                about,
                format!(
                    "the users {} are one person's (tag {person}): keep one, and delete the others in Connect",
                    users.join(", ")
                ),
            )
        })
        .collect();
    if findings.is_empty() {
        let count = tagged_users.len();
        return vec![Finding::ok(
            about,
            format!("none has two users; {count} users were made or adopted by this program"),
        )];
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::{State, count};
    use super::*;

    #[track_caller]
    fn check(people: &[&str], failures: usize) {
        let users = people.iter().enumerate();
        let users: Vec<_> = users
            .map(|(n, person)| ((*person).to_owned(), format!("user-{n}")))
            .collect();
        let findings = judge_users("people", &users);
        assert_eq!(count(&findings, State::Fail), failures, "{findings:?}");
        assert_eq!(count(&findings, State::Ok), usize::from(failures == 0));
    }

    #[test]
    fn each_person_with_several_users_is_one_failure() {
        check(&[], 0);
        check(&["a", "b"], 0);
        check(&["a", "b", "a", "a"], 1);
        check(&["a", "b", "a", "b"], 2);
    }
}
