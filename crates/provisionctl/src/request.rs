//! One person of an event -> the CreateUser request, or why there is none.

use connect_provisioner::failure::Failure;
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::provision::{BuiltRequest, Provisioner};

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
