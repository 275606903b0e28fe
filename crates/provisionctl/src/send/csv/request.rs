//! The cells of a row and the directory of an instance -> the body of a connect.create-user/1 message.

use connect_provisioner::policy::assignment::{HierarchyGroup, NameOrId};
use connect_provisioner::request::create_user_input::{CreateUserInput, IdentityInfo};
use connect_provisioner::request::directory::Directory;
use connect_provisioner::request::resolve;
use serde::Serialize;

use super::cells::Cells;
use super::columns::Column;
use crate::send::fault::SendFault;

#[derive(Serialize)]
struct CreateUserEvent {
    specversion: &'static str,
    #[serde(flatten)]
    input: CreateUserInput,
}

impl Cells {
    /// Builds the body of the message: the request, with the names replaced by the ids in the instance.
    ///
    /// # Errors
    /// Returns a fault for a cell with an invalid value, or a name that the instance lacks.
    pub(super) fn body(
        &self,
        instance_id: &str,
        directory: &Directory,
    ) -> Result<String, SendFault> {
        let request = CreateUserEvent {
            specversion: "connect.create-user/1",
            input: self.request(instance_id, directory)?,
        };
        serde_json::to_string(&request)
            .map_err(|err| SendFault::for_row("unreadable_row", err.to_string()))
    }

    fn request(
        &self,
        instance_id: &str,
        directory: &Directory,
    ) -> Result<CreateUserInput, SendFault> {
        let security_profiles = self
            .text(Column::SecurityProfiles)
            .unwrap_or_default()
            .split('|');
        let security_profiles = security_profiles
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let routing_profile = self.owned(Column::RoutingProfile).ok_or_else(|| {
            SendFault::for_field("RoutingProfileId", "the routing profile name is missing")
        })?;
        let id = |kind, name: String, names| resolve::id_of(kind, &NameOrId::Name(name), names);
        let group = self.hierarchy_path()?.map(HierarchyGroup::Path);
        let group = group.map(|group| resolve::group_id(&group, &directory.hierarchy_groups));
        Ok(CreateUserInput {
            instance_id: Some(instance_id.to_owned()),
            username: self.owned(Column::UserLogin),
            identity_info: Some(IdentityInfo {
                first_name: self.owned(Column::FirstName),
                last_name: self.owned(Column::LastName),
                email: self.owned(Column::EmailAddress),
                secondary_email: self.owned(Column::SecondaryEmailAddress),
                mobile: self.owned(Column::MobileNumber),
            }),
            phone_config: Some(self.phone_config()?),
            routing_profile_id: Some(id(
                "routing profile",
                routing_profile,
                &directory.routing_profiles,
            )?),
            security_profile_ids: security_profiles
                .map(|name| {
                    id(
                        "security profile",
                        name.to_owned(),
                        &directory.security_profiles,
                    )
                })
                .collect::<Result<_, _>>()?,
            hierarchy_group_id: group.transpose()?,
            voice_enhancement_configs: self.voice_enhancement()?.into_iter().collect(),
            tags: self.tags()?,
            ..CreateUserInput::default()
        })
    }
}
