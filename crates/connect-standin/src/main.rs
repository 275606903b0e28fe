//! A fake Amazon Connect on loopback, which serves until it is interrupted.

use std::process::ExitCode;

use clap::Parser;
use connect_standin::serve::Serve;

/// Serves a fake Amazon Connect on loopback, with the services around it, and prints the environment that clients need.
#[derive(Parser)]
#[command(name = "connect-standin", version)]
struct Arguments {
    #[command(flatten)]
    serve: Serve,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Arguments::parse().serve.run(|_| String::new()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("connect-standin: {why}");
            ExitCode::FAILURE
        }
    }
}
