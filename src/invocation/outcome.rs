//! Outcomes of the people in an invocation -> the answer that Lambda gets for it.

use aws_lambda_events::event::sqs::SqsBatchResponse;
use time::OffsetDateTime;

use crate::connect::Creation;
use crate::failure::{Class, Failure};
use crate::sabotage;
use crate::source::person_key::PersonKey;

/// Where one person's join ended: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Created {
        user_id: String,
    },
    AlreadyExists {
        user_id: String,
    },
    /// A user made by hand, which is this person's from now on.
    Adopted {
        user_id: String,
    },
    Skipped {
        why: String,
    },
    /// A schedule brings the message back when it is due.
    Scheduled {
        until: OffsetDateTime,
    },
    /// A part of the message brings the person back.
    Split,
    DeadLettered(Failure),
    /// Still in the queue, or with Lambda's own retries.
    Retry(Failure),
}

impl End {
    /// The outcome's name in logs, metrics and `--json` output.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::AlreadyExists { .. } => "already_exists",
            Self::Adopted { .. } => "adopted",
            Self::Skipped { .. } => "skipped",
            Self::Scheduled { .. } => "scheduled",
            Self::Split => "split",
            Self::DeadLettered(_) => "dead_lettered",
            Self::Retry(_) => "retry",
        }
    }

    /// Why there is no user, where there is none.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::DeadLettered(failure) | Self::Retry(failure) => Some(failure),
            Self::Created { .. }
            | Self::AlreadyExists { .. }
            | Self::Adopted { .. }
            | Self::Skipped { .. }
            | Self::Scheduled { .. }
            | Self::Split => None,
        }
    }

    /// The user's id, where there is a user.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::Created { user_id }
            | Self::AlreadyExists { user_id }
            | Self::Adopted { user_id } => Some(user_id),
            Self::Skipped { .. }
            | Self::Scheduled { .. }
            | Self::Split
            | Self::DeadLettered(_)
            | Self::Retry(_) => None,
        }
    }
}

impl From<Creation> for End {
    fn from(creation: Creation) -> Self {
        match creation {
            Creation::Created { user_id } => Self::Created { user_id },
            Creation::AlreadyExists { user_id, .. } => Self::AlreadyExists { user_id },
            Creation::Adopted { user_id, .. } => Self::Adopted { user_id },
        }
    }
}

/// One person of an invocation; the username is personal and goes into no log.
#[derive(Clone)]
pub struct PersonReport {
    pub message_id: Option<String>,
    /// The person's place in the message, from 0.
    pub item: usize,
    pub key: PersonKey,
    pub username: Option<String>,
    /// Fields of the event that were dropped because Connect would refuse them.
    pub dropped_fields: Vec<&'static str>,
    pub end: End,
}

impl PersonReport {
    /// Returns why the person comes back, if so.
    #[must_use]
    pub fn retried(&self) -> Option<&Failure> {
        match &self.end {
            End::Retry(failure) => Some(failure),
            _ => None,
        }
    }
}

/// Everybody of an invocation.
#[derive(Default)]
pub struct Report {
    pub people: Vec<PersonReport>,
}

impl Report {
    /// The answer to an SQS batch: the messages to deliver again, each id once.
    #[must_use]
    pub fn batch_response(&self) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for person in self
            .people
            .iter()
            .filter(|person| matches!(person.end, End::Retry(_)))
        {
            let Some(id) = &person.message_id else {
                continue;
            };
            if !response
                .batch_item_failures
                .iter()
                .any(|failure| failure.item_identifier == *id)
            {
                response.add_failure(id);
            }
        }
        sabotage::to_deliver_again(response)
    }

    /// Whether somebody has to be tried again.
    #[must_use]
    pub fn has_retries(&self) -> bool {
        self.people
            .iter()
            .any(|person| matches!(person.end, End::Retry(_)))
    }

    /// Whether something stopped that would have failed for everybody.
    #[must_use]
    pub fn has_systemic_stop(&self) -> bool {
        self.people
            .iter()
            .filter_map(|person| person.end.failure())
            .any(|failure| failure.class() == Class::Systemic)
    }
}
