//! Optional fields: one that nothing in the configuration uses never costs the join.

use connect_standin::IdentityManagement;
use serde_json::{Value, json};
use test_support::scene::Setting;
use test_support::shipped::join_of;

/// People are named by their number in an instance whose identities are managed by SAML.
fn saml() -> Setting {
    let shipped = Setting::shipped()
        .seeded(|seed| seed.instances[0].identity_management = IdentityManagement::Saml)
        .with("\"CONNECT_MANAGED\"", "\"SAML\"")
        .with(
            "[\"{{ given_name }}.{{ family_name }}\", \"{{ given_name | first }}{{ family_name }}\"]",
            "[\"{{ employee_id }}\"]",
        );
    without_password(shipped)
}

fn without_password(setting: Setting) -> Setting {
    setting
        .with("[password]", "# [password]")
        .with("secret_id = ", "# secret_id = ")
        .with("json_key = ", "# json_key = ")
        .with("cache_seconds = ", "# cache_seconds = ")
}

fn with(field: &str, value: Value) -> Value {
    let mut join = join_of(1);
    join["worker"][field] = value;
    join
}

#[tokio::test]
async fn a_field_that_nothing_uses_is_left_out_and_named() {
    for (field, value, dropped_fields) in [
        ("email", json!("sean.o'dowd@example"), "email"),
        ("email", json!("no address"), "email"),
        ("startDate", json!("2026-12-01 -08:00 PST"), "start_date"),
        ("startDate", json!("0000-00-00"), "start_date"),
        ("managerEmployeeId", json!(["E1"]), "manager_employee_id"),
        ("employmentType", json!({"code": "FT"}), "employment_type"),
    ] {
        let mut scene = saml().scene().await;
        assert_eq!(scene.deliver(&[with(field, value)]).await, "1C");
        let line = format!(r#""dropped_fields":"{dropped_fields}""#);
        assert!(scene.logged().contains(&line), "{field}");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_field_that_is_used_is_refused_by_its_name() {
    for (field, value, reason) in [
        ("email", json!("no address"), "invalid_field:worker.email"),
        ("department", json!("CC"), "invalid_field:worker.department"),
        ("location", json!(7), "invalid_field:worker.location"),
        ("familyName", json!(" "), "missing_field:worker.familyName"),
        ("givenName", Value::Null, "missing_field:worker.givenName"),
    ] {
        let mut scene = Setting::shipped().scene().await;
        let expected = format!("1D({reason})");
        assert_eq!(scene.deliver(&[with(field, value)]).await, expected);
        scene.end().await;
    }
}

#[tokio::test]
async fn a_family_name_is_needed_where_a_template_needs_it() {
    let mononym = || with("familyName", Value::Null);
    let setting = Setting::shipped()
        .with(
            "last_name = \"{{ family_name }}\"",
            "last_name = \"{{ family_name or given_name }}\"",
        )
        .with(
            "[\"{{ given_name }}.{{ family_name }}\", ",
            "[\"{{ given_name }}.{{ family_name }}\", \"{{ given_name }}\", ",
        );
    let mut scene = setting.scene().await;
    assert_eq!(scene.deliver(&[mononym()]).await, "1C");
    scene.end().await;
    let mut scene = Setting::shipped().scene().await;
    let refused = "1D(missing_field:worker.familyName)";
    assert_eq!(scene.deliver(&[mononym()]).await, refused);
    let letters = scene.standin.messages("hr-joins-dlq");
    let explanation = &letters[0].attributes["provisioner.explanation"];
    assert!(explanation.contains("{{ family_name }}"), "{explanation}");
    scene.end().await;
}

/// The inputs of public bug reports, whose addresses and dates nothing in the configuration uses.
#[tokio::test]
async fn an_address_with_an_apostrophe_and_a_date_with_a_time_zone_cost_nothing() {
    let report = |email: &str, start_date: Value| {
        json!({
            "specversion": "hr.join/1", "eventId": "ev-1", "type": "worker.joined",
            "worker": {
                "employeeId": "E720001", "givenName": "Sean", "familyName": "O'Dowd", "email": email,
                "department": {"code": "CC-UK"}, "job": {"code": "AGT1"}, "location": "Leeds", "startDate": start_date,
            },
        })
    };
    for event in [
        report("sean.o'dowd@example.com", Value::Null),
        report("u12@example.com", json!("2026-12-01-08:00")),
    ] {
        let mut scene = saml().scene().await;
        assert_eq!(scene.deliver(&[&event]).await, "1C", "{event}");
        scene.end().await;
    }
}

/// Okta's event of a new user, through EventBridge.
fn okta(alternate_id: &str, name: &str) -> Value {
    json!({
        "version": "0", "id": "0d9c4a6e-0000-4000-8000-000000000001", "detail-type": "SystemLog",
        "source": "aws.partner/okta.com/acme/x", "account": "111122223333", "time": "2026-11-20T18:42:00Z",
        "region": "eu-west-2", "resources": [],
        "detail": {
            "uuid": "aa11aa11-0000-4000-8000-000000000001", "published": "2026-11-20T18:41:59.000Z",
            "eventType": "user.lifecycle.create", "version": "0", "outcome": {"result": "SUCCESS"},
            "target": [{
                "id": "00u9zzzz2EFGHijkl3m5", "type": "User", "alternateId": alternate_id, "displayName": name,
                "detailEntry": null,
            }],
        },
    })
}

#[tokio::test]
async fn an_okta_login_that_is_no_address_and_a_mononym_cost_nothing_where_nothing_needs_them() {
    let everybody = |setting: Setting| {
        setting
            .with("[retry]", "[[source]]\npreset = \"okta\"\n\n[retry]")
            .with("name = \"not-contact-centre\"", "name = \"everybody\"")
            .with(
                "when = 'department.code in [\"FIN\", \"HR\", \"IT\"]'\n",
                "",
            )
            .with(
                "skip = \"the department has no Connect users\"",
                "routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [\"Agent\"]",
            )
    };
    let (login, mononym) = (
        okta("lhartwig", "Lena Hartwig"),
        okta("suharto@example.com", "Suharto"),
    );
    let mut scene = everybody(saml()).scene().await;
    assert_eq!(scene.deliver(&[&login]).await, "1C");
    assert_eq!(
        scene.deliver(&[&mononym]).await,
        "1D(missing_field:family_name)"
    );
    scene.end().await;
    let either = "last_name = \"{{ family_name or given_name }}\"";
    let setting = saml().with("last_name = \"{{ family_name }}\"", either);
    let mut scene = everybody(setting).scene().await;
    assert_eq!(scene.deliver(&[&mononym]).await, "1C");
    scene.end().await;
}
