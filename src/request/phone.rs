//! Phone settings -> the same, kept to CreateUser's rules: `PhoneConfig`, and the lists per channel that may take its place.

use super::refusal::{E164, ensure, invalid, missing};
use crate::failure::Failure;
use crate::request::create_user_input::{
    AfterContactWorkConfigPerChannel, Channel, CreateUserInput, PhoneConfig, PhoneType,
};
use crate::request::rules;

const SECONDS: &str = "a whole number of seconds from 0 to 2000000";

// AWS's SDK sends SOFT_PHONE where PhoneConfig has no type, so it is said here, where rules can still object.
pub(super) fn set_default_type(input: &mut CreateUserInput) {
    if let Some(config) = &mut input.phone_config {
        config.phone_type.get_or_insert(PhoneType::SoftPhone);
    }
}

/// Checks the phone settings, which the configuration gives as well as an event.
///
/// # Errors
/// The member and what CreateUser takes there.
pub(crate) fn check(input: &CreateUserInput) -> Result<(), Failure> {
    if let Some(config) = &input.phone_config {
        check_phone_config(config)?;
        check_conflicts(config, input)?;
    }
    for (index, config) in input.auto_accept_configs.iter().enumerate() {
        let callback = config.agent_first_callback_auto_accept.is_some();
        voice_only_callback("AutoAcceptConfigs", index, callback, config.channel)?;
    }
    for (index, config) in input.after_contact_work_configs.iter().enumerate() {
        check_after_contact_work(index, config)?;
    }
    for (index, config) in input.phone_number_configs.iter().enumerate() {
        let member = |name: &str| format!("PhoneNumberConfigs[{index}].{name}");
        voice_only(&member("Channel"), config.channel)?;
        check_number(
            &member("PhoneNumber"),
            config.phone_number.as_deref(),
            config.phone_type,
        )?;
    }
    for (index, config) in input.persistent_connection_configs.iter().enumerate() {
        voice_only(
            &format!("PersistentConnectionConfigs[{index}].Channel"),
            config.channel,
        )?;
    }
    for (index, config) in input.voice_enhancement_configs.iter().enumerate() {
        voice_only(
            &format!("VoiceEnhancementConfigs[{index}].Channel"),
            config.channel,
        )?;
    }
    Ok(())
}

fn check_phone_config(config: &PhoneConfig) -> Result<(), Failure> {
    check_seconds(
        "PhoneConfig.AfterContactWorkTimeLimit",
        config.after_contact_work_time_limit,
    )?;
    let phone_type = config.phone_type.unwrap_or(PhoneType::SoftPhone);
    check_number(
        "PhoneConfig.DeskPhoneNumber",
        config.desk_phone_number.as_deref(),
        phone_type,
    )
}

fn check_number(member: &str, number: Option<&str>, phone_type: PhoneType) -> Result<(), Failure> {
    ensure(
        number.is_some() || phone_type != PhoneType::DeskPhone,
        || missing(member, E164),
    )?;
    ensure(number.is_none_or(rules::is_e164), || invalid(member, E164))
}

fn check_seconds(member: &str, seconds: Option<i32>) -> Result<(), Failure> {
    ensure(
        seconds.is_none_or(|seconds| (0..=2_000_000).contains(&seconds)),
        || invalid(member, SECONDS),
    )
}

fn check_conflicts(config: &PhoneConfig, input: &CreateUserInput) -> Result<(), Failure> {
    let conflicts = [
        (
            "AutoAccept",
            config.auto_accept.is_some(),
            "AutoAcceptConfigs",
            input.auto_accept_configs.is_empty(),
        ),
        (
            "AfterContactWorkTimeLimit",
            config.after_contact_work_time_limit.is_some(),
            "AfterContactWorkConfigs",
            input.after_contact_work_configs.is_empty(),
        ),
        // AWS's SDK sends a PhoneType with every PhoneConfig, said or not.
        (
            "PhoneType",
            true,
            "PhoneNumberConfigs",
            input.phone_number_configs.is_empty(),
        ),
        (
            "DeskPhoneNumber",
            config.desk_phone_number.is_some(),
            "PhoneNumberConfigs",
            input.phone_number_configs.is_empty(),
        ),
        (
            "PersistentConnection",
            config.persistent_connection.is_some(),
            "PersistentConnectionConfigs",
            input.persistent_connection_configs.is_empty(),
        ),
    ];
    let conflict = conflicts
        .iter()
        .find(|(_, in_config, _, list_is_empty)| *in_config && !list_is_empty);
    conflict.map_or(Ok(()), |(member, _, list, _)| {
        Err(invalid(
            &format!("PhoneConfig.{member}"),
            &format!("it either here or in {list}"),
        ))
    })
}

fn check_after_contact_work(
    index: usize,
    config: &AfterContactWorkConfigPerChannel,
) -> Result<(), Failure> {
    let member =
        |name: &str| format!("AfterContactWorkConfigs[{index}].{name}.AfterContactWorkTimeLimit");
    let limit = config
        .after_contact_work_config
        .after_contact_work_time_limit;
    check_seconds(&member("AfterContactWorkConfig"), limit)?;
    let callback = config
        .agent_first_callback_after_contact_work_config
        .as_ref();
    let callback_limit = callback.and_then(|callback| callback.after_contact_work_time_limit);
    check_seconds(
        &member("AgentFirstCallbackAfterContactWorkConfig"),
        callback_limit,
    )?;
    voice_only_callback(
        "AfterContactWorkConfigs",
        index,
        callback.is_some(),
        config.channel,
    )
}

fn voice_only(member: &str, channel: Channel) -> Result<(), Failure> {
    ensure(channel == Channel::Voice, || invalid(member, "VOICE"))
}

fn voice_only_callback(
    list: &str,
    index: usize,
    callback: bool,
    channel: Channel,
) -> Result<(), Failure> {
    ensure(!callback || channel == Channel::Voice, || {
        invalid(
            &format!("{list}[{index}]"),
            "settings for agent-first callbacks with the channel VOICE only",
        )
    })
}
