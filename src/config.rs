//! `provisioner.toml` -> a policy, or every fault in it at once, each with its line.

mod compile;
mod faults;
mod file;
pub mod presets;
mod sources;

use std::path::Path;

use crate::policy::Policy;

pub use faults::{Fault, Faults};

/// The configuration's name where nothing else is said.
pub const DEFAULT_FILE: &str = "provisioner.toml";

/// Reads and checks a configuration file.
///
/// # Errors
/// The file cannot be read, or all that is wrong with it.
pub fn load(path: &Path) -> Result<Policy, Faults> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text),
        Err(err) => Err(Faults::one(format!("the file cannot be read: {err}"))),
    }
}

/// Checks a configuration's text.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(text: &str) -> Result<Policy, Faults> {
    let mut faults = Faults::of(text);
    let file = file::read(text, &mut faults);
    let policy = file.and_then(|file| compile::policy(file, &mut faults));
    match policy {
        Some(policy) if faults.is_empty() => Ok(policy),
        _ => Err(faults.sorted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const EXAMPLE: &str = include_str!("../provisioner.toml");

    /// A small valid configuration, with one text in it replaced.
    #[track_caller]
    fn check(from: &str, to: &str, expected: &[&str]) {
        const SMALL: &str = r#"
[connect]
instance_id = "i-1"
identity_management = "CONNECT_MANAGED"

[user]
username = ["{{ given_name }}"]

[password]
secret_id = "connect/initial"

[[assignment]]
name = "agents"
when = 'department.code == "CC"'
routing_profile = "Voice"
security_profiles = ["Agent"]
"#;
        assert!(SMALL.contains(from), "{from} is not in the configuration");
        let faults = match parse(&SMALL.replacen(from, to, 1)) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(faults, expected, "{from} -> {to}");
    }

    #[test]
    fn the_shipped_example_is_valid() {
        if let Err(faults) = parse(EXAMPLE) {
            panic!("{faults}");
        }
    }

    #[test]
    fn each_fault_is_named_with_its_line() {
        check("agents", "agents", &[]);
        check(
            "[user]",
            "[[user]",
            &["line 6: unclosed array table, expected `]`"],
        );
        check(
            "routing_profile",
            "routing_profil",
            &[
                "line 12: assignment \"agents\" has no routing_profile; name one, or give a reason in `skip`",
                "line 15: unknown key `routing_profil`; [[assignment]] takes name, when, skip, routing_profile, \
                 security_profiles, hierarchy_group, phone_config, auto_accept_configs, after_contact_work_configs, \
                 phone_number_configs, persistent_connection_configs, voice_enhancement_configs, tags",
            ],
        );
        check(
            "routing_profile = \"Voice\"\n",
            "",
            &[
                "line 12: assignment \"agents\" has no routing_profile; name one, or give a reason in `skip`",
            ],
        );
        check(
            "[\"Agent\"]",
            "[]",
            &["line 12: assignment \"agents\" has 0 security_profiles; CreateUser takes 1 to 10"],
        );
        check(
            "== \"CC\"",
            "==",
            &["line 14: `when`: syntax error: unexpected end of input, expected expression"],
        );
        check(
            "CONNECT_MANAGED",
            "MANAGED",
            &[
                "line 4: unknown variant `MANAGED`, expected one of `CONNECT_MANAGED`, `SAML`, `EXISTING_DIRECTORY`",
            ],
        );
        check(
            "CONNECT_MANAGED",
            "SAML",
            &["line 9: [password] is only for CONNECT_MANAGED identities; leave it out"],
        );
        check(
            "secret_id = \"connect/initial\"",
            "",
            &["line 9: missing field `secret_id`"],
        );
        check(
            "username = [\"{{ given_name }}\"]",
            "username = []",
            &["line 6: [user] has no username template"],
        );
        check(
            "[[assignment]]",
            "[[assignments]]",
            &[
                "line 12: unknown section `assignments`; there are connect, user, password, retry, queues, source, assignment",
                "there is no [[assignment]], so nobody would get a user",
            ],
        );
    }

    #[test]
    fn all_faults_come_at_once() {
        check(
            "[user]",
            "colour = \"green\"\n[user]\nshape = 1\nsize = 2",
            &[
                "line 6: unknown key `colour`; [connect] takes instance_id, identity_management, email_with_saml, \
                 requests_per_second, burst, concurrency, unmanaged_user, changed_request",
                "line 8: unknown key `shape`; [user] takes username, too_long, first_name, last_name, email, \
             secondary_email, mobile, directory_user_id",
                "line 9: unknown key `size`; [user] takes username, too_long, first_name, last_name, email, \
             secondary_email, mobile, directory_user_id",
            ],
        );
    }

    #[test]
    fn rules_of_connect_are_checked_before_the_first_event() {
        let with = |line: &str| format!("[\"Agent\"]\n{line}");
        let refused = |line: &str, expected: &str| check("[\"Agent\"]", &with(line), &[expected]);
        refused(
            "phone_config = { PhoneType = \"DESK_PHONE\" }",
            "line 12: assignment \"agents\": PhoneConfig.DeskPhoneNumber is missing or blank; send an E.164 number such as +15555550123",
        );
        refused(
            "phone_config = { AutoAccept = true }\nauto_accept_configs = [{ Channel = \"VOICE\", AutoAccept = true }]",
            "line 12: assignment \"agents\": PhoneConfig.AutoAccept is not acceptable; send it either here or in AutoAcceptConfigs",
        );
        refused(
            "phone_config = { AutoAccept = true }\nphone_number_configs = [{ Channel = \"VOICE\", PhoneType = \"SOFT_PHONE\" }]",
            "line 12: assignment \"agents\": PhoneConfig.PhoneType is not acceptable; send it either here or in PhoneNumberConfigs",
        );
        refused(
            "hierarchy_group = []",
            "line 12: assignment \"agents\" has a hierarchy_group of 0 levels; Connect has 1 to 5",
        );
        refused(
            "tags = { \"aws:x\" = \"y\" }",
            "line 12: assignment \"agents\": `aws:x` is no tag key; CreateUser takes 1 to 128 letters, digits, spaces and _.:/=+-@, not starting with aws: or connect-provisioner:",
        );
        refused(
            "tags = { team = \"{{ tem }}\" }",
            "line 17: tag `team`: tem is no field of a joiner; there are employee_id, given_name, family_name, preferred_name, email, mobile, department, department.code, department.name, job, job.code, job.title, location, manager_employee_id, start_date, employment_type, username",
        );
    }

    #[test]
    fn what_would_refuse_everybody_is_a_fault() {
        check(
            "\"Voice\"",
            "\" \"",
            &["line 12: assignment \"agents\" has a profile without a name"],
        );
        check(
            "connect/initial",
            "",
            &["line 10: `secret_id`: the text is blank"],
        );
        check(
            "{{ given_name }}",
            "",
            &["line 7: `username`: the text is blank"],
        );
        check(
            "department.code == \"CC\"",
            "username == \"x\"",
            &[
                "line 14: `when`: username is no field of a joiner; there are employee_id, given_name, family_name, \
             preferred_name, email, mobile, department, department.code, department.name, job, job.code, job.title, \
             location, manager_employee_id, start_date, employment_type",
            ],
        );
        check(
            "secret_id",
            "cache_seconds = \"long\"\ncolour = 1\nsecret_id",
            &[
                "line 10: invalid type: string \"long\", expected u64",
                "line 11: unknown key `colour`; [password] takes secret_id, json_key, cache_seconds",
            ],
        );
        check(
            "security_profiles",
            "phone_config = { PhoneTyp = \"SOFT_PHONE\" }\nsecurity_profiles",
            &[
                "line 16: unknown key `PhoneTyp`; phone_config takes PhoneType, AutoAccept, AfterContactWorkTimeLimit, \
             DeskPhoneNumber, PersistentConnection",
            ],
        );
        check(
            "instance_id = \"i-1\"",
            "instance_id = \"i-1\"\nconcurrency = 0",
            &[
                "line 2: requests_per_second, burst and concurrency must be above 0, the first at most 1000",
            ],
        );
    }

    #[test]
    fn an_assignment_that_nobody_can_reach_is_a_fault() {
        check(
            "when = 'department.code == \"CC\"'",
            "[[assignment]]\nname = \"rest\"\nskip = \"no agent\"\n[[assignment]]\nname = \"late\"",
            &[
                "line 12: assignment \"agents\" has no routing_profile; name one, or give a reason in `skip`",
                "line 12: assignment \"agents\" has 0 security_profiles; CreateUser takes 1 to 10",
                "line 14: assignment \"rest\" is never reached: an assignment above it fits everybody",
                "line 17: assignment \"late\" is never reached: an assignment above it fits everybody",
            ],
        );
    }
}
