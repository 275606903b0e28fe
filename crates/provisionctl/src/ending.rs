//! How a command ends, or why it could not run.

/// End of a command.
pub(crate) enum Ending {
    AllDone,
    /// Something was refused, or is left to do.
    SomethingIsLeft,
}

/// Why a command could not run, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CannotRun(pub(crate) String);

impl CannotRun {
    pub(crate) fn because(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}
