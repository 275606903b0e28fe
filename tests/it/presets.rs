//! Each preset against one table: hires are read, all else of its system is a recorded skip that names type and person.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use test_support::shipped::PRESETS;

use crate::ends::{BASE, ends, ends_in, file, keyed_in, message, policy, with_all_presets};
use crate::vendors::scene_where;

/// The table of presets, `presets/table.toml`.
#[derive(Deserialize)]
struct Table {
    not_sent: BTreeMap<String, Vec<String>>,
    row: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    preset: String,
    kind: String,
    event: Option<String>,
    file: Option<String>,
    /// The key and the end of each person.
    people: Vec<(String, String)>,
}

impl Row {
    fn body(&self) -> String {
        let file = self.file.as_deref().map(file);
        self.event.clone().or(file).expect("an event or a file")
    }
}

const KINDS: [&str; 6] = ["hire", "update", "termination", "rehire", "failed", "empty"];

const ZOE: &str = "zoe.bruckner department=CC-UK job=AGT1 manager=E100871 place=LEEDS";

#[test]
fn each_preset_ends_each_kind_of_event_as_the_table_says() {
    let table: Table = toml::from_str(&file("table.toml")).expect("a table");
    let policy = policy(&with_all_presets(""));
    for row in &table.row {
        let about = format!("{} {}", row.preset, row.kind);
        let found = keyed_in(&policy, &message(&row.body(), &[]));
        assert_eq!(found.len(), row.people.len(), "{about}: {found:?}");
        for ((key, end), (expected_key, expected_end)) in found.iter().zip(&row.people) {
            assert_eq!(end, expected_end, "{about}");
            // A hash stands for an identifier that is not plain.
            let stem = expected_key.split('#').next().unwrap_or_default();
            let is_hash = expected_key.contains('#') || expected_key == "payload";
            let is_key = if is_hash {
                key.starts_with(stem) && key.contains('#')
            } else {
                key == expected_key
            };
            assert!(is_key, "{about}: {key} is not {expected_key}");
        }
    }
    for preset in PRESETS {
        let none = Vec::new();
        let not_sent = table.not_sent.get(preset).unwrap_or(&none);
        for kind in KINDS {
            let is_there = |row: &Row| row.preset == preset && row.kind == kind;
            let there = table.row.iter().any(is_there);
            let is_not_sent = not_sent.iter().any(|other| other == kind);
            assert!(
                there != is_not_sent,
                "{preset} {kind}: a row, or a system that sends none"
            );
        }
    }
}

#[test]
fn each_person_of_an_event_stands_alone() {
    let config = with_all_presets("");
    let graph = "skip: a Microsoft Graph notification that is no new user (updated)";
    let okta = "skip: an Okta event that is no new user, or of an operation that failed";
    for (name, expected) in [
        (
            "adp_one_full_one_idonly.json",
            &[ZOE, "insufficient_data"][..],
        ),
        ("graph_mixed.json", &["insufficient_data", graph]),
        (
            "okta_mixed.json",
            &[
                "zoe.bruckner",
                &format!("{okta} (user.lifecycle.deactivate)"),
                "zoe.bruckner",
            ],
        ),
    ] {
        let ends = ends(&config, &file(name));
        assert_eq!(ends, expected, "{name}");
    }
    let letter = |name: &str| {
        let policy = policy(&config);
        let people = policy.sources.open(&file(name));
        people
            .iter()
            .map(|one| policy.sources.key_of(one).to_string())
            .collect::<Vec<_>>()
    };
    let keys = letter("adp_one_full_one_idonly.json");
    assert_eq!(keys[0], "employee:E104233");
    assert!(
        keys[1].starts_with("employee:"),
        "an id alone names its person: {keys:?}"
    );
}

// More inputs that were a user or a dead letter, and are neither.
#[test]
fn what_is_no_hire_is_a_recorded_skip() {
    let policy = policy(&with_all_presets(""));
    for (name, expected) in [
        (
            "aboardhr_updated.json",
            "an AboardHR event that is no hire (profile_updated)",
        ),
        (
            "auth0_deleted.json",
            "an Auth0 event that is no new user (com.auth0.user.deleted)",
        ),
        (
            "auth0_updated.json",
            "an Auth0 event that is no new user (com.auth0.user.updated)",
        ),
        (
            "bamboohr_deleted.json",
            "a BambooHR event that is no hire (employee.deleted)",
        ),
        (
            "bamboohr_updated.json",
            "a BambooHR event that is no hire (employee.updated)",
        ),
        (
            "bamboohr_field_deleted.json",
            "a BambooHR employee who is deleted, terminated or inactive, or was hired more than 60 days before (Deleted)",
        ),
        (
            "bamboohr_field_updated_longtimer.json",
            "a BambooHR employee who is deleted, terminated or inactive, or was hired more than 60 days before (Updated)",
        ),
        (
            "greenhouse_unhire.json",
            "a Greenhouse hire that was withdrawn (unhire_candidate)",
        ),
        (
            "gusto_updated.json",
            "a Gusto event that is no hire (employee.updated)",
        ),
        (
            "hibob_updated.json",
            "a HiBob event that is no hire (employee.updated)",
        ),
        (
            "okta_deactivate.json",
            "an Okta event that is no new user, or of an operation that failed (user.lifecycle.deactivate)",
        ),
        (
            "okta_failed_create.json",
            "an Okta event that is no new user, or of an operation that failed (user.lifecycle.create)",
        ),
        ("paylocity_term.json", "a Paylocity event that is no hire"),
        (
            "personio_updated.json",
            "a Personio event that is no hire (person.updated)",
        ),
        (
            "scim_active_string_false.json",
            "a SCIM user that is not active",
        ),
        ("scim_group.json", "a SCIM message that is no user (Group)"),
        (
            "successfactors_term.xml",
            "a SuccessFactors event that is no hire (com.successfactors.Employment.AssignmentInformation.Termination)",
        ),
        (
            "ukg_address_insert.json",
            "a UKG event that is no new hire (EmployeeAddressChangeEvent/Insert)",
        ),
        (
            "ukg_term.json",
            "a UKG event that is no new hire (EmployeeTerminationEvent/Update)",
        ),
        (
            "workday_term_row.json",
            "a Workday worker who is terminated",
        ),
    ] {
        assert_eq!(
            ends_in(&policy, &file(name)),
            [format!("skip: {expected}")],
            "{name}"
        );
    }
    assert_eq!(
        ends_in(&policy, &file("personio_employment_started.json")),
        ["insufficient_data"]
    );
    assert_eq!(
        ends_in(&policy, &file("workday_rest_unordered.json")),
        ["anna.mariasilva"]
    );
}

// A broken text is known by its words, and a hire in it is not lost.
#[test]
fn a_broken_notification_of_successfactors_is_no_silent_skip() {
    let config = with_all_presets("");
    let whole = file("successfactors_term.xml").replace("Termination", "Hire");
    let broken = whole.replace("</soap:Envelope>", "");
    assert_eq!(ends(&config, &broken), ["insufficient_data"]);
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

// Nothing stops for events of which none is a whole hire, and the person behind them gets a user.
#[tokio::test]
async fn many_events_without_a_whole_hire_stop_nobody() {
    for (name, expected) in [
        ("updates_block.json", "1C 8S"),
        ("idonly_block.json", "1C 8D(insufficient_data)"),
    ] {
        let mut scene = scene_where("given_name").await;
        assert_eq!(scene.invoke_text(&file(name)).await, expected, "{name}");
        scene.end().await;
    }
}
