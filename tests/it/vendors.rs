//! Events of real HR and identity systems: which source reads each, every field as a person reads it, the username, and how
//! it ends in the function.

use connect_provisioner::intake::Content;
use connect_provisioner::source::person_key::PersonKey;
use serde_json::{Value, json};
use test_support::root;
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, PRESETS};

use crate::sources::{presets, read};

/// An event that is read: its file, its source, whose it is, and the fields that it has with the username.
struct Row {
    file: &'static str,
    source: &'static str,
    key: PersonKey,
    fields: Value,
    outcome: &'static str,
}

fn employee(id: &str) -> PersonKey {
    PersonKey::Employee(id.to_owned())
}

fn body(file: &str) -> String {
    let path = root().join("tests/it/vendor_events").join(file);
    std::fs::read_to_string(path).expect("a vendor's event")
}

pub(crate) fn source_of(body: &str) -> String {
    let policy = presets();
    let parcels = policy.sources.open(body);
    match &parcels[0].content {
        Ok(Content::Delivery(delivery)) => policy.sources.name_of(delivery).map(str::to_owned),
        Ok(Content::NoJoin(_)) => Ok("none".to_owned()),
        Err(failure) => Err(failure.clone()),
    }
    .unwrap_or_else(|failure| failure.reason().code())
}

/// A function that reads all of them and gives the same profiles to everybody for whom a condition holds.
pub(crate) async fn scene_where(when: &str) -> Scene {
    let named = |name: &&str| format!("[[source]]\npreset = \"{name}\"\n\n");
    let sources: String = PRESETS.iter().map(named).collect();
    let everybody = format!(
        "{sources}[[assignment]]\nname = \"everybody\"\nwhen = \"{when}\"\nrouting_profile = \"Customer Care Voice\"\n\
         security_profiles = [\"Agent\"]\n\n[retry]"
    );
    Setting::shipped().with("[retry]", &everybody).scene().await
}

/// How an event ends in the function, and the usernames that there are then.
pub(crate) async fn ended(body: &str) -> (String, Vec<String>) {
    let mut scene = scene_where("given_name").await;
    let outcome = scene.deliver(&[body]).await;
    let users = scene.standin.users(INSTANCE).into_iter();
    let usernames = users.map(|user| user.username).collect();
    scene.end().await;
    (outcome, usernames)
}

async fn check(row: &Row) {
    let body = body(row.file);
    let found = read(&presets(), &body);
    let (outcome, usernames) = ended(&body).await;
    println!(
        "{:<48} {:<20} {:<38} {outcome:<24} {}",
        row.file,
        source_of(&body),
        found[0].0,
        found[0].1
    );
    assert_eq!(
        found,
        [(row.key.to_string(), row.fields.clone())],
        "{}",
        row.file
    );
    assert_eq!(source_of(&body), row.source, "{}", row.file);
    assert_eq!(outcome, row.outcome, "{}", row.file);
    let username = row.fields["username"].as_str().map(str::to_owned);
    assert_eq!(usernames, Vec::from_iter(username), "{}", row.file);
}

/// As real systems send them.
fn observed() -> Vec<Row> {
    vec![
        Row {
            file: "10_okta_eventbridge_user_lifecycle_create.json",
            source: "okta",
            key: employee("00u1abcd2EFGHijkl3m4"),
            fields: json!({
                "employee_id": "00u1abcd2EFGHijkl3m4", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "11_okta_eventbridge_user_lifecycle_activate.json",
            source: "okta",
            key: employee("00u1abcd2EFGHijkl3m4"),
            fields: json!({
                "employee_id": "00u1abcd2EFGHijkl3m4", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "12_okta_eventbridge_app_membership_add.json",
            source: "okta-other",
            key: employee("00u1abcd2EFGHijkl3m4"),
            fields: json!({ "skip": "an Okta event of another type (application.user_membership.add)" }),
            outcome: "1S",
        },
        Row {
            file: "21_entra_scim_post.json",
            source: "scim",
            key: employee("0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"),
            fields: json!({
                "employee_id": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "31_bamboohr_field_based_updated.json",
            source: "bamboohr",
            key: employee("E104233"),
            fields: json!({
                "employee_id": "E104233", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "mobile": "07700 900123",
                "department": { "name": "Customer Care" }, "job": { "title": "Service Agent" }, "location": "Leeds",
                "start_date": "2026-12-01", "employment_type": "Full-Time", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "43_aboardhr_profile_created.json",
            source: "aboardhr",
            key: employee("zoe.brueckner@example.com"),
            fields: json!({
                "employee_id": "zoe.brueckner@example.com", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "department": { "name": "Customer Care" },
                "job": { "title": "Service Agent" }, "start_date": "2026-12-01", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "45_workday_rest_worker.json",
            source: "workday",
            key: employee("104233"),
            fields: json!({
                "employee_id": "104233", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "department": { "name": "Customer Care" },
                "job": { "title": "Service Agent" }, "location": "Leeds", "start_date": "2026-12-01",
                "employment_type": "Employee", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "46_auth0_user_created.json",
            source: "auth0",
            key: employee("auth0|507f1f77bcf86cd799439020"),
            fields: json!({
                "employee_id": "auth0|507f1f77bcf86cd799439020", "given_name": "Zoë", "family_name": "Brückner",
                "email": "zoe.brueckner@example.com", "department": { "name": "Customer Care" }, "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
    ]
}

/// In the shapes that the vendors' documentation shows.
fn documented() -> Vec<Row> {
    vec![
        Row {
            file: "50_greenhouse_hire_candidate.json",
            source: "greenhouse",
            key: employee("35897443"),
            fields: json!({
                "employee_id": "35897443", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe.brueckner@example.com",
                "mobile": "+44 7700 900123", "department": { "code": "CC-UK", "name": "Customer Care" },
                "job": { "code": "AGT1", "title": "Service Agent" }, "location": "Leeds", "start_date": "2026-12-01",
                "employment_type": "Full-time", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "51_paylocity_new_hire.json",
            source: "paylocity",
            key: employee("104233"),
            fields: json!({
                "employee_id": "104233", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe.brueckner@example.com",
                "department": { "code": "CC-UK", "name": "Customer Care" }, "job": { "title": "Service Agent" },
                "manager_employee_id": "15", "start_date": "2026-12-01", "employment_type": "Regular Full Time",
                "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
        Row {
            file: "52_adp_worker_hire.json",
            source: "adp",
            key: employee("E104233"),
            fields: json!({
                "employee_id": "E104233", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe.brueckner@example.com",
                "department": { "code": "CC-UK", "name": "Customer Care" }, "job": { "code": "AGT1", "title": "Service Agent" },
                "location": "Leeds", "start_date": "2026-12-01", "username": "zoe.bruckner",
            }),
            outcome: "1C",
        },
    ]
}

#[tokio::test]
async fn every_vendors_event_is_read_as_a_person_reads_it() {
    for row in observed().into_iter().chain(documented()) {
        check(&row).await;
    }
}

#[tokio::test]
async fn an_event_that_carries_an_id_alone_says_what_to_put_in_front() {
    for (file, source) in [
        ("30_bamboohr_event_based_created.json", "bamboohr-id-only"),
        ("32_bamboohr_field_based_created.json", "bamboohr"),
        ("33_personio_person_created.json", "personio-id-only"),
        ("34_hibob_v2_employee_joined.json", "hibob-id-only"),
        ("36_gusto_employee_created.json", "gusto-id-only"),
        ("53_ukg_new_hire.json", "ukg-id-only"),
        ("54_successfactors_hire.xml", "successfactors-id-only"),
    ] {
        let body = body(file);
        assert_eq!(source_of(&body), source, "{file}");
        let mut scene = scene_where("given_name").await;
        let outcome = scene.deliver(&[&body]).await;
        println!("{file:<48} {source:<20} {outcome}");
        assert_eq!(outcome, "1D(insufficient_data)", "{file}");
        let letters = scene.standin.messages("hr-joins-dlq");
        let explanation = &letters[0].attributes["provisioner.explanation"];
        assert!(explanation.contains("EventBridge Pipe"), "{explanation}");
        scene.end().await;
    }
}
