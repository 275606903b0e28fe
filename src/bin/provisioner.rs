//! The Lambda function: environment and configuration -> a handler, then one answer an invocation.

// The future of an invocation holds those of the SDK's calls and of the runtime around it.
#![recursion_limit = "256"]

use std::path::PathBuf;
use std::process::ExitCode;

use connect_provisioner::aws::Clients;
use connect_provisioner::dead_letter::DeadLetters;
use connect_provisioner::handler::{Handled, Handler};
use connect_provisioner::metrics::Metrics;
use connect_provisioner::provision::Provisioner;
use connect_provisioner::{config, logging};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

// One record at a time is handled, so a second thread would only cost (1.4 times the CPU for each record).
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::to_stdout();
    let handler = match handler().await {
        Ok(handler) => handler,
        Err(refusal) => {
            // Lambda reports the exit, and the queue keeps its messages.
            tracing::error!(%refusal, "the function does not start");
            return ExitCode::FAILURE;
        }
    };
    match serve(&handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn serve(handler: &Handler) -> Result<(), Error> {
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        answer(handler, &event.payload, &event.context.request_id).await
    }))
    .await
}

async fn handler() -> Result<Handler, String> {
    let path = std::env::var_os("PROVISIONER_CONFIG")
        .map_or_else(|| PathBuf::from(config::DEFAULT_FILE), PathBuf::from);
    let policy = config::load(&path).map_err(|faults| format!("{}: {faults}", path.display()))?;
    let dead_letter_queue = std::env::var("PROVISIONER_DLQ_URL").map_err(|_| {
        "PROVISIONER_DLQ_URL is not set; set it to the URL of the dead-letter queue".to_owned()
    })?;
    let clients = Clients::from_environment().await;
    let dead_letters = DeadLetters::new(clients.sqs.clone(), dead_letter_queue);
    Ok(Handler::new(
        Provisioner::new(policy, &clients),
        dead_letters,
        Metrics::to_stdout(),
    ))
}

async fn answer(handler: &Handler, event: &RawValue, request_id: &str) -> Result<Value, Error> {
    match handler.handle(event, request_id).await? {
        Handled::Batch(report) => Ok(serde_json::to_value(report.batch_response())?),
        // The text is fixed: Lambda logs it and keeps it in its on-failure records.
        Handled::Direct(report) if report.has_retries() => {
            Err("not every person has a user yet; Lambda will try again".into())
        }
        Handled::Direct(_) => Ok(Value::Null),
    }
}
