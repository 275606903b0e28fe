//! Optional fields: one that nothing in the configuration uses never costs the join.

use connect_provisioner::standin::IdentityManagement;
use serde_json::{Value, json};

use crate::function::join_of;
use crate::matrix::scene::Setting;

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
    for (field, value, left_out) in [
        ("email", json!("sean.o'dowd@example"), "email"),
        ("email", json!("no address"), "email"),
        ("startDate", json!("2026-12-01 -08:00 PST"), "start_date"),
        ("startDate", json!("0000-00-00"), "start_date"),
        ("managerEmployeeId", json!(["E1"]), "manager_employee_id"),
        ("employmentType", json!({"code": "FT"}), "employment_type"),
    ] {
        let mut scene = saml().scene().await;
        assert_eq!(scene.deliver(&[with(field, value)]).await, "1C");
        let line = format!(r#""left_out":"{left_out}""#);
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
