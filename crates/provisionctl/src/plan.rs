//! Event files -> the CreateUser request for each person, as the AWS CLI takes it, or the reason why there is none.

use std::path::PathBuf;

use connect_provisioner::aws::Clients;
use connect_provisioner::failure::Failure;
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::provision::{BuiltRequest, Provisioner};
use connect_provisioner::request::create_user_input::CreateUserInput;
use serde::Serialize;

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::events::{self, Item};
use crate::local::{Local, seed_for};
use crate::terminal::print_line;

/// `provisionctl plan`.
#[derive(clap::Args)]
pub(super) struct PlanCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// Look profiles and groups up in the real instance, with the SDK's ordinary credentials; nothing is created.
    #[arg(long)]
    live: bool,
    /// Print one JSON object a person, a line each.
    #[arg(long)]
    json: bool,
    /// Event files, or folders of them: Lambda invocations or message bodies.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    item: usize,
    event_key: String,
    outcome: &'static str,
    reason: Option<String>,
    explanation: Option<String>,
    username: Option<&'a str>,
    /// Nobody has one yet; here so that every command's lines have the same fields.
    user_id: Option<&'a str>,
    request: Option<&'a CreateUserInput>,
}

pub(super) async fn run(
    command: PlanCommand,
    connection: &Connection,
) -> Result<Ending, CannotRun> {
    let policy = command.config.load()?;
    let files = events::read(&command.paths)?;
    // Held to the end: the stand-in stops when it is dropped.
    let local = if command.live {
        None
    } else {
        Some(Local::start(seed_for(&policy)).await?)
    };
    let clients = match &local {
        Some(local) => local.clients.clone(),
        None => Clients::new(&connection.config().await),
    };
    let provisioner = Provisioner::new(policy, &clients);
    let mut ending = Ending::AllDone;
    for file in &files {
        for Item { item, parcel } in file.items(provisioner.sources()) {
            let event_key = provisioner.sources().key_of(&parcel).to_string();
            let result = build_request(&provisioner, parcel).await;
            if result.is_err() {
                ending = Ending::SomethingIsLeft;
            }
            print(&command, line(&file.name, item, event_key, &result))?;
        }
    }
    Ok(ending)
}

pub(super) async fn build_request(
    provisioner: &Provisioner,
    parcel: Parcel,
) -> Result<BuiltRequest, Failure> {
    let person = provisioner.sources().key_of(&parcel);
    match parcel.content? {
        Content::NoJoin(why) => Ok(BuiltRequest::Skip(why.into_owned())),
        Content::Delivery(delivery) => provisioner.build_request(&delivery, &person).await,
    }
}

fn line<'a>(
    file: &'a str,
    item: usize,
    event_key: String,
    result: &'a Result<BuiltRequest, Failure>,
) -> Line<'a> {
    let line = Line {
        file,
        item,
        event_key,
        outcome: "",
        reason: None,
        explanation: None,
        username: None,
        user_id: None,
        request: None,
    };
    match result {
        Ok(BuiltRequest::Request(request)) => Line {
            outcome: "planned",
            username: Some(request.username()),
            request: Some(request.input()),
            ..line
        },
        Ok(BuiltRequest::Skip(why)) => Line {
            outcome: "skipped",
            explanation: Some(why.clone()),
            ..line
        },
        Err(failure) => Line {
            outcome: "refused",
            reason: Some(failure.reason().code()),
            explanation: Some(failure.explanation().to_owned()),
            ..line
        },
    }
}

fn print(command: &PlanCommand, line: Line) -> Result<(), CannotRun> {
    if command.json {
        return print_line(serde_json::to_string(&line).map_err(CannotRun::because)?);
    }
    match (&line.request, &line.explanation) {
        (Some(request), _) => {
            print_line(serde_json::to_string_pretty(request).map_err(CannotRun::because)?)
        }
        (None, explanation) => {
            let what = line.reason.as_deref().unwrap_or(line.outcome);
            let explanation = explanation.as_deref().unwrap_or_default();
            eprintln!("{}: item {}: {what}: {explanation}", line.file, line.item);
            Ok(())
        }
    }
}
