//! Secrets Manager calls become answers and changes of the stored secrets.

mod generate;
mod read;
mod secret;
mod write;

use super::ids::Home;
use super::refusal::{Answer, Refusal};
use super::seed::Seed;
use super::wire::AwsRequest;
use secret::Secret;

pub(super) struct Secrets {
    home: Home,
    secrets: Vec<Secret>,
}

impl Secrets {
    pub(super) fn new(seed: &Seed) -> Self {
        let home = seed.home();
        let secrets = seed.secrets.iter();
        Self {
            secrets: secrets.map(|seed| Secret::seeded(&home, seed)).collect(),
            home,
        }
    }

    pub(super) fn arn(&self, name: &str) -> Option<String> {
        let mut secrets = self.secrets.iter();
        let secret = secrets.find(|secret| secret.name == name)?;
        Some(secret.arn.clone())
    }

    pub(super) fn perform(&mut self, request: &AwsRequest) -> Answer {
        match request.operation.as_str() {
            "GetSecretValue" => self.get_secret_value(&request.input()?),
            "DescribeSecret" => self.describe_secret(&request.input()?),
            "ListSecrets" => self.list_secrets(&request.input()?),
            "CreateSecret" => self.create_secret(request.input()?),
            "PutSecretValue" => self.put_secret_value(request.input()?),
            "UpdateSecretVersionStage" => self.update_secret_version_stage(&request.input()?),
            "DeleteSecret" => self.delete_secret(&request.input()?),
            unknown => Err(Refusal::unknown_operation(unknown)),
        }
    }

    fn secret(&self, id: Option<&str>) -> Result<&Secret, Refusal> {
        let id = secret_id(id)?;
        let mut secrets = self.secrets.iter();
        secrets
            .find(|secret| secret.is_named(id))
            .ok_or_else(secret_not_found)
    }

    fn secret_mut(&mut self, id: Option<&str>) -> Result<&mut Secret, Refusal> {
        let id = secret_id(id)?;
        let mut secrets = self.secrets.iter_mut();
        secrets
            .find(|secret| secret.is_named(id))
            .ok_or_else(secret_not_found)
    }
}

fn secret_id(id: Option<&str>) -> Result<&str, Refusal> {
    id.filter(|id| !id.is_empty())
        .ok_or_else(|| invalid_parameter("SecretId is required"))
}

fn secret_not_found() -> Refusal {
    not_found("Secrets Manager can't find the specified secret.")
}

fn not_found(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("ResourceNotFoundException", message)
}

fn invalid_parameter(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("InvalidParameterException", message)
}

fn invalid_request(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("InvalidRequestException", message)
}
