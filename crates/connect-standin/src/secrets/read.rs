//! Secrets become the answers of the operations that read them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::clock::epoch_seconds;
use super::super::refusal::{Answer, Refusal};
use super::secret::{CURRENT, Secret, SecretValue, Version};
use super::{Secrets, invalid_parameter, not_found};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSecretValue {
    secret_id: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeSecret {
    secret_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecrets {
    include_planned_deletion: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Secrets {
    pub(super) fn get_secret_value(&self, input: &GetSecretValue) -> Answer {
        let secret = self.secret(input.secret_id.as_deref())?;
        secret.check_not_deleted()?;
        let version = secret.version(input)?;
        let mut output = json!({
            "ARN": secret.arn,
            "Name": secret.name,
            "VersionId": version.id,
            "VersionStages": version.stages,
            "CreatedDate": epoch_seconds(version.created),
        });
        match &version.value {
            SecretValue::Text(text) => output["SecretString"] = json!(text),
            SecretValue::Binary(base64) => output["SecretBinary"] = json!(base64),
        }
        Ok(output)
    }

    pub(super) fn describe_secret(&self, input: &DescribeSecret) -> Answer {
        let secret = self.secret(input.secret_id.as_deref())?;
        let mut output = secret.described();
        output["VersionIdsToStages"] = Value::Object(secret.version_stages());
        Ok(output)
    }

    pub(super) fn list_secrets(&self, input: &ListSecrets) -> Answer {
        let start = input.start()?;
        let size = input.max_results.unwrap_or(100).clamp(1, 100);
        let planned = input.include_planned_deletion.unwrap_or(false);
        let secrets = self.secrets.iter();
        let shown: Vec<&Secret> = secrets
            .filter(|secret| planned || secret.deletion.is_none())
            .collect();
        let page = shown.iter().skip(start).take(size);
        let mut output =
            json!({ "SecretList": page.map(|secret| secret.listed()).collect::<Vec<_>>() });
        if start + size < shown.len() {
            output["NextToken"] = json!((start + size).to_string());
        }
        Ok(output)
    }
}

impl ListSecrets {
    fn start(&self) -> Result<usize, Refusal> {
        let token = self.next_token.as_deref().unwrap_or("0");
        token.parse().map_err(|_| {
            Refusal::bad_request(
                "InvalidNextTokenException",
                "NextToken is not a token of ListSecrets",
            )
        })
    }
}

impl Secret {
    fn version(&self, input: &GetSecretValue) -> Result<&Version, Refusal> {
        let stage = input.version_stage.as_deref();
        let Some(id) = input.version_id.as_deref() else {
            let stage = stage.unwrap_or(CURRENT);
            let missing = || missing_version(&format!("staging label: {stage}"));
            let mut versions = self.versions.iter();
            return versions
                .find(|version| version.carries(stage))
                .ok_or_else(missing);
        };
        let mut versions = self.versions.iter();
        let version = versions
            .find(|version| version.id == id)
            .ok_or_else(|| missing_version(&format!("VersionId: {id}")))?;
        if stage.is_none_or(|stage| version.carries(stage)) {
            return Ok(version);
        }
        Err(invalid_parameter(
            "VersionId and VersionStage name different versions.",
        ))
    }

    fn described(&self) -> Value {
        let mut output = json!({
            "ARN": self.arn,
            "Name": self.name,
            "CreatedDate": epoch_seconds(self.created),
            "LastChangedDate": epoch_seconds(self.changed),
        });
        for (member, value) in [
            (
                "Description",
                self.description.as_ref().map(|text| json!(text)),
            ),
            ("Tags", self.tags.clone()),
            (
                "DeletedDate",
                self.deletion.map(|time| json!(epoch_seconds(time))),
            ),
        ] {
            if let Some(value) = value {
                output[member] = value;
            }
        }
        output
    }

    fn listed(&self) -> Value {
        let mut output = self.described();
        output["SecretVersionsToStages"] = Value::Object(self.version_stages());
        output
    }
}

fn missing_version(which: &str) -> Refusal {
    not_found(format!(
        "Secrets Manager can't find the specified secret value for {which}"
    ))
}
