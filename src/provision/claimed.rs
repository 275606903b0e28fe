//! A request -> its user where usernames are claimed first: two copies of the function never ask for two usernames at once.

use super::further_usernames::FurtherUsernames;
use super::{NotCreated, Provisioned, Provisioner};
use crate::connect::Connect;
use crate::connect::claims::{Claim, Claimed, Claims};
use crate::failure::{Failure, Reason};
use crate::request::{CreateUserRequest, PERSON_TAG};

impl Provisioner {
    /// Creates a person's user under the username that is claimed for the person.
    pub(super) async fn create_claimed(
        &self,
        claims: &Claims,
        connect: &Connect,
        request: &CreateUserRequest,
    ) -> Result<Provisioned, Failure> {
        let person = request.tag(PERSON_TAG).unwrap_or_default();
        let wanted = request.username();
        let claim = match claims.claim(connect.id(), person, wanted).await? {
            Claimed::Pending(claim) => claim,
            Claimed::Made {
                claim,
                user_id,
                since,
            } => {
                if let Some(made) = connect.made_before(&user_id, since, request).await? {
                    return Ok(Provisioned::by(request, made));
                }
                claims.replace(claim, &user_id, wanted).await?
            }
        };
        self.count(&claim, claims).await?;
        self.create_by(claim, claims, connect, request).await
    }

    /// Counts the user of a new claim where the configuration limits the users of an hour.
    async fn count(&self, claim: &Claim, claims: &Claims) -> Result<(), Failure> {
        let Some(most) = self.policy.limits.users_per_hour else {
            return Ok(());
        };
        // One that was claimed before was counted then.
        if !claim.is_first() {
            return Ok(());
        }
        let counted = claims.count_user(most).await;
        if !matches!(counted, Ok(true)) {
            claims.release(claim).await;
        }
        counted?.then_some(()).ok_or_else(|| too_many(most))
    }

    async fn create_by(
        &self,
        mut claim: Claim,
        claims: &Claims,
        connect: &Connect,
        request: &CreateUserRequest,
    ) -> Result<Provisioned, Failure> {
        let named = request.named(claim.username());
        let mut further = FurtherUsernames::new(request);
        let mut created = self.create(connect, &named).await;
        while let Some(other) = further.after(created.as_ref().err().map(|err| &err.failure)) {
            claim = claims.rename(claim, other.username()).await?;
            created = self.create(connect, other).await;
        }
        match &created {
            Ok(Provisioned { end, .. }) => {
                claims
                    .note_user(&claim, end.user_id().unwrap_or_default())
                    .await;
            }
            Err(NotCreated { is_certain, .. }) if *is_certain => claims.release(&claim).await,
            Err(_) => (),
        }
        created.map_err(Failure::from)
    }
}

fn too_many(most: u32) -> Failure {
    Failure::new(
        Reason::TooManyUsers,
        format!(
            "{most} users were made in this hour, which is [limits] users_per_hour; the others wait for the next hour: look whether \
             the export was wrong, or raise the limit"
        ),
    )
}
