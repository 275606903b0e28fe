//! Deliberate breaks of this program's promises, for the negative controls that show that its tests would notice.

/// A promise to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// A dead letter that could not be sent counts as sent.
    SwallowDeadLetters,
    /// Whoever has the username counts as this person.
    SkipReconciliation,
    /// What a service answers is logged as it is.
    LogAnswers,
    /// A message that failed is acknowledged all the same.
    AcknowledgeFailures,
    /// What would fail for everybody does not stop the batch.
    GoOn,
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
