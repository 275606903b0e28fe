//! The environment, or a stand-in's address -> the AWS clients of this program, which share one HTTP client.

pub(crate) mod age;
pub mod partition;
pub mod password;
pub mod queue;

mod environment;
pub mod http;
mod signature;

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};

use crate::invocation::deadline::{self};

pub use environment::NotInLambda;
pub(crate) use signature::{is_stale, signed_anew};

/// The client of Amazon SQS, made where it is needed: a start should not pay for what only failures use.
#[derive(Clone)]
pub struct Sqs(Arc<LazyLock<aws_sdk_sqs::Client, Box<dyn FnOnce() -> aws_sdk_sqs::Client + Send>>>);

impl Sqs {
    fn new(config: &SdkConfig) -> Self {
        let config = config.clone();
        let client = move || aws_sdk_sqs::Client::new(&config);
        Self(Arc::new(LazyLock::new(Box::new(client))))
    }
}

impl Deref for Sqs {
    type Target = aws_sdk_sqs::Client;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The services that a join needs.
#[derive(Clone)]
pub struct Clients {
    pub connect: aws_sdk_connect::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
    pub sqs: Sqs,
    config: SdkConfig,
}

impl Clients {
    /// Clients for the account and Region that Lambda puts into the environment.
    ///
    /// # Errors
    /// It lacks them.
    pub fn from_environment() -> Result<Self, NotInLambda> {
        Ok(Self::new(&environment::config()?))
    }

    /// Makes clients for an emulator of AWS, with invented credentials that no real service accepts.
    #[must_use]
    pub fn at(endpoint_url: &str, region: &str) -> Self {
        let credentials = Credentials::new("standin", "standin", None, None, "standin");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(endpoint_url)
            .http_client(http::with_a_connector_each())
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::standard())
            .timeout_config(http::timeouts());
        Self::new(&config.build())
    }

    /// Clients for an account and Region that are decided already.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            connect: aws_sdk_connect::Client::from_conf(connect_config(config)),
            secrets: aws_sdk_secretsmanager::Client::new(config),
            sqs: Sqs::new(config),
            config: config.clone(),
        }
    }

    /// The client of EventBridge Scheduler, which few deployments need.
    #[must_use]
    pub fn scheduler(&self) -> aws_sdk_scheduler::Client {
        aws_sdk_scheduler::Client::new(&self.config)
    }

    /// The client of Amazon DynamoDB, which deployments with `[claims]` need.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
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

/// The time-outs of a call that is made now, within the deadline of the invocation.
pub(crate) fn time_outs_now() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(deadline::attempt())
        .build()
}
