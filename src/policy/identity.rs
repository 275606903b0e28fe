//! Management of identities by an instance.

use serde::Deserialize;

/// `IdentityManagementType` of an instance (Amazon Connect API reference, `Instance`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityManagement {
    ConnectManaged,
    Saml,
    ExistingDirectory,
}

impl IdentityManagement {
    /// The type as AWS spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectManaged => "CONNECT_MANAGED",
            Self::Saml => "SAML",
            Self::ExistingDirectory => "EXISTING_DIRECTORY",
        }
    }

    /// The most characters that a username has by the reference (CreateUser, `Username`).
    ///
    /// Its service model says 1 to 100, AWS's `CloudFormation` schema 64, and Terraform's acceptance tests make names of 43
    /// characters where Connect manages identities.
    #[must_use]
    pub fn username_length(self) -> usize {
        match self {
            Self::Saml => 64,
            Self::ConnectManaged | Self::ExistingDirectory => 20,
        }
    }
}
