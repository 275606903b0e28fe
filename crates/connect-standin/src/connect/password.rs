//! The rules for `Password` (`CreateUser`, Amazon Connect API reference). The password is looked at
//! here and kept nowhere.

use super::super::seed::IdentityManagement;
use super::rule::{Checked, check, conflict, invalid, length, required};

const MEMBER: &str = "Password";

pub(super) fn check_password(
    password: Option<&str>,
    identity_management: IdentityManagement,
) -> Checked {
    match identity_management {
        IdentityManagement::ConnectManaged => check_policy(required(MEMBER, password)?),
        IdentityManagement::Saml | IdentityManagement::ExistingDirectory => {
            check(password.is_none(), || {
                conflict(
                    MEMBER,
                    "is an error where Connect does not manage identities",
                )
            })
        }
    }
}

fn check_policy(password: &str) -> Checked {
    check(is_strong(password), || {
        invalid(
            MEMBER,
            "must have 8 to 64 characters without blanks, with a lower-case letter, an upper-case letter and a digit",
        )
    })
}

/// `^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d\S]{8,64}$` of the service model.
fn is_strong(password: &str) -> bool {
    let has = |class: fn(&char) -> bool| password.chars().any(|c| class(&c));
    (8..=64).contains(&length(password))
        && !password.chars().any(char::is_whitespace)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_digit)
}
