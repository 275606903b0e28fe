//! The phone settings of an `[[assignment]]`, in CreateUser's members -> the same, held to CreateUser's rules.

use super::Entry;
use crate::policy::assignment::PhoneSettings;
use crate::policy::config::file;
use crate::request;
use crate::request::create_user_input::CreateUserInput;

/// An assignment's phone settings, as far as they can be known before there is a person.
pub(super) fn settings(entry: &file::Assignment, at: &mut Entry) -> PhoneSettings {
    let members = members(entry);
    if let Err(failure) = request::check_phone(&with_plausible_numbers(&members)) {
        at.add(format!(": {failure}"));
    }
    let desk_phone_number = members
        .phone_config
        .as_ref()
        .and_then(|config| config.desk_phone_number.clone());
    let mut number = |source: Option<String>| {
        let source = source?;
        at.compiler
            .compiled(&source)
            .map_err(|err| at.add(format!(": the phone number `{source}`: {err}")))
            .ok()
    };
    PhoneSettings {
        desk_phone_number: number(desk_phone_number),
        phone_numbers: members
            .phone_number_configs
            .iter()
            .map(|config| number(config.phone_number.clone()))
            .collect(),
        members,
    }
}

fn members(entry: &file::Assignment) -> CreateUserInput {
    CreateUserInput {
        phone_config: entry.phone_config.clone(),
        auto_accept_configs: entry.auto_accept_configs.clone(),
        after_contact_work_configs: entry.after_contact_work_configs.clone(),
        phone_number_configs: entry.phone_number_configs.clone(),
        persistent_connection_configs: entry.persistent_connection_configs.clone(),
        voice_enhancement_configs: entry.voice_enhancement_configs.clone(),
        ..CreateUserInput::default()
    }
}

// A number that a template will fill in cannot be checked yet.
fn with_plausible_numbers(members: &CreateUserInput) -> CreateUserInput {
    let mut members = members.clone();
    let desk_phone_number = members
        .phone_config
        .iter_mut()
        .filter_map(|config| config.desk_phone_number.as_mut());
    let numbers = members
        .phone_number_configs
        .iter_mut()
        .filter_map(|config| config.phone_number.as_mut());
    for number in desk_phone_number
        .chain(numbers)
        .filter(|number| number.contains("{{"))
    {
        "+15555551212".clone_into(number);
    }
    members
}
