//! The rules for `Username` (`CreateUser`, Amazon Connect API reference).

use super::super::seed::IdentityManagement;
use super::rule::{Checked, check, invalid, length, required};

const MEMBER: &str = "Username";

pub(super) fn check_username(
    username: Option<&str>,
    identity_management: IdentityManagement,
) -> Checked {
    let username = required(MEMBER, username)?;
    check((1..=100).contains(&length(username)), || {
        invalid(MEMBER, "must have 1 to 100 characters")
    })?;
    match identity_management {
        IdentityManagement::Saml => check_saml(username)?,
        IdentityManagement::ConnectManaged | IdentityManagement::ExistingDirectory => {
            check(length(username) <= 20, || {
                invalid(MEMBER, "can have up to 20 characters without SAML")
            })?;
        }
    }
    check(!username.contains('@') || is_email(username), || {
        invalid(MEMBER, "can have @ only in the form of an email address")
    })
}

fn check_saml(username: &str) -> Checked {
    check(length(username) <= 64, || {
        invalid(MEMBER, "can have up to 64 characters with SAML")
    })?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.@".contains(c);
    check(username.chars().all(allowed), || {
        invalid(
            MEMBER,
            "can have only a-z, A-Z, 0-9, _, -, . and @ with SAML",
        )
    })
}

/// One @ between a local part and a domain with a dot: `testuser@example` is wrong by the reference.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let has_labels = labels.len() > 1 && labels.iter().all(|label| !label.is_empty());
    !local.is_empty() && !domain.contains('@') && has_labels
}
