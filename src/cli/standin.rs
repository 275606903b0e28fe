//! A seed -> a stand-in for AWS that serves until it is interrupted.

use std::path::PathBuf;

use super::local::{DEAD_LETTER_QUEUE, faults_of, seed_of};
use super::{CannotRun, Ending, print_line};
use crate::standin::{Running, Seed, Standin, ThrottleSeed};

/// `provisionctl standin`.
#[derive(clap::Args)]
pub(super) struct Serve {
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// What the stand-in holds: instances, profiles, groups, secrets, queues.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// What goes wrong with which calls.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Hold each Amazon Connect operation to AWS's default quota: 2 requests a second, a burst of 5.
    #[arg(long)]
    throttle: bool,
}

// Amazon Connect Administrator Guide, service quotas, "API throttling quotas".
const DEFAULT_QUOTA: ThrottleSeed = ThrottleSeed {
    requests_per_second: 2.0,
    burst: 5,
};

pub(super) async fn run(command: &Serve) -> Result<Ending, CannotRun> {
    let mut seed = command
        .seed
        .as_deref()
        .map_or_else(|| Ok(Seed::default()), seed_of)?;
    if command.throttle {
        seed.throttle = Some(DEFAULT_QUOTA);
    }
    let standin = Standin::new(seed);
    if let Some(file) = &command.faults {
        standin.set_faults(faults_of(file)?);
    }
    let running = standin.start(command.port).await;
    let running = running.map_err(|err| CannotRun(format!("port {}: {err}", command.port)))?;
    print_environment(&running, &standin)?;
    std::future::pending().await
}

fn print_environment(running: &Running, standin: &Standin) -> Result<(), CannotRun> {
    eprintln!(
        "Serving Amazon Connect, Secrets Manager, SQS and EventBridge Scheduler. In another shell, and with Ctrl-C to stop here:"
    );
    let region = &standin.seed().region;
    print_line(format_args!(
        "export AWS_ENDPOINT_URL={}",
        running.endpoint_url()
    ))?;
    print_line(format_args!(
        "export AWS_REGION={region} AWS_DEFAULT_REGION={region}"
    ))?;
    print_line("export AWS_ACCESS_KEY_ID=standin AWS_SECRET_ACCESS_KEY=standin")?;
    print_line(format_args!(
        "export PROVISIONER_DLQ_URL={}",
        running.queue_url(DEAD_LETTER_QUEUE)
    ))
}
