//! The options of `check --live` that name the resources of a deployment.

use std::path::PathBuf;

use clap::Args;
use connect_provisioner::deployment;

/// Timeout in seconds of a function that is not checked.
const DEFAULT_TIMEOUT: u32 = 60;

/// Options that name the resources to check besides the instances and their secrets.
#[derive(Args)]
#[command(next_help_heading = "With --live")]
pub(super) struct DeploymentOptions {
    /// The deployed function, which gives its queues and its timeout.
    #[arg(long, value_name = "NAME")]
    pub(super) function: Option<String>,
    /// The source queue's URL.
    #[arg(long, value_name = "URL")]
    pub(super) source_queue_url: Option<String>,
    /// The source queue's name.
    #[arg(long, value_name = "NAME", conflicts_with = "source_queue_url")]
    pub(super) source_queue_name: Option<String>,
    /// The dead-letter queue's URL.
    #[arg(long, value_name = "URL", env = deployment::DLQ_URL)]
    pub(super) dlq_url: Option<String>,
    /// The dead-letter queue's name.
    #[arg(long, value_name = "NAME", conflicts_with = "dlq_url")]
    pub(super) dlq_name: Option<String>,
    /// The function's timeout in seconds, if --function does not give it.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_TIMEOUT)]
    pub(super) function_timeout: u32,
    /// Event files of people with secrets of their own, which are checked.
    #[arg(long, value_name = "PATH")]
    pub(super) event: Vec<PathBuf>,
}
