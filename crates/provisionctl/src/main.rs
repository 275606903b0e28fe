//! `provisionctl`: subcommands -> output and an exit code: 0 all done, 1 something was refused or is left to do, 2 the command
//! could not run.

mod check;
mod config_file;
mod connection;
mod dlq;
mod ending;
mod events;
mod explain;
mod iam_policy;
mod local;
mod pause;
mod plan;
mod preview;
mod queue_url;
mod rate;
mod reason;
mod reference;
mod refused;
mod request;
mod schema;
mod send;
mod simulate;
mod source;
mod terminal;
mod trigger;
mod watch;

use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory, Parser, Subcommand};
use connect_provisioner::invocation::logging;
use connect_standin::Running;
use connect_standin::serve::Serve;

use ending::{CannotRun, Ending};

/// Provision Amazon Connect users from HR join events, and handle those that failed.
#[derive(Parser)]
#[command(name = "provisionctl", version = version(), about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    connection: connection::Connection,
}

// Of the package, and the commit that it was built from.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let commit = git_version::git_version!(
            args = ["--always", "--match=", "--abbrev=12"],
            fallback = "no commit"
        );
        format!("{} ({commit})", env!("CARGO_PKG_VERSION"))
    });
    &VERSION
}

#[derive(Subcommand)]
enum Command {
    /// Run event files through the Lambda function's handler, against a stand-in for AWS in this process.
    Simulate(simulate::Simulate),
    /// Print the CreateUser request for each person in event files, without the password.
    Plan(plan::PlanCommand),
    /// Show the assignment of each person in event files, and why the others do not fit.
    Explain(explain::Explain),
    /// Check a configuration, and with --live the AWS account that it is deployed to.
    Check(Box<check::Check>),
    /// Print the IAM policy of the function's role for a configuration.
    IamPolicy(iam_policy::IamPolicy),
    /// Show the source presets, and test how sources read events.
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Print the JSON Schema of the configuration, or of the event hr.join/1.
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Explain a reason code, or list all.
    Reason(reason::ReasonCommand),
    /// List dead letters, explain them, and replay them.
    Dlq(dlq::Dlq),
    /// Send events to the trigger, and plan each first.
    Send(send::Send),
    /// Watch the depths of the queues, and the last outcomes.
    Watch(watch::Watch),
    /// Stop the delivery of joins to the deployed function; they stay in the queue.
    Pause(pause::DeliveryOptions),
    /// Start the delivery of joins to the deployed function again.
    Resume(pause::DeliveryOptions),
    /// Serve Amazon Connect, Secrets Manager, SQS and EventBridge Scheduler on loopback, for tests and the AWS CLI.
    Standin(Serve),
    /// Print a completion script for a shell.
    Completions(reference::Completions),
    /// Print the manual page, or write a page for each command.
    Man(reference::Man),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if std::env::var_os("RUST_LOG").is_some() {
        logging::to_stderr();
    }
    match dispatch(arguments) {
        Ok(Ending::AllDone) => ExitCode::SUCCESS,
        Ok(Ending::SomethingIsLeft) => ExitCode::from(1),
        Err(refusal) => {
            eprintln!("provisionctl: {refusal}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<Ending, CannotRun> {
    let Arguments {
        command,
        connection,
    } = arguments;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CannotRun::because)?;
    runtime.block_on(async {
        match command {
            Command::Simulate(command) => simulate::run(command).await,
            Command::Plan(command) => plan::run(command, &connection).await,
            Command::Explain(command) => explain::run(&command).await,
            Command::Check(command) => Box::pin(check::run(*command, &connection)).await,
            Command::IamPolicy(command) => iam_policy::run(&command, &connection).await,
            Command::Source(command) => source::run(command).await,
            Command::Schema(command) => schema::run(&command),
            Command::Reason(command) => reason::run(&command),
            Command::Dlq(command) => dlq::run(command, &connection).await,
            Command::Send(command) => Box::pin(send::run(command, &connection)).await,
            Command::Watch(command) => watch::run(command, &connection).await,
            Command::Pause(command) => pause::pause(&command, &connection).await,
            Command::Resume(command) => pause::resume(&command, &connection).await,
            Command::Completions(command) => reference::completions(&command, Arguments::command()),
            Command::Man(command) => reference::man(&command, Arguments::command()),
            Command::Standin(command) => serve_standin(&command).await,
        }
    })
}

async fn serve_standin(command: &Serve) -> Result<Ending, CannotRun> {
    let dead_letters = |running: &Running| {
        let url = running.queue_url(local::DEAD_LETTER_QUEUE);
        format!("export PROVISIONER_DLQ_URL={url}\n")
    };
    let served = command.run(dead_letters).await;
    served.map(|()| Ending::AllDone).map_err(CannotRun::because)
}
