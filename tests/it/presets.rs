//! Each preset against one table: hires are read, all else of its system is a recorded skip that names type and person.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_support::shipped::PRESETS;

use crate::ends::{BASE, ends, ends_in, file, keyed_in, message, policy, with_all_presets};

/// The kinds of events that each system sends, or does not.
const KINDS: [&str; 6] = ["hire", "update", "termination", "rehire", "failed", "empty"];

/// One event, and the key and the end of each person in it.
struct Row {
    preset: &'static str,
    kind: &'static str,
    body: String,
    people: Vec<(String, String)>,
}

fn row(preset: &'static str, kind: &'static str, event: &Value, people: &[(&str, &str)]) -> Row {
    text_row(preset, kind, event.to_string(), people)
}

fn file_row(preset: &'static str, kind: &'static str, name: &str, people: &[(&str, &str)]) -> Row {
    text_row(preset, kind, file(name), people)
}

fn text_row(
    preset: &'static str,
    kind: &'static str,
    body: String,
    people: &[(&str, &str)],
) -> Row {
    let owned = |(key, end): &(&str, &str)| ((*key).to_owned(), (*end).to_owned());
    Row {
        preset,
        kind,
        body,
        people: people.iter().map(owned).collect(),
    }
}

const NOBODY: (&str, &str) = ("payload", "skip: an event that lists nobody");
const ZOE: &str = "zoe.bruckner department=CC-UK job=AGT1 manager=E100871 place=LEEDS";

fn table() -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(of_directories());
    rows.extend(of_hr_systems());
    rows.extend(of_systems_that_send_ids());
    rows
}

fn of_directories() -> Vec<Row> {
    let okta = |kind: &str, result: &str| {
        json!({
            "uuid": "u-1", "eventType": kind, "outcome": {"result": result},
            "target": [{"type": "User", "id": "00u1", "displayName": "Zoë Brückner", "alternateId": "zoe@example.com"}],
        })
    };
    let auth0 = |kind: &str| {
        let user = json!({"user_id": "auth0|1", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe@example.com"});
        json!({"specversion": "1.0", "type": kind, "source": "urn:auth0:x", "id": "evt_1", "data": {"object": user}})
    };
    let scim = |active: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "2819c223", "active": active,
            "name": {"givenName": "Zoë", "familyName": "Brückner"},
        })
    };
    let graph = |kind: &str| {
        json!({"value": [{
            "id": "n1", "subscriptionId": "s", "changeType": kind, "tenantId": "t", "resource": "Users/87d3",
            "resourceData": {"id": "87d3"},
        }]})
    };
    let sailpoint = |kind: &str, detail: &Value| json!({"id": "b2", "detail-type": kind, "source": "aws.partner/sailpoint.com/acme", "detail": detail});
    let identity = json!({"type": "IDENTITY", "id": "2c91", "name": "zoe.brueckner"});
    let created = json!({
        "identity": identity,
        "attributes": {"firstname": "Zoë", "lastname": "Brückner", "identificationNumber": "E104233", "email": "zoe@example.com"},
    });
    let deactivated = "skip: an Okta event of another type (user.lifecycle.deactivate)";
    vec![
        row(
            "okta",
            "hire",
            &okta("user.lifecycle.create", "SUCCESS"),
            &[("employee:00u1", "zoe.bruckner")],
        ),
        row(
            "okta",
            "update",
            &okta("user.account.update_profile", "SUCCESS"),
            &[(
                "employee:00u1",
                "skip: an Okta event of another type (user.account.update_profile)",
            )],
        ),
        row(
            "okta",
            "termination",
            &okta("user.lifecycle.deactivate", "SUCCESS"),
            &[("employee:00u1", deactivated)],
        ),
        row(
            "okta",
            "rehire",
            &okta("user.lifecycle.activate", "SUCCESS"),
            &[("employee:00u1", "zoe.bruckner")],
        ),
        row(
            "okta",
            "failed",
            &okta("user.lifecycle.create", "FAILURE"),
            &[(
                "employee:00u1",
                "skip: an Okta operation that failed (user.lifecycle.create)",
            )],
        ),
        row(
            "okta",
            "empty",
            &json!({"eventType": "com.okta.event_hook", "data": {"events": []}}),
            &[(
                "payload",
                "skip: an Okta event of another type (com.okta.event_hook)",
            )],
        ),
        row(
            "auth0",
            "hire",
            &auth0("com.auth0.user.created"),
            &[("employee:#auth0", "zoe.bruckner")],
        ),
        row(
            "auth0",
            "update",
            &auth0("com.auth0.user.updated"),
            &[(
                "employee:#auth0",
                "skip: an Auth0 event that is no new user (com.auth0.user.updated)",
            )],
        ),
        row(
            "auth0",
            "termination",
            &auth0("com.auth0.user.deleted"),
            &[(
                "employee:#auth0",
                "skip: an Auth0 event that is no new user (com.auth0.user.deleted)",
            )],
        ),
        row(
            "scim",
            "hire",
            &scim(json!(true)),
            &[("employee:2819c223", "zoe.bruckner")],
        ),
        file_row(
            "scim",
            "update",
            "scim_patch.json",
            &[("payload", "skip: a SCIM message that is no user (PatchOp)")],
        ),
        row(
            "scim",
            "termination",
            &scim(json!("False")),
            &[("employee:2819c223", "skip: a SCIM user that is not active")],
        ),
        row(
            "scim",
            "rehire",
            &scim(json!("True")),
            &[("employee:2819c223", "zoe.bruckner")],
        ),
        row(
            "scim",
            "empty",
            &json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": [],
            }),
            &[(
                "payload",
                "skip: a SCIM message that is no user (ListResponse)",
            )],
        ),
        row(
            "microsoft-graph",
            "hire",
            &graph("created"),
            &[("employee:87d3", "insufficient_data")],
        ),
        row(
            "microsoft-graph",
            "update",
            &graph("updated"),
            &[(
                "employee:87d3",
                "skip: a Microsoft Graph notification that is no new user (updated)",
            )],
        ),
        row(
            "microsoft-graph",
            "termination",
            &graph("deleted"),
            &[(
                "employee:87d3",
                "skip: a Microsoft Graph notification that is no new user (deleted)",
            )],
        ),
        row("microsoft-graph", "empty", &json!({"value": []}), &[NOBODY]),
        row(
            "sailpoint",
            "hire",
            &sailpoint("Identity Created", &created),
            &[("employee:E104233", "zoe.bruckner")],
        ),
        file_row(
            "sailpoint",
            "update",
            "sailpoint_changed.json",
            &[(
                "employee:2c9180856aa",
                "skip: a SailPoint event that is no new identity (Identity Attributes Changed)",
            )],
        ),
        row(
            "sailpoint",
            "termination",
            &sailpoint(
                "Identity Deleted",
                &json!({"identity": identity, "deleted": "now"}),
            ),
            &[(
                "employee:2c91",
                "skip: a SailPoint event that is no new identity (Identity Deleted)",
            )],
        ),
    ]
}

fn of_hr_systems() -> Vec<Row> {
    let bamboo = |action: &str, hired: &str, status: &str| {
        let fields = json!({
            "First Name": "Zoë", "Last Name": "Brückner", "Employee #": "E1", "Hire Date": hired, "Employment Status": status,
        });
        json!({"employees": [{"action": action, "id": "55", "timestamp": "2026-11-20T18:42:00+0000", "fields": fields}]})
    };
    let no_hire = "skip: a BambooHR employee who is deleted, terminated or inactive, or was hired more than 60 days before";
    let updated = format!("{no_hire} (Updated)");
    let aboard = |event: &str| {
        let data =
            json!({"first_name": "Zoë", "last_name": "Brückner", "work_email": "zoe@example.com"});
        json!({"event": event, "data": data})
    };
    let paylocity = |more: Value| {
        let mut event = json!({
            "companyId": "C01", "employeeId": "104233", "employeeFirstName": "Zoë", "employeeLastName": "Brückner",
            "employeeHireDate": "2026-12-01T00:00:00", "employeeCostCenter1": "CC-UK - Customer Care",
            "employeePosition": "Agent", "employeeSupervisorId": "7",
        });
        let members = event.as_object_mut().expect("an object");
        members.extend(more.as_object().cloned().unwrap_or_default());
        event
    };
    let greenhouse = |action: &str| {
        let mut event: Value = serde_json::from_str(&file("greenhouse_unhire.json")).expect("JSON");
        event["action"] = json!(action);
        event
    };
    let workday = |more: Value| {
        let mut row = json!({
            "Employee_ID": "104233", "Legal_First_Name": "Zoë", "Legal_Last_Name": "Brückner", "Cost_Center": "CC-UK",
            "Job_Profile_Code": "AGT1", "Manager_Employee_ID": "E100871", "Location": "LEEDS",
        });
        let members = row.as_object_mut().expect("an object");
        members.extend(more.as_object().cloned().unwrap_or_default());
        json!({"Report_Entry": [row]})
    };
    vec![
        file_row(
            "adp",
            "hire",
            "adp_secondary_first.json",
            &[("employee:E104233", ZOE)],
        ),
        file_row(
            "adp",
            "update",
            "adp_modify.json",
            &[(
                "employee:E104233",
                "skip: an ADP event that is no hire (worker.work-assignment.modify)",
            )],
        ),
        file_row(
            "adp",
            "termination",
            "adp_terminate.json",
            &[(
                "employee:E104233",
                "skip: an ADP event that is no hire (worker.work-assignment.terminate)",
            )],
        ),
        file_row(
            "adp",
            "rehire",
            "adp_rehire.json",
            &[("employee:E104233", ZOE)],
        ),
        file_row("adp", "empty", "empty_adp.json", &[NOBODY]),
        row(
            "bamboohr",
            "hire",
            &bamboo("Updated", "2026-12-01", "Full-Time"),
            &[("employee:E1", "zoe.bruckner")],
        ),
        row(
            "bamboohr",
            "update",
            &bamboo("Updated", "2015-01-01", "Full-Time"),
            &[("employee:E1", &updated)],
        ),
        row(
            "bamboohr",
            "termination",
            &bamboo("Updated", "2026-11-01", "Terminated"),
            &[("employee:E1", &updated)],
        ),
        row(
            "bamboohr",
            "rehire",
            &bamboo("Updated", "2026-11-30", "Part-Time"),
            &[("employee:E1", "zoe.bruckner")],
        ),
        row("bamboohr", "empty", &json!({"employees": []}), &[NOBODY]),
        row(
            "aboardhr",
            "hire",
            &aboard("profile_created"),
            &[("employee:#zoe", "zoe.bruckner")],
        ),
        row(
            "aboardhr",
            "update",
            &aboard("profile_updated"),
            &[(
                "employee:#zoe",
                "skip: an AboardHR event that is no hire (profile_updated)",
            )],
        ),
        row(
            "aboardhr",
            "termination",
            &aboard("profile_deactivated"),
            &[(
                "employee:#zoe",
                "skip: an AboardHR event that is no hire (profile_deactivated)",
            )],
        ),
        row(
            "paylocity",
            "hire",
            &paylocity(json!({})),
            &[("employee:104233", "zoe.bruckner department=CC-UK manager=7")],
        ),
        file_row(
            "paylocity",
            "update",
            "paylocity_change.json",
            &[("employee:104233", "skip: a Paylocity event that is no hire")],
        ),
        row(
            "paylocity",
            "termination",
            &paylocity(json!({"employeeTermDate": "2026-12-31T00:00:00"})),
            &[("employee:104233", "skip: a Paylocity event that is no hire")],
        ),
        row(
            "greenhouse",
            "hire",
            &greenhouse("hire_candidate"),
            &[(
                "employee:12345",
                "zoe.bruckner department=CC-UK job=REQ-77 place=Leeds",
            )],
        ),
        row(
            "greenhouse",
            "update",
            &greenhouse("candidate_stage_change"),
            &[(
                "employee:12345",
                "skip: a Greenhouse event of another type (candidate_stage_change)",
            )],
        ),
        row(
            "greenhouse",
            "termination",
            &greenhouse("unhire_candidate"),
            &[(
                "employee:12345",
                "skip: a Greenhouse hire that was withdrawn (unhire_candidate)",
            )],
        ),
        row(
            "workday",
            "hire",
            &workday(json!({})),
            &[("employee:104233", ZOE)],
        ),
        row(
            "workday",
            "termination",
            &workday(json!({"Termination_Date": "2026-01-01"})),
            &[(
                "employee:104233",
                "skip: a Workday worker who is terminated",
            )],
        ),
        row(
            "workday",
            "rehire",
            &workday(json!({"Active": "1", "Termination_Date": ""})),
            &[("employee:104233", ZOE)],
        ),
        row("workday", "empty", &json!({"Report_Entry": []}), &[NOBODY]),
    ]
}

fn of_systems_that_send_ids() -> Vec<Row> {
    let personio = |name: &str| json!({"company_id": 1, "event_name": name, "payload": {"person_id": "7"}, "meta": {}});
    let hibob = |name: &str| json!({"companyId": 12, "type": name, "version": "v2", "data": {"employeeId": "33328838"}});
    let gusto = |name: &str| {
        json!({"uuid": "u", "event_type": name, "resource_type": "Company", "resource_uuid": "r", "entity_type": "Employee",
               "entity_uuid": "e-1"})
    };
    let ukg = |name: &str, operation: &str| json!({"EventId": 1, "EventType": name, "Operation": operation, "Payload": {"CoId": "U", "EeId": "4W7"}, "Tenant": "G"});
    let successfactors = |name: &str| {
        let term = file("successfactors_term.xml");
        term.replace(
            "AssignmentInformation.Termination",
            &format!("AssignmentInformation.{name}"),
        )
    };
    let termination = "com.successfactors.Employment.AssignmentInformation.Termination";
    let change = "com.successfactors.Employment.AssignmentInformation.DataChange";
    let skip = "skip: a SuccessFactors event that is no hire";
    let short = "insufficient_data";
    vec![
        row(
            "personio",
            "hire",
            &personio("person.created"),
            &[("employee:7", short)],
        ),
        row(
            "personio",
            "update",
            &personio("person.updated"),
            &[(
                "employee:7",
                "skip: a Personio event that is no hire (person.updated)",
            )],
        ),
        row(
            "personio",
            "termination",
            &personio("employment.terminated"),
            &[(
                "employee:7",
                "skip: a Personio event that is no hire (employment.terminated)",
            )],
        ),
        row(
            "personio",
            "rehire",
            &personio("employment.started"),
            &[("employee:7", short)],
        ),
        row(
            "hibob",
            "hire",
            &hibob("employee.joined"),
            &[("employee:33328838", short)],
        ),
        row(
            "hibob",
            "update",
            &hibob("employee.updated"),
            &[(
                "employee:33328838",
                "skip: a HiBob event that is no hire (employee.updated)",
            )],
        ),
        row(
            "hibob",
            "termination",
            &hibob("employee.left"),
            &[(
                "employee:33328838",
                "skip: a HiBob event that is no hire (employee.left)",
            )],
        ),
        row(
            "hibob",
            "rehire",
            &hibob("employee.joined"),
            &[("employee:33328838", short)],
        ),
        row(
            "gusto",
            "hire",
            &gusto("employee.created"),
            &[("employee:e-1", short)],
        ),
        row(
            "gusto",
            "update",
            &gusto("employee.updated"),
            &[(
                "employee:e-1",
                "skip: a Gusto event that is no hire (employee.updated)",
            )],
        ),
        row(
            "gusto",
            "termination",
            &gusto("employee.terminated"),
            &[(
                "employee:e-1",
                "skip: a Gusto event that is no hire (employee.terminated)",
            )],
        ),
        row(
            "gusto",
            "rehire",
            &gusto("employee.rehired"),
            &[(
                "employee:e-1",
                "skip: a Gusto event that is no hire (employee.rehired)",
            )],
        ),
        row(
            "ukg",
            "hire",
            &ukg("EmployeeEmploymentChangeEvent", "Insert"),
            &[("employee:4W7", short)],
        ),
        row(
            "ukg",
            "update",
            &ukg("EmployeeAddressChangeEvent", "Insert"),
            &[(
                "employee:4W7",
                "skip: a UKG event that is no new hire (EmployeeAddressChangeEvent/Insert)",
            )],
        ),
        row(
            "ukg",
            "termination",
            &ukg("EmployeeTerminationEvent", "Update"),
            &[(
                "employee:4W7",
                "skip: a UKG event that is no new hire (EmployeeTerminationEvent/Update)",
            )],
        ),
        text_row(
            "successfactors",
            "hire",
            successfactors("Hire"),
            &[("employee:104233", short)],
        ),
        text_row(
            "successfactors",
            "update",
            successfactors("DataChange"),
            &[("employee:104233", &format!("{skip} ({change})"))],
        ),
        text_row(
            "successfactors",
            "termination",
            successfactors("Termination"),
            &[("employee:104233", &format!("{skip} ({termination})"))],
        ),
        text_row(
            "successfactors",
            "rehire",
            successfactors("Rehire"),
            &[("employee:104233", short)],
        ),
    ]
}

/// Events that a system does not send, or that look like one of the others.
const NOT_SENT: [(&str, &[&str]); 14] = [
    ("auth0", &["rehire", "failed", "empty"]),
    ("scim", &["failed"]),
    ("microsoft-graph", &["rehire", "failed"]),
    ("sailpoint", &["rehire", "failed", "empty"]),
    ("adp", &["failed"]),
    ("bamboohr", &["failed"]),
    ("aboardhr", &["rehire", "failed", "empty"]),
    ("paylocity", &["rehire", "failed", "empty"]),
    ("greenhouse", &["rehire", "failed", "empty"]),
    ("workday", &["update", "failed"]),
    ("personio", &["failed", "empty"]),
    ("hibob", &["failed", "empty"]),
    ("gusto", &["failed", "empty"]),
    ("ukg", &["rehire", "failed", "empty"]),
];

#[test]
fn each_preset_ends_each_kind_of_event_as_the_table_says() {
    let policy = policy(&with_all_presets(""));
    let rows = table();
    for row in &rows {
        let found = keyed_in(&policy, &message(&row.body, &[]));
        assert_eq!(
            found.len(),
            row.people.len(),
            "{} {}: {found:?}",
            row.preset,
            row.kind
        );
        for ((key, end), (expected_key, expected_end)) in found.iter().zip(&row.people) {
            assert_eq!(end, expected_end, "{} {}", row.preset, row.kind);
            let by_hash = expected_key == "payload" || expected_key.contains('#');
            let stem = expected_key.split('#').next().unwrap_or_default();
            let is_key = if by_hash {
                key.starts_with(stem)
            } else {
                key == expected_key
            };
            assert!(
                is_key,
                "{} {}: {key} is not {expected_key}",
                row.preset, row.kind
            );
        }
    }
    let there: BTreeSet<(&str, &str)> = rows.iter().map(|row| (row.preset, row.kind)).collect();
    let not_sent = NOT_SENT
        .iter()
        .flat_map(|(preset, kinds)| kinds.iter().map(move |kind| (*preset, *kind)));
    let not_sent: BTreeSet<(&str, &str)> = not_sent
        .chain([("successfactors", "failed"), ("successfactors", "empty")])
        .collect();
    for preset in PRESETS {
        for kind in KINDS {
            let (is_there, is_not_sent) = (
                there.contains(&(preset, kind)),
                not_sent.contains(&(preset, kind)),
            );
            assert!(
                is_there != is_not_sent,
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

// A text that is broken is known by what is in it, and a hire in it is not lost.
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
