//! `provisioner.toml` -> a policy, or every fault in it at once, each with its line.

mod assignments;
mod compile;
mod expressions;
mod faults;
mod file;
mod instance;
mod permissions;
pub mod presets;
mod read;
mod schema;
mod source_fields;
mod sources;
mod tables;
mod text;

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

fn policy(text: &str, folder: Option<&Path>) -> Result<Policy, Faults> {
    let mut faults = Faults::new(text);
    let file = read::file(text, &mut faults);
    let policy = file.and_then(|file| compile::policy(file, folder, &mut faults));
    match policy {
        Some(policy) if faults.is_empty() => Ok(policy),
        _ => Err(faults.sorted()),
    }
}

#[cfg(test)]
mod tests;
