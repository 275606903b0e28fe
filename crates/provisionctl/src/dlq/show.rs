//! One dead letter -> its reason, its event, the result of a replay now, and the next command.

use std::collections::BTreeMap;

use clap::Args;
use connect_provisioner::aws::Clients;
use connect_provisioner::failure::{Family, Remedy};
use connect_provisioner::invocation::dead_letter::Listed;
use serde_json::{Map, Value};

use super::amend::AMENDED;
use super::dead_letter::DeadLetter;
use super::list::{age, person};
use super::masked::{masked, revealed};
use super::origin::DeadLetterOrigin;
use super::queue::DeadLetterQueue;
use super::queue_options::QueueOptions;
use super::select::Filters;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::preview::Previews;
use crate::terminal::print_line;

/// `provisionctl dlq show`.
#[derive(Args)]
pub(super) struct Show {
    /// The message id, or a unique beginning of it.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    queue: QueueOptions,
    /// Show personal data unmasked.
    #[arg(long)]
    reveal: bool,
    /// Plan against the live instance; by default with the configuration only.
    #[arg(long)]
    live: bool,
}

pub(super) async fn run(command: Show, connection: &Connection) -> Result<Ending, CannotRun> {
    let clients = Clients::new(&connection.config().await);
    let queue = DeadLetterQueue::new(&command.queue, clients.sqs.clone()).await?;
    let ids = std::slice::from_ref(&command.id);
    let dead_letters = queue.peek(ids, &Filters::default()).await?.dead_letters;
    let previews = if command.live {
        Previews::live(&command.queue.config, &clients)?
    } else {
        Previews::offline(&command.queue.config).await?
    };
    for dead_letter in &dead_letters {
        print(dead_letter, &previews, &command).await?;
    }
    Ok(Ending::AllDone)
}

async fn print(
    dead_letter: &DeadLetter,
    previews: &Previews,
    command: &Show,
) -> Result<(), CannotRun> {
    print_line(format_args!(
        "{}  {}",
        dead_letter.reason(),
        person(dead_letter)
    ))?;
    print_line(explanation(dead_letter))?;
    print_line("")?;
    print_line(format_args!("message    {}", dead_letter.id))?;
    print_line(format_args!("from       {}", dead_letter.source()))?;
    print_line(format_args!(
        "failed     {} ago, tries {}, replays {}",
        age(dead_letter.failed_at()),
        dead_letter.attempts(),
        dead_letter.replays()
    ))?;
    if let DeadLetterOrigin::Function { details, .. } = &dead_letter.origin {
        print_places(dead_letter)?;
        print_line(format_args!(
            "request    {} (in the function's log)",
            details.request_id
        ))?;
        let calls = details.failures.iter();
        for id in calls.filter_map(|listed| listed.aws_request_id.as_deref()) {
            print_line(format_args!(
                "AWS call   {id} (for CloudTrail and AWS Support)"
            ))?;
        }
    }
    let amended: Map<String, Value> =
        serde_json::from_str(&dead_letter.text(AMENDED)).unwrap_or_default();
    for path in amended.keys() {
        print_line(format_args!("corrected  {path}"))?;
    }
    print_line("")?;
    let event = dead_letter.event();
    let shown = if command.reveal {
        revealed(&event)
    } else {
        masked(&event)
    };
    print_line(shown)?;
    print_line("")?;
    let mut refused = false;
    let mut people: BTreeMap<String, usize> = BTreeMap::new();
    for preview in previews.for_message(&dead_letter.message()).await {
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
    print_line(format_args!(
        "next       {}",
        next_step(dead_letter, refused)
    ))
}

// Prints the places of the people who failed, reason by reason.
fn print_places(dead_letter: &DeadLetter) -> Result<(), CannotRun> {
    let failures = dead_letter.failures();
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

fn explanation(dead_letter: &DeadLetter) -> String {
    match &dead_letter.origin {
        DeadLetterOrigin::Function { explanation, .. } => explanation.clone(),
        DeadLetterOrigin::Redrive { .. } => "SQS moved it after the source queue's last delivery; the function could neither finish it nor record a \
                              reason, so search the function's log for the message id"
            .to_owned(),
        DeadLetterOrigin::EventBridge { code } => {
            let message = dead_letter.text("ERROR_MESSAGE");
            format!("EventBridge could not deliver it to its target: {code}: {message}")
        }
        DeadLetterOrigin::Scheduler { code, .. } => {
            format!("EventBridge Scheduler could not send it to the source queue when it was due: {code}")
        }
        DeadLetterOrigin::OnFailure { condition, .. } => {
            format!("Lambda ended its retries of the invocation: {condition}; see the function's log for the cause")
        }
    }
}

fn next_step(dead_letter: &DeadLetter, refused: bool) -> String {
    let id: String = dead_letter.id.chars().take(8).collect();
    let replay = format!("provisionctl dlq replay {id}");
    let replay = match &dead_letter.origin {
        DeadLetterOrigin::Function { .. }
        | DeadLetterOrigin::OnFailure { .. }
        | DeadLetterOrigin::Scheduler { .. }
        | DeadLetterOrigin::Redrive { queue_arn: Some(_) } => replay,
        DeadLetterOrigin::Redrive { queue_arn: None } | DeadLetterOrigin::EventBridge { .. } => {
            format!("{replay} --to QUEUE_URL")
        }
    };
    if !refused {
        return format!("{replay} --dry-run, then without --dry-run");
    }
    let reason = dead_letter.reason();
    // These prefixes stand before the code of the cause.
    let cause = reason.trim_start_matches("attempts_exhausted:");
    let cause = cause.trim_start_matches("same_refusal:");
    match Family::from_code(cause).map(Family::remedy) {
        Some(Remedy::Secret) => {
            format!(
                "correct the secret, or [password] in provisioner.toml; then {replay} --dry-run"
            )
        }
        Some(Remedy::Configuration) => {
            format!("fix provisioner.toml and deploy it; then {replay} --dry-run")
        }
        Some(Remedy::Connect) => {
            format!("resolve the conflict in Connect; then {replay} --dry-run")
        }
        Some(Remedy::EventField) => format!(
            "have the event sent again without the fault, or correct it: {replay} --set PATH=VALUE --dry-run"
        ),
        Some(Remedy::Account | Remedy::Wait) => {
            format!("end the cause; then {replay} --dry-run")
        }
        Some(Remedy::EventAgain) | None => format!(
            "have the event sent again without the fault; then provisionctl dlq drop {id} --why \"...\""
        ),
    }
}
