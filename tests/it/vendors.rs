//! Events of real HR and identity systems, each read by its preset: every field as a person reads it, and the username.

use connect_provisioner::intake::Content;
use connect_provisioner::person_key::PersonKey;
use serde_json::{Value, json};

use crate::sources::{presets, read, root};

#[track_caller]
fn check(file: &str, key: &PersonKey, expected: Value) {
    let path = root().join("tests/it/vendor_events").join(file);
    let body = std::fs::read_to_string(path).expect("a vendor's event");
    let found = read(&presets(), &body);
    println!("{file:<48} {key:<46} {expected}");
    assert_eq!(found, [(key.to_string(), expected)], "{file}");
}

fn employee(id: &str) -> PersonKey {
    PersonKey::Employee(id.to_owned())
}

#[test]
fn every_vendors_event_is_read_as_a_person_reads_it() {
    let okta = json!({
        "employee_id": "00u1abcd2EFGHijkl3m4", "given_name": "Zoë", "family_name": "Brückner",
        "email": "zoe.brueckner@example.com", "username": "zoe.bruckner",
    });
    let okta_key = &employee("00u1abcd2EFGHijkl3m4");
    check(
        "10_okta_eventbridge_user_lifecycle_create.json",
        okta_key,
        okta.clone(),
    );
    check(
        "11_okta_eventbridge_user_lifecycle_activate.json",
        okta_key,
        okta,
    );
    check(
        "12_okta_eventbridge_app_membership_add.json",
        &PersonKey::Event("8c2d9b0f-5b0c-4c4e-9a43-0a3b2f1e7d11".to_owned()),
        json!({ "skip": "an Okta event of another type" }),
    );
    check(
        "21_entra_scim_post.json",
        &employee("0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"),
        json!({
            "employee_id": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef", "given_name": "Zoë", "family_name": "Brückner",
            "email": "zoe.brueckner@example.com", "username": "zoe.bruckner",
        }),
    );
    check(
        "31_bamboohr_field_based_updated.json",
        &employee("E104233"),
        json!({
            "employee_id": "E104233", "given_name": "Zoë", "family_name": "Brückner",
            "email": "zoe.brueckner@example.com", "mobile": "07700 900123",
            "department": { "name": "Customer Care" }, "job": { "title": "Service Agent" }, "location": "Leeds",
            "start_date": "2026-12-01", "employment_type": "Full-Time", "username": "zoe.bruckner",
        }),
    );
    check(
        "43_aboardhr_profile_created.json",
        &employee("zoe.brueckner@example.com"),
        json!({
            "employee_id": "zoe.brueckner@example.com", "given_name": "Zoë", "family_name": "Brückner",
            "email": "zoe.brueckner@example.com", "department": { "name": "Customer Care" },
            "job": { "title": "Service Agent" }, "start_date": "2026-12-01", "username": "zoe.bruckner",
        }),
    );
    check(
        "45_workday_rest_worker.json",
        &employee("104233"),
        json!({
            "employee_id": "104233", "given_name": "Zoë", "family_name": "Brückner",
            "email": "zoe.brueckner@example.com", "department": { "name": "Customer Care" },
            "job": { "title": "Service Agent" }, "location": "Leeds", "start_date": "2026-12-01",
            "employment_type": "Employee", "username": "zoe.bruckner",
        }),
    );
    check(
        "46_auth0_user_created.json",
        &employee("auth0|507f1f77bcf86cd799439020"),
        json!({
            "employee_id": "auth0|507f1f77bcf86cd799439020", "given_name": "Zoë", "family_name": "Brückner",
            "email": "zoe.brueckner@example.com", "department": { "name": "Customer Care" }, "username": "zoe.bruckner",
        }),
    );
}

#[test]
fn events_in_the_vendors_documented_shapes_are_read_too() {
    check(
        "50_greenhouse_hire_candidate.json",
        &employee("35897443"),
        json!({
            "employee_id": "35897443", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe.brueckner@example.com",
            "mobile": "+44 7700 900123", "department": { "code": "CC-UK", "name": "Customer Care" },
            "job": { "code": "AGT1", "title": "Service Agent" }, "location": "Leeds", "start_date": "2026-12-01",
            "employment_type": "Full-time", "username": "zoe.bruckner",
        }),
    );
    check(
        "51_paylocity_new_hire.json",
        &employee("104233"),
        json!({
            "employee_id": "104233", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe.brueckner@example.com",
            "department": { "code": "CC-UK", "name": "Customer Care" }, "job": { "title": "Service Agent" },
            "manager_employee_id": "15", "start_date": "2026-12-01", "employment_type": "Regular Full Time",
            "username": "zoe.bruckner",
        }),
    );
    check(
        "52_adp_worker_hire.json",
        &employee("E104233"),
        json!({
            "employee_id": "E104233", "given_name": "Zoë", "family_name": "Brückner", "email": "zoe.brueckner@example.com",
            "department": { "code": "CC-UK", "name": "Customer Care" }, "job": { "code": "AGT1", "title": "Service Agent" },
            "location": "Leeds", "start_date": "2026-12-01", "username": "zoe.bruckner",
        }),
    );
}

#[test]
fn an_event_that_carries_an_id_alone_says_what_to_put_in_front() {
    for file in [
        "30_bamboohr_event_based_created.json",
        "32_bamboohr_field_based_created.json",
        "33_personio_person_created.json",
        "34_hibob_v2_employee_joined.json",
        "36_gusto_employee_created.json",
        "53_ukg_new_hire.json",
    ] {
        let path = root().join("tests/it/vendor_events").join(file);
        let body = std::fs::read_to_string(path).expect("a vendor's event");
        let policy = presets();
        let parcels = policy.sources.open(&body);
        let failure = match &parcels[0].content {
            Ok(Content::Delivery(delivery)) => policy.sources.read(delivery).err(),
            Ok(Content::NoJoin(_)) => None,
            Err(failure) => Some(failure.clone()),
        };
        let failure = failure.unwrap_or_else(|| panic!("{file}: it is read"));
        assert_eq!(failure.reason().code(), "insufficient_data", "{file}");
        assert!(
            failure.explanation().contains("EventBridge Pipe"),
            "{file}: {}",
            failure.explanation()
        );
    }
}
