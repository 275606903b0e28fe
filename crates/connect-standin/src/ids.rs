//! Names become the ids and ARNs under which AWS would know them.

use md5::{Digest, Md5};
use uuid::{Builder, Uuid};

/// The account and Region that every ARN carries.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) account: String,
    pub(super) region: String,
}

impl Home {
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let Self { account, region } = self;
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }
}

/// A new random id.
pub(super) fn random() -> String {
    Uuid::new_v4().to_string()
}

/// An id in the form of a UUID that is the same for the same kind and name at every start.
pub(super) fn derived(kind: &str, name: &str) -> String {
    let digest = Md5::digest(format!("{kind}/{name}"));
    Builder::from_md5_bytes(digest.into())
        .into_uuid()
        .to_string()
}

/// A random number below `bound`, from the random bits of a version 4 UUID.
pub(super) fn random_below(bound: usize) -> usize {
    let bits = Uuid::new_v4().as_u64_pair().1 >> 2;
    usize::try_from(bits & 0xFFFF_FFFF).unwrap_or_default() % bound
}
