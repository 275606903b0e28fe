//! The AWS CLI's own options -> the account, Region and endpoint that a command talks to.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use connect_provisioner::aws::http;

/// Which account, Region and endpoint a command talks to: named as in the AWS CLI, with its defaults.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "AWS")]
pub(super) struct Connection {
    /// The profile of the AWS configuration files; otherwise the SDK's ordinary credential chain.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// The Region; otherwise the one of the environment or the profile.
    #[arg(long, global = true, value_name = "REGION")]
    region: Option<String>,
    /// Send the calls of all services here instead of to AWS.
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl Connection {
    /// Returns the configuration for all clients of a command.
    pub(super) async fn config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http::with_a_connector_each())
            .timeout_config(http::timeouts());
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint_url) = &self.endpoint_url {
            loader = loader.endpoint_url(endpoint_url);
        }
        loader.load().await
    }
}
