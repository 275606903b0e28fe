//! The policy for users of an instance: templates of names and addresses, and treatment of what Connect may refuse.

use serde::Deserialize;

use super::identity::IdentityManagement;
use crate::expressions::template::Template;

/// Whether SAML users are created with their e-mail address: the reference calls it both required and an error.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum EmailWithSaml {
    /// The user is made without it.
    #[default]
    Omit,
    /// It is sent all the same.
    Send,
}

/// First and last names with combining marks, which names in Hindi, Tamil, Thai or Yoruba have in Unicode's NFC too.
///
/// The reference asks for NFC and gives combining marks as an example of text that is not (Amazon Connect API reference,
/// `UserIdentityInfo`), so it leaves open whether Connect refuses marks that have no composed form.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum CombiningMarks {
    /// They are sent; Connect decides, and its refusal is a dead letter.
    #[default]
    Send,
    /// The person is refused before Connect is asked.
    Refuse,
}

/// Templates that make a user of a joiner.
pub struct UserPolicy {
    /// In order of preference.
    pub username: Vec<Template>,
    /// In order of preference, for whoever's username another person has.
    pub username_when_taken: Vec<Template>,
    pub too_long: TooLong,
    pub username_case: UsernameCase,
    pub first_name: Template,
    pub last_name: Template,
    pub email: Option<Template>,
    pub secondary_email: Option<Template>,
    pub mobile: Option<Template>,
    pub directory_user_id: Option<Template>,
}

/// Upper and lower case of the usernames that templates give.
///
/// Usernames are case sensitive, and under SAML the username must equal the `RoleSessionName` that the identity provider
/// sends (Amazon Connect Administrator Guide, "Configure SAML with IAM").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UsernameCase {
    /// Letters stay as the template gives them.
    Keep,
    /// All letters become lower case.
    Lower,
}

impl UsernameCase {
    /// Returns the case with which people can sign in where the configuration names none.
    #[must_use]
    pub fn default_of(identity: IdentityManagement) -> Self {
        match identity {
            IdentityManagement::Saml => Self::Keep,
            IdentityManagement::ConnectManaged | IdentityManagement::ExistingDirectory => {
                Self::Lower
            }
        }
    }
}

/// Treatment of a username that no template gives short enough.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum TooLong {
    /// The first one is cut to the instance's limit, unless it is an e-mail address.
    #[default]
    Cut,
    /// The person is refused.
    Refuse,
}
