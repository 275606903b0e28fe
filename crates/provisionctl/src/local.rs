//! A policy -> a stand-in for AWS in this process that has the resources named in the policy, and clients for it.

use connect_provisioner::aws::Clients;
use connect_provisioner::connect::claims;
use connect_provisioner::failure::SecretSharing;
use connect_provisioner::policy::assignment::{HierarchyGroup, NameOrId};
use connect_provisioner::policy::{ByInstance, IdentityManagement, InstanceRef, Policy};
use connect_provisioner::provision::{BuiltRequest, Provisioner};
use connect_provisioner::schedule::Destination;
use connect_standin::{
    self as standin, FaultScript, Generate, GroupSeed, InstanceSeed, ProfileSeed, Running,
    SecretSeed, Seed, Standin, TableSeed,
};

use crate::ending::CannotRun;
use crate::events::EventFile;
use crate::request::build_request;

/// Name of the stand-in's dead-letter queue.
pub(super) const DEAD_LETTER_QUEUE: &str = "hr-joins-dlq";

const SOURCE_QUEUE: &str = "hr-joins";
const ACCOUNT: &str = "111122223333";

/// Running stand-in with clients for it; dropping it stops the stand-in.
pub(super) struct Local {
    running: Running,
    pub(super) clients: Clients,
}

impl Local {
    /// Starts a stand-in with the content of a seed.
    ///
    /// # Errors
    /// Returns an error if it cannot listen on loopback.
    pub(super) async fn start(seed: Seed) -> Result<Self, CannotRun> {
        Self::start_with_faults(seed, FaultScript::default()).await
    }

    /// Starts a stand-in with the content of a seed, and with a script of faults.
    ///
    /// # Errors
    /// Returns an error if it cannot listen on loopback.
    pub(super) async fn start_with_faults(
        seed: Seed,
        faults: FaultScript,
    ) -> Result<Self, CannotRun> {
        let standin = Standin::new(seed);
        standin.set_faults(faults);
        let running = standin.start(0).await.map_err(CannotRun::because)?;
        let clients = Clients::at(&running.endpoint_url(), &standin.seed().region);
        Ok(Self { running, clients })
    }

    /// Returns the destination of schedules in this stand-in.
    pub(super) fn destination(&self) -> Destination {
        Destination {
            group: "default".to_owned(),
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/hr-joins-schedules"),
            source_queue_url: self.running.queue_url(SOURCE_QUEUE),
            dead_letter_queue_arn: format!("arn:aws:sqs:eu-west-2:{ACCOUNT}:{DEAD_LETTER_QUEUE}"),
        }
    }

    /// Returns the URL of the dead-letter queue.
    pub(super) fn dead_letter_queue_url(&self) -> String {
        self.running.queue_url(DEAD_LETTER_QUEUE)
    }
}

/// Returns the default seed, extended by the resources named in a policy.
///
/// An instance that the default seed lacks has the profiles and groups named in the policy.
pub(super) fn seed_for(policy: &Policy) -> Seed {
    let mut seed = Seed::default();
    if let Some(claims) = &policy.claims {
        seed.tables = vec![TableSeed {
            name: claims.table.clone(),
            key: claims::KEY.to_owned(),
        }];
    }
    for (which, instance) in policy.instances.iter() {
        let wanted = &instance.connect;
        let identity_management = identity_management(wanted.identity_management);
        let known = |one: &InstanceSeed| {
            one.id == wanted.instance_id
                && one.identity_management == identity_management
                && wanted.username_length == wanted.identity_management.username_length()
        };
        if !seed.instances.iter().any(known) {
            seed.instances.retain(|one| one.id != wanted.instance_id);
            let instance = instance_for(policy, which, identity_management);
            seed.instances.push(instance);
        }
        if let Some(password) = &instance.password
            && password.sharing() == SecretSharing::Shared
        {
            let id = password.secret_id.source();
            seed.secrets.retain(|secret| secret.name != id);
            seed.secrets
                .push(secret_for(id, password.json_key.as_deref()));
        }
    }
    seed
}

fn identity_management(identity: IdentityManagement) -> standin::IdentityManagement {
    match identity {
        IdentityManagement::ConnectManaged => standin::IdentityManagement::ConnectManaged,
        IdentityManagement::Saml => standin::IdentityManagement::Saml,
        IdentityManagement::ExistingDirectory => standin::IdentityManagement::ExistingDirectory,
    }
}

fn instance_for(
    policy: &Policy,
    which: InstanceRef,
    identity_management: standin::IdentityManagement,
) -> InstanceSeed {
    let mut instance = InstanceSeed {
        id: policy.instances.get(which).connect.instance_id.clone(),
        alias: "simulated".to_owned(),
        identity_management,
        directory_reachable: true,
        usernames_ignore_case: true,
        refuses_combining_marks: false,
        username_max_length: Some(policy.instances.get(which).connect.username_length),
        max_users: None,
        routing_profiles: None,
        security_profiles: None,
        hierarchy_groups: None,
    };
    for (_, grants) in policy.grants(which) {
        add(
            &mut instance.routing_profiles,
            profile(&grants.routing_profile),
            |a, b| a.name == b.name,
        );
        for granted in &grants.security_profiles {
            add(&mut instance.security_profiles, profile(granted), |a, b| {
                a.name == b.name
            });
        }
        if let Some(granted) = &grants.hierarchy_group {
            add(&mut instance.hierarchy_groups, group(granted), |a, b| {
                a.path == b.path
            });
        }
    }
    let added = policy.additions_in(which);
    let added = added.flat_map(|addition| &addition.security_profiles);
    let direct = policy.direct_requests.iter();
    let named = direct.clone().flat_map(|direct| &direct.security_profiles);
    let forbidden = &policy.limits.forbidden_security_profiles;
    for security in added.chain(named).chain(forbidden) {
        add(
            &mut instance.security_profiles,
            profile(security),
            |a, b| a.name == b.name,
        );
    }
    for routing in direct.flat_map(|direct| &direct.routing_profiles) {
        add(&mut instance.routing_profiles, profile(routing), |a, b| {
            a.name == b.name
        });
    }
    instance
}

fn add<T>(list: &mut Option<Vec<T>>, entry: T, same: fn(&T, &T) -> bool) {
    let list = list.get_or_insert_default();
    if !list.iter().any(|other| same(other, &entry)) {
        list.push(entry);
    }
}

fn profile(profile: &NameOrId) -> ProfileSeed {
    match profile {
        NameOrId::Name(name) => ProfileSeed {
            name: name.clone(),
            id: None,
        },
        NameOrId::Id { id } => ProfileSeed {
            name: id.clone(),
            id: Some(id.clone()),
        },
    }
}

fn group(group: &HierarchyGroup) -> GroupSeed {
    match group {
        HierarchyGroup::Path(path) => GroupSeed {
            path: path.clone(),
            ..GroupSeed::default()
        },
        HierarchyGroup::Id { id } => GroupSeed {
            path: vec![id.clone()],
            id: Some(id.clone()),
            ..GroupSeed::default()
        },
    }
}

/// Adds the secret of each person in the files, for a policy with one secret a person.
///
/// # Errors
/// Returns an error if the stand-in that plans the people cannot start.
pub(super) async fn add_secrets_of_people(
    seed: &mut Seed,
    policy: Policy,
    files: &[EventFile],
) -> Result<(), CannotRun> {
    let json_keys = ByInstance::new(&policy.instances, |(_, instance)| {
        let password = instance.password.as_ref();
        password.and_then(|password| password.json_key.clone())
    });
    let local = Local::start(seed.clone()).await?;
    let provisioner = Provisioner::new(policy, &local.clients);
    for item in files
        .iter()
        .flat_map(|file| file.items(provisioner.sources()))
    {
        if let Ok(BuiltRequest::Request(request)) = build_request(&provisioner, item.parcel).await
            && let Some(secret) = request.secret()
            && !seed.secrets.iter().any(|other| other.name == secret.id)
        {
            seed.secrets.push(secret_for(
                &secret.id,
                json_keys.get(request.instance()).as_deref(),
            ));
        }
    }
    Ok(())
}

fn secret_for(name: &str, json_key: Option<&str>) -> SecretSeed {
    SecretSeed {
        name: name.to_owned(),
        generate: Some(if json_key.is_some() {
            Generate::Json
        } else {
            Generate::Plain
        }),
        json_key: json_key.map(str::to_owned),
        string: None,
        binary_base64: None,
    }
}
