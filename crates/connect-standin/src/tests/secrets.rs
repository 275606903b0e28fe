//! Claims about Secrets Manager.

use serde_json::json;

use super::{standin, target};

#[tokio::test]
async fn labels_move_between_versions() {
    let standin = standin("");
    let id = "connect/initial-password";
    for (value, stages) in [("two", json!(null)), ("three", json!(["AWSPENDING"]))] {
        let body = json!({ "SecretId": id, "SecretString": value, "VersionStages": stages });
        target(&standin, "secretsmanager.PutSecretValue", body).await;
    }
    let read = async |stage: &str| {
        let body = json!({ "SecretId": id, "VersionStage": stage });
        target(&standin, "secretsmanager.GetSecretValue", body)
            .await
            .body
    };
    assert_eq!(read("AWSCURRENT").await["SecretString"], "two");
    assert_eq!(read("AWSPENDING").await["SecretString"], "three");
    let first = read("AWSPREVIOUS").await;
    assert!(
        first["SecretString"]
            .as_str()
            .is_some_and(|text| text.starts_with("{\"password\":\""))
    );
    let body = json!({
        "SecretId": id,
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": first["VersionId"],
        "RemoveFromVersionId": read("AWSCURRENT").await["VersionId"],
    });
    target(&standin, "secretsmanager.UpdateSecretVersionStage", body).await;
    assert_eq!(read("AWSPREVIOUS").await["SecretString"], "two");
}

#[tokio::test]
async fn a_secret_deleted_without_recovery_is_gone_and_a_marked_one_is_not() {
    let standin = standin("");
    let id = json!({ "SecretId": standin.secret_arn("connect/initial-password") });
    target(&standin, "secretsmanager.DeleteSecret", &id).await;
    let read = target(&standin, "secretsmanager.GetSecretValue", &id).await;
    assert_eq!(read.body["__type"], "InvalidRequestException");
    let body = json!({ "Name": "s", "SecretBinary": "TWFu" });
    target(&standin, "secretsmanager.CreateSecret", body).await;
    let body = json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true });
    target(&standin, "secretsmanager.DeleteSecret", body).await;
    let read = target(
        &standin,
        "secretsmanager.GetSecretValue",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(read.body["__type"], "ResourceNotFoundException");
}
