//! The cells of a row other than profiles -> the hierarchy path, settings and tags of a CreateUser request.

use std::collections::BTreeMap;

use connect_provisioner::request::create_user_input::{
    Channel, PhoneConfig, PhoneType, VoiceEnhancementConfig, VoiceEnhancementMode,
};

use super::cells::Cells;
use super::columns::Column;
use crate::send::fault::SendFault;

impl Cells {
    /// Returns the names of the levels down to the hierarchy group, or `None` if the row names no group.
    ///
    /// Levels are separated by `|`, or by `/` if the cell holds no `|`.
    ///
    /// # Errors
    /// Returns a fault if the two columns for it name different groups.
    pub(in crate::send) fn hierarchy_path(&self) -> Result<Option<Vec<String>>, SendFault> {
        let path = |column| self.text(column).map(levels);
        match (path(Column::AgentHierarchy), path(Column::UserHierarchy)) {
            (Some(agents), Some(users)) if agents != users => Err(SendFault::for_field(
                "HierarchyGroupId",
                "the agent hierarchy and the user hierarchy name different groups, and a user is in one; leave one empty",
            )),
            (agents, users) => Ok(agents.or(users)),
        }
    }

    /// Reads the phone settings.
    ///
    /// # Errors
    /// Returns a fault for a cell with an invalid value.
    pub(super) fn phone_config(&self) -> Result<PhoneConfig, SendFault> {
        let phone_type = match self.word(Column::PhoneType).as_deref() {
            None | Some("soft" | "soft_phone") => PhoneType::SoftPhone,
            Some("desk" | "desk_phone") => PhoneType::DeskPhone,
            Some(_) => {
                return Err(SendFault::for_field(
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
                let why = "the ACW timeout is not a whole number of seconds";
                SendFault::for_field("PhoneConfig.AfterContactWorkTimeLimit", why)
            })?,
            desk_phone_number: self.owned(Column::PhoneNumber),
            persistent_connection: self.yes_or_no(
                Column::PersistentConnection,
                "PersistentConnection",
                "persistent connection",
            )?,
        })
    }

    fn yes_or_no(
        &self,
        column: Column,
        member: &str,
        name: &str,
    ) -> Result<Option<bool>, SendFault> {
        match self.word(column).as_deref() {
            None => Ok(None),
            Some("yes" | "true") => Ok(Some(true)),
            Some("no" | "false") => Ok(Some(false)),
            Some(_) => Err(SendFault::for_field(
                &format!("PhoneConfig.{member}"),
                &format!("the {name} is neither yes nor no"),
            )),
        }
    }

    /// Reads the audio enhancement for voice contacts.
    ///
    /// # Errors
    /// Returns a fault for a cell with an invalid value.
    pub(super) fn voice_enhancement(&self) -> Result<Option<VoiceEnhancementConfig>, SendFault> {
        let mode = match self.word(Column::AudioEnhancement).as_deref() {
            None => return Ok(None),
            Some("none") => VoiceEnhancementMode::None,
            Some("isolate voice" | "voice isolation") => VoiceEnhancementMode::VoiceIsolation,
            Some("suppress noise" | "noise suppression") => VoiceEnhancementMode::NoiseSuppression,
            Some(_) => {
                return Err(SendFault::for_field(
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
    /// Returns a fault for a tag without a value or with several separators, or for a repeated key.
    pub(super) fn tags(&self) -> Result<BTreeMap<String, String>, SendFault> {
        let wrong = |why| SendFault::for_field("Tags", why);
        let mut tags = BTreeMap::new();
        let texts = self.text(Column::Tags).unwrap_or_default().split('|');
        for text in texts.map(str::trim).filter(|text| !text.is_empty()) {
            let (key, value) = tag(text).ok_or_else(|| {
                wrong(
                    "a tag is neither key=value with one equals sign nor key:value; separate tags by |",
                )
            })?;
            if tags.insert(key, value).is_some() {
                return Err(wrong("two tags have the same key; remove one"));
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

// A key and a value may hold the other separator; with several of one, the place of the split would be a guess.
fn tag(text: &str) -> Option<(String, String)> {
    let separator = if text.contains('=') { '=' } else { ':' };
    let (key, value) = text.split_once(separator)?;
    let (key, value) = (key.trim(), value.trim());
    let is_valid = !key.is_empty() && !value.contains(separator);
    is_valid.then(|| (key.to_owned(), value.to_owned()))
}
