//! The rules for `IdentityInfo` (`UserIdentityInfo`, Amazon Connect API reference).

use serde::{Deserialize, Serialize};
use unicode_normalization::is_nfc;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::super::seed::{IdentityManagement, InstanceSeed};
use super::phone::check_e164;
use super::rule::{Checked, check, conflict, invalid, length, required};

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IdentityInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secondary_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
}

impl IdentityInfo {
    pub(super) fn check(&self, instance: &InstanceSeed) -> Checked {
        let identity_management = instance.identity_management;
        let first_name = self.first_name.as_deref();
        let last_name = self.last_name.as_deref();
        // The bounds differ where Connect manages identities: 1-255 and 1-256 (`UserIdentityInfo`).
        let (first_bounds, last_bounds) = match identity_management {
            IdentityManagement::ConnectManaged => ((1, 255), (1, 256)),
            IdentityManagement::Saml | IdentityManagement::ExistingDirectory => {
                ((0, 255), (0, 300))
            }
        };
        let names_required = identity_management != IdentityManagement::ExistingDirectory;
        for (member, name, bounds) in [
            ("IdentityInfo.FirstName", first_name, first_bounds),
            ("IdentityInfo.LastName", last_name, last_bounds),
        ] {
            if names_required {
                required(member, name)?;
            }
            name.map_or(Ok(()), |name| check_name(member, name, bounds))?;
            check(
                !instance.refuses_combining_marks || !name.is_some_and(has_marks),
                || invalid(member, "must be without combining marks"),
            )?;
        }
        self.check_addresses(identity_management)
    }

    fn check_addresses(&self, identity_management: IdentityManagement) -> Checked {
        let email_refused = identity_management == IdentityManagement::Saml;
        check(self.email.is_none() || !email_refused, || {
            conflict("IdentityInfo.Email", "is an error with SAML")
        })?;
        let secondary_email = self.secondary_email.as_deref();
        check(secondary_email.is_none_or(is_secondary_email), || {
            invalid(
                "IdentityInfo.SecondaryEmail",
                "must be an email address of up to 265 characters",
            )
        })?;
        check_e164("IdentityInfo.Mobile", self.mobile.as_deref())
    }
}

fn check_name(member: &str, name: &str, (least, most): (usize, usize)) -> Checked {
    check((least..=most).contains(&length(name)), || {
        invalid(member, &format!("must have {least} to {most} characters"))
    })?;
    check(is_nfc(name), || {
        invalid(member, "must be in Unicode Normalization Form C")
    })
}

fn has_marks(name: &str) -> bool {
    name.chars()
        .any(|c| c.general_category_group() == GeneralCategoryGroup::Mark)
}

/// `(?=^.{0,265}$)[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63}` of the reference.
fn is_secondary_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some((host, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let made_of = |text: &str, extra: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || extra.contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    let is_top = (2..=63).contains(&top.len()) && top.chars().all(|c| c.is_ascii_alphabetic());
    length(text) <= 265 && made_of(local, "._%+-") && made_of(host, ".-") && is_top
}
