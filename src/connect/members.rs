//! CreateUser's members as this program holds them -> the SDK's call, member by member.

use aws_sdk_connect::Client;
use aws_sdk_connect::operation::create_user::builders::CreateUserFluentBuilder;
use aws_sdk_connect::types as sdk;

use crate::request::create_user_input as own;

/// The call for a request, without its password.
pub(super) fn create_user(
    client: &Client,
    input: &own::CreateUserInput,
) -> CreateUserFluentBuilder {
    let tags = input
        .tags
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    client
        .create_user()
        .set_username(input.username.clone())
        .set_identity_info(input.identity_info.as_ref().map(identity_info))
        .set_phone_config(input.phone_config.as_ref().map(phone_config))
        .set_directory_user_id(input.directory_user_id.clone())
        .set_security_profile_ids(Some(input.security_profile_ids.clone()))
        .set_routing_profile_id(input.routing_profile_id.clone())
        .set_hierarchy_group_id(input.hierarchy_group_id.clone())
        .set_instance_id(input.instance_id.clone())
        .set_auto_accept_configs(list(&input.auto_accept_configs, auto_accept))
        .set_after_contact_work_configs(list(
            &input.after_contact_work_configs,
            after_contact_work_per_channel,
        ))
        .set_phone_number_configs(list(&input.phone_number_configs, phone_number))
        .set_persistent_connection_configs(list(
            &input.persistent_connection_configs,
            persistent_connection,
        ))
        .set_voice_enhancement_configs(list(&input.voice_enhancement_configs, voice_enhancement))
        .set_tags(Some(tags))
}

fn list<A, B>(items: &[A], convert: fn(&A) -> B) -> Option<Vec<B>> {
    (!items.is_empty()).then(|| items.iter().map(convert).collect())
}

fn identity_info(info: &own::IdentityInfo) -> sdk::UserIdentityInfo {
    sdk::UserIdentityInfo::builder()
        .set_first_name(info.first_name.clone())
        .set_last_name(info.last_name.clone())
        .set_email(info.email.clone())
        .set_secondary_email(info.secondary_email.clone())
        .set_mobile(info.mobile.clone())
        .build()
}

fn phone_config(config: &own::PhoneConfig) -> sdk::UserPhoneConfig {
    sdk::UserPhoneConfig::builder()
        .set_phone_type(config.phone_type.map(phone_type))
        .set_auto_accept(config.auto_accept)
        .set_after_contact_work_time_limit(config.after_contact_work_time_limit)
        .set_desk_phone_number(config.desk_phone_number.clone())
        .set_persistent_connection(config.persistent_connection)
        .build()
}

fn phone_type(phone_type: own::PhoneType) -> sdk::PhoneType {
    match phone_type {
        own::PhoneType::SoftPhone => sdk::PhoneType::SoftPhone,
        own::PhoneType::DeskPhone => sdk::PhoneType::DeskPhone,
    }
}

fn channel(channel: own::Channel) -> sdk::Channel {
    match channel {
        own::Channel::Voice => sdk::Channel::Voice,
        own::Channel::Chat => sdk::Channel::Chat,
        own::Channel::Task => sdk::Channel::Task,
        own::Channel::Email => sdk::Channel::Email,
    }
}

const COMPLETE: &str = "every required member is set, as our own type has no optional one there";

fn auto_accept(config: &own::AutoAcceptConfig) -> sdk::AutoAcceptConfig {
    sdk::AutoAcceptConfig::builder()
        .channel(channel(config.channel))
        .auto_accept(config.auto_accept)
        .set_agent_first_callback_auto_accept(config.agent_first_callback_auto_accept)
        .build()
        .expect(COMPLETE)
}

fn after_contact_work_per_channel(
    config: &own::AfterContactWorkConfigPerChannel,
) -> sdk::AfterContactWorkConfigPerChannel {
    let callback = config
        .agent_first_callback_after_contact_work_config
        .as_ref();
    sdk::AfterContactWorkConfigPerChannel::builder()
        .channel(channel(config.channel))
        .after_contact_work_config(after_contact_work(&config.after_contact_work_config))
        .set_agent_first_callback_after_contact_work_config(callback.map(after_contact_work))
        .build()
        .expect(COMPLETE)
}

fn after_contact_work(config: &own::AfterContactWorkConfig) -> sdk::AfterContactWorkConfig {
    sdk::AfterContactWorkConfig::builder()
        .set_after_contact_work_time_limit(config.after_contact_work_time_limit)
        .build()
}

fn phone_number(config: &own::PhoneNumberConfig) -> sdk::PhoneNumberConfig {
    sdk::PhoneNumberConfig::builder()
        .channel(channel(config.channel))
        .phone_type(phone_type(config.phone_type))
        .set_phone_number(config.phone_number.clone())
        .build()
        .expect(COMPLETE)
}

fn persistent_connection(
    config: &own::PersistentConnectionConfig,
) -> sdk::PersistentConnectionConfig {
    sdk::PersistentConnectionConfig::builder()
        .channel(channel(config.channel))
        .persistent_connection(config.persistent_connection)
        .build()
        .expect(COMPLETE)
}

fn voice_enhancement(config: &own::VoiceEnhancementConfig) -> sdk::VoiceEnhancementConfig {
    let mode = match config.voice_enhancement_mode {
        own::VoiceEnhancementMode::VoiceIsolation => sdk::VoiceEnhancementMode::VoiceIsolation,
        own::VoiceEnhancementMode::NoiseSuppression => sdk::VoiceEnhancementMode::NoiseSuppression,
        own::VoiceEnhancementMode::None => sdk::VoiceEnhancementMode::None,
    };
    sdk::VoiceEnhancementConfig::builder()
        .channel(channel(config.channel))
        .voice_enhancement_mode(mode)
        .build()
        .expect(COMPLETE)
}
