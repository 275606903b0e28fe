//! One person of an event -> the CreateUser request, or why there is none.

use connect_provisioner::failure::Failure;
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::policy::Policy;
use connect_provisioner::provision::{BuiltRequest, Provisioner};

use crate::ending::CannotRun;
use crate::local::{Local, seed_for};

/// Builds requests by a configuration alone, against a stand-in with the resources that it names.
pub(super) struct Offline {
    provisioner: Provisioner,
    /// Kept until the end: dropping it stops the stand-in.
    _local: Local,
}

impl Offline {
    /// Starts the stand-in.
    ///
    /// # Errors
    /// Returns an error if it cannot listen on loopback.
    pub(super) async fn start(policy: Policy) -> Result<Self, CannotRun> {
        let local = Local::start(seed_for(&policy)).await?;
        Ok(Self {
            provisioner: Provisioner::new(policy, &local.clients),
            _local: local,
        })
    }

    /// Builds the request for one person of an event, as the function does.
    ///
    /// # Errors
    /// Returns the failure that the function would end with.
    pub(super) async fn build_request(&self, parcel: Parcel) -> Result<BuiltRequest, Failure> {
        build_request(&self.provisioner, parcel).await
    }
}

/// Builds the CreateUser request for one person of an event.
///
/// # Errors
/// Returns the failure if the event cannot be read, or if the policy refuses the person.
pub(super) async fn build_request(
    provisioner: &Provisioner,
    parcel: Parcel,
) -> Result<BuiltRequest, Failure> {
    let person = provisioner.sources().key_of(&parcel);
    match parcel.content? {
        Content::NoJoin(why) => Ok(BuiltRequest::Skip(why.into_owned())),
        Content::Delivery(delivery) => provisioner.build_request(&delivery, &person).await,
    }
}
