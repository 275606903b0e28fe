//! Trusted certificate authorities -> the HTTP client of all services.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use crate::invocation::deadline::LONGEST_ATTEMPT;

/// Longest time for a connection to be made.
pub(super) const LONGEST_CONNECT: Duration = Duration::from_secs(2);

// Ring instead of the SDK's default: aws-lc spends 31 of 42 ms of a cold start gathering jitter entropy.
const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

// Amazon Trust Services' roots, which all services of AWS's main partition can be told by
// (https://www.amazontrust.com/repository/). To read the system's 144 took two thirds of the function's start.
const AMAZON_ROOTS: &str = include_str!("http/amazon-roots.pem");

/// Makes the SDK's ordinary HTTP client: a connector for every service, which keeps to the time-outs of that service.
#[must_use]
pub fn with_a_connector_each() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(TLS)
        .build_https()
}

/// A client that trusts the system's certificate authorities, or `SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set.
pub(super) fn trusting_the_system() -> SharedHttpClient {
    with_one_connector(TrustStore::default())
}

/// A client that trusts Amazon's own roots alone.
pub(super) fn trusting_amazon() -> SharedHttpClient {
    with_one_connector(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS))
}

// One pool and one TLS configuration for all services, whose roots are read once.
fn with_one_connector(trust: TrustStore) -> SharedHttpClient {
    let trusting = TlsContext::builder().with_trust_store(trust).build();
    let settings = HttpConnectorSettings::builder().connect_timeout(LONGEST_CONNECT);
    let connector = Connector::builder()
        .connector_settings(settings.build())
        .tls_provider(TLS)
        .tls_context(trusting.expect("a trust store is all that it takes"))
        .build();
    let connector = SharedHttpConnector::new(connector);
    http_client_fn(move |_settings, _components| connector.clone())
}

/// Returns the time-outs of a connection and of an attempt. The SDK waits for an answer without end unless it is told otherwise; how
/// long all attempts may take together is decided by the deadline of the invocation.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(LONGEST_CONNECT)
        .operation_attempt_timeout(LONGEST_ATTEMPT)
        .build()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use sha2::{Digest, Sha256};

    use super::*;

    // Of Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority - G2, as Mozilla's list has them.
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_packaged_roots_are_amazons() {
        let prints: Vec<String> = AMAZON_ROOTS
            .split("-----BEGIN CERTIFICATE-----")
            .skip(1)
            .map(fingerprint)
            .collect();
        assert_eq!(prints, FINGERPRINTS);
        trusting_amazon();
    }

    fn fingerprint(certificate: &str) -> String {
        let (body, _) = certificate.split_once("-----END").expect("an end");
        let body = body.replace(char::is_whitespace, "");
        let bytes = aws_smithy_types::base64::decode(body).expect("base64");
        let mut print = String::new();
        for byte in Sha256::digest(bytes) {
            write!(print, "{byte:02x}").expect("a string takes it");
        }
        print
    }
}
