//! Each preset: its hires are read, all else of its system is a recorded skip.

use connect_provisioner::failure::Failure;
use connect_provisioner::intake::Content;
use connect_provisioner::policy::config;
use connect_provisioner::policy::plan::{Plan, plan};
use serde_json::json;
use test_support::shipped::PRESETS;

const BASE: &str = r#"[connect]
instance_id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
identity_management = "CONNECT_MANAGED"
[user]
username = ["{{ given_name }}.{{ family_name }}"]
[password]
secret_id = "connect/initial-password"
[[assignment]]
name = "all"
routing_profile = "Basic Routing Profile"
security_profiles = ["Agent"]
tags = { department = "{{ department.code }}", job = "{{ job.code }}", place = "{{ location }}", manager = "{{ manager_employee_id }}" }
"#;

fn with_all_presets(more: &str) -> String {
    let presets = PRESETS.map(|name| format!("[[source]]\npreset = \"{name}\"\n"));
    format!("{BASE}{}{more}", presets.concat())
}

/// Returns the outcome of each person in an event: the username with its tags, `skip: why`, or the code of the reason.
fn ends(config: &str, body: &str) -> Vec<String> {
    let policy = config::parse(config).unwrap_or_else(|faults| panic!("{faults}"));
    let people = policy.sources.open(body).into_iter();
    let end = |content| match content {
        Ok(Content::NoJoin(why)) => Ok(Plan::Skip(String::from(why))),
        Ok(Content::Delivery(delivery)) => {
            let reading = policy.sources.read(&delivery);
            reading.and_then(|reading| plan(reading, &policy))
        }
        Err(failure) => Err(failure),
    };
    let shown = |plan: Result<Plan, Failure>| match plan {
        Ok(Plan::User(user)) => {
            let own = |(key, tag): (&String, &String)| {
                let own = !key.starts_with("connect-provisioner");
                own.then(|| format!("{key}={tag}"))
            };
            let tags: Vec<String> = user.input.tags.iter().filter_map(own).collect();
            format!(
                "{} {}",
                user.input.username.unwrap_or_default(),
                tags.join(" ")
            )
        }
        Ok(Plan::Skip(why)) => format!("skip: {why}"),
        Err(failure) => failure.reason().code(),
    };
    people
        .map(|parcel| shown(end(parcel.content)).trim().to_owned())
        .collect()
}

fn file(name: &str) -> String {
    let path = test_support::root().join("tests/it/presets").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

#[test]
fn what_is_no_hire_is_a_recorded_skip() {
    let config = with_all_presets("");
    for (name, expected) in [
        (
            "aboardhr_updated.json",
            "skip: an AboardHR event that is no hire",
        ),
        ("adp_modify.json", "skip: an ADP event that is no hire"),
        ("adp_terminate.json", "skip: an ADP event that is no hire"),
        (
            "auth0_deleted.json",
            "skip: an Auth0 event that is no new user",
        ),
        (
            "auth0_updated.json",
            "skip: an Auth0 event that is no new user",
        ),
        (
            "bamboohr_deleted.json",
            "skip: a BambooHR event that is no hire",
        ),
        (
            "bamboohr_updated.json",
            "skip: a BambooHR event that is no hire",
        ),
        (
            "bamboohr_field_deleted.json",
            "skip: BambooHR employees who are deleted",
        ),
        (
            "bamboohr_field_updated_longtimer.json",
            "skip: a BambooHR employee who is deleted, terminated or inactive",
        ),
        (
            "greenhouse_unhire.json",
            "skip: a Greenhouse event of another type",
        ),
        ("gusto_updated.json", "skip: a Gusto event that is no hire"),
        ("hibob_updated.json", "skip: a HiBob event that is no hire"),
        (
            "okta_deactivate.json",
            "skip: an Okta event of another type",
        ),
        (
            "okta_failed_create.json",
            "skip: an Okta event that is no new user, or of an operation that failed",
        ),
        (
            "paylocity_change.json",
            "skip: a Paylocity event that is no hire",
        ),
        (
            "paylocity_term.json",
            "skip: a Paylocity event that is no hire",
        ),
        (
            "personio_updated.json",
            "skip: a Personio event that is no hire",
        ),
        (
            "scim_active_string_false.json",
            "skip: a SCIM user that is not active",
        ),
        ("scim_group.json", "skip: a SCIM message that is no user"),
        ("scim_patch.json", "skip: a SCIM message that is no user"),
        (
            "successfactors_term.xml",
            "skip: a SuccessFactors event that is no hire",
        ),
        (
            "ukg_address_insert.json",
            "skip: a UKG event that is no new hire",
        ),
        ("ukg_term.json", "skip: a UKG event that is no new hire"),
        (
            "workday_term_row.json",
            "skip: a Workday worker who is terminated",
        ),
    ] {
        assert_eq!(ends(&config, &file(name)), [expected], "{name}");
    }
}

#[test]
fn a_hire_is_read_and_a_bare_id_is_told() {
    let config = with_all_presets("");
    let zoe = "zoe.bruckner department=CC-UK job=AGT1 manager=E100871 place=LEEDS";
    for (name, expected) in [
        ("adp_rehire.json", &[zoe][..]),
        ("adp_secondary_first.json", &[zoe]),
        (
            "adp_one_full_one_idonly.json",
            &[zoe, "missing_field:family_name"],
        ),
        (
            "okta_mixed.json",
            &[
                "zoe.bruckner",
                "skip: an Okta event that is no new user, or of an operation that failed",
                "zoe.bruckner",
            ],
        ),
        ("personio_employment_started.json", &["insufficient_data"]),
    ] {
        assert_eq!(ends(&config, &file(name)), expected, "{name}");
    }
}

#[test]
fn a_report_without_a_row_is_a_recorded_skip() {
    let nobody = "skip: an event that lists nobody";
    for config in [BASE.to_owned(), with_all_presets("")] {
        for name in [
            "empty_adp.json",
            "empty_list.json",
            "empty_report.json",
            "empty_value.json",
        ] {
            assert_eq!(ends(&config, &file(name)), [nobody], "{name}");
        }
        for event in [
            json!({"Report_Entry": [], "total": 0}),
            json!({"@odata.context": "https://graph.example/$metadata#users", "value": []}),
            json!({"hires": [], "next": null}),
        ] {
            assert_eq!(ends(&config, &event.to_string()), [nobody], "{event}");
        }
        // Something is said of somebody, or of nobody at all.
        for event in [
            json!({"employeeId": "E1", "tags": []}),
            json!({"data": {"rows": []}}),
            json!({}),
        ] {
            let end = ends(&config, &event.to_string());
            assert_eq!(end, ["unknown_shape"], "{event}");
        }
    }
    let own = "[[source]]\nname = \"own\"\nwhen = \"data.rows is defined\"\nitems = \"data.rows\"\n[source.fields]\n\
               employee_id = \"item.id\"\n";
    let event = json!({"data": {"rows": [], "tenant": "acme"}}).to_string();
    assert_eq!(ends(&format!("{BASE}{own}"), &event), [nobody]);
    let filtered = own.replace(
        "items = \"data.rows\"",
        "items = 'data.rows | selectattr(\"new\")'",
    );
    let event = json!({"data": {"rows": [{"new": false}]}}).to_string();
    assert_eq!(
        ends(&format!("{BASE}{filtered}"), &event),
        ["insufficient_data"]
    );
}

#[test]
fn a_source_behind_a_preset_is_asked_before_what_catches_the_rest() {
    let own = r#"
[[source]]
name = "okta-app"
when = 'eventType == "application.user_membership.add" and (target | selectattr("displayName", "eq", "Amazon Connect EU") | list)'
items = 'target | selectattr("type", "eq", "User")'
[source.fields]
event_id = "uuid"
employee_id = "item.id"
given_name = '(item.displayName | split(" "))[0]'
family_name = '(item.displayName | split(" "))[1:] | join(" ")'
email = "item.alternateId"
"#;
    let event = file("okta_app_membership.json");
    assert_eq!(ends(&with_all_presets(own), &event), ["ana.silva"]);
    assert_eq!(
        ends(&with_all_presets(""), &event),
        ["skip: an Okta event of another type"]
    );
}

#[test]
fn an_id_that_is_put_together_is_missing_where_its_part_is() {
    let own = "[[source]]\nname = \"x\"\nwhen = \"Report_Entry\"\nitems = \"Report_Entry\"\n[source.fields]\n\
               employee_id = '\"E\" ~ item.ID'\ngiven_name = \"item.First\"\nfamily_name = \"item.Last\"\n";
    let config = format!("{BASE}{own}");
    let policy = config::parse(&config).unwrap_or_else(|faults| panic!("{faults}"));
    let event = json!({"Report_Entry": [
        {"First": "Ann", "Last": "One", "ID": "7"}, {"First": "Bob", "Last": "Two"}, {"First": "Cid", "Last": "Three"},
    ]});
    let people = policy.sources.open(&event.to_string());
    let keys: Vec<String> = people
        .iter()
        .map(|one| policy.sources.key_of(one).to_string())
        .collect();
    assert_eq!(keys[0], "employee:E7");
    assert!(
        keys[1].starts_with("payload:#") && keys[2].starts_with("payload:#"),
        "{keys:?}"
    );
    assert_ne!(keys[1], keys[2]);
}

#[test]
fn fields_of_ones_own_are_used_like_any_other() {
    let own = "[[source]]\nname = \"x\"\nwhen = \"hired\"\n[source.fields]\nemployee_id = \"hired.id\"\n\
               given_name = \"hired.first\"\nfamily_name = \"hired.last\"\nextra.country = \"hired.country\"\n\
               extra.remote = \"hired.remote\"\nextra.login = \"hired.login\"\n";
    let config = BASE
        .replace("username = [", "username = [\"{{ extra.login }}\", ")
        .replace(
            "name = \"all\"\n",
            "name = \"all\"\nwhen = 'extra.country == \"NO\" and extra.remote == \"true\"'\n",
        )
        .replace("tags = { ", "tags = { country = \"{{ extra.country }}\", ");
    let config = format!("{config}{own}");
    let person = |country: &str| json!({"id": 7, "first": "Ann", "last": "One", "country": country, "remote": true, "login": "aone7"});
    let event = |country| json!({"hired": person(country)}).to_string();
    assert_eq!(ends(&config, &event("NO")), ["aone7 country=NO"]);
    assert_eq!(ends(&config, &event("SE")), ["no_assignment"]);
    let hr_join = json!({
        "specversion": "hr.join/1", "type": "worker.joined",
        "worker": {"employeeId": "E1", "givenName": "Bo", "familyName": "Ek", "extra": {"country": "NO", "remote": true}},
    });
    assert_eq!(ends(&config, &hr_join.to_string()), ["bo.ek country=NO"]);
    let mut wrong = hr_join.clone();
    wrong["worker"]["extra"]["country"] = json!({"code": "NO"});
    assert_eq!(
        ends(&config, &wrong.to_string()),
        ["invalid_field:worker.extra.country"]
    );
}
