//! The attempts of one CreateUser -> whether a user may exist all the same.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_connect::error::SdkError;

use crate::failure::{Failure, Reason};

/// Failure of a creation.
pub struct NotCreated {
    pub failure: Failure,
    /// Whether Connect certainly made no user: it refused every attempt, or none was made.
    pub is_certain: bool,
}

impl NotCreated {
    /// Describes a failure before anything was asked for.
    pub(crate) fn certainly(failure: Failure) -> Self {
        Self {
            failure,
            is_certain: true,
        }
    }

    /// Describes what the username led to that Connect calls a duplicate: another person's user proves that none was made.
    pub(super) fn by_reconciliation(failure: Failure) -> Self {
        let is_certain = matches!(
            failure.reason(),
            Reason::UsernameTaken | Reason::UsernameExistsUnmanaged
        );
        Self {
            failure,
            is_certain,
        }
    }

    /// Counts an earlier attempt of the same creation in.
    pub(crate) fn also(self, is_certain: bool) -> Self {
        Self {
            is_certain: self.is_certain && is_certain,
            ..self
        }
    }
}

impl From<NotCreated> for Failure {
    fn from(not_created: NotCreated) -> Self {
        not_created.failure
    }
}

/// Counts of the attempts that were begun, and of those that Connect refused.
#[derive(Default)]
pub(super) struct Refusals {
    begun: AtomicUsize,
    refused: AtomicUsize,
}

impl Refusals {
    /// Counts an attempt that begins; one that is given up before its answer stays unrefused.
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the answer to an attempt, where it is a refusal.
    pub(super) fn note<T, E>(&self, answer: &Result<T, SdkError<E>>) {
        if let Err(SdkError::ServiceError(refusal)) = answer
            && refusal.raw().status().is_client_error()
        {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells whether every attempt was refused.
    pub(super) fn are_all(&self) -> bool {
        self.begun.load(Ordering::Relaxed) == self.refused.load(Ordering::Relaxed)
    }
}
