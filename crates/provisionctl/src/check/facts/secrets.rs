//! The secrets of a configuration -> whether each can be read and holds a valid password.

use std::path::PathBuf;
use std::sync::Arc;

use connect_provisioner::aws::Clients;
use connect_provisioner::aws::password::Passwords;
use connect_provisioner::failure::{Failure, SecretSharing};
use connect_provisioner::policy::plan::SecretRef;
use connect_provisioner::policy::{InstanceRef, Policy};
use connect_provisioner::provision::{BuiltRequest, Provisioner};

use crate::config_file::ConfigFile;
use crate::ending::CannotRun;
use crate::events;
use crate::local::{Local, seed_for};
use crate::request::build_request;

/// Secret of an instance or a person; never holds its value.
pub(in crate::check) enum SecretFacts {
    /// The instance takes no passwords, by its identity management.
    NotNeeded { identity_management: &'static str },
    /// One secret for all people.
    Shared {
        id: String,
        result: Result<(), Failure>,
    },
    /// The secret lies where the function does not look; the sentence says so.
    Elsewhere { id: String, why: String },
    /// One secret for each person, without events that identify the people.
    WithoutEvents { id: String },
    /// Secret of one person.
    Personal { key: String, secret: PersonalSecret },
}

/// Result for the secret of one person.
pub(in crate::check) enum PersonalSecret {
    Checked(Result<(), Failure>),
    /// The person gets no user.
    Skipped(String),
    /// The event is refused.
    Refused(Failure),
}

/// Checks the secrets of all instances, and of the people in event files.
///
/// # Errors
/// Returns an error if the configuration or an event file cannot be read, or if the stand-in cannot start.
pub(in crate::check) async fn gather(
    clients: &Clients,
    config: &ConfigFile,
    events: &[PathBuf],
    policy: &Policy,
) -> Result<Vec<SecretFacts>, CannotRun> {
    let passwords = Passwords::new(clients.secrets.clone());
    let mut facts = Vec::new();
    for (which, instance) in policy.instances.iter() {
        let Some(password) = &instance.password else {
            facts.push(SecretFacts::NotNeeded {
                identity_management: instance.connect.identity_management.as_str(),
            });
            continue;
        };
        let id = password.secret_id.source().to_owned();
        let region = clients.secrets.config().region();
        let why = region.and_then(|region| password.elsewhere(region.as_ref()));
        if let Some(why) = why {
            facts.push(SecretFacts::Elsewhere { id, why });
            continue;
        }
        match password.sharing() {
            SecretSharing::Shared => {
                let secret = SecretRef::new(id.clone(), Arc::clone(password));
                let result = passwords.check(&secret).await;
                facts.push(SecretFacts::Shared { id, result });
            }
            SecretSharing::PerPerson if events.is_empty() => {
                facts.push(SecretFacts::WithoutEvents { id });
            }
            SecretSharing::PerPerson => {
                facts.extend(gather_personal(&passwords, config, events, which).await?);
            }
        }
    }
    Ok(facts)
}

// Identified by the key of the person, as the name of the secret may hold the person's name.
async fn gather_personal(
    passwords: &Passwords,
    config: &ConfigFile,
    events: &[PathBuf],
    instance: InstanceRef,
) -> Result<Vec<SecretFacts>, CannotRun> {
    let policy = config.load()?;
    let local = Local::start(seed_for(&policy)).await?;
    let provisioner = Provisioner::new(policy, &local.clients);
    let files = events::read(events)?;
    let items = files
        .iter()
        .flat_map(|file| file.items(provisioner.sources()));
    let mut facts = Vec::new();
    for item in items {
        let key = provisioner.sources().key_of(&item.parcel).to_string();
        let secret = match build_request(&provisioner, item.parcel).await {
            Ok(BuiltRequest::Request(request)) if request.instance() != instance => continue,
            Ok(BuiltRequest::Request(request)) => match request.secret() {
                Some(secret) => PersonalSecret::Checked(passwords.check(secret).await),
                None => continue,
            },
            Ok(BuiltRequest::Skip(why)) => PersonalSecret::Skipped(why),
            Err(failure) => PersonalSecret::Refused(failure),
        };
        facts.push(SecretFacts::Personal { key, secret });
    }
    Ok(facts)
}
