//! Presets -> their texts; event files -> the source that reads each person in them, and the fields that it finds.

mod page;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use connect_provisioner::expressions::part::FalsePart;
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::policy::Policy;
use connect_provisioner::policy::config::presets;
use connect_provisioner::source::field::{EXTRA, Field};
use connect_provisioner::source::{Delivery, Reading, means_password};
use serde_json::Value;

use crate::config_file::ConfigFile;
use crate::ending::{CannotRun, Ending};
use crate::events;
use crate::terminal::print_line;

/// `provisionctl source`.
#[derive(Subcommand)]
pub(super) enum SourceCommand {
    /// List the presets that `[[source]] preset = "NAME"` switches on.
    List(ListPresets),
    /// Print the text of a preset, to copy and change.
    Show(ShowPreset),
    /// Show the source that reads each person in event files, the value of each field, and the missing fields.
    Test(TestSource),
}

#[derive(Args)]
pub(super) struct ListPresets {
    /// Print the documentation's page of all presets.
    #[arg(long)]
    markdown: bool,
}

#[derive(Args)]
pub(super) struct ShowPreset {
    /// The name of the preset.
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Args)]
pub(super) struct TestSource {
    /// Event files, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) async fn run(command: SourceCommand) -> Result<Ending, CannotRun> {
    match command {
        SourceCommand::List(command) => list(&command),
        SourceCommand::Show(command) => show(&command.name),
        SourceCommand::Test(command) => test(&command).await,
    }
}

fn list(command: &ListPresets) -> Result<Ending, CannotRun> {
    if command.markdown {
        print_line(page::page().trim_end())?;
        return Ok(Ending::AllDone);
    }
    for (name, text) in presets::all() {
        let about = text.lines().next().unwrap_or_default();
        print_line(format_args!(
            "{name:<12} {}",
            about.trim_start_matches("# ")
        ))?;
    }
    Ok(Ending::AllDone)
}

fn show(name: &str) -> Result<Ending, CannotRun> {
    let preset = presets::all().find(|(preset, _)| *preset == name);
    let (_, text) = preset.ok_or_else(|| {
        CannotRun(format!(
            "there is no preset {name}; see provisionctl source list"
        ))
    })?;
    print_line(text.trim_end())?;
    Ok(Ending::AllDone)
}

async fn test(command: &TestSource) -> Result<Ending, CannotRun> {
    events::print_each(&command.paths, &command.config, describe).await
}

fn describe(policy: &Policy, parcel: &Parcel) -> Vec<String> {
    let line = |name: &str, text: &str| format!("  {name:<20} {text}");
    let Ok(Content::Delivery(delivery)) = &parcel.content else {
        return Vec::new();
    };
    let mut lines = match policy.sources.name_of(delivery) {
        Ok(name) => vec![line("source", name)],
        Err(_) => return no_source(policy, delivery),
    };
    if let Ok(Reading::Joiner(joiner)) = policy.sources.read(delivery) {
        let fields = serde_json::to_value(&joiner).unwrap_or_default();
        let shown = |(name, text): (String, Option<String>)| {
            line(&name, text.as_deref().unwrap_or("(missing)"))
        };
        lines.extend(texts(&fields).map(shown));
        let faults = joiner.faults.iter();
        lines.extend(
            faults.map(|(name, fault)| line(name, &format!("(unusable) {}", fault.explanation()))),
        );
    }
    lines
}

/// Lists each source with the part of its condition that does not hold for an event, and what that part saw.
pub(super) fn no_source(policy: &Policy, delivery: &Delivery) -> Vec<String> {
    let each = policy.sources.why_none(delivery).into_iter();
    let told = each.map(|(name, part)| format!("  no    {name:<20} {}", without_passwords(part)));
    told.collect()
}

// A value is shown by the name of its member, so a password's is not.
fn without_passwords(mut part: FalsePart) -> FalsePart {
    for (name, value) in &mut part.seen {
        if means_password(name.rsplit('.').next().unwrap_or(name)) {
            *value = value.as_ref().map(|_| "(hidden)".to_owned());
        }
    }
    part
}

// Returns every field of a joiner with its text; `department` and `job` are listed by their members.
fn texts(fields: &Value) -> impl Iterator<Item = (String, Option<String>)> {
    let found = |path: &str| {
        fields
            .pointer(path)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let of_table = Field::ALL.into_iter().map(Field::name);
    let of_table = of_table.map(move |name| {
        (
            name.to_owned(),
            found(&format!("/{}", name.replace('.', "/"))),
        )
    });
    let extra = fields
        .get(EXTRA)
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let extra =
        extra.map(|(name, text)| (format!("{EXTRA}.{name}"), text.as_str().map(str::to_owned)));
    of_table.chain(extra)
}
