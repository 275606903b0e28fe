//! The environment, or a stand-in's address -> the AWS clients of this program, which share one HTTP client.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_sqs::config::Credentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::deadline::{self, LONGEST_ATTEMPT};

/// The services that a join needs.
#[derive(Clone)]
pub struct Clients {
    pub connect: aws_sdk_connect::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub scheduler: aws_sdk_scheduler::Client,
}

impl Clients {
    /// Clients for the account and Region of the environment, by the SDK's ordinary chains.
    pub async fn from_environment() -> Self {
        Self::of(&loader().load().await)
    }

    /// Clients for a stand-in, with made-up credentials that no real service would take.
    pub async fn at(endpoint_url: &str, region: &str) -> Self {
        let config = loader()
            .endpoint_url(endpoint_url)
            .region(Region::new(region.to_owned()))
            .credentials_provider(Credentials::new(
                "standin", "standin", None, None, "standin",
            ));
        Self::of(&config.load().await)
    }

    /// Clients for an account and Region that are decided already.
    #[must_use]
    pub fn of(config: &SdkConfig) -> Self {
        Self {
            connect: aws_sdk_connect::Client::from_conf(connect_config(config)),
            secrets: aws_sdk_secretsmanager::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            scheduler: aws_sdk_scheduler::Client::new(config),
        }
    }

    /// The client of Amazon Connect for a Region, the environment's where none is named.
    #[must_use]
    pub fn connect_in(&self, region: Option<&str>) -> aws_sdk_connect::Client {
        let Some(region) = region else {
            return self.connect.clone();
        };
        let config = self.connect.config().to_builder();
        let config = config.region(Region::new(region.to_owned()));
        aws_sdk_connect::Client::from_conf(config.build())
    }
}

// Its calls are tried again where the pace of the quota is kept, and nowhere else.
fn connect_config(config: &SdkConfig) -> aws_sdk_connect::Config {
    aws_sdk_connect::config::Builder::from(config)
        .retry_config(RetryConfig::disabled())
        .build()
}

/// The SDK's ordinary chains, over this program's HTTP client and with its time-outs.
pub(crate) fn loader() -> ConfigLoader {
    // Ring instead of the SDK's default: aws-lc spends 31 of 42 ms of a cold start gathering jitter entropy.
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts())
}

/// The time-outs of a call that is made now, within the deadline of the invocation.
pub(crate) fn time_outs_now() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(deadline::attempt())
        .build()
}

// The SDK waits for an answer without end unless it is told otherwise; how long all attempts may take together is
// decided by the deadline of the invocation.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(LONGEST_ATTEMPT)
        .build()
}
