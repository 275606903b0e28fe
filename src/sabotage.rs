//! Deliberate breaks of this program's promises, for the negative controls that show that its tests would notice.

use crate::intake::Delivery;
use crate::source::person_key::PersonKey;

/// A promise to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// A dead letter that could not be sent counts as sent.
    SwallowDeadLetters,
    /// Whoever has the username counts as this person.
    SkipReconciliation,
    /// Log the answers of services as they are.
    LogAnswers,
    /// A message that failed is acknowledged all the same.
    AcknowledgeFailures,
    /// Go on with a batch after a failure that would meet everybody.
    GoOn,
    /// Not a broken promise but the program's own fault: it panics over one person, quoting the event.
    Panic,
}

/// Panics over one person, to show that the others in the batch do not notice.
pub(crate) fn panic_over(person: &PersonKey, delivery: &Delivery) {
    assert!(
        !is(Break::Panic) || person.to_string() != "employee:E200001",
        "no idea what to do with {:?}",
        delivery.payload
    );
}

/// Whether a promise is broken in this process: never, unless it was built for the controls.
#[cfg(not(feature = "sabotage"))]
pub(crate) const fn is(_: Break) -> bool {
    false
}

#[cfg(feature = "sabotage")]
pub(crate) fn is(broken: Break) -> bool {
    std::env::var("PROVISIONER_SABOTAGE").is_ok_and(|name| name == format!("{broken:?}"))
}
