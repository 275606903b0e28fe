//! Deliberate breaks of this program's promises, for the negative controls that show that its tests would notice.
//!
//! Each function is the seam of one promise: it passes its value on, unless the process was built to break that promise.

use std::fmt::Debug;

use aws_lambda_events::sqs::SqsBatchResponse;

use crate::failure::Failure;
use crate::source::Delivery;
use crate::source::person_key::PersonKey;

/// A promise to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Count a dead letter as sent that could not be sent.
    SwallowDeadLetters,
    /// Take any user with the username for the person's.
    SkipReconciliation,
    /// Log the answers of services as they are.
    LogAnswers,
    /// Acknowledge a message that failed.
    AcknowledgeFailures,
    /// Go on with a batch after a failure that everybody would meet.
    GoOn,
    /// Panic over one person, and quote the event: a fault of the program itself.
    Panic,
}

/// Passes on whether a dead letter was sent.
pub(crate) fn sent(dead_letter: Result<(), Failure>) -> Result<(), Failure> {
    if is(Break::SwallowDeadLetters) {
        return Ok(());
    }
    dead_letter
}

/// Passes on the messages to deliver again.
pub(crate) fn to_deliver_again(messages: SqsBatchResponse) -> SqsBatchResponse {
    if is(Break::AcknowledgeFailures) {
        return SqsBatchResponse::default();
    }
    messages
}

/// Passes on the cause that stops a person.
pub(crate) fn stop(cause: Option<&Failure>) -> Option<&Failure> {
    cause.filter(|_| !is(Break::GoOn))
}

/// Tells whether any user with the username counts as the person's: never.
pub(crate) fn takes_any_user() -> bool {
    is(Break::SkipReconciliation)
}

/// Keeps the answer of a service out of the log.
pub(crate) fn keep_secret(answer: &impl Debug) {
    if is(Break::LogAnswers) {
        tracing::error!("{answer:?}");
    }
}

/// Lets a person be tried, without a panic.
pub(crate) fn panic_over(person: &PersonKey, delivery: &Delivery) {
    assert!(
        !is(Break::Panic) || person.to_string() != "employee:E200001",
        "no idea what to do with {:?}",
        delivery.payload
    );
}

/// Tells whether a promise is broken in this process: never, unless it was built for the controls.
#[cfg(not(feature = "sabotage"))]
const fn is(_: Break) -> bool {
    false
}

#[cfg(feature = "sabotage")]
fn is(broken: Break) -> bool {
    std::env::var("PROVISIONER_SABOTAGE").is_ok_and(|name| name == format!("{broken:?}"))
}
