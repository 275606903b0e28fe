//! The Lambda function: environment and configuration -> a handler, then one answer an invocation.

use std::path::PathBuf;
use std::process::ExitCode;

use connect_provisioner::aws::Clients;
use connect_provisioner::deployment::{self, Deployment};
use connect_provisioner::invocation::dead_letter::DeadLetters;
use connect_provisioner::invocation::deadline::Deadline;
use connect_provisioner::invocation::give_up::GiveUp;
use connect_provisioner::invocation::handler::{Handled, Handler, Invoked};
use connect_provisioner::invocation::logging;
use connect_provisioner::invocation::metrics::Metrics;
use connect_provisioner::invocation::redelivery::Redelivery;
use connect_provisioner::invocation::settlement::Settlement;
use connect_provisioner::invocation::split::Splitter;
use connect_provisioner::policy::config;
use connect_provisioner::provision::Provisioner;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

// A join allocates some thousand times, which costs the system's allocator a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        answer(handler, event).await
    }))
    .await
}

async fn handler() -> Result<Handler, String> {
    let path = std::env::var_os(deployment::CONFIG)
        .map_or_else(|| PathBuf::from(config::DEFAULT_FILE), PathBuf::from);
    let policy = config::load(&path).map_err(|faults| format!("{}: {faults}", path.display()))?;
    let variable = |name: &str| std::env::var(name).ok();
    let deployment = Deployment::from_env(variable, policy.schedule.is_some())?;
    let clients = Clients::from_environment().map_err(|err| err.to_string())?;
    let dead_letters = DeadLetters::new(clients.sqs.clone(), deployment.dead_letter_queue_url);
    let redelivery = Redelivery::new(clients.sqs.clone(), policy.retry);
    let splitter = Splitter::new(clients.sqs.clone());
    let give_up = GiveUp::new(policy.retry, deployment.last_delivery);
    let person_ids = policy.logs.person_ids;
    let most_replays = policy.retry.most_replays;
    let provisioner =
        Provisioner::new(policy, &clients).with_schedules(&clients, deployment.schedules);
    provisioner.warm_up().await;
    let settlement = Settlement {
        provisioner,
        dead_letters,
        splitter,
        give_up,
        most_replays,
    };
    // Lambda's own variable (Lambda Developer Guide, "Defined runtime environment variables").
    let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "provisioner".into());
    let handler = Handler::new(settlement, redelivery, Metrics::to_stdout(name));
    Ok(handler.with_person_ids(person_ids))
}

async fn answer(handler: &Handler, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Error> {
    let deadline = Deadline::at_epoch_millis(event.context.deadline);
    let invoked = Invoked::new(&event.context.request_id, deadline);
    match handler.handle(&event.payload, &invoked).await? {
        Handled::Batch(report) => Ok(serde_json::to_value(report.batch_response())?),
        // The text is fixed: Lambda logs it and keeps it in its on-failure records.
        Handled::Direct(report) if report.has_retries() => {
            Err("not every person has a user yet; Lambda will try again".into())
        }
        Handled::Direct(_) => Ok(Value::Null),
    }
}
