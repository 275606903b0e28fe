//! A person who needs a user -> the one username that may be asked for, pinned in a DynamoDB table before CreateUser.
//!
//! An item is one person in one instance. Its conditions make it a lock: only whoever holds the newest attempt changes it.
//! Nothing of it expires, since an answer of CreateUser that was lost may have made the user; only the counts of users made in an
//! hour do.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use time::OffsetDateTime;

use crate::aws;
use crate::failure::{Failure, Reason};

/// The name of the table's partition key, a string.
pub const KEY: &str = "claim";

const USERNAME: &str = "username";
const ATTEMPT: &str = "attempt";
const USER_ID: &str = "user_id";
const MADE_AT: &str = "made_at";

const SECONDS_AN_HOUR: i64 = 3600;

// Another copy may change the claim between two calls, though not often.
const TRIES: usize = 3;

/// The table of a deployment in which usernames are pinned.
pub struct Claims {
    client: Client,
    table: String,
}

/// A claim that this attempt holds; the username is personal, so it has no `Debug`.
pub struct Claim {
    key: String,
    username: String,
    attempt: String,
    /// Whether no attempt came before whose result is unknown.
    is_first: bool,
}

/// State of a person's claim.
pub enum Claimed {
    /// The username may be asked for: CreateUser itself tells whether an earlier attempt made the user.
    Pending(Claim),
    /// The person's user was made.
    Made {
        claim: Claim,
        user_id: String,
        /// The moment at which the claim learnt of it.
        since: OffsetDateTime,
    },
}

/// An item as the table has it.
struct Found {
    username: String,
    attempt: String,
    user_id: Option<String>,
    made_at: Option<OffsetDateTime>,
}

impl Claims {
    /// Claims in a table; nothing is called yet.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Claims a username for a person of an instance, or finds the one that was claimed for this person before.
    ///
    /// # Errors
    /// Returns the failure of a call, or `claim_held` where other attempts keep changing the claim.
    pub async fn claim(
        &self,
        instance_id: &str,
        person: &str,
        username: &str,
    ) -> Result<Claimed, Failure> {
        let mut claim = Claim {
            key: format!("{instance_id}/{person}"),
            username: username.to_owned(),
            attempt: format!("{:032x}", fastrand::u128(..)),
            is_first: true,
        };
        for _ in 0..TRIES {
            let Some(found) = self.put(&claim).await? else {
                claim.is_first = true;
                return Ok(Claimed::Pending(claim));
            };
            claim.username = found.username;
            // The SDK tries again where an answer is lost, and then meets what it wrote before.
            if found.attempt == claim.attempt {
                return Ok(Claimed::Pending(claim));
            }
            if let Some(user_id) = found.user_id {
                let since = found.made_at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
                claim.attempt = found.attempt;
                return Ok(Claimed::Made {
                    claim,
                    user_id,
                    since,
                });
            }
            claim.is_first = false;
            if self.joined(&claim, &found.attempt).await? {
                return Ok(Claimed::Pending(claim));
            }
            // The next round puts it, where nobody holds a claim any more.
            username.clone_into(&mut claim.username);
        }
        Err(held())
    }

    /// Pins another username, after CreateUser said that the one before is another person's.
    ///
    /// # Errors
    /// Returns the failure of the call, or `claim_held` where another attempt holds the claim by now.
    pub async fn rename(&self, claim: Claim, username: &str) -> Result<Claim, Failure> {
        let call = self.update(&claim.key, "SET username = :username");
        let call = call
            .condition_expression("attempt = :attempt AND attribute_not_exists(user_id)")
            .expression_attribute_values(":username", text(username))
            .expression_attribute_values(":attempt", text(&claim.attempt));
        if !changed(call).await? {
            return Err(held());
        }
        Ok(Claim {
            username: username.to_owned(),
            ..claim
        })
    }

    /// Pins a username anew, where the user that the claim led to is deleted.
    ///
    /// # Errors
    /// Returns the failure of the call, or `claim_held` where another attempt holds the claim by now.
    pub async fn replace(
        &self,
        claim: Claim,
        user_id: &str,
        username: &str,
    ) -> Result<Claim, Failure> {
        let attempt = format!("{:032x}", fastrand::u128(..));
        let set = "SET username = :username, attempt = :attempt, claimed_at = :now REMOVE user_id, made_at";
        let call = self.update(&claim.key, set);
        let call = call
            .condition_expression("user_id = :user_id")
            .expression_attribute_values(":username", text(username))
            .expression_attribute_values(":attempt", text(&attempt))
            .expression_attribute_values(":now", now())
            .expression_attribute_values(":user_id", text(user_id));
        if !changed(call).await? {
            return Err(held());
        }
        Ok(Claim {
            username: username.to_owned(),
            attempt,
            ..claim
        })
    }

    /// Notes the user that a claim led to; where that fails, the next delivery finds it by asking for the username again.
    pub async fn note_user(&self, claim: &Claim, user_id: &str) {
        let call = self.update(&claim.key, "SET user_id = :user_id, made_at = :now");
        let call = call
            .condition_expression("username = :username AND attribute_not_exists(user_id)")
            .expression_attribute_values(":user_id", text(user_id))
            .expression_attribute_values(":now", now())
            .expression_attribute_values(":username", text(&claim.username));
        if let Err(failure) = changed(call).await {
            let reason = failure.reason().code();
            tracing::debug!(reason, "the claim does not know its user yet");
        }
    }

    /// Releases a claim after a definite refusal, unless another attempt may have made the user.
    pub async fn release(&self, claim: &Claim) {
        if !claim.is_first {
            return;
        }
        let call = self.client.delete_item().table_name(&self.table);
        let call = call
            .key(KEY, text(&claim.key))
            .condition_expression("attempt = :attempt AND attribute_not_exists(user_id)")
            .expression_attribute_values(":attempt", text(&claim.attempt));
        let send = || call.clone().customize().config_override(in_time()).send();
        let answer = aws::signed_anew(send).await;
        if let Err(err) = answer
            && !is_conditional(&err)
        {
            let reason = Failure::aws("DeleteItem", &err).reason().code();
            tracing::debug!(reason, "the claim is not released");
        }
    }

    /// Counts a user who is about to be made in this hour of UTC; tells whether fewer than `most` were made before.
    ///
    /// # Errors
    /// Returns the failure of the call.
    pub async fn count_user(&self, most: u32) -> Result<bool, Failure> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let hour = now.div_euclid(SECONDS_AN_HOUR);
        let number = |number: i64| AttributeValue::N(number.to_string());
        let add = "SET expires_at = :expires_at ADD users_made :one";
        let call = self
            .update(&format!("hour/{hour}"), add)
            .condition_expression("attribute_not_exists(users_made) OR users_made < :most")
            .expression_attribute_values(":expires_at", number((hour + 48) * SECONDS_AN_HOUR))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(most.into()));
        changed(call).await
    }

    /// Pins a user made by hand to the person who adopts it; tells whether it is not another person's.
    ///
    /// # Errors
    /// Returns the failure of the call.
    pub async fn adopt(
        &self,
        instance_id: &str,
        user_id: &str,
        person: &str,
    ) -> Result<bool, Failure> {
        let key = format!("{instance_id}/user/{user_id}");
        let set = "SET person = :person, claimed_at = :now";
        let call = self
            .update(&key, set)
            .condition_expression("attribute_not_exists(claim) OR person = :person")
            .expression_attribute_values(":person", text(person))
            .expression_attribute_values(":now", now());
        changed(call).await
    }

    /// Puts a claim where there is none; otherwise gives the one that is there, read consistently.
    async fn put(&self, claim: &Claim) -> Result<Option<Found>, Failure> {
        let set = "SET username = :username, attempt = :attempt, claimed_at = :now";
        let call = self
            .update(&claim.key, set)
            .condition_expression("attribute_not_exists(claim)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .expression_attribute_values(":username", text(&claim.username))
            .expression_attribute_values(":attempt", text(&claim.attempt))
            .expression_attribute_values(":now", now());
        match updated(call).await {
            Ok(()) => Ok(None),
            Err(err) => match err.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(Some(
                    Found::from_item(failed.item.clone().unwrap_or_default()),
                )),
                _ => Err(Failure::aws("UpdateItem", &err)),
            },
        }
    }

    /// Takes a pending claim over from an earlier attempt, which can no longer change it then.
    async fn joined(&self, claim: &Claim, earlier: &str) -> Result<bool, Failure> {
        let call = self.update(&claim.key, "SET attempt = :attempt");
        let call = call
            .condition_expression(
                "attempt = :earlier AND username = :username AND attribute_not_exists(user_id)",
            )
            .expression_attribute_values(":attempt", text(&claim.attempt))
            .expression_attribute_values(":earlier", text(earlier))
            .expression_attribute_values(":username", text(&claim.username));
        changed(call).await
    }

    fn update(&self, key: &str, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(KEY, text(key))
            .update_expression(expression)
    }
}

impl Claim {
    /// Tells whether no attempt came before whose result is unknown.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.is_first
    }

    /// The username that may be asked for, and no other.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }
}

impl Found {
    fn from_item(mut item: HashMap<String, AttributeValue>) -> Self {
        let mut text = |name: &str| match item.remove(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => Some(text),
            _ => None,
        };
        let made_at = text(MADE_AT).and_then(|seconds| seconds.parse().ok());
        Self {
            username: text(USERNAME).unwrap_or_default(),
            attempt: text(ATTEMPT).unwrap_or_default(),
            user_id: text(USER_ID),
            made_at: made_at.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()),
        }
    }
}

async fn updated(
    call: UpdateItemFluentBuilder,
) -> Result<(), SdkError<UpdateItemError, HttpResponse>> {
    let send = || call.clone().customize().config_override(in_time()).send();
    aws::signed_anew(send).await.map(drop)
}

// Whether the condition of an update held.
async fn changed(call: UpdateItemFluentBuilder) -> Result<bool, Failure> {
    match updated(call).await {
        Ok(()) => Ok(true),
        Err(err) if is_conditional(&err) => Ok(false),
        Err(err) => Err(Failure::aws("UpdateItem", &err)),
    }
}

fn is_conditional<E: ProvideErrorMetadata, R>(err: &SdkError<E, R>) -> bool {
    let code = err.as_service_error().and_then(ProvideErrorMetadata::code);
    code == Some("ConditionalCheckFailedException")
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

// Seconds since 1970, as DynamoDB's own time to live has them.
fn now() -> AttributeValue {
    AttributeValue::N(OffsetDateTime::now_utc().unix_timestamp().to_string())
}

fn in_time() -> aws_sdk_dynamodb::config::Builder {
    Config::builder().timeout_config(aws::time_outs_now())
}

fn held() -> Failure {
    Failure::new(
        Reason::ClaimHeld,
        "another attempt for this person changes the claim in the [claims] table at this moment; it will be tried again",
    )
}
