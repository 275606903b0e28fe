//! Event files -> the CreateUser request for each person in the form of the AWS CLI, or the reason why there is none.

use std::path::PathBuf;

use connect_provisioner::aws::Clients;
use connect_provisioner::failure::Failure;
use connect_provisioner::provision::{BuiltRequest, Provisioner};
use connect_provisioner::request::create_user_input::CreateUserInput;
use serde::Serialize;

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::events::{self, EventItem};
use crate::local::{Local, seed_for};
use crate::request::build_request;
use crate::terminal::print_line;

/// `provisionctl plan`.
#[derive(clap::Args)]
pub(super) struct PlanCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// Look up profiles and groups in the live instance; nothing is created.
    #[arg(long)]
    live: bool,
    /// Print one JSON object for each person, one a line.
    #[arg(long)]
    json: bool,
    /// Event files, or folders of them: Lambda invocations or message bodies.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct PlannedPerson<'a> {
    file: &'a str,
    item: usize,
    event_key: String,
    outcome: &'static str,
    reason: Option<String>,
    explanation: Option<String>,
    username: Option<&'a str>,
    /// Always null, as no user exists yet; kept so that all commands print equal fields.
    user_id: Option<&'a str>,
    request: Option<&'a CreateUserInput>,
}

pub(super) async fn run(
    command: PlanCommand,
    connection: &Connection,
) -> Result<Ending, CannotRun> {
    let policy = command.config.load()?;
    let files = events::read(&command.paths)?;
    // Kept until the end: dropping it stops the stand-in.
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
        for EventItem { item, parcel } in file.items(provisioner.sources()) {
            let event_key = provisioner.sources().key_of(&parcel).to_string();
            let result = build_request(&provisioner, parcel).await;
            if result.is_err() {
                ending = Ending::SomethingIsLeft;
            }
            print(
                &command,
                planned_person(&file.name, item, event_key, &result),
            )?;
        }
    }
    Ok(ending)
}

fn planned_person<'a>(
    file: &'a str,
    item: usize,
    event_key: String,
    result: &'a Result<BuiltRequest, Failure>,
) -> PlannedPerson<'a> {
    let person = PlannedPerson {
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
        Ok(BuiltRequest::Request(request)) => PlannedPerson {
            outcome: "planned",
            username: Some(request.username()),
            request: Some(request.input()),
            ..person
        },
        Ok(BuiltRequest::Skip(why)) => PlannedPerson {
            outcome: "skipped",
            explanation: Some(why.clone()),
            ..person
        },
        Err(failure) => PlannedPerson {
            outcome: "refused",
            reason: Some(failure.reason().code()),
            explanation: Some(failure.explanation().to_owned()),
            ..person
        },
    }
}

fn print(command: &PlanCommand, person: PlannedPerson) -> Result<(), CannotRun> {
    if command.json {
        return print_line(serde_json::to_string(&person).map_err(CannotRun::because)?);
    }
    match (&person.request, &person.explanation) {
        (Some(request), _) => {
            print_line(serde_json::to_string_pretty(request).map_err(CannotRun::because)?)
        }
        (None, explanation) => {
            let result = person.reason.as_deref().unwrap_or(person.outcome);
            let explanation = explanation.as_deref().unwrap_or_default();
            eprintln!(
                "{}: item {}: {result}: {explanation}",
                person.file, person.item
            );
            Ok(())
        }
    }
}
