//! The rules for `PhoneConfig` (`UserPhoneConfig`, Amazon Connect API reference).

use serde::{Deserialize, Serialize};

use super::rule::{Checked, check, invalid, required};

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PhoneConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auto_accept: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after_contact_work_time_limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) desk_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) persistent_connection: Option<bool>,
}

impl PhoneConfig {
    pub(super) fn check(&self) -> Checked {
        let phone_type = self.phone_type.as_deref();
        check_phone_type("PhoneConfig.PhoneType", phone_type)?;
        check_after_contact_work(
            "PhoneConfig.AfterContactWorkTimeLimit",
            self.after_contact_work_time_limit,
        )?;
        let number = self.desk_phone_number.as_deref();
        if phone_type == Some("DESK_PHONE") {
            required("PhoneConfig.DeskPhoneNumber", number)?;
        }
        check_e164("PhoneConfig.DeskPhoneNumber", number)
    }
}

pub(super) fn check_phone_type(member: &str, phone_type: Option<&str>) -> Checked {
    let known = phone_type.is_none_or(|name| matches!(name, "SOFT_PHONE" | "DESK_PHONE"));
    check(known, || {
        invalid(member, "must be SOFT_PHONE or DESK_PHONE")
    })
}

pub(super) fn check_after_contact_work(member: &str, seconds: Option<i64>) -> Checked {
    let in_range = seconds.is_none_or(|seconds| (0..=2_000_000).contains(&seconds));
    check(in_range, || {
        invalid(member, "must be between 0 and 2000000 seconds")
    })
}

/// `\+[1-9]\d{1,14}$` of the service model.
pub(super) fn check_e164(member: &str, number: Option<&str>) -> Checked {
    check(number.is_none_or(is_e164), || {
        invalid(member, "must be a telephone number in E.164 form")
    })
}

fn is_e164(number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+') else {
        return false;
    };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}
