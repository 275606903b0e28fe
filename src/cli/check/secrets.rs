//! The secrets that a configuration names -> whether each can be read and holds what Connect takes; none is shown.

use super::Check;
use super::finding::Findings;
use crate::aws::Clients;
use crate::cli::local::{Local, seed_for};
use crate::cli::refused::failed;
use crate::cli::{CannotRun, events, plan};
use crate::failure::SecretSharing;
use crate::password::Passwords;
use crate::plan::SecretRef;
use crate::policy::{PasswordPolicy, Policy};
use crate::provision::{Provisioner, Rehearsed};

pub(super) async fn look(
    findings: &mut Findings,
    clients: &Clients,
    command: &Check,
    policy: &Policy,
) -> Result<(), CannotRun> {
    let Some(password) = &policy.password else {
        let kind = policy.connect.identity_management.as_str();
        findings.ok("password", format!("{kind} takes none"));
        return Ok(());
    };
    let secrets = match password.sharing() {
        SecretSharing::Shared => vec![SecretRef {
            id: password.secret_id.source().to_owned(),
            sharing: SecretSharing::Shared,
        }],
        SecretSharing::PerPerson => secrets_of_people(command).await?,
    };
    if secrets.is_empty() {
        let template = password.secret_id.source();
        findings.note(
            &format!("secret \"{template}\""),
            "each person has one; give --event with the events of some people to look at theirs",
        );
    }
    let passwords = Passwords::new(clients.secrets.clone());
    for secret in &secrets {
        check(findings, &passwords, secret, password).await;
    }
    Ok(())
}

async fn check(
    findings: &mut Findings,
    passwords: &Passwords,
    secret: &SecretRef,
    policy: &PasswordPolicy,
) {
    let about = format!("secret \"{}\"", secret.id);
    match passwords.check(secret, policy).await {
        Ok(()) => findings.ok(&about, "it can be read, and Connect takes its password"),
        Err(failure) => findings.fail(&about, failed(&failure)),
    }
}

async fn secrets_of_people(command: &Check) -> Result<Vec<SecretRef>, CannotRun> {
    if command.deployment.event.is_empty() {
        return Ok(Vec::new());
    }
    let policy = command.config.load()?;
    let local = Local::start(seed_for(&policy)).await?;
    let provisioner = Provisioner::new(policy, &local.clients);
    let files = events::read(&command.deployment.event)?;
    let mut secrets = Vec::new();
    for item in files.iter().flat_map(events::EventFile::items) {
        if let Ok(Rehearsed::Request(request)) = plan::rehearse(&provisioner, item.parcel).await {
            secrets.extend(request.secret().cloned());
        }
    }
    Ok(secrets)
}
