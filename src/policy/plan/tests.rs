//! Plans of joiners under small configurations.

use super::*;
use crate::failure::SecretSharing;
use crate::policy::config;

const MANAGED: &str = r#"
[connect]
instance_id = "11111111-aaaa-4bbb-8ccc-111111111111"
identity_management = "CONNECT_MANAGED"
[user]
username = ["{{ given_name }}.{{ family_name }}", "{{ given_name | first }}{{ family_name }}", "{{ email }}"]
first_name = "{{ preferred_name or given_name }}"
[password]
secret_id = "connect/{{ employee_id }}"
[[assignment]]
name = "desk"
when = 'department.code == "DESK"'
routing_profile = "Voice"
security_profiles = ["Agent"]
phone_config = { PhoneType = "DESK_PHONE", DeskPhoneNumber = "{{ mobile | e164 }}" }
tags = { login = "{{ username }}", site = "{{ location }}" }
[[assignment]]
name = "others"
when = 'department.code == "FIN"'
skip = "no contact centre"
"#;

fn saml(text: &str) -> String {
    let password = "[password]\nsecret_id = \"connect/{{ employee_id }}\"\n";
    text.replace("CONNECT_MANAGED", "SAML")
        .replace(password, "")
}

fn joiner(given: &str, family: &str, department: &str) -> Joiner {
    Joiner::default()
        .with(Field::EmployeeId, "E1")
        .with(Field::GivenName, given)
        .with(Field::FamilyName, family)
        .with(Field::Email, "someone.with.a.long.address@company.example")
        .with(Field::Mobile, "+44 7700 900123")
        .with(Field::DepartmentCode, department)
}

fn planned(config: &str, joiner: Joiner) -> Result<Plan, Failure> {
    test_support::schema::accepts(config);
    let policy = config::parse(config).unwrap_or_else(|faults| panic!("{faults}"));
    plan(Reading::Joiner(Box::new(joiner)), &policy)
}

fn user(config: &str, joiner: Joiner) -> UserPlan {
    match planned(config, joiner) {
        Ok(Plan::User(user)) => *user,
        Ok(Plan::Skip(why)) => panic!("skipped: {why}"),
        Err(failure) => panic!("{failure}"),
    }
}

#[track_caller]
fn check_username(config: &str, given: &str, family: &str, expected: Result<&str, &str>) {
    let got = match planned(config, joiner(given, family, "DESK")) {
        Ok(Plan::User(user)) => Ok(user.input.username.unwrap_or_default()),
        Ok(Plan::Skip(why)) => panic!("skipped: {why}"),
        Err(failure) => Err(failure.reason().code()),
    };
    assert_eq!(
        got.as_deref().map_err(String::as_str),
        expected,
        "{given} {family}"
    );
}

#[test]
fn usernames_follow_the_templates_and_the_instances_limit() {
    check_username(MANAGED, "Zoë", "Brückner", Ok("zoe.bruckner"));
    check_username(MANAGED, "Maximiliane", "Hohenzollern", Ok("mhohenzollern"));
    check_username(
        MANAGED,
        "Maximiliane",
        "Hohenzollern-Sigmaringen",
        Ok("maximiliane.hohenzol"),
    );
    check_username(
        &saml(MANAGED),
        "Maximiliane",
        "Hohenzollern-Sigmaringen",
        Ok("Maximiliane.Hohenzollern-Sigmaringen"),
    );
    check_username(
        &saml(MANAGED),
        "太郎",
        "山田",
        Ok("someone.with.a.long.address@company.example"),
    );
    check_username(MANAGED, "太郎", "山田", Err("username_invalid"));
    let refuse = MANAGED.replace("[user]", "[user]\ntoo_long = \"refuse\"");
    check_username(
        &refuse,
        "Maximiliane",
        "Hohenzollern-Sigmaringen",
        Err("username_invalid"),
    );
    let longer = MANAGED.replace("[user]", "[user]\nusername_max_length = 64");
    check_username(
        &longer,
        "Maximiliane",
        "Hohenzollern-Sigmaringen",
        Ok("maximiliane.hohenzollern-sigmaringen"),
    );
    check_username(
        &longer,
        "太郎",
        "山田",
        Ok("someone.with.a.long.address@company.example"),
    );
    let only_names = MANAGED.replace(", \"{{ email }}\"", "");
    check_username(&only_names, "太郎", "山田", Err("username_not_derivable"));
}

#[test]
fn usernames_have_the_case_with_which_people_sign_in() {
    let setting = |case: &str| format!("[user]\nusername_case = \"{case}\"");
    let (keep, lower) = (setting("keep"), setting("lower"));
    let expected = [("Zoë", "McBride", "Zoe.McBride", "zoe.mcbride")];
    for (given, family, kept, lowered) in expected {
        let check = |config: &str, username| check_username(config, given, family, Ok(username));
        check(MANAGED, lowered);
        check(&MANAGED.replace("[user]", &keep), kept);
        check(&MANAGED.replace("[user]", &lower), lowered);
        check(&saml(MANAGED), kept);
        check(&saml(MANAGED).replace("[user]", &lower), lowered);
        // The filter keeps the case too where the username does, and what else is made with it stays in lower case.
        let filtered = MANAGED
            .replace("{{ given_name }}.", "{{ given_name | username }}.")
            .replace("\"{{ location }}\"", "\"{{ given_name | username }}\"");
        check(&filtered, lowered);
        check(&filtered.replace("[user]", &keep), kept);
        let tags = user(
            &filtered.replace("[user]", &keep),
            joiner(given, family, "DESK"),
        )
        .input
        .tags;
        assert_eq!(
            (tags["login"].as_str(), tags["site"].as_str()),
            (kept, "zoe")
        );
    }
    let wrong = MANAGED.replace("[user]", &setting("upper"));
    let faults = config::parse(&wrong).err().expect("no such case");
    let shown = faults.to_string();
    assert!(
        shown.contains("line 6") && shown.contains("\"keep\" or \"lower\""),
        "{shown}"
    );
}

#[test]
fn usernames_when_taken_keep_their_case_too() {
    let alternatives =
        "[user]\nusername_when_taken = [\"{{ given_name | username }}.{{ employee_id }}\"]";
    let names = |config: &str| -> Vec<String> {
        let config = config.replace("[user]", alternatives);
        let user = user(&config, joiner("Zoë", "McBride", "DESK"));
        let others = user.when_taken.into_iter();
        others.filter_map(|other| other.input.username).collect()
    };
    assert_eq!(names(MANAGED), ["zoe.e1"]);
    assert_eq!(names(&saml(MANAGED)), ["Zoe.E1"]);
}

#[test]
fn the_first_assignment_that_fits_decides() {
    let user = user(MANAGED, joiner("Zoë", "Brückner", "DESK"));
    assert_eq!(user.routing_profile, NameOrId::Name("Voice".into()));
    let number = user
        .input
        .phone_config
        .and_then(|config| config.desk_phone_number);
    assert_eq!(number.as_deref(), Some("+447700900123"));
    // The site tag needs a location, which this joiner has not.
    assert_eq!(
        user.input.tags.into_iter().collect::<Vec<_>>(),
        [("login".to_owned(), "zoe.bruckner".to_owned())]
    );

    assert!(matches!(
        planned(MANAGED, joiner("A", "B", "FIN")),
        Ok(Plan::Skip(_))
    ));
    let failure = planned(MANAGED, joiner("A", "B", "NIGHT"))
        .err()
        .expect("nobody fits");
    assert_eq!(
        failure.explanation(),
        "no assignment fits department code NIGHT and job code (none); add one to provisioner.toml"
    );
}

#[test]
fn saml_users_have_no_password_and_no_email_unless_configured() {
    let email = |config: &str| {
        let user = user(config, joiner("Zoë", "Brückner", "DESK"));
        (
            user.secret.is_some(),
            user.input
                .identity_info
                .and_then(|info| info.email)
                .is_some(),
        )
    };
    assert_eq!(email(MANAGED), (true, true));
    assert_eq!(email(&saml(MANAGED)), (false, false));
    let send = saml(MANAGED).replace("\"SAML\"", "\"SAML\"\nemail_with_saml = \"send\"");
    assert_eq!(email(&send), (false, true));
}

#[test]
fn names_are_cleaned_before_anything_is_made_of_them() {
    let mut person = joiner("Mu\u{308}nevver", "O\u{308}z\u{202e}", "DESK");
    person.set(Field::PreferredName, Some("\u{1f600}".into()));
    let user = user(MANAGED, person);
    let info = user.input.identity_info.expect("names");
    assert_eq!(
        (info.first_name.as_deref(), info.last_name.as_deref()),
        (Some("Münevver"), Some("Öz"))
    );
    assert!(user.secret.is_some_and(
        |secret| secret.id == "connect/E1" && secret.sharing() == SecretSharing::PerPerson
    ));
}

#[test]
fn a_secret_of_a_person_needs_the_field_that_its_name_is_made_of() {
    let mut person = joiner("Zoë", "Brückner", "DESK");
    person.set(Field::EmployeeId, None);
    let failure = planned(MANAGED, person).err().expect("refused");
    assert_eq!(failure.reason(), &Reason::InsufficientData);
}

const TABLE: &str = r#"
[lookup]
sites = { Leeds = "EMEA", "US-*" = "AMER" }
[[extra_security_profiles]]
name = "leads"
when = 'job.title == "Lead"'
security_profiles = ["CallCenterManager", "Agent"]
[[extra_security_profiles]]
name = "analysts"
when = 'job.code is startingwith("Q")'
security_profiles = ["QualityAnalyst"]
[[assignment]]
name = "by-job"
security_profiles = ["Agent"]
tags = { region = "{{ location | lookup('sites') }}" }
rows = [
  { match = { "job.code" = "*", "location" = "Leeds" }, routing_profile = "Leeds" },
  { match = { "job.code" = "AGT*" }, routing_profile = "Voice" },
  { match = { "job.code" = "AGT1*" }, routing_profile = "Chat", hierarchy_group = ["EMEA"] },
  { match = { "job.code" = "AGT1", "location" = "US-*" }, routing_profile = "Texas" },
  { match = { "job.code" = "AGT1" }, routing_profile = "Exact", security_profiles = ["Basic"] },
  { match = { "job.code" = "SALES" }, skip = "sales have no phones" },
]
"#;

fn with_table() -> String {
    let first = MANAGED.find("[[assignment]]").expect("an assignment");
    format!("{}{TABLE}{}", &MANAGED[..first], &MANAGED[first..])
}

#[track_caller]
fn check_row(job: &str, location: &str, expected: Result<(&str, &[&str]), &str>) {
    let mut person = joiner("Zoë", "Brückner", "DESK");
    person.set(Field::JobCode, Some(job.to_owned()));
    let title = Some("Lead".to_owned()).filter(|_| job.ends_with('9'));
    person.set(Field::JobTitle, title);
    let place = Some(location.to_owned()).filter(|place| !place.is_empty());
    person.set(Field::Location, place);
    let found = match planned(&with_table(), person) {
        Ok(Plan::User(user)) => Ok((user.routing_profile, user.security_profiles)),
        Ok(Plan::Skip(why)) => Err(why),
        Err(failure) => panic!("{failure}"),
    };
    let name = |name: &str| NameOrId::Name(name.to_owned());
    let expected = expected
        .map(|(routing, security)| {
            (
                name(routing),
                security.iter().map(|one| name(one)).collect(),
            )
        })
        .map_err(str::to_owned);
    assert_eq!(found, expected, "{job} in {location}");
}

#[test]
fn the_most_exact_row_of_a_table_wins_and_no_row_leaves_the_next_assignment() {
    check_row("AGT1", "", Ok(("Exact", &["Basic"])));
    check_row("AGT1", "US-TX", Ok(("Texas", &["Agent"])));
    // The first column decides.
    check_row("AGT1", "Leeds", Ok(("Exact", &["Basic"])));
    check_row("AGT12", "Leeds", Ok(("Chat", &["Agent"])));
    check_row("AGT2", "", Ok(("Voice", &["Agent"])));
    check_row("CLERK", "Leeds", Ok(("Leeds", &["Agent"])));
    check_row("SALES", "Leeds", Err("sales have no phones"));
    // The assignment after the table: department DESK.
    check_row("CLERK", "York", Ok(("Voice", &["Agent"])));
}

#[test]
fn security_profiles_are_gathered_from_every_addition_that_fits_each_once() {
    check_row("AGT9", "", Ok(("Voice", &["Agent", "CallCenterManager"])));
    check_row(
        "Q9",
        "Leeds",
        Ok(("Leeds", &["Agent", "CallCenterManager", "QualityAnalyst"])),
    );
}

#[test]
fn a_lookup_gives_what_its_table_has_and_leaves_missing_what_it_has_not() {
    for (location, expected) in [
        (Some("Leeds"), Some("EMEA")),
        (Some("US-TX"), Some("AMER")),
        (Some("York"), None),
        (None, None),
    ] {
        let mut person = joiner("Zoë", "Brückner", "DESK");
        person.set(Field::JobCode, Some("AGT1".to_owned()));
        person.set(Field::Location, location.map(str::to_owned));
        let tags = user(&with_table(), person).input.tags;
        assert_eq!(
            tags.get("region").map(String::as_str),
            expected,
            "{location:?}"
        );
    }
}
