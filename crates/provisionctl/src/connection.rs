//! The AWS options of the command line -> the configuration of all AWS clients.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use connect_provisioner::aws::http;

/// Options for the account, Region and endpoint of AWS calls, with the names and defaults of the AWS CLI.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "AWS")]
pub(super) struct Connection {
    /// The profile of the AWS configuration files; by default the SDK's credential provider chain.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// The Region; by default that of the environment or the profile.
    #[arg(long, global = true, value_name = "REGION")]
    region: Option<String>,
    /// Send the calls to all services to this URL instead of AWS.
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl Connection {
    /// Loads the configuration for all clients of a command.
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
