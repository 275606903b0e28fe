//! The result of a command -> its exit code, or the reason why it could not run.

/// Result of a command that ran.
pub(crate) enum Ending {
    /// Everything was done; exit code 0.
    AllDone,
    /// Something was refused, or is left to do; exit code 1.
    SomethingIsLeft,
}

/// Reason why a command could not run, as a sentence; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CannotRun(pub(crate) String);

impl CannotRun {
    /// Builds the reason from the text of an error.
    pub(crate) fn because(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}
