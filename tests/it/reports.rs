//! Inputs of public bug reports about programs of this kind: what the presets read in them, and how they end.

use serde_json::{Value, json};
use test_support::scene::Setting;
use test_support::shipped::report;

use crate::sources::{presets, read};
use crate::vendors::{ended, scene_where, source_of};

/// Plays an event: the source that reads it, the fields that it must give, and how it ends.
async fn check(event: &str, source: &str, fields: &Value, outcome: &str) {
    assert_eq!(source_of(event), source, "{event}");
    let (_, found) = &read(&presets(), event)[0];
    let expected = fields.as_object().expect("fields");
    for (name, value) in expected {
        assert_eq!(&found[name], value, "{name} of {event}");
    }
    assert_eq!(ended(event).await.0, outcome, "{event}");
}

#[tokio::test]
async fn every_report_ends_as_it_should() {
    let inactive = json!({ "skip": "a SCIM user that is not active" });
    let left = json!({ "skip": "a BambooHR employee who is deleted, terminated or inactive, or was hired more than 60 days before (Updated)" });
    let rows = [
        (
            "01-scim-active-no.json",
            "scim-inactive",
            inactive.clone(),
            "1S",
        ),
        (
            "01-scim-active-string.json",
            "scim-inactive",
            inactive,
            "1S",
        ),
        ("02-bamboo-terminated-update.json", "bamboohr", left, "1S"),
        (
            "02-bamboo-zero-date.json",
            "bamboohr",
            json!({ "given_name": "Ana", "start_date": null, "faults": null }),
            "1C",
        ),
        (
            "04-okta-last-first.json",
            "okta",
            json!({ "given_name": "Lena", "family_name": "Hartwig", "username": "lena.hartwig" }),
            "1C",
        ),
        (
            "04-okta-mononym.json",
            "okta",
            json!({ "given_name": "Suharto", "family_name": null }),
            "1D(missing_field:family_name)",
        ),
        (
            "05-workday-suffix.json",
            "workday",
            json!({ "given_name": "Noor", "family_name": "Haddad", "username": "noor.haddad" }),
            "1C",
        ),
        (
            "18-scim-emails-string-primary.json",
            "scim",
            json!({ "email": "maria.olsen@example.com" }),
            "1C",
        ),
    ];
    for (file, source, fields, outcome) in rows {
        check(&report(file), source, &fields, outcome).await;
    }
}

#[tokio::test]
async fn the_like_of_a_report_ends_as_it_should_too() {
    let scim = |active: Value| {
        let mut event: Value =
            serde_json::from_str(&report("01-scim-active-no.json")).expect("JSON");
        event["active"] = active;
        event.to_string()
    };
    let ok = json!({ "family_name": "Nordno" });
    for active in [
        json!("Yes"),
        json!(1),
        json!("1"),
        json!(true),
        json!(""),
        Value::Null,
    ] {
        check(&scim(active), "scim", &ok, "1C").await;
    }
    let skipped = json!({ "skip": "a SCIM user that is not active" });
    for active in [json!(0), json!("0"), json!(false), json!(" n ")] {
        check(&scim(active), "scim-inactive", &skipped, "1S").await;
    }
    let unclear = json!({ "refused": "insufficient_data" });
    let refused = "1D(insufficient_data)";
    for active in [json!("Suspended"), json!(2), json!({"value": false})] {
        check(&scim(active), "scim-active-unclear", &unclear, refused).await;
    }

    let bamboo = |field: &str, value: &str| {
        let text = report("02-bamboo-terminated-update.json").replace("Terminated", "Full-Time");
        let mut event: Value = serde_json::from_str(&text).expect("JSON");
        event["employees"][0][field] = json!(value);
        event["employees"][0]["fields"][field] = json!(value);
        event.to_string()
    };
    let left = json!({ "skip": "a BambooHR employee who is deleted, terminated or inactive, or was hired more than 60 days before (Updated)" });
    check(&bamboo("Status", "Inactive"), "bamboohr", &left, "1S").await;
    check(&bamboo("Status", " inactive"), "bamboohr", &left, "1S").await;
    // Long ago, whatever the status is.
    check(&bamboo("Status", "Active"), "bamboohr", &left, "1S").await;
    let deleted = left["skip"]
        .as_str()
        .expect("a text")
        .replace("Updated", "Deleted");
    let deleted = json!({ "skip": deleted });
    check(&bamboo("action", "Deleted"), "bamboohr", &deleted, "1S").await;
    let stays = json!({ "given_name": "Ivo" });
    let lately = bamboo("Status", "Active").replace("2021-03-01", "2026-10-01");
    check(&lately, "bamboohr", &stays, "1C").await;

    let workday = |descriptor: &str| {
        report("05-workday-suffix.json").replace("Noor Haddad (On Leave)", descriptor)
    };
    let gone = json!({ "skip": "a Workday worker who is terminated" });
    let terminated = workday("Noor Haddad (Terminated)");
    check(&terminated, "workday-terminated", &gone, "1S").await;
    let noor = json!({ "given_name": "Noor", "family_name": "Haddad" });
    check(&workday("Haddad, Noor [C]"), "workday", &noor, "1C").await;
    let hook = format!(
        r#"{{"eventType":"com.okta.event_hook","data":{{"events":[{}]}}}}"#,
        serde_json::from_str::<Value>(&report("04-okta-last-first.json")).expect("JSON")["detail"]
    );
    let lena = json!({ "given_name": "Lena", "family_name": "Hartwig" });
    check(&hook, "okta-event-hook", &lena, "1C").await;
}

#[tokio::test]
async fn one_who_has_left_is_skipped_and_the_others_of_the_event_are_not() {
    let of = |file: &str| -> Value { serde_json::from_str(&report(file)).expect("JSON") };
    let [left, stays] = [
        "02-bamboo-terminated-update.json",
        "02-bamboo-zero-date.json",
    ]
    .map(|file| of(file)["employees"][0].clone());
    let mut deleted = left.clone();
    deleted["id"] = json!("4413");
    deleted["action"] = json!("Deleted");
    deleted["fields"] = json!({ "Employee #": "E700013" });
    let event = json!({ "employees": [left, stays, deleted] });
    let mut scene = scene_where("given_name").await;
    assert_eq!(scene.deliver(&[&event]).await, "1C 2S");
    scene.end().await;
}

#[tokio::test]
async fn a_date_of_zeros_is_missing_where_the_configuration_uses_it_too() {
    let mut scene = scene_where("given_name and not start_date").await;
    let report = report("02-bamboo-zero-date.json");
    assert_eq!(scene.deliver(&[&report]).await, "1C");
    assert!(!scene.logged().contains("dropped_fields\":\"start_date"));
    let impossible = report.replace("0000-00-00", "2026-02-30");
    let impossible = impossible.replace("E700003", "E700004");
    let refused = "1D(invalid_field:start_date)";
    assert_eq!(scene.deliver(&[&impossible]).await, refused);
    scene.end().await;
}

#[tokio::test]
async fn an_event_that_is_encoded_twice_is_its_person_whichever_way_it_comes() {
    let invocation: Value = serde_json::from_str(&report("11-double-encoded.json")).expect("JSON");
    let twice = invocation["Records"][0]["body"].as_str().expect("a body");
    let once: String = serde_json::from_str(twice).expect("a text");
    let detail = json!({ "id": "eb", "detail-type": "t", "source": "hr", "detail": once });
    let http = json!({ "requestContext": {}, "body": once, "isBase64Encoded": false });
    let key = &read(&presets(), &once)[0].0;
    let mut scene = Setting::shipped().scene().await;
    assert_eq!(scene.invoke(&invocation).await, "1C");
    for again in [&once, twice, &detail.to_string(), &http.to_string()] {
        assert_eq!(&read(&presets(), again)[0].0, key, "{again}");
        assert_eq!(scene.deliver(&[again]).await, "1A", "{again}");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_dead_letter_of_an_event_that_is_encoded_twice_is_the_body_as_it_came() {
    let invocation: Value = serde_json::from_str(&report("11-double-encoded.json")).expect("JSON");
    let body = invocation["Records"][0]["body"].as_str().expect("a body");
    let nobody = body.replace("Aaltoe", " ");
    let mut scene = Setting::shipped().scene().await;
    let refused = "1D(missing_field:worker.familyName)";
    assert_eq!(scene.deliver(&[&nobody]).await, refused);
    let password = body.replace(
        r#"\"worker\": {"#,
        r#"\"Password\": \"Never-Shown-7\", \"worker\": {"#,
    );
    assert_ne!(password, body);
    let refused = "1D(invalid_field:Password)";
    assert_eq!(scene.deliver(&[&password]).await, refused);
    let letters = scene.standin.messages("hr-joins-dlq");
    assert_eq!(letters[0].body, nobody);
    assert_eq!(
        letters[1].body,
        password.replace("Never-Shown-7", "[removed]")
    );
    scene.end().await;
}
