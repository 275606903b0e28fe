//! Calls become new secrets, versions, labels and deletions.

use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::clock::epoch_seconds;
use super::super::ids;
use super::super::refusal::{Answer, Refusal};
use super::secret::{CURRENT, Secret, SecretValue};
use super::{Secrets, invalid_parameter, invalid_request, not_found};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecret {
    name: Option<String>,
    client_request_token: Option<String>,
    description: Option<String>,
    tags: Option<Value>,
    #[serde(flatten)]
    value: GivenValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutSecretValue {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    version_stages: Option<Vec<String>>,
    #[serde(flatten)]
    value: GivenValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GivenValue {
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSecretVersionStage {
    secret_id: Option<String>,
    version_stage: Option<String>,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSecret {
    secret_id: Option<String>,
    recovery_window_in_days: Option<u64>,
    force_delete_without_recovery: Option<bool>,
}

impl Secrets {
    pub(super) fn create_secret(&mut self, input: CreateSecret) -> Answer {
        let name = input.name.as_deref().unwrap_or_default();
        check_name(name)?;
        self.check_new(name)?;
        let mut secret = Secret::new(&self.home, name);
        secret.description = input.description;
        secret.tags = input.tags;
        let mut output = json!({ "ARN": secret.arn, "Name": secret.name });
        if let Some(value) = input.value.parse()? {
            let id = input.client_request_token.unwrap_or_else(ids::random);
            output["VersionId"] = json!(id);
            secret.add_version(&id, value, &[CURRENT.to_owned()]);
        }
        self.secrets.push(secret);
        Ok(output)
    }

    fn check_new(&self, name: &str) -> Result<(), Refusal> {
        let mut secrets = self.secrets.iter();
        match secrets.find(|secret| secret.name == name) {
            None => Ok(()),
            Some(secret) if secret.deletion.is_some() => Err(invalid_request(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            )),
            Some(_) => Err(exists(format!(
                "The operation failed because the secret {name} already exists."
            ))),
        }
    }

    pub(super) fn put_secret_value(&mut self, input: PutSecretValue) -> Answer {
        let value = input.value.parse()?.ok_or_else(|| {
            invalid_parameter("You must provide either SecretString or SecretBinary.")
        })?;
        let secret = self.secret_mut(input.secret_id.as_deref())?;
        secret.check_not_deleted()?;
        let id = input.client_request_token.unwrap_or_else(ids::random);
        let stages = input
            .version_stages
            .unwrap_or_else(|| vec![CURRENT.to_owned()]);
        secret.put(&id, value, &stages)?;
        Ok(json!({
            "ARN": secret.arn,
            "Name": secret.name,
            "VersionId": id,
            "VersionStages": stages,
        }))
    }

    pub(super) fn update_secret_version_stage(
        &mut self,
        input: &UpdateSecretVersionStage,
    ) -> Answer {
        let secret = self.secret_mut(input.secret_id.as_deref())?;
        secret.check_not_deleted()?;
        let stage = input.version_stage.as_deref();
        let stage = stage.ok_or_else(|| invalid_parameter("VersionStage is required"))?;
        let from = input.remove_from_version_id.as_deref();
        secret.check_carrier(stage, from)?;
        match input.move_to_version_id.as_deref() {
            Some(id) => secret.move_stage(stage, id)?,
            None => drop(secret.detach(stage)),
        }
        Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
    }

    pub(super) fn delete_secret(&mut self, input: &DeleteSecret) -> Answer {
        let days = input.window_in_days()?;
        let secret = self.secret_mut(input.secret_id.as_deref())?;
        secret.check_not_deleted()?;
        let deletion = SystemTime::now() + Duration::from_secs(days * 86_400);
        secret.deletion = Some(deletion);
        let output = json!({
            "ARN": secret.arn,
            "Name": secret.name,
            "DeletionDate": epoch_seconds(deletion),
        });
        if days == 0 {
            self.secrets
                .retain(|secret| output["ARN"] != secret.arn.as_str());
        }
        Ok(output)
    }
}

impl GivenValue {
    fn parse(self) -> Result<Option<SecretValue>, Refusal> {
        match (self.secret_string, self.secret_binary) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(SecretValue::Text(text))),
            (None, Some(binary)) if BASE64_STANDARD.decode(&binary).is_ok() => {
                Ok(Some(SecretValue::Binary(binary)))
            }
            (None, Some(_)) => Err(invalid_parameter("SecretBinary is not base64.")),
            (Some(_), Some(_)) => Err(invalid_parameter(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            )),
        }
    }
}

impl Secret {
    /// A token that comes again with its value changes nothing; with another value it is an error.
    fn put(&mut self, id: &str, value: SecretValue, stages: &[String]) -> Result<(), Refusal> {
        match self.versions.iter().find(|version| version.id == id) {
            None => self.add_version(id, value, stages),
            Some(version) if version.value == value => {}
            Some(_) => {
                return Err(exists(format!(
                    "A resource with the ID {id} already exists with another value."
                )));
            }
        }
        Ok(())
    }

    /// A label in use can only be moved by someone who says where it is now.
    fn check_carrier(&self, stage: &str, from: Option<&str>) -> Result<(), Refusal> {
        let mut versions = self.versions.iter();
        let carrier = versions.find(|version| version.carries(stage));
        if carrier.map(|version| version.id.as_str()) == from {
            return Ok(());
        }
        Err(invalid_parameter(format!(
            "RemoveFromVersionId must name the version that has the staging label {stage} now."
        )))
    }

    fn move_stage(&mut self, stage: &str, id: &str) -> Result<(), Refusal> {
        if !self.versions.iter().any(|version| version.id == id) {
            return Err(not_found(
                "Secrets Manager can't find the specified secret version.",
            ));
        }
        self.attach(stage, id);
        Ok(())
    }
}

impl DeleteSecret {
    /// None for a deletion without recovery.
    fn window_in_days(&self) -> Result<u64, Refusal> {
        let force = self.force_delete_without_recovery.unwrap_or(false);
        match self.recovery_window_in_days {
            Some(_) if force => Err(invalid_parameter(
                "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
            )),
            Some(days) if !(7..=30).contains(&days) => Err(invalid_parameter(
                "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
            )),
            days => Ok(if force { 0 } else { days.unwrap_or(30) }),
        }
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    if (1..=512).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err(invalid_parameter(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    ))
}

fn exists(message: String) -> Refusal {
    Refusal::bad_request("ResourceExistsException", message)
}
