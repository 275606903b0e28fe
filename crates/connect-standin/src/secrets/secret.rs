//! A secret: its versions and the staging labels that move between them.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::super::ids::{self, Home};
use super::super::refusal::Refusal;
use super::super::seed::{Generate, SecretSeed};
use super::{generate, invalid_request};

pub(super) const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

pub(super) struct Secret {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) tags: Option<Value>,
    pub(super) versions: Vec<Version>,
    pub(super) created: SystemTime,
    pub(super) changed: SystemTime,
    /// When it will be gone, once it is marked for deletion.
    pub(super) deletion: Option<SystemTime>,
}

pub(super) struct Version {
    pub(super) id: String,
    pub(super) value: SecretValue,
    pub(super) stages: Vec<String>,
    pub(super) created: SystemTime,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum SecretValue {
    Text(String),
    /// As base64, the form in which it comes and goes.
    Binary(String),
}

impl Secret {
    pub(super) fn new(home: &Home, name: &str) -> Self {
        let suffix = &ids::derived("secret", name)[..6];
        let now = SystemTime::now();
        Self {
            name: name.to_owned(),
            arn: home.arn("secretsmanager", &format!("secret:{name}-{suffix}")),
            description: None,
            tags: None,
            versions: Vec::new(),
            created: now,
            changed: now,
            deletion: None,
        }
    }

    pub(super) fn seeded(home: &Home, seed: &SecretSeed) -> Self {
        let mut secret = Self::new(home, &seed.name);
        secret.add_version(&ids::random(), seed_value(seed), &[CURRENT.to_owned()]);
        secret
    }

    /// By name, by ARN, or by an ARN without the six random characters at its end
    /// (`GetSecretValue`, Secrets Manager API reference).
    pub(super) fn is_named(&self, id: &str) -> bool {
        let partial = self.arn.get(..self.arn.len() - "-123456".len());
        id == self.name || id == self.arn || Some(id) == partial
    }

    pub(super) fn check_not_deleted(&self) -> Result<(), Refusal> {
        if self.deletion.is_none() {
            return Ok(());
        }
        Err(invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion.",
        ))
    }

    pub(super) fn add_version(&mut self, id: &str, value: SecretValue, stages: &[String]) {
        let now = SystemTime::now();
        self.changed = now;
        self.versions.push(Version {
            id: id.to_owned(),
            value,
            stages: Vec::new(),
            created: now,
        });
        for stage in stages {
            self.attach(stage, id);
        }
    }

    /// Moves a label to a version. The version that loses AWSCURRENT becomes AWSPREVIOUS.
    pub(super) fn attach(&mut self, stage: &str, id: &str) {
        let loser = self.detach(stage);
        if let Some(version) = self.versions.iter_mut().find(|version| version.id == id) {
            version.stages.push(stage.to_owned());
        }
        if let Some(loser) = loser.filter(|loser| stage == CURRENT && loser != id) {
            self.attach(PREVIOUS, &loser);
        }
    }

    /// Takes a label off the version that carries it, and says which that was.
    pub(super) fn detach(&mut self, stage: &str) -> Option<String> {
        let mut versions = self.versions.iter_mut();
        let version = versions.find(|version| version.carries(stage))?;
        version.stages.retain(|carried| carried != stage);
        Some(version.id.clone())
    }

    /// `VersionIdsToStages`: versions without a label are deprecated and not shown.
    pub(super) fn version_stages(&self) -> Map<String, Value> {
        let shown = self.versions.iter();
        shown
            .filter(|version| !version.stages.is_empty())
            .map(|version| (version.id.clone(), json!(version.stages)))
            .collect()
    }
}

impl Version {
    pub(super) fn carries(&self, stage: &str) -> bool {
        self.stages.iter().any(|carried| carried == stage)
    }
}

fn seed_value(seed: &SecretSeed) -> SecretValue {
    if let Some(binary) = &seed.binary_base64 {
        return SecretValue::Binary(binary.clone());
    }
    let given = seed.string.clone();
    let made = seed
        .generate
        .map(|form| generated(form, seed.json_key.as_deref()));
    SecretValue::Text(given.or(made).unwrap_or_default())
}

fn generated(form: Generate, json_key: Option<&str>) -> String {
    let password = generate::password();
    match form {
        Generate::Plain => password,
        Generate::Json => json!({ json_key.unwrap_or("password"): password }).to_string(),
    }
}
