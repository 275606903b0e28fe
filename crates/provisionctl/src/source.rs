//! Presets -> their texts; event files -> the source that reads each person in them, and the fields that it finds.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use connect_provisioner::failure::Failure;
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::policy::Policy;
use connect_provisioner::policy::config::presets;
use connect_provisioner::policy::plan::{Plan, plan};
use connect_provisioner::source::Reading;
use connect_provisioner::source::field::Field;
use serde_json::Value;

use crate::config_file::ConfigFile;
use crate::ending::{CannotRun, Ending};
use crate::events;
use crate::terminal::print_line;

/// `provisionctl source`.
#[derive(Subcommand)]
pub(super) enum SourceCommand {
    /// List the presets that `[[source]] preset = "NAME"` switches on.
    List,
    /// Print the text of a preset, to copy and change.
    Show(ShowPreset),
    /// Show the source that reads each person in event files, the value of each field, and the missing fields.
    Test(TestSource),
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

pub(super) fn run(command: SourceCommand) -> Result<Ending, CannotRun> {
    match command {
        SourceCommand::List => list(),
        SourceCommand::Show(command) => show(&command.name),
        SourceCommand::Test(command) => test(&command),
    }
}

fn list() -> Result<Ending, CannotRun> {
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

fn test(command: &TestSource) -> Result<Ending, CannotRun> {
    events::print_each(&command.paths, &command.config.load()?, |policy, parcel| {
        let mut lines = Vec::new();
        let refusal = describe(policy, parcel, &mut lines).err();
        (lines, refusal)
    })
}

fn describe(policy: &Policy, parcel: Parcel, lines: &mut Vec<String>) -> Result<(), Failure> {
    let line = |name: &str, text: &str| format!("  {name:<20} {text}");
    let delivery = match parcel.content? {
        Content::Delivery(delivery) => delivery,
        Content::NoJoin(why) => {
            lines.push(line("skipped", &why));
            return Ok(());
        }
    };
    lines.push(line("source", policy.sources.name_of(&delivery)?));
    let reading = policy.sources.read(&delivery)?;
    if let Reading::Joiner(joiner) = &reading {
        let fields = serde_json::to_value(joiner).unwrap_or_default();
        let shown = |(name, text): (&str, Option<String>)| {
            line(name, text.as_deref().unwrap_or("(missing)"))
        };
        lines.extend(texts(&fields).map(shown));
    }
    lines.push(match plan(reading, policy)? {
        Plan::User(user) => line(
            "username",
            user.input.username.as_deref().unwrap_or_default(),
        ),
        Plan::Skip(why) => line("skipped", &why),
    });
    Ok(())
}

// Returns every field of a joiner with its text; `department` and `job` are listed by their members.
fn texts(fields: &Value) -> impl Iterator<Item = (&'static str, Option<String>)> {
    Field::ALL.into_iter().map(Field::name).map(|name| {
        let found = fields.pointer(&format!("/{}", name.replace('.', "/")));
        (name, found.and_then(Value::as_str).map(str::to_owned))
    })
}
