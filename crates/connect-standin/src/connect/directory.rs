//! The rules for `DirectoryUserId` (`CreateUser`, Amazon Connect API reference).

use super::super::seed::IdentityManagement;
use super::rule::{Checked, check, conflict, required};

const MEMBER: &str = "DirectoryUserId";

pub(super) fn check_directory_user_id(
    id: Option<&str>,
    identity_management: IdentityManagement,
    directory_reachable: bool,
) -> Checked {
    match identity_management {
        IdentityManagement::Saml => {
            check(id.is_none(), || conflict(MEMBER, "is an error with SAML"))
        }
        IdentityManagement::ExistingDirectory if !directory_reachable => {
            required(MEMBER, id).map(|_| ())
        }
        IdentityManagement::ExistingDirectory | IdentityManagement::ConnectManaged => Ok(()),
    }
}
