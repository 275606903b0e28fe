//! A user that was found in Amazon Connect -> whose it is: this person's, another person's, or nobody's yet.

use super::Connect;
use super::people::KnownUser;
use super::{Creation, not_shown_yet};
use crate::failure::{Failure, Reason};
use crate::policy::{ChangedRequest, UnmanagedUser};
use crate::request::{CreateUserRequest, PERSON_TAG, REQUEST_TAG};
use crate::sabotage;

/// Owner of a user, by its tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The person of the request.
    Persons,
    /// Nobody: it was made by hand, has the person's names, and may be adopted.
    Adoptable,
}

impl Connect {
    /// Decides whose a user is and adopts it where the configuration allows that.
    ///
    /// # Errors
    /// Returns `username_taken`, `username_exists_unmanaged` or `conflicting_replay`, or the failure of a call.
    pub(super) async fn settle(
        &self,
        user: KnownUser,
        request: &CreateUserRequest,
    ) -> Result<Creation, Failure> {
        match self.whose(&user, request)? {
            Whose::Persons => Ok(Creation::existing(user)),
            Whose::Adoptable => self.adopt(user, request).await,
        }
    }

    /// Decides whose a user is.
    ///
    /// # Errors
    /// Returns why it cannot be this person's user.
    pub(super) fn whose(
        &self,
        user: &KnownUser,
        request: &CreateUserRequest,
    ) -> Result<Whose, Failure> {
        let is_exact = user.username == request.username();
        let is_earlier = is_exact && user.person.as_deref() == request.earlier_person();
        match (user.person.as_deref(), user.request.as_deref()) {
            (None, _) if !is_exact => Err(differs_in_case(Reason::UsernameExistsUnmanaged)),
            (None, _)
                if self.unmanaged_user == UnmanagedUser::Adopt && user.has_names_of(request) =>
            {
                Ok(Whose::Adoptable)
            }
            (None, _) => Err(unmanaged()),
            _ if sabotage::takes_any_user() => Ok(Whose::Persons),
            (person, _) if person != request.tag(PERSON_TAG) && !is_earlier => Err(if is_exact {
                taken()
            } else {
                differs_in_case(Reason::UsernameTaken)
            }),
            (_, asked) if asked == request.tag(REQUEST_TAG) => Ok(Whose::Persons),
            _ if self.changed_request == ChangedRequest::Refuse => Err(conflicting_replay()),
            _ if user.has_other_names_than(request) => Err(has_other_names()),
            _ => Ok(Whose::Persons),
        }
    }

    /// Writes the identity tags of a request to a user that has none, and reads them back.
    async fn adopt(
        &self,
        user: KnownUser,
        request: &CreateUserRequest,
    ) -> Result<Creation, Failure> {
        let person = request.tag(PERSON_TAG).unwrap_or_default();
        if let Some(claims) = &self.claims
            && !claims.adopt(&self.instance_id, &user.id, person).await?
        {
            return Err(taken());
        }
        let mut call = self.calls.client.tag_resource().resource_arn(&user.arn);
        for key in [PERSON_TAG, REQUEST_TAG] {
            call = call.tags(key, request.tag(key).unwrap_or_default());
        }
        let answer = self.calls.send("TagResource", || call.clone().send()).await;
        answer.map_err(|err| Failure::aws("TagResource", &err))?;
        // Another person may have adopted it meanwhile; the last writer has it, and the first must not count on it.
        match self.described(&user.id).await? {
            Some(now) if now.was_made_from(request) => Ok(Creation::Adopted {
                user_id: now.id,
                username: now.username,
            }),
            Some(now)
                if now.person.is_some() && now.person.as_deref() != request.tag(PERSON_TAG) =>
            {
                Err(taken())
            }
            _ => Err(not_shown_yet()),
        }
    }
}

fn unmanaged() -> Failure {
    Failure::new(
        Reason::UsernameExistsUnmanaged,
        "a user of this username exists that was not made by this program; delete or rename it, or leave it in place and \
         drop this message",
    )
}

fn taken() -> Failure {
    Failure::new(
        Reason::UsernameTaken,
        "the username belongs to another person; rename that user in Connect, or send this person as a CreateUser request \
         with a Username of its own",
    )
}

fn differs_in_case(reason: Reason) -> Failure {
    Failure::new(
        reason,
        "Connect refuses the username as taken, and has a user whose username differs from it in upper and lower case only; \
         look whether both are one person, then rename that user, or send this person as a CreateUser request with a \
         Username of its own",
    )
}

fn conflicting_replay() -> Failure {
    Failure::new(
        Reason::ConflictingReplay,
        "this person has a user already, made from other data or another configuration; change it in Connect, or \
         delete it and replay this message",
    )
}

fn has_other_names() -> Failure {
    Failure::new(
        Reason::ConflictingReplay,
        "this person has a user already, with another first or last name, and changed_request = \"keep\" keeps no user of another \
         name; if two people share the identifier, give their sources a key_namespace, otherwise change the name in Connect \
         and drop this message",
    )
}
