//! The options that name a dead-letter queue, shared by all subcommands of `dlq`.

use clap::Args;
use connect_provisioner::deployment;

use crate::config_file::ConfigFile;

/// Options that name the dead-letter queue of a command.
#[derive(Args)]
pub(super) struct QueueOptions {
    /// The queue's URL.
    #[arg(long, value_name = "URL", env = deployment::DLQ_URL)]
    pub(super) queue_url: Option<String>,
    /// The queue's name, in the account and Region of the credentials.
    #[arg(long, value_name = "NAME", conflicts_with = "queue_url")]
    pub(super) queue_name: Option<String>,
    /// Read the queue even if it has a redrive policy, by which SQS may move its messages away.
    #[arg(long)]
    pub(super) anyway: bool,
    #[command(flatten)]
    pub(super) config: ConfigFile,
}
