//! The rules for the settings of single channels, and for their conflicts with `PhoneConfig`
//! (`CreateUser`, Amazon Connect API reference).

use serde::{Deserialize, Serialize};

use super::super::refusal::Refusal;
use super::phone::{PhoneConfig, check_after_contact_work, check_e164, check_phone_type};
use super::rule::{Checked, check, conflict, invalid, required};

#[derive(Clone, Default, Deserialize, Serialize)]
pub(super) struct ChannelConfigs {
    #[serde(rename = "AutoAcceptConfigs", skip_serializing_if = "Option::is_none")]
    auto_accept: Option<Vec<AutoAcceptConfig>>,
    #[serde(
        rename = "AfterContactWorkConfigs",
        skip_serializing_if = "Option::is_none"
    )]
    after_contact_work: Option<Vec<AfterContactWorkPerChannel>>,
    #[serde(rename = "PhoneNumberConfigs", skip_serializing_if = "Option::is_none")]
    phone_number: Option<Vec<PhoneNumberConfig>>,
    #[serde(
        rename = "PersistentConnectionConfigs",
        skip_serializing_if = "Option::is_none"
    )]
    persistent_connection: Option<Vec<PersistentConnectionConfig>>,
    #[serde(
        rename = "VoiceEnhancementConfigs",
        skip_serializing_if = "Option::is_none"
    )]
    voice_enhancement: Option<Vec<VoiceEnhancementConfig>>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AutoAcceptConfig {
    channel: Option<String>,
    auto_accept: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_first_callback_auto_accept: Option<bool>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AfterContactWorkPerChannel {
    channel: Option<String>,
    after_contact_work_config: Option<AfterContactWorkConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_first_callback_after_contact_work_config: Option<AfterContactWorkConfig>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AfterContactWorkConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    after_contact_work_time_limit: Option<i64>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PhoneNumberConfig {
    channel: Option<String>,
    phone_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PersistentConnectionConfig {
    channel: Option<String>,
    persistent_connection: Option<bool>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VoiceEnhancementConfig {
    channel: Option<String>,
    voice_enhancement_mode: Option<String>,
}

impl ChannelConfigs {
    pub(super) fn check(&self, phone: &PhoneConfig) -> Checked {
        self.check_conflicts(phone)?;
        each(self.auto_accept.as_ref(), AutoAcceptConfig::check)?;
        each(
            self.after_contact_work.as_ref(),
            AfterContactWorkPerChannel::check,
        )?;
        each(self.phone_number.as_ref(), PhoneNumberConfig::check)?;
        each(
            self.persistent_connection.as_ref(),
            PersistentConnectionConfig::check,
        )?;
        each(
            self.voice_enhancement.as_ref(),
            VoiceEnhancementConfig::check,
        )
    }

    fn check_conflicts(&self, phone: &PhoneConfig) -> Checked {
        let number = phone.phone_type.is_some() || phone.desk_phone_number.is_some();
        for (listed, set, member) in [
            (
                is_listed(self.auto_accept.as_ref()),
                phone.auto_accept.is_some(),
                "AutoAcceptConfigs",
            ),
            (
                is_listed(self.after_contact_work.as_ref()),
                phone.after_contact_work_time_limit.is_some(),
                "AfterContactWorkConfigs",
            ),
            (
                is_listed(self.phone_number.as_ref()),
                number,
                "PhoneNumberConfigs",
            ),
            (
                is_listed(self.persistent_connection.as_ref()),
                phone.persistent_connection.is_some(),
                "PersistentConnectionConfigs",
            ),
        ] {
            check(!(listed && set), || {
                conflict(member, "conflicts with the same setting in PhoneConfig")
            })?;
        }
        Ok(())
    }
}

fn is_listed<T>(configs: Option<&Vec<T>>) -> bool {
    configs.is_some_and(|configs| !configs.is_empty())
}

fn each<T>(configs: Option<&Vec<T>>, check: fn(&T) -> Checked) -> Checked {
    configs.into_iter().flatten().try_for_each(check)
}

impl AutoAcceptConfig {
    fn check(&self) -> Checked {
        let channel = known_channel("AutoAcceptConfigs.Channel", self.channel.as_deref())?;
        required("AutoAcceptConfigs.AutoAccept", self.auto_accept.as_ref())?;
        let callback = self.agent_first_callback_auto_accept.is_some();
        check(!callback || channel == "VOICE", || {
            invalid(
                "AutoAcceptConfigs.AgentFirstCallbackAutoAccept",
                "applies to the VOICE channel only",
            )
        })
    }
}

impl AfterContactWorkPerChannel {
    fn check(&self) -> Checked {
        let channel = known_channel("AfterContactWorkConfigs.Channel", self.channel.as_deref())?;
        let member = "AfterContactWorkConfigs.AfterContactWorkConfig";
        required(member, self.after_contact_work_config.as_ref())?.check(member)?;
        let member = "AfterContactWorkConfigs.AgentFirstCallbackAfterContactWorkConfig";
        let Some(callback) = &self.agent_first_callback_after_contact_work_config else {
            return Ok(());
        };
        check(channel == "VOICE", || {
            invalid(member, "applies to the VOICE channel only")
        })?;
        callback.check(member)
    }
}

impl AfterContactWorkConfig {
    fn check(&self, member: &str) -> Checked {
        let member = format!("{member}.AfterContactWorkTimeLimit");
        check_after_contact_work(&member, self.after_contact_work_time_limit)
    }
}

impl PhoneNumberConfig {
    fn check(&self) -> Checked {
        check_voice("PhoneNumberConfigs.Channel", self.channel.as_deref())?;
        let phone_type = self.phone_type.as_deref();
        required("PhoneNumberConfigs.PhoneType", phone_type)?;
        check_phone_type("PhoneNumberConfigs.PhoneType", phone_type)?;
        check_e164(
            "PhoneNumberConfigs.PhoneNumber",
            self.phone_number.as_deref(),
        )
    }
}

impl PersistentConnectionConfig {
    fn check(&self) -> Checked {
        check_voice(
            "PersistentConnectionConfigs.Channel",
            self.channel.as_deref(),
        )?;
        let member = "PersistentConnectionConfigs.PersistentConnection";
        required(member, self.persistent_connection.as_ref()).map(|_| ())
    }
}

impl VoiceEnhancementConfig {
    fn check(&self) -> Checked {
        check_voice("VoiceEnhancementConfigs.Channel", self.channel.as_deref())?;
        let member = "VoiceEnhancementConfigs.VoiceEnhancementMode";
        let mode = required(member, self.voice_enhancement_mode.as_deref())?;
        let known = matches!(mode, "VOICE_ISOLATION" | "NOISE_SUPPRESSION" | "NONE");
        check(known, || {
            invalid(member, "must be VOICE_ISOLATION, NOISE_SUPPRESSION or NONE")
        })
    }
}

fn known_channel<'input>(
    member: &str,
    channel: Option<&'input str>,
) -> Result<&'input str, Refusal> {
    let channel = required(member, channel)?;
    let known = matches!(channel, "VOICE" | "CHAT" | "TASK" | "EMAIL");
    check(known, || {
        invalid(member, "must be VOICE, CHAT, TASK or EMAIL")
    })?;
    Ok(channel)
}

fn check_voice(member: &str, channel: Option<&str>) -> Checked {
    let channel = known_channel(member, channel)?;
    check(channel == "VOICE", || {
        invalid(member, "must be VOICE, the only channel with this setting")
    })
}
