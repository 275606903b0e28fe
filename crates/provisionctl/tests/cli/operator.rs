//! A command of the built binary -> its output.

use std::process::{Command, Output};

use test_support::root;

/// Builds a command in the root of the repository, without the variables of the tests' environment.
pub(crate) fn provisionctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provisionctl"));
    command
        .current_dir(root())
        .env_remove("PROVISIONER_CONFIG")
        .env_remove("PROVISIONER_DLQ_URL")
        .env_remove("RUST_LOG");
    command
}

/// Builds a command that sends its calls to a stand-in for AWS.
pub(crate) fn provisionctl_at(endpoint_url: &str) -> Command {
    let mut command = provisionctl();
    command
        .env("AWS_ENDPOINT_URL", endpoint_url)
        .env("AWS_REGION", "eu-west-2")
        .env("AWS_ACCESS_KEY_ID", "standin")
        .env("AWS_SECRET_ACCESS_KEY", "standin");
    command
}

/// Runs a command in a thread, so that a stand-in in this process can answer it.
pub(crate) async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic")
        .expect("the command line starts")
}
