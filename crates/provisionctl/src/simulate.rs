//! Event files -> the outcome of each person in them, by the function's handler against a stand-in for AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use connect_provisioner::failure::{Failure, Reason, SecretSharing};
use connect_provisioner::intake::Unanswerable;
use connect_provisioner::invocation::dead_letter::DeadLetters;
use connect_provisioner::invocation::deadline::Deadline;
use connect_provisioner::invocation::give_up::GiveUp;
use connect_provisioner::invocation::handler::{Handled, Handler, Invoked};
use connect_provisioner::invocation::metrics::Metrics;
use connect_provisioner::invocation::outcome::{End, PersonReport};
use connect_provisioner::invocation::redelivery::Redelivery;
use connect_provisioner::invocation::settlement::Settlement;
use connect_provisioner::invocation::split::Splitter;
use connect_provisioner::policy::{Instance, Policy, RequestRate};
use connect_provisioner::provision::Provisioner;
use connect_provisioner::schedule;
use connect_provisioner::source::person_key::PersonKey;
use connect_standin::serve::{faults_of, seed_of};
use connect_standin::{FaultScript, Seed};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::config_file::ConfigFile;
use crate::ending::{CannotRun, Ending};
use crate::events::{self, EventFile};
use crate::local::{self, Local};
use crate::terminal::print_line;

/// `provisionctl simulate`.
#[derive(clap::Args)]
pub(super) struct Simulate {
    #[command(flatten)]
    config: ConfigFile,
    /// Content of the stand-in: instances, profiles, secrets, queues; by default those named in the configuration.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Script of faults: the calls that fail, with their errors.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Print one JSON object for each person, one a line.
    #[arg(long)]
    json: bool,
    /// Event files, or folders of them: Lambda invocations or message bodies.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct SimulatedPerson<'a> {
    file: &'a str,
    message_id: Option<&'a str>,
    item: usize,
    event_key: String,
    outcome: &'static str,
    reason: Option<String>,
    explanation: Option<String>,
    username: Option<&'a str>,
    user_id: Option<&'a str>,
}

pub(super) async fn run(command: Simulate) -> Result<Ending, CannotRun> {
    let mut policy = command.config.load()?;
    let files = events::read(&command.paths)?;
    let seed = seed(&command, &policy, &files).await?;
    if seed.throttle.is_none() {
        for instance in policy.instances.iter_mut() {
            instance.connect.rate = UNTHROTTLED;
        }
    }
    let faults = command.faults.as_deref().map_or_else(
        || Ok(FaultScript::default()),
        |file| faults_of(file).map_err(CannotRun::because),
    )?;
    let local = Local::start_with_faults(seed, faults).await?;
    let dead_letters = DeadLetters::new(local.clients.sqs.clone(), local.dead_letter_queue_url());
    let redelivery = Redelivery::new(local.clients.sqs.clone(), policy.retry);
    let (retry, person_ids) = (policy.retry, policy.logs.person_ids);
    let provisioner = Provisioner::new(policy, &local.clients);
    let provisioner = provisioner.with_schedules(&local.clients, Some(local.destination()));
    let settlement = Settlement {
        provisioner,
        dead_letters,
        splitter: Splitter::new(local.clients.sqs.clone()),
        give_up: GiveUp::new(retry, None),
        most_replays: retry.most_replays,
    };
    let handler =
        Handler::new(settlement, redelivery, Metrics::discarded()).with_person_ids(person_ids);
    let people = handle_all(&handler, &files).await;
    if command.json {
        print_lines(&people)?;
    } else {
        print_table(&people)?;
    }
    let settled = |(_, person): &(&str, PersonReport)| person.end.failure().is_none();
    Ok(if people.iter().all(settled) {
        Ending::AllDone
    } else {
        Ending::SomethingIsLeft
    })
}

// Without a throttle, the stand-in has no quota to wait for.
const UNTHROTTLED: RequestRate = RequestRate {
    per_second: 10_000.0,
    burst: 10_000,
    concurrency: 1,
};

async fn seed(command: &Simulate, policy: &Policy, files: &[EventFile]) -> Result<Seed, CannotRun> {
    if let Some(file) = &command.seed {
        return seed_of(file).map_err(CannotRun::because);
    }
    let mut seed = local::seed_for(policy);
    let is_per_person = |(_, instance): (_, &Instance)| {
        let password = instance.password.as_ref();
        password.is_some_and(|password| password.sharing() == SecretSharing::PerPerson)
    };
    if policy.instances.iter().any(is_per_person) {
        local::add_secrets_of_people(&mut seed, command.config.load()?, files).await?;
    }
    Ok(seed)
}

// The maximum timeout of a Lambda function.
const ONE_INVOCATION: Duration = Duration::from_mins(15);

async fn handle_all<'a>(handler: &Handler, files: &'a [EventFile]) -> Vec<(&'a str, PersonReport)> {
    let progress = progress(files.len());
    let mut people = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let request_id = format!("simulated-{}", index + 1);
        let invoked = Invoked::new(&request_id, Deadline::within(ONE_INVOCATION));
        match handler.handle(&file.invocation, &invoked).await {
            Ok(Handled::Batch(report) | Handled::Direct(report)) => {
                people.extend(
                    report
                        .people
                        .into_iter()
                        .map(|person| (file.name.as_str(), person)),
                );
            }
            Err(unanswerable) => people.push((file.name.as_str(), failed_invocation(unanswerable))),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    people
}

fn progress(files: usize) -> ProgressBar {
    const FEW: usize = 20;
    if files <= FEW {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} left");
    ProgressBar::new(files as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

// The invocation fails completely, and the queue delivers all of it again.
fn failed_invocation(unanswerable: Unanswerable) -> PersonReport {
    PersonReport {
        message_id: None,
        item: 0,
        key: PersonKey::of_payload(b""),
        username: None,
        dropped_fields: Vec::new(),
        end: End::Retry(Failure::new(
            Reason::UnreplayableRecord,
            unanswerable.to_string(),
        )),
    }
}

fn print_lines(people: &[(&str, PersonReport)]) -> Result<(), CannotRun> {
    for (file, person) in people {
        let line = SimulatedPerson {
            file,
            message_id: person.message_id.as_deref(),
            item: person.item,
            event_key: person.key.to_string(),
            outcome: person.end.name(),
            reason: reason(&person.end),
            explanation: explanation(&person.end),
            username: person.username.as_deref(),
            user_id: person.end.user_id(),
        };
        print_line(serde_json::to_string(&line).map_err(CannotRun::because)?)?;
    }
    Ok(())
}

fn reason(end: &End) -> Option<String> {
    end.failure().map(|failure| failure.reason().code())
}

fn explanation(end: &End) -> Option<String> {
    match end {
        End::Skipped { why } => Some(why.clone()),
        End::Scheduled { until } => Some(format!("waits until {}", schedule::moment(*until))),
        End::Split => Some("waits in a part of the message".to_owned()),
        _ => end
            .failure()
            .map(|failure| failure.explanation().to_owned()),
    }
}

fn print_table(people: &[(&str, PersonReport)]) -> Result<(), CannotRun> {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_header(["file", "person", "outcome", "user id or reason"]);
    for (file, person) in people {
        let last = person
            .end
            .user_id()
            .map(str::to_owned)
            .or_else(|| reason(&person.end));
        let last = last
            .or_else(|| explanation(&person.end))
            .unwrap_or_default();
        table.add_row([
            (*file).to_owned(),
            person.key.to_string(),
            person.end.name().to_owned(),
            last,
        ]);
    }
    print_line(table.trim_fmt())?;
    print_reasons(people)?;
    print_line(counts(people))
}

fn print_reasons(people: &[(&str, PersonReport)]) -> Result<(), CannotRun> {
    let failures = people.iter().filter_map(|(_, person)| person.end.failure());
    let reasons: BTreeSet<_> = failures
        .map(|failure| (failure.reason().code(), failure.explanation()))
        .collect();
    for (code, explanation) in reasons {
        print_line(format_args!("{code}: {explanation}"))?;
    }
    Ok(())
}

fn counts(people: &[(&str, PersonReport)]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, person) in people {
        *counts.entry(person.end.name()).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    format!("{} people: {}", people.len(), counts.join(", "))
}
