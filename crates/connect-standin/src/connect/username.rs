//! The rules for `Username` (`CreateUser`, Amazon Connect API reference).

use super::super::seed::{IdentityManagement, InstanceSeed};
use super::rule::{Checked, check, invalid, length, required};

const MEMBER: &str = "Username";

pub(super) fn check_username(username: Option<&str>, instance: &InstanceSeed) -> Checked {
    let username = required(MEMBER, username)?;
    check((1..=100).contains(&length(username)), || {
        invalid(MEMBER, "must have 1 to 100 characters")
    })?;
    let saml = instance.identity_management == IdentityManagement::Saml;
    let longest = instance
        .username_max_length
        .unwrap_or(if saml { 64 } else { 20 });
    check(length(username) <= longest, || {
        let with = if saml { "with" } else { "without" };
        invalid(
            MEMBER,
            &format!("can have up to {longest} characters {with} SAML"),
        )
    })?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.@".contains(c);
    check(!saml || username.chars().all(allowed), || {
        invalid(
            MEMBER,
            "can have only a-z, A-Z, 0-9, _, -, . and @ with SAML",
        )
    })?;
    check(!username.contains('@') || is_email(username), || {
        invalid(MEMBER, "can have @ only in the form of an email address")
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
