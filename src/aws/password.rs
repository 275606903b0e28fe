//! A request -> its initial password, from Secrets Manager, in memory only.

mod secret_text;

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::{Client, Config};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use secret_text::password_in;

use crate::aws;
use crate::aws::age::Moment;
use crate::failure::{Failure, Reason, SecretFault, SecretSharing};
use crate::policy::PasswordPolicy;
use crate::policy::plan::SecretRef;
use crate::request::CreateUserRequest;

/// Reads passwords, and keeps a shared one for as long as the configuration says.
pub struct Passwords {
    client: Client,
    shared: Mutex<HashMap<Place, (Moment, SecretString)>>,
}

/// The id of a secret, and the key of the password in it.
type Place = (String, Option<String>);

fn place(secret: &SecretRef) -> Place {
    (secret.id.clone(), secret.policy().json_key.clone())
}

impl Passwords {
    /// A reader without anything in memory yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            shared: Mutex::default(),
        }
    }

    /// The password of a request; none where Connect takes none.
    ///
    /// # Errors
    /// Returns the fault of the secret, or the failure of the call.
    pub async fn for_request(
        &self,
        request: &CreateUserRequest,
    ) -> Result<Option<SecretString>, Failure> {
        match request.secret() {
            Some(secret) if secret.sharing() == SecretSharing::Shared => {
                self.shared(secret).await.map(Some)
            }
            Some(secret) => self.fetch(secret).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reads the secret that everybody's password lies in, if it is one, so that the first to need it finds it here.
    ///
    /// # Errors
    /// Returns the fault of the secret, or the failure of the call.
    pub async fn keep(&self, policy: &Arc<PasswordPolicy>) -> Result<(), Failure> {
        // A constant id needs nobody's fields.
        match policy.secret_id.render(&minijinja::context! {}) {
            Some(id) if policy.sharing() == SecretSharing::Shared => {
                let secret = SecretRef::new(id, Arc::clone(policy));
                self.shared(&secret).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Reads a secret and tells whether Connect would take the password in it.
    ///
    /// # Errors
    /// Returns the fault of the secret, or the failure of the call.
    pub async fn check(&self, secret: &SecretRef) -> Result<(), Failure> {
        self.fetch(secret).await.map(drop)
    }

    /// The password of a request that was refused, where it was kept in memory and has been rotated since.
    ///
    /// # Errors
    /// Returns the fault of the secret, or the failure of the call.
    pub async fn newer(
        &self,
        request: &CreateUserRequest,
    ) -> Result<Option<SecretString>, Failure> {
        let kept = match request.secret() {
            Some(secret) => self.shared.lock().await.remove(&place(secret)),
            None => None,
        };
        let Some((_, kept)) = kept else {
            return Ok(None);
        };
        let now = self.for_request(request).await?;
        Ok(now.filter(|now| now.expose_secret() != kept.expose_secret()))
    }

    async fn shared(&self, secret: &SecretRef) -> Result<SecretString, Failure> {
        let place = place(secret);
        if let Some((since, password)) = self.shared.lock().await.get(&place)
            && since.age() < secret.policy().cache
        {
            return Ok(password.clone());
        }
        // Not under the lock: the secrets of several instances are read side by side.
        let password = self.fetch(secret).await?;
        let kept = (Moment::now(), password.clone());
        self.shared.lock().await.insert(place, kept);
        Ok(password)
    }

    async fn fetch(&self, secret: &SecretRef) -> Result<SecretString, Failure> {
        let request = self.client.get_secret_value().secret_id(&secret.id);
        let answer = aws::signed_anew(|| {
            let in_time = Config::builder().timeout_config(aws::time_outs_now());
            let call = request.clone().customize().config_override(in_time);
            call.send()
        });
        let answer = answer.await.map_err(|err| match err.as_service_error() {
            Some(GetSecretValueError::ResourceNotFoundException(_)) => {
                fault(secret, SecretFault::Missing)
            }
            Some(GetSecretValueError::InvalidRequestException(_)) => {
                fault(secret, SecretFault::PendingDeletion)
            }
            Some(GetSecretValueError::DecryptionFailure(_)) => {
                fault(secret, SecretFault::Undecryptable)
            }
            Some(other) if other.code() == Some("AccessDeniedException") => {
                fault(secret, SecretFault::AccessDenied)
            }
            _ => Failure::aws("GetSecretValue", &err),
        })?;
        let text = answer
            .secret_string
            .map(SecretString::from)
            .ok_or_else(|| fault(secret, SecretFault::Binary))?;
        password_in(text, secret.policy().json_key.as_deref()).map_err(|found| fault(secret, found))
    }
}

// A per-person id may be made of a name, so only a shared one is repeated.
fn fault(secret: &SecretRef, fault: SecretFault) -> Failure {
    let which = match secret.sharing() {
        SecretSharing::Shared => format!("the secret \"{}\"", secret.id),
        SecretSharing::PerPerson => "the person's secret".to_owned(),
    };
    let says = match fault {
        SecretFault::Missing => "does not exist; create it, or correct [password] secret_id",
        SecretFault::PendingDeletion => "is marked for deletion; restore it, or name another one",
        SecretFault::AccessDenied => {
            "may not be read; allow secretsmanager:GetSecretValue on it, or kms:Decrypt on its key where it has a customer \
             managed key"
        }
        SecretFault::Undecryptable => "cannot be decrypted; allow kms:Decrypt on its key",
        SecretFault::Binary => "is binary; store it as text",
        SecretFault::JsonWithoutKey => {
            "is JSON, as the console's key/value form stores it, and no [password] json_key says which member is the \
             password; set json_key, or store the password alone"
        }
        SecretFault::NotJson => "is not a JSON object; store one, or leave [password] json_key out",
        SecretFault::KeyAbsent => "has no text at [password] json_key; add it, or correct the key",
        SecretFault::Empty => "is empty; store a password",
        SecretFault::Invisible => {
            "holds a character that nobody sees or can type, such as a byte order mark, a zero-width space or a control \
             character; store the password anew without it"
        }
        SecretFault::Padded => {
            "begins or ends with a space or a line break; store the password alone, for example with printf '%s' and not echo"
        }
        SecretFault::Quoted => "has the password in quotation marks; store it without them",
        SecretFault::BreaksPolicy => {
            "breaks Connect's policy; store 8 to 64 characters without spaces, with a lower-case letter, an upper-case \
             letter and a digit"
        }
    };
    Failure::new(
        Reason::Secret(fault, secret.sharing()),
        format!("{which} {says}"),
    )
}

#[cfg(test)]
mod tests;
