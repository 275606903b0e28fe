//! The secrets that a configuration names -> whether each can be read and holds what Connect takes; none is shown.

use connect_provisioner::aws::Clients;
use connect_provisioner::aws::password::Passwords;
use connect_provisioner::failure::SecretSharing;
use connect_provisioner::policy::plan::SecretRef;
use connect_provisioner::policy::{InstanceRef, PasswordPolicy, Policy};
use connect_provisioner::provision::{BuiltRequest, Provisioner};

use super::Check;
use super::finding::Findings;
use crate::ending::CannotRun;
use crate::events;
use crate::local::{Local, seed_for};
use crate::refused::explain_failure;
use crate::request::build_request;

pub(super) async fn look(
    findings: &mut Findings,
    clients: &Clients,
    command: &Check,
    policy: &Policy,
) -> Result<(), CannotRun> {
    let passwords = Passwords::new(clients.secrets.clone());
    for (which, instance) in policy.instances.iter() {
        let Some(password) = &instance.password else {
            let kind = instance.connect.identity_management.as_str();
            findings.ok("password", format!("{kind} takes none"));
            continue;
        };
        match password.sharing() {
            SecretSharing::Shared => {
                let secret = SecretRef {
                    id: password.secret_id.source().to_owned(),
                    sharing: SecretSharing::Shared,
                };
                let about = format!("secret \"{}\"", secret.id);
                check(findings, &about, &passwords, &secret, password).await;
            }
            SecretSharing::PerPerson if command.deployment.event.is_empty() => findings.note(
                &format!("secret \"{}\"", password.secret_id.source()),
                "each person has one; give --event with the events of some people to look at theirs",
            ),
            SecretSharing::PerPerson => {
                of_people(findings, &passwords, command, (which, password)).await?;
            }
        }
    }
    Ok(())
}

async fn check(
    findings: &mut Findings,
    about: &str,
    passwords: &Passwords,
    secret: &SecretRef,
    policy: &PasswordPolicy,
) {
    match passwords.check(secret, policy).await {
        Ok(()) => findings.ok(about, "it can be read, and Connect takes its password"),
        Err(failure) => findings.fail(about, explain_failure(&failure)),
    }
}

// Named by the person's key: a secret's own name may be made of the person's.
async fn of_people(
    findings: &mut Findings,
    passwords: &Passwords,
    command: &Check,
    (instance, password): (InstanceRef, &PasswordPolicy),
) -> Result<(), CannotRun> {
    let policy = command.config.load()?;
    let local = Local::start(seed_for(&policy)).await?;
    let provisioner = Provisioner::new(policy, &local.clients);
    let files = events::read(&command.deployment.event)?;
    for item in files
        .iter()
        .flat_map(|file| file.items(provisioner.sources()))
    {
        let about = format!("secret of {}", provisioner.sources().key_of(&item.parcel));
        match build_request(&provisioner, item.parcel).await {
            Ok(BuiltRequest::Request(request)) if request.instance() != instance => (),
            Ok(BuiltRequest::Request(request)) => {
                if let Some(secret) = request.secret() {
                    check(findings, &about, passwords, secret, password).await;
                }
            }
            Ok(BuiltRequest::Skip(why)) => findings.note(&about, format!("not looked at: {why}")),
            Err(failure) => findings.warn(
                &about,
                format!(
                    "not looked at: the event is refused: {}",
                    failure.explanation()
                ),
            ),
        }
    }
    Ok(())
}
