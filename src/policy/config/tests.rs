//! Small configurations with one thing wrong: the fault, its line, and what would be right.

use super::*;

const EXAMPLE: &str = include_str!("../../../provisioner.toml");

/// A small valid configuration.
const SMALL: &str = r#"
[connect]
instance_id = "11111111-aaaa-4bbb-8ccc-111111111111"
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

/// It, with one text in it replaced.
#[track_caller]
pub(super) fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(SMALL.contains(from), "{from} is not in the configuration");
    let text = SMALL.replacen(from, to, 1);
    let faults = match parse(&text) {
        Ok(_) => {
            test_support::schema::accepts(&text);
            Vec::new()
        }
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(faults, expected, "{from} -> {to}");
}

#[test]
fn the_shipped_example_is_valid() {
    if let Err(faults) = parse(EXAMPLE) {
        panic!("{faults}");
    }
    test_support::schema::accepts(EXAMPLE);
}

#[test]
fn each_fault_is_named_with_its_line() {
    check("agents", "agents", &[]);
    check(
        "[user]",
        "[[user]",
        &["line 6, column 8: unclosed array table, expected `]`"],
    );
    check(
        "routing_profile",
        "routing_profil",
        &[
            "line 12: assignment \"agents\" has no routing_profile; name one, or give a reason in `skip`",
            "line 15: unknown key `routing_profil`; [[assignment]] takes name, when, table, rows, skip, instance, routing_profile, \
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
        &["line 14, column 27: `when`: syntax error: unexpected end of input, expected expression"],
    );
    check(
        "CONNECT_MANAGED",
        "MANAGED",
        &[
            "line 4: `identity_management` is \"MANAGED\"; write one of \"CONNECT_MANAGED\", \"SAML\", \"EXISTING_DIRECTORY\"",
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
            "line 12: unknown section `assignments`; there are connect, user, password, instance, retry, schedule, direct_requests, limits, claims, queues, logs, lookup, source, assignment, extra_security_profiles",
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
            "line 6: unknown key `colour`; [connect] takes instance_id, region, identity_management, email_with_saml, combining_marks, \
             requests_per_second, burst, concurrency, unmanaged_user, changed_request",
            "line 8: unknown key `shape`; [user] takes username, username_when_taken, username_case, username_max_length, too_long, first_name, last_name, email, \
         secondary_email, mobile, directory_user_id",
            "line 9: unknown key `size`; [user] takes username, username_when_taken, username_case, username_max_length, too_long, first_name, last_name, email, \
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
        "line 17: tag `team`: tem is no field of a joiner; there are employee_id, given_name, family_name, preferred_name, email, mobile, department, department.code, department.name, job, job.code, job.title, location, manager_employee_id, start_date, employment_type, username, extra.NAME",
    );
}

#[test]
fn what_would_refuse_everybody_is_a_fault() {
    check(
        "\"Voice\"",
        "\" \"",
        &["line 12: assignment \"agents\", profiles: a name is blank"],
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
         location, manager_employee_id, start_date, employment_type, extra.NAME",
        ],
    );
    check(
        "secret_id",
        "cache_seconds = \"long\"\ncolour = 1\nsecret_id",
        &[
            "line 10: `cache_seconds` is the text \"long\"; write a whole number, 0 or more",
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
        "instance_id = \"11111111-aaaa-4bbb-8ccc-111111111111\"",
        "instance_id = \"11111111-aaaa-4bbb-8ccc-111111111111\"\nconcurrency = 0",
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

/// The faults of a small configuration with something more at its end.
#[track_caller]
fn check_with(more: &str, expected: &[&str]) {
    let last = "security_profiles = [\"Agent\"]\n";
    check(last, &format!("{last}{more}"), expected);
}

#[test]
fn a_table_is_checked_row_by_row() {
    check_with(
        "rows = [\n{ match = { \"job.code\" = \"A*\" } },\n{ match = { \"job.code\" = \"A*\" }, skip = \"no\" },\n\
         { match = {}, instance = \"us\" },\n]",
        &[
            "line 19: assignment \"agents\", row 2 fits the same as row 1; leave one out",
            "line 20: assignment \"agents\", row 3: there is no [instance.us]",
        ],
    );
    check_with(
        "rows = [{ match = { job = \"A\" } }]",
        &[
            "line 12: assignment \"agents\": `job` is no field of a joiner; there are employee_id, given_name, family_name, \
             preferred_name, email, mobile, department.code, department.name, job.code, job.title, location, \
             manager_employee_id, start_date, employment_type, extra.NAME",
        ],
    );
    check_with(
        "table = \"jobs.csv\"",
        &["line 17: `table`: jobs.csv cannot be read here: only a file's tables can be files"],
    );
}

#[test]
fn an_addition_is_a_condition_and_its_profiles() {
    check_with(
        "[[extra_security_profiles]]\nname = \"leads\"\nwhen = 'job.code = \"A\"'\nsecurity_profiles = []",
        &[
            "line 17: extra_security_profiles \"leads\" has 0 security_profiles; CreateUser takes 1 to 10",
            "line 19, column 18: `when`: syntax error: `=` is no operator here; write `==`",
        ],
    );
}

#[test]
fn a_further_instance_is_checked_like_the_first() {
    let saml = "[instance.us.connect]\ninstance_id = \"22222222-aaaa-4bbb-8ccc-222222222222\"\nidentity_management = \"SAML\"\n";
    check_with(saml, &[]);
    check_with(
        &saml.replace(
            "22222222-aaaa-4bbb-8ccc-222222222222",
            "11111111-aaaa-4bbb-8ccc-111111111111",
        ),
        &["line 17: [instance.us] has the instance_id of another one; leave it out"],
    );
    check_with(
        &format!("{saml}burst = 9\nconcurrency = 3"),
        &[
            "line 17: concurrency is the event source's, one for all instances; say it in [connect]",
            "line 17: the quota is the account's in a Region, and an instance above says it; leave requests_per_second and \
             burst out, or name the instance's region",
        ],
    );
    check_with(&format!("{saml}burst = 9\nregion = \"us-east-1\""), &[]);
    check_with(
        &saml.replace("SAML", "CONNECT_MANAGED"),
        &[
            "line 17: there is no [instance.us.password], which CONNECT_MANAGED identities need; give it a secret_id",
        ],
    );
}

#[test]
fn a_lookup_needs_its_table() {
    let tagged = "tags = { region = \"{{ location | lookup('regions') }}\" }\n";
    check_with(
        tagged,
        &["line 17: tag `region`: there is no table `regions` under [lookup]"],
    );
    check_with(
        &format!("{tagged}[lookup]\nregions = {{ Leeds = \"EMEA\", \"*\" = \"other\" }}"),
        &[],
    );
    check_with(
        &format!("{tagged}[lookup]\nregions = 7"),
        &[
            "line 17: tag `region`: there is no table `regions` under [lookup]",
            "line 19: `regions` is of another kind; write a CSV file's name, or a table of texts",
        ],
    );
}

#[test]
fn a_table_may_be_a_file_beside_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |table: &str, expected: &[&str]| {
        let last = "security_profiles = [\"Agent\"]\n";
        let text = SMALL.replacen(last, "table = \"jobs.csv\"\n", 1);
        test_support::schema::accepts(&text);
        std::fs::write(folder.path().join("provisioner.toml"), text).expect("written");
        std::fs::write(folder.path().join("jobs.csv"), table).expect("written");
        let faults = match load(&folder.path().join("provisioner.toml")) {
            Ok(policy) => {
                assert_eq!(policy.files.len(), 1);
                Vec::new()
            }
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(faults, expected, "{table}");
    };
    let head = "job.code,security_profiles,hierarchy_group,tags.site\n";
    check(
        &format!("{head}A*,Agent | Lead,EMEA|Leeds,{{{{ location }}}}\n"),
        &[],
    );
    check(
        &format!("{head}A,Agent,,\nB,,,\n*,Agent,a|b|c|d|e|f,{{{{ place }}}}\n"),
        &[
            "jobs.csv line 3: assignment \"agents\" has 0 security_profiles; CreateUser takes 1 to 10",
            "jobs.csv line 4: assignment \"agents\" has a hierarchy_group of 6 levels; Connect has 1 to 5",
            "jobs.csv line 4: assignment \"agents\": tag `site`: place is no field of a joiner; there are employee_id, \
             given_name, family_name, preferred_name, email, mobile, department, department.code, department.name, job, \
             job.code, job.title, location, manager_employee_id, start_date, employment_type, username, extra.NAME",
        ],
    );
    check(
        "job.code;security_profiles\nA;Agent\n",
        &[
            "line 16: `table`: jobs.csv has a column `job.code;security_profiles`; there are employee_id, given_name, \
             family_name, preferred_name, email, mobile, department.code, department.name, job.code, job.title, location, \
             manager_employee_id, start_date, employment_type, extra.NAME, skip, instance, routing_profile, security_profiles, \
             hierarchy_group (names separated by |) and tags.KEY, separated by commas",
        ],
    );
    check(head, &["line 16: the table has no row"]);
}
