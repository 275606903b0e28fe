//! The option `--config` -> the policy in that file.

use std::path::PathBuf;

use connect_provisioner::deployment;
use connect_provisioner::policy::{Policy, config};

use crate::ending::CannotRun;

/// Option `--config` of every command that reads a configuration.
#[derive(clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = deployment::CONFIG, default_value = config::DEFAULT_FILE)]
    pub(crate) config: PathBuf,
}

impl ConfigFile {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Returns every error in it, each as `FILE:LINE:COLUMN: text`.
    pub(crate) fn load(&self) -> Result<Policy, CannotRun> {
        let faults = |faults: config::Faults| {
            let lines: Vec<String> = faults
                .iter()
                .map(|fault| self.with_location(fault))
                .collect();
            CannotRun(format!(
                "the configuration is not valid\n{}",
                lines.join("\n")
            ))
        };
        config::load(&self.config).map_err(faults)
    }

    /// Formats an error as `FILE:LINE:COLUMN: text`, which editors and terminals turn into a link.
    pub(crate) fn with_location(&self, fault: &config::Fault) -> String {
        let file = self.config.display();
        match (fault.line, fault.column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}: {}", fault.text),
            (Some(line), None) => format!("{file}:{line}: {}", fault.text),
            (None, _) => format!("{file}: {}", fault.text),
        }
    }
}
