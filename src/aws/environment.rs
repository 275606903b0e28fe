//! The variables that Lambda sets -> what the clients are made from; nothing is looked for elsewhere.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{
    SharedCredentialsProvider, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::http;

/// The environment is not that of a Lambda function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set; Lambda sets them, and so must who stands in for it"
)]
pub struct NotInLambda;

/// Configuration for all clients of the function.
pub(super) fn config() -> Result<SdkConfig, NotInLambda> {
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    match variable("AWS_REGION") {
        Some(region) if keys.into_iter().all(is_set) => Ok(in_lambda(region)),
        _ => Err(NotInLambda),
    }
}

fn in_lambda(region: String) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(&region))
        .retry_config(RetryConfig::standard())
        .timeout_config(http::timeouts())
        .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"))
        .service_config(OfOneService)
        .region(Region::new(region));
    config.set_endpoint_url(variable(ENDPOINT_URL));
    // An attempt's own time-out is the shorter one, and watching every body costs 3 % of a call.
    config.set_stalled_stream_protection(Some(StalledStreamProtectionConfig::disabled()));
    config.build()
}

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

fn http_client(region: &str) -> SharedHttpClient {
    let told = is_set("SSL_CERT_FILE") || is_set("SSL_CERT_DIR");
    if told || !is_in_main_partition(region) || calls_another_endpoint() {
        http::trusting_the_system()
    } else {
        http::trusting_amazon()
    }
}

// `^(us|eu|ap|sa|ca|me|af|il|mx)\-\w+\-\d+$`, as the SDK's partitions have it; the others have authorities of their own.
fn is_in_main_partition(region: &str) -> bool {
    let mut parts = region.split('-');
    let areas = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"];
    parts.next().is_some_and(|area| areas.contains(&area)) && parts.count() == 2
}

fn calls_another_endpoint() -> bool {
    std::env::vars_os().any(|(name, value)| {
        let begins = |text: &std::ffi::OsStr, with: &str| {
            text.to_str().is_some_and(|text| text.starts_with(with))
        };
        begins(&name, ENDPOINT_URL) && begins(&value, "https:")
    })
}

/// Variables that are meant for one service, such as `AWS_ENDPOINT_URL_CONNECT`.
#[derive(Debug)]
struct OfOneService;

impl LoadServiceConfig for OfOneService {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        variable(&format!("{}_{service}", key.env()))
    }
}

fn is_true(name: &str) -> bool {
    variable(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_main_partition_is_known_to_be_signed_by_amazon() {
        for region in ["us-east-1", "eu-west-2", "ap-southeast-2", "mx-central-1"] {
            assert!(is_in_main_partition(region), "{region}");
        }
        for region in [
            "us-gov-west-1",
            "cn-north-1",
            "us-iso-east-1",
            "eusc-de-east-1",
            "local",
            "",
        ] {
            assert!(!is_in_main_partition(region), "{region}");
        }
    }
}
