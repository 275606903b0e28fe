//! The shipped configuration and samples, and functions that are started with them.

use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

use connect_standin::{Running, Seed, Standin};
use serde_json::{Value, json};

use crate::function::{Answer, Function};

pub const INSTANCE: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";

/// A stand-in whose only secret is the given one.
pub async fn standin_with(password: &str) -> (Standin, Running) {
    let mut seed = Seed::default();
    let secret = &mut seed.secrets[0];
    secret.generate = None;
    secret.string = Some(json!({"password": password}).to_string());
    let standin = Standin::new(seed);
    let running = standin.start(0).await.expect("the stand-in starts");
    (standin, running)
}

/// The shipped configuration, without its pace.
pub static UNPACED: LazyLock<tempfile::NamedTempFile> = LazyLock::new(|| {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(unpaced().as_bytes()).expect("written");
    file
});

/// The text of the shipped configuration, without its pace.
pub fn unpaced() -> String {
    example()
        .replace("requests_per_second = 2", "requests_per_second = 1000")
        .replace("burst = 5", "burst = 1000")
}

pub fn example() -> String {
    let path = crate::root().join("provisioner.toml");
    std::fs::read_to_string(path).expect("the example")
}

pub async fn function(running: &Running) -> Function {
    function_with(running, "hr-joins-dlq").await
}

/// One that is told that Lambda initialises it.
pub async fn initialised_function(running: &Running) -> Function {
    let initialises = [("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")];
    function_in(running, "hr-joins-dlq", &initialises).await
}

pub async fn function_with(running: &Running, dead_letter_queue: &str) -> Function {
    function_in(running, dead_letter_queue, &[]).await
}

pub async fn function_in(
    running: &Running,
    dead_letter_queue: &str,
    variables: &[(&str, &str)],
) -> Function {
    let endpoint_url = running.endpoint_url();
    let configuration = UNPACED.path().to_string_lossy();
    let dead_letter_queue = running.queue_url(dead_letter_queue);
    let usual = [
        ("AWS_ENDPOINT_URL", endpoint_url.as_str()),
        ("PROVISIONER_CONFIG", &configuration),
        ("PROVISIONER_DLQ_URL", &dead_letter_queue),
        ("RUST_LOG", "trace"),
    ];
    Function::start(&[&usual, variables].concat()).await
}

pub fn sample(name: &str) -> String {
    let path = crate::root().join("events").join(name);
    std::fs::read_to_string(path).expect("a sample")
}

pub fn a_password() -> String {
    // Every class of character that the policy asks for, and 20 characters by chance.
    format!("Aa1{}", &uuid::Uuid::new_v4().simple().to_string()[..20])
}

pub fn body(answer: &Answer) -> Value {
    match answer {
        Answer::Success(body) => serde_json::from_str(body).expect("JSON"),
        other @ Answer::Error(_) => panic!("{other:?}"),
    }
}

/// The configuration, which lets ready requests name every profile of the stand-in but Admin, in these instances.
pub fn permitting_all(config: &str, instances: &[&str]) -> String {
    let narrow =
        "routing_profiles = [\"Basic Routing Profile\"]\nsecurity_profiles = [\"Agent\"]\n";
    assert!(config.contains(narrow), "no [direct_requests]");
    let wide = format!(
        "routing_profiles = [\"Basic Routing Profile\", \"Customer Care Voice\", \"Customer Care Chat\", \"Back Office\"]\n\
         security_profiles = [\"Agent\", \"CallCenterManager\", \"QualityAnalyst\"]\ninstances = {instances:?}\n"
    );
    config.replace(narrow, &wide)
}

/// The join of one of many people.
pub fn join_of(n: usize) -> Value {
    let template: Value = serde_json::from_str(&sample("sqs-plain.json")).expect("JSON");
    let body = template["Records"][0]["body"].as_str().expect("a body");
    let body = body
        .replace("E104235", &format!("E2{n:05}"))
        .replace("Tricia", &format!("Tricia{n}"));
    serde_json::from_str(&body).expect("JSON")
}

pub fn record_of(n: usize) -> Value {
    let template: Value = serde_json::from_str(&sample("sqs-plain.json")).expect("JSON");
    let mut record = template["Records"][0].clone();
    record["body"] = json!(join_of(n).to_string());
    record["messageId"] = json!(format!("message-{n}"));
    record
}

pub fn a_batch_of(people: usize) -> Value {
    json!({"Records": (0..people).map(record_of).collect::<Vec<_>>()})
}

/// The shipped configuration, without its pace and with short waits.
pub fn retrying_soon() -> &'static Path {
    static FILE: LazyLock<tempfile::NamedTempFile> = LazyLock::new(|| {
        let text = std::fs::read_to_string(UNPACED.path()).expect("readable");
        let text = text
            .replace("first_seconds = 20", "first_seconds = 1")
            .replace("longest_seconds = 3600", "longest_seconds = 1");
        let text = text.replace("systemic_seconds = 60", "systemic_seconds = 1");
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        file
    });
    FILE.path()
}

/// The names of the presets.
pub const PRESETS: [&str; 16] = [
    "okta",
    "scim",
    "bamboohr",
    "aboardhr",
    "workday",
    "auth0",
    "personio",
    "hibob",
    "gusto",
    "greenhouse",
    "paylocity",
    "adp",
    "ukg",
    "successfactors",
    "sailpoint",
    "microsoft-graph",
];

/// Returns the file of a fault that a user reported.
pub fn report(file: &str) -> String {
    let path = crate::root().join("tests/it/reports").join(file);
    std::fs::read_to_string(path).expect("a report's input")
}
