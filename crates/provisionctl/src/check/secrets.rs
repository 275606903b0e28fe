//! The result for a secret -> whether the function can take a password from it.

use connect_provisioner::failure::Failure;

use super::facts::secrets::{PersonalSecret, SecretFacts};
use super::finding::Finding;
use crate::refused::explain_failure;

/// Judges a secret.
pub(super) fn judge(facts: &SecretFacts) -> Finding {
    match facts {
        SecretFacts::NotNeeded {
            identity_management,
        } => Finding::ok("password", format!("{identity_management} takes none")),
        SecretFacts::Shared { id, result } => judge_result(&format!("secret \"{id}\""), result),
        SecretFacts::Elsewhere { id, why } => Finding::fail(&format!("secret \"{id}\""), why),
        SecretFacts::WithoutEvents { id } => Finding::note(
            &format!("secret \"{id}\""),
            "each person has one; give --event with the events of some people to look at theirs",
        ),
        SecretFacts::Personal { key, secret } => {
            judge_personal(&format!("secret of {key}"), secret)
        }
    }
}

fn judge_personal(about: &str, secret: &PersonalSecret) -> Finding {
    match secret {
        PersonalSecret::Checked(result) => judge_result(about, result),
        PersonalSecret::Skipped(why) => Finding::note(about, format!("not looked at: {why}")),
        PersonalSecret::Refused(failure) => Finding::warn(
            about,
            format!(
                "not looked at: the event is refused: {}",
                failure.explanation()
            ),
        ),
    }
}

fn judge_result(about: &str, result: &Result<(), Failure>) -> Finding {
    match result {
        Ok(()) => Finding::ok(about, "it can be read, and Connect takes its password"),
        Err(failure) => Finding::fail(about, explain_failure(failure)),
    }
}
