//! Arguments of a command line -> a stand-in that serves until it is interrupted.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Call, FaultScript, Running, Seed, Standin, ThrottleSeed, Tls};

/// Arguments of the command `connect-standin`, which another command line may have as a subcommand.
#[derive(clap::Args)]
pub struct Serve {
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// Content of the stand-in: instances, profiles, groups, secrets, queues.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Script of faults: which calls fail, and how.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Hold each Amazon Connect operation to AWS's default quota: 2 requests a second, a burst of 5.
    #[arg(long)]
    throttle: bool,
    /// Serve HTTPS with a certificate that is made now and written here, for clients to trust.
    #[arg(long, value_name = "CERTIFICATE")]
    tls: Option<PathBuf>,
    /// Time that every answer takes, as if a network and a service lay between.
    #[arg(long, value_name = "MILLISECONDS")]
    service_time: Option<u64>,
}

/// A stand-in cannot serve; the text says why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CannotServe(String);

// Amazon Connect Administrator Guide, service quotas, "API throttling quotas".
const DEFAULT_QUOTA: ThrottleSeed = ThrottleSeed {
    requests_per_second: 2.0,
    burst: 5,
};

/// Reads a seed file.
///
/// # Errors
/// The file cannot be read, or is no right seed.
pub fn seed_of(file: &Path) -> Result<Seed, CannotServe> {
    Seed::parse(&text_of(file)?).map_err(|err| CannotServe::because_of(file, err))
}

/// Reads a fault script.
///
/// # Errors
/// The file cannot be read, or is no right script.
pub fn faults_of(file: &Path) -> Result<FaultScript, CannotServe> {
    FaultScript::parse(&text_of(file)?).map_err(|err| CannotServe::because_of(file, err))
}

impl Serve {
    /// Serves until Ctrl-C, and prints the environment that clients need, with the lines that `more` adds.
    ///
    /// # Errors
    /// A file cannot be read or written, or the port is taken.
    pub async fn run(&self, more: impl FnOnce(&Running) -> String) -> Result<(), CannotServe> {
        let mut seed = match &self.seed {
            Some(file) => seed_of(file)?,
            None => Seed::default(),
        };
        if self.throttle {
            seed.throttle = Some(DEFAULT_QUOTA);
        }
        if let Some(milliseconds) = self.service_time {
            seed.service_time_milliseconds = milliseconds;
        }
        let standin = Standin::new(seed);
        if let Some(file) = &self.faults {
            standin.set_faults(faults_of(file)?);
        }
        let running = match &self.tls {
            None => standin.start(self.port).await,
            Some(file) => standin.start_tls(self.port, tls_for(file)?).await,
        };
        let running = running.map_err(|err| CannotServe(format!("port {}: {err}", self.port)))?;
        eprintln!(
            "Serving Amazon Connect, Secrets Manager, SQS, DynamoDB and EventBridge Scheduler. In another shell, and with Ctrl-C \
             to stop here:"
        );
        let mut lines = environment(&running, &standin);
        lines += &more(&running);
        if let Some(file) = &self.tls {
            lines += &trust(file)?;
        }
        print(&lines).map_err(CannotServe::because)?;
        tokio::signal::ctrl_c()
            .await
            .map_err(CannotServe::because)?;
        print_calls(&standin.calls());
        Ok(())
    }
}

impl CannotServe {
    fn because(error: impl ToString) -> Self {
        Self(error.to_string())
    }

    fn because_of(file: &Path, error: impl std::fmt::Display) -> Self {
        Self(format!("{}: {error}", file.display()))
    }
}

fn text_of(file: &Path) -> Result<String, CannotServe> {
    std::fs::read_to_string(file).map_err(|err| CannotServe::because_of(file, err))
}

fn tls_for(file: &Path) -> Result<Tls, CannotServe> {
    let (tls, certificate) = Tls::on_loopback().map_err(CannotServe::because)?;
    std::fs::write(file, certificate).map_err(|err| CannotServe::because_of(file, err))?;
    Ok(tls)
}

fn environment(running: &Running, standin: &Standin) -> String {
    let region = &standin.seed().region;
    format!(
        "export AWS_ENDPOINT_URL={}\nexport AWS_REGION={region} AWS_DEFAULT_REGION={region}\nexport \
         AWS_ACCESS_KEY_ID=standin AWS_SECRET_ACCESS_KEY=standin\n",
        running.endpoint_url()
    )
}

// Variables that the Rust SDK, the AWS CLI with boto3, and Node read.
fn trust(certificate: &Path) -> Result<String, CannotServe> {
    let certificate = std::path::absolute(certificate).map_err(CannotServe::because)?;
    let certificate = certificate.display();
    Ok(format!(
        "export SSL_CERT_FILE={certificate} AWS_CA_BUNDLE={certificate} NODE_EXTRA_CA_CERTS={certificate}\n"
    ))
}

fn print(lines: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    out.flush()
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
