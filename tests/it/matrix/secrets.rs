//! Rows about the secret that holds the initial password.

use connect_provisioner::aws::Clients;
use connect_standin::{Does, SecretSeed};
use serde_json::{Value, json};
use test_support::faults::{ALL, FIRST, error, fault};
use test_support::judge::a_password;
use test_support::scene::{Scene, Setting};
use test_support::shipped::join_of;

use super::services::{called, joins};
use super::{Row, simulated};

const SECRET: &str = "connect/initial-password";

/// Three people whose shared secret is of no use: all come back, nobody is created, nobody is buried.
pub(super) async fn check_unusable(setting: Setting, faults: Vec<(&str, Does)>, code: &str) {
    let mut scene = setting.scene().await;
    scene.faults(
        faults
            .into_iter()
            .map(|(operation, does)| fault(operation, ALL, does))
            .collect(),
    );
    assert_eq!(scene.deliver(&joins(0..3)).await, "3R", "{code}");
    assert_eq!(called(&scene, "CreateUser"), 0, "{code}");
    let logged = scene.logged();
    assert!(
        logged.contains(&format!(r#""reason":"{code}""#)),
        "{code}: {logged}"
    );
    assert!(logged.contains(r#""SystemicStop":1"#), "{code}");
    scene.end().await;
}

fn secret(change: impl FnOnce(&mut SecretSeed)) -> Setting {
    Setting::shipped().seeded(|seed| change(&mut seed.secrets[0]))
}

fn text(value: Value) -> Setting {
    secret(|secret| {
        secret.string = Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        );
    })
}

fn secrets_manager(scene: &Scene) -> aws_sdk_secretsmanager::Client {
    Clients::at(&scene.running.endpoint_url(), "eu-west-2").secrets
}

/// The passwords that Connect was sent, in order.
fn sent(scene: &Scene) -> Vec<String> {
    let calls = scene.standin.calls();
    let creations = calls.iter().filter(|call| call.operation == "CreateUser");
    creations
        .map(|call| serde_json::from_slice::<Value>(&call.body).expect("JSON"))
        .map(|body| body["Password"].as_str().expect("a password").to_owned())
        .collect()
}

async fn put(scene: &mut Scene, password: &str, stage: &str) {
    let text = json!({ "password": password }).to_string();
    scene.captured.keep_secret(&text);
    let client = secrets_manager(scene);
    let call = client
        .put_secret_value()
        .secret_id(SECRET)
        .secret_string(text);
    call.version_stages(stage).send().await.expect("stored");
}

async fn current(scene: &Scene) -> String {
    let answer = secrets_manager(scene)
        .get_secret_value()
        .secret_id(SECRET)
        .send()
        .await;
    let text = answer.expect("readable").secret_string.expect("text");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value["password"].as_str().expect("a password").to_owned()
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        simulated(
            48,
            "secret missing, access denied, pending deletion",
            async {
                let missing = Setting::shipped()
                    .seeded(|seed| "another".clone_into(&mut seed.secrets[0].name));
                check_unusable(missing, vec![], "secret_missing").await;
                let denied = vec![("GetSecretValue", error("AccessDeniedException", 400))];
                check_unusable(Setting::shipped(), denied, "secret_access_denied").await;
                let mut scene = Scene::plain().await;
                let deleted = secrets_manager(&scene)
                    .delete_secret()
                    .secret_id(SECRET)
                    .send()
                    .await;
                deleted.expect("deleted");
                assert_eq!(scene.deliver(&joins(0..3)).await, "3R");
                assert_eq!(called(&scene, "CreateUser"), 0);
                assert!(
                    scene
                        .logged()
                        .contains(r#""reason":"secret_pending_deletion""#)
                );
                scene.end().await;
                // One person's own secret may yet come, and is the person's alone.
                let own = Setting::shipped().with(
                    "secret_id = \"connect/initial-password\"",
                    "secret_id = \"own/{{ employee_id }}\"",
                );
                let mut scene = own
                    .seeded(|seed| "own/E200001".clone_into(&mut seed.secrets[0].name))
                    .scene()
                    .await;
                assert_eq!(scene.deliver(&joins(0..3)).await, "1C 2R");
                scene.end().await;
            },
        ),
        simulated(
            49,
            "secret binary, without its key, empty, against the policy, too long",
            async {
                let binary = secret(|secret| {
                    secret.string = None;
                    secret.binary_base64 = Some("//4=".to_owned());
                });
                check_unusable(binary, vec![], "secret_binary").await;
                for (value, code) in [
                    (json!("plain text"), "secret_not_json"),
                    (json!({"pass": a_password()}), "secret_key_absent"),
                    (json!({"password": ""}), "secret_empty"),
                    (json!({"password": "alllowercase1"}), "secret_breaks_policy"),
                    (
                        json!({"password": format!("Aa1{}", "x".repeat(62))}),
                        "secret_breaks_policy",
                    ),
                ] {
                    check_unusable(text(value), vec![], code).await;
                }
            },
        ),
        simulated(
            50,
            "rotation: AWSPENDING is there, AWSCURRENT changes",
            async {
                let mut scene = Scene::plain().await;
                let (first, second, pending) = (current(&scene).await, a_password(), a_password());
                put(&mut scene, &pending, "AWSPENDING").await;
                assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
                put(&mut scene, &second, "AWSCURRENT").await;
                // The kept password is refused by now, so the secret is read once more, and once only.
                let reads = called(&scene, "GetSecretValue");
                scene.faults(vec![fault(
                    "CreateUser",
                    FIRST,
                    error("InvalidParameterException", 400),
                )]);
                assert_eq!(scene.deliver(&joins(2..4)).await, "2C");
                assert_eq!(called(&scene, "GetSecretValue") - reads, 1);
                assert_eq!(sent(&scene), [first.clone(), first, second.clone(), second]);
                // Where it is not the password's fault, nobody is tried for ever.
                scene.faults(vec![fault(
                    "CreateUser",
                    ALL,
                    error("InvalidParameterException", 400),
                )]);
                assert_eq!(scene.deliver(&[join_of(5)]).await, "1D(connect_rejected)");
                scene.end().await;
            },
        ),
    ]
}
