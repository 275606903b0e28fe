//! The function's binary against a stand-in that serves TLS, as AWS does.

use std::collections::HashMap;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use test_support::function::{Answer, Function};
use test_support::shipped::a_batch_of;

use crate::operator::provisionctl;

/// `provisionctl standin`, ended when dropped.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Starts it over TLS, and reads the variables that it prints up to the last.
fn standin_over_tls(certificate: &str) -> (Served, HashMap<String, String>) {
    let mut child = provisionctl()
        .args(["standin", "--port", "0", "--tls", certificate])
        .args(["--service-time", "5"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command line starts");
    let printed = std::io::BufReader::new(child.stdout.take().expect("piped"));
    let mut variables = HashMap::new();
    for line in std::io::BufRead::lines(printed) {
        let line = line.expect("text");
        let exports = line.strip_prefix("export ").expect("an export");
        for (name, value) in exports.split(' ').filter_map(|one| one.split_once('=')) {
            variables.insert(name.to_owned(), value.to_owned());
        }
        if variables.contains_key("SSL_CERT_FILE") {
            break;
        }
    }
    (Served(child), variables)
}

async fn retried(variables: &HashMap<String, String>) -> usize {
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut function = Function::start(&variables).await;
    let Answer::Success(body) = function.invoke(&a_batch_of(2).to_string()).await else {
        panic!("the batch is answered");
    };
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_ne!(body, json!(null));
    body["batchItemFailures"].as_array().expect("a list").len()
}

#[tokio::test]
async fn the_function_speaks_tls_with_whom_it_is_told_to_trust_and_with_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("standin.pem");
    let (_served, mut variables) = standin_over_tls(&certificate.to_string_lossy());
    assert!(variables["AWS_ENDPOINT_URL"].starts_with("https://127.0.0.1:"));
    assert_eq!(retried(&variables).await, 0);
    variables.remove("SSL_CERT_FILE");
    assert_eq!(retried(&variables).await, 2);
}
