//! One letter -> why it failed, what it holds, what would happen now, and the next command.

use std::collections::BTreeMap;

use clap::Args;
use connect_provisioner::aws::Clients;
use connect_provisioner::invocation::dead_letter::Listed;
use serde_json::{Map, Value};

use super::WhichQueue;
use super::amend::AMENDED;
use super::letter::{Kind, Letter};
use super::list::{age, person};
use super::masked::{masked, revealed};
use super::queue::Queue;
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::preview::Previews;
use crate::terminal::print_line;

/// `provisionctl dlq show`.
#[derive(Args)]
pub(super) struct Show {
    /// The letter's message id, or as much of its beginning as is unique.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    queue: WhichQueue,
    /// Show names, addresses and numbers as they are.
    #[arg(long)]
    reveal: bool,
    /// Look in the real instance what would happen now; otherwise the configuration alone tells.
    #[arg(long)]
    live: bool,
}

pub(super) async fn run(command: Show, connection: &Connection) -> Result<Ending, CannotRun> {
    let clients = Clients::new(&connection.config().await);
    let queue = Queue::new(&command.queue, clients.sqs.clone()).await?;
    let ids = std::slice::from_ref(&command.id);
    let letters = queue.peek(ids, &Filters::default()).await?.letters;
    let previews = if command.live {
        Previews::live(&command.queue.config, &clients)?
    } else {
        Previews::offline(&command.queue.config).await?
    };
    for letter in &letters {
        print(letter, &previews, &command).await?;
    }
    Ok(Ending::AllDone)
}

async fn print(letter: &Letter, previews: &Previews, command: &Show) -> Result<(), CannotRun> {
    print_line(format_args!("{}  {}", letter.reason(), person(letter)))?;
    print_line(explanation(letter))?;
    print_line("")?;
    print_line(format_args!("message    {}", letter.id))?;
    print_line(format_args!("from       {}", letter.source()))?;
    print_line(format_args!(
        "failed     {} ago, tries {}, replays {}",
        age(letter.failed_at()),
        letter.attempts(),
        letter.replays()
    ))?;
    if let Kind::Ours { details, .. } = &letter.kind {
        print_places(letter)?;
        print_line(format_args!(
            "request    {} (in the function's log)",
            details.request_id
        ))?;
    }
    let amended: Map<String, Value> =
        serde_json::from_str(&letter.text(AMENDED)).unwrap_or_default();
    for path in amended.keys() {
        print_line(format_args!("corrected  {path}"))?;
    }
    print_line("")?;
    let event = letter.event();
    let shown = if command.reveal {
        revealed(&event)
    } else {
        masked(&event)
    };
    print_line(shown)?;
    print_line("")?;
    let mut refused = false;
    let mut people: BTreeMap<String, usize> = BTreeMap::new();
    for preview in previews.for_message(&letter.message()).await {
        refused |= preview.is_refused();
        *people.entry(preview.text).or_default() += 1;
    }
    let several = people.values().sum::<usize>() > 1;
    for (text, count) in people {
        let count = if several {
            format!("{count} x ")
        } else {
            String::new()
        };
        print_line(format_args!("now        {count}{text}"))?;
    }
    print_line(format_args!("next       {}", next(letter, refused)))
}

// Who failed for what, reason by reason.
fn print_places(letter: &Letter) -> Result<(), CannotRun> {
    let failures = letter.failures();
    let [only] = failures.as_slice() else {
        return failures.iter().try_for_each(|listed| {
            let explanation = listed.explanation.as_deref().unwrap_or_default();
            let Listed { reason, items, .. } = listed;
            print_line(format_args!(
                "place      items {items} of its message: {reason}: {explanation}"
            ))
        });
    };
    let items = &only.items;
    let items = match items.len() {
        1 => format!("item {items}"),
        several => format!("items {items}, {several} people,"),
    };
    print_line(format_args!("place      {items} of its message"))
}

fn explanation(letter: &Letter) -> String {
    match &letter.kind {
        Kind::Ours { explanation, .. } => explanation.clone(),
        Kind::MovedBySqs { .. } => "SQS moved it after its queue's last delivery; the function could neither finish it nor say why \
                             here, so look for its message id in the function's log"
            .to_owned(),
        Kind::EventBridge { code } => {
            let message = letter.text("ERROR_MESSAGE");
            format!("EventBridge could not deliver it to its target: {code}: {message}")
        }
        Kind::Scheduler { code, .. } => {
            format!("EventBridge Scheduler could not send it to the source queue when it was due: {code}")
        }
        Kind::OnFailure { condition, .. } => {
            format!("Lambda gave the invocation up: {condition}; the function's log says why")
        }
    }
}

fn next(letter: &Letter, refused: bool) -> String {
    let id: String = letter.id.chars().take(8).collect();
    let replay = format!("provisionctl dlq replay {id}");
    let replay = match &letter.kind {
        Kind::Ours { .. }
        | Kind::OnFailure { .. }
        | Kind::Scheduler { .. }
        | Kind::MovedBySqs { queue_arn: Some(_) } => replay,
        Kind::MovedBySqs { queue_arn: None } | Kind::EventBridge { .. } => {
            format!("{replay} --to QUEUE_URL")
        }
    };
    if !refused {
        return format!("{replay} --dry-run, then without --dry-run");
    }
    let reason = letter.reason();
    // What was given up has its cause behind it.
    let cause = reason.trim_start_matches("attempts_exhausted:");
    let cause = cause.trim_start_matches("same_refusal:");
    match cause.split(':').next().unwrap_or_default() {
        cause if cause.starts_with("secret_") => {
            format!(
                "correct the secret, or [password] in provisioner.toml; then {replay} --dry-run"
            )
        }
        "no_assignment" | "unknown_profile" | "username_not_derivable" | "username_invalid" => {
            format!("fix provisioner.toml and deploy it; then {replay} --dry-run")
        }
        "username_taken" | "username_exists_unmanaged" | "conflicting_replay" => {
            format!("settle it in Connect; then {replay} --dry-run")
        }
        "missing_field" | "invalid_field" => format!(
            "have the event sent again without the fault, or correct it: {replay} --set PATH=VALUE --dry-run"
        ),
        _ => format!(
            "have the event sent again without the fault; then provisionctl dlq drop {id} --why \"...\""
        ),
    }
}
