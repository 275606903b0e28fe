//! A seed -> a stand-in for AWS that serves until it is interrupted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::local::{DEAD_LETTER_QUEUE, faults_of, seed_of};
use super::{CannotRun, Ending, print_line};
use crate::standin::{Call, Running, Seed, Standin, ThrottleSeed, Tls};

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
    /// Serve HTTPS with a certificate that is made now and written here, for clients to trust.
    #[arg(long, value_name = "CERTIFICATE")]
    tls: Option<PathBuf>,
    /// How long every answer takes, as if a network and a service lay between.
    #[arg(long, value_name = "MILLISECONDS")]
    service_time: Option<u64>,
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
    if let Some(milliseconds) = command.service_time {
        seed.service_time_milliseconds = milliseconds;
    }
    let standin = Standin::new(seed);
    if let Some(file) = &command.faults {
        standin.set_faults(faults_of(file)?);
    }
    let running = match &command.tls {
        None => standin.start(command.port).await,
        Some(file) => standin.start_tls(command.port, tls_for(file)?).await,
    };
    let running = running.map_err(|err| CannotRun(format!("port {}: {err}", command.port)))?;
    print_environment(&running, &standin)?;
    if let Some(file) = &command.tls {
        print_trust(file)?;
    }
    tokio::signal::ctrl_c().await.map_err(CannotRun::because)?;
    print_calls(&standin.calls());
    Ok(Ending::AllDone)
}

fn tls_for(file: &Path) -> Result<Tls, CannotRun> {
    let (tls, certificate) = Tls::on_loopback().map_err(CannotRun::because)?;
    std::fs::write(file, certificate)
        .map_err(|err| CannotRun(format!("{}: {err}", file.display())))?;
    Ok(tls)
}

// What the Rust SDK, the AWS CLI with boto3, and Node read.
fn print_trust(certificate: &Path) -> Result<(), CannotRun> {
    let certificate = std::path::absolute(certificate).map_err(CannotRun::because)?;
    let certificate = certificate.display();
    print_line(format_args!(
        "export SSL_CERT_FILE={certificate} AWS_CA_BUNDLE={certificate} NODE_EXTRA_CA_CERTS={certificate}"
    ))
}

fn print_calls(calls: &[Call]) {
    let mut times = BTreeMap::<_, usize>::new();
    for call in calls {
        let error = call.error.as_deref().unwrap_or_default();
        *times.entry((call.operation.as_str(), error)).or_default() += 1;
    }
    eprintln!("It answered {} calls:", calls.len());
    for ((operation, error), times) in times {
        eprintln!("{}", format!("{times:>7} {operation} {error}").trim_end());
    }
}

fn print_environment(running: &Running, standin: &Standin) -> Result<(), CannotRun> {
    eprintln!(
        "Serving Amazon Connect, Secrets Manager, SQS, DynamoDB and EventBridge Scheduler. In another shell, and with Ctrl-C to stop here:"
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
