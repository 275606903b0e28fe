//! `provisioner.toml` -> a policy, or every fault in it at once, each with its line.

mod assignments;
mod compile;
mod doubts;
mod expressions;
mod faults;
mod file;
mod identifiers;
mod instance;
mod permissions;
mod place;
pub mod presets;
mod read;
mod schema;
mod source;
mod source_fields;
mod sources;
mod tables;
mod text;
mod wording;

use std::path::Path;

use crate::policy::Policy;

pub use faults::{Fault, Faults};
pub use schema::schema;

/// The configuration's name where nothing else is said.
pub const DEFAULT_FILE: &str = "provisioner.toml";

/// Reads and checks a configuration file; its tables may be files in the same folder.
///
/// # Errors
/// The file cannot be read, or all that is wrong with it.
pub fn load(path: &Path) -> Result<Policy, Faults> {
    match std::fs::read_to_string(path) {
        Ok(text) => policy(&text, path.parent()),
        Err(err) => Err(Faults::one(format!("the file cannot be read: {err}"))),
    }
}

/// Checks a configuration's text, whose tables stand in it.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(text: &str) -> Result<Policy, Faults> {
    policy(text, None)
}

/// A configuration that was looked at closely.
pub struct Review {
    /// The policy, or all that is wrong.
    pub policy: Result<Policy, Faults>,
    /// Parts that are allowed, and hardly meant.
    pub doubts: Vec<Fault>,
}

/// Reads and checks a configuration file as [`load`] does, and looks for what is hardly meant in it.
#[must_use]
pub fn review(path: &Path) -> Review {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let mut faults = Faults::with_doubts(&text);
            let policy = collected(&text, path.parent(), &mut faults);
            let doubts = faults.take_doubts();
            Review {
                policy: policy.ok_or_else(|| faults.sorted()),
                doubts,
            }
        }
        Err(err) => Review {
            policy: Err(Faults::one(format!("the file cannot be read: {err}"))),
            doubts: Vec::new(),
        },
    }
}

fn policy(text: &str, folder: Option<&Path>) -> Result<Policy, Faults> {
    let mut faults = Faults::new(text);
    collected(text, folder, &mut faults).ok_or_else(|| faults.sorted())
}

// The policy where there is no fault.
fn collected(text: &str, folder: Option<&Path>, faults: &mut Faults) -> Option<Policy> {
    let file = read::file(text, faults)?;
    let policy = compile::policy(file, folder, faults)?;
    faults.is_empty().then_some(policy)
}

#[cfg(test)]
mod tests;
