//! The JSON shape of CreateUser without its password: what `aws connect create-user --cli-input-json` reads.
//!
//! Source: Amazon Connect API reference, CreateUser, and the service model of 2017-08-08. The types hold personal
//! data, so they have no `Debug`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every member of CreateUser but `Password`, which comes from Secrets Manager only.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateUserInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_info: Option<IdentityInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_config: Option<PhoneConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory_user_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_profile_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_profile_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hierarchy_group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auto_accept_configs: Vec<AutoAcceptConfig>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_contact_work_configs: Vec<AfterContactWorkConfigPerChannel>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phone_number_configs: Vec<PhoneNumberConfig>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persistent_connection_configs: Vec<PersistentConnectionConfig>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voice_enhancement_configs: Vec<VoiceEnhancementConfig>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// `UserIdentityInfo`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IdentityInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
}

/// `UserPhoneConfig`.
#[derive(Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PhoneConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_type: Option<PhoneType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_accept: Option<bool>,
    /// Seconds; 0 means no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_contact_work_time_limit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_connection: Option<bool>,
}

/// `PhoneType`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PhoneType {
    SoftPhone,
    DeskPhone,
}

/// `Channel`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    Voice,
    Chat,
    Task,
    Email,
}

/// `AutoAcceptConfig`.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AutoAcceptConfig {
    pub channel: Channel,
    pub auto_accept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_first_callback_auto_accept: Option<bool>,
}

/// `AfterContactWorkConfigPerChannel`.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AfterContactWorkConfigPerChannel {
    pub channel: Channel,
    pub after_contact_work_config: AfterContactWorkConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_first_callback_after_contact_work_config: Option<AfterContactWorkConfig>,
}

/// `AfterContactWorkConfig`.
#[derive(Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AfterContactWorkConfig {
    /// Seconds; 0 means no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_contact_work_time_limit: Option<i32>,
}

/// `PhoneNumberConfig`.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PhoneNumberConfig {
    pub channel: Channel,
    pub phone_type: PhoneType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// `PersistentConnectionConfig`.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PersistentConnectionConfig {
    pub channel: Channel,
    pub persistent_connection: bool,
}

/// `VoiceEnhancementConfig`.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VoiceEnhancementConfig {
    pub channel: Channel,
    pub voice_enhancement_mode: VoiceEnhancementMode,
}

/// `VoiceEnhancementMode`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoiceEnhancementMode {
    VoiceIsolation,
    NoiseSuppression,
    None,
}
