//! The cells of a row that are no names of profiles -> the hierarchy path, the settings and the tags of a CreateUser request.

use std::collections::BTreeMap;

use connect_provisioner::request::create_user_input::{
    Channel, PhoneConfig, PhoneType, VoiceEnhancementConfig, VoiceEnhancementMode,
};

use super::columns::Column;
use super::{Cells, Fault};

impl Cells {
    /// Returns the names on the way to the hierarchy group, or `None` where the row names none.
    ///
    /// Levels are separated by `|`, or by `/` where no `|` is in the cell.
    ///
    /// # Errors
    /// The two columns for it name different groups.
    pub(in crate::send) fn hierarchy_path(&self) -> Result<Option<Vec<String>>, Fault> {
        let path = |column| self.text(column).map(levels);
        match (path(Column::AgentHierarchy), path(Column::UserHierarchy)) {
            (Some(agents), Some(users)) if agents != users => Err(Fault::of_field(
                "HierarchyGroupId",
                "the agent hierarchy and the user hierarchy name different groups, and a user is in one; leave one empty",
            )),
            (agents, users) => Ok(agents.or(users)),
        }
    }

    /// Reads the phone settings.
    ///
    /// # Errors
    /// A cell that is not understood.
    pub(super) fn phone_config(&self) -> Result<PhoneConfig, Fault> {
        let phone_type = match self.word(Column::PhoneType).as_deref() {
            None | Some("soft" | "soft_phone") => PhoneType::SoftPhone,
            Some("desk" | "desk_phone") => PhoneType::DeskPhone,
            Some(_) => {
                return Err(Fault::of_field(
                    "PhoneConfig.PhoneType",
                    "the phone type is neither soft nor desk",
                ));
            }
        };
        let seconds = self.text(Column::AcwTimeout).map(str::parse).transpose();
        Ok(PhoneConfig {
            phone_type: Some(phone_type),
            auto_accept: self.yes_or_no(Column::AutoAccept, "AutoAccept", "auto accept")?,
            after_contact_work_time_limit: seconds.map_err(|_| {
                let why = "the ACW timeout is no whole number of seconds";
                Fault::of_field("PhoneConfig.AfterContactWorkTimeLimit", why)
            })?,
            desk_phone_number: self.owned(Column::PhoneNumber),
            persistent_connection: self.yes_or_no(
                Column::PersistentConnection,
                "PersistentConnection",
                "persistent connection",
            )?,
        })
    }

    fn yes_or_no(&self, column: Column, member: &str, name: &str) -> Result<Option<bool>, Fault> {
        match self.word(column).as_deref() {
            None => Ok(None),
            Some("yes" | "true") => Ok(Some(true)),
            Some("no" | "false") => Ok(Some(false)),
            Some(_) => Err(Fault::of_field(
                &format!("PhoneConfig.{member}"),
                &format!("the {name} is neither yes nor no"),
            )),
        }
    }

    /// Reads the audio enhancement, which CreateUser has for voice contacts.
    ///
    /// # Errors
    /// A cell that is not understood.
    pub(super) fn voice_enhancement(&self) -> Result<Option<VoiceEnhancementConfig>, Fault> {
        let mode = match self.word(Column::AudioEnhancement).as_deref() {
            None => return Ok(None),
            Some("none") => VoiceEnhancementMode::None,
            Some("isolate voice" | "voice isolation") => VoiceEnhancementMode::VoiceIsolation,
            Some("suppress noise" | "noise suppression") => VoiceEnhancementMode::NoiseSuppression,
            Some(_) => {
                return Err(Fault::of_field(
                    "VoiceEnhancementConfigs",
                    "the audio enhancement is neither none nor isolate voice nor suppress noise",
                ));
            }
        };
        Ok(Some(VoiceEnhancementConfig {
            channel: Channel::Voice,
            voice_enhancement_mode: mode,
        }))
    }

    /// Reads the tags, `key=value` or `key:value`, separated by `|`.
    ///
    /// # Errors
    /// A tag without a value, with several separators, or whose key is there twice.
    pub(super) fn tags(&self) -> Result<BTreeMap<String, String>, Fault> {
        let wrong = |why| Fault::of_field("Tags", why);
        let mut tags = BTreeMap::new();
        let texts = self.text(Column::Tags).unwrap_or_default().split('|');
        for text in texts.map(str::trim).filter(|text| !text.is_empty()) {
            let (key, value) = tag(text).ok_or_else(|| {
                wrong(
                    "a tag is no key=value with one equals sign, nor key:value; separate tags by |",
                )
            })?;
            if tags.insert(key, value).is_some() {
                return Err(wrong("two tags have the same key; leave one out"));
            }
        }
        Ok(tags)
    }

    fn word(&self, column: Column) -> Option<String> {
        self.text(column).map(str::to_lowercase)
    }
}

fn levels(cell: &str) -> Vec<String> {
    let separator = if cell.contains('|') { '|' } else { '/' };
    let levels = cell.trim_matches(separator).split(separator);
    levels.map(|level| level.trim().to_owned()).collect()
}

// A key and a value may have the other separator in them; which of several separates the two would be a guess.
fn tag(text: &str) -> Option<(String, String)> {
    let separator = if text.contains('=') { '=' } else { ':' };
    let (key, value) = text.split_once(separator)?;
    let (key, value) = (key.trim(), value.trim());
    let plain = !key.is_empty() && !value.contains(separator);
    plain.then(|| (key.to_owned(), value.to_owned()))
}
