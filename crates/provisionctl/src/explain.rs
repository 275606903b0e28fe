//! Event files -> the assignment of each person in them, with the fields that each condition compared.

use std::path::PathBuf;

use connect_provisioner::expressions::template::{Condition, field};
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::policy::Policy;
use connect_provisioner::policy::assignment::{Gives, Table};
use connect_provisioner::policy::plan::{seen_by_conditions, with_clean_names};
use connect_provisioner::source::Reading;
use minijinja::Value;

use crate::config_file::ConfigFile;
use crate::ending::{CannotRun, Ending};
use crate::events;
use crate::source::no_source;

/// `provisionctl explain`.
#[derive(clap::Args)]
pub(super) struct Explain {
    /// Event files, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) async fn run(command: &Explain) -> Result<Ending, CannotRun> {
    events::print_each(&command.paths, &command.config, describe).await
}

// Returns the lines about a person.
fn describe(policy: &Policy, parcel: &Parcel) -> Vec<String> {
    let Ok(Content::Delivery(delivery)) = &parcel.content else {
        return Vec::new();
    };
    match policy.sources.read(delivery) {
        Ok(Reading::Joiner(joiner)) => {
            let joiner = with_clean_names(*joiner);
            assignment_lines(policy, &seen_by_conditions(&joiner))
        }
        Ok(Reading::Request(_)) => {
            vec!["  a ready CreateUser request goes past the assignments".to_owned()]
        }
        Ok(Reading::NoJoin(_)) => Vec::new(),
        Err(_) if policy.sources.name_of(delivery).is_err() => no_source(policy, delivery),
        Err(_) => Vec::new(),
    }
}

// Lists every assignment up to the first that fits, and then every addition.
fn assignment_lines(policy: &Policy, person: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, assignment) in policy.assignments.iter().enumerate() {
        let then = assignment.then(person);
        let mut why = assignment.when.as_ref().map_or_else(
            || "fits everybody".to_owned(),
            |when| condition_text(when, person),
        );
        if let (Gives::ByRow(table), true) = (&assignment.gives, assignment.holds(person)) {
            why = format!("{why}; {}", row_text(table, person));
        }
        lines.push(line(then.is_some(), &assignment.name, &why));
        if then.is_some() {
            let rest = policy.assignments.len() - place - 1;
            if rest > 0 {
                lines.push(format!(
                    "  {rest} more not evaluated: the first that fits wins"
                ));
            }
            break;
        }
    }
    for addition in &policy.additions {
        let why = condition_text(&addition.when, person);
        lines.push(line(addition.when.holds(person), &addition.name, &why));
    }
    lines
}

fn line(fits: bool, name: &str, why: &str) -> String {
    let word = if fits { "fits" } else { "no" };
    format!("  {word:<5} {name:<20} {why}")
}

fn condition_text(when: &Condition, person: &Value) -> String {
    let fields = values(when.fields().iter(), person);
    format!("{}  where {fields}", when.source())
}

fn row_text(table: &Table, person: &Value) -> String {
    let fields = values(table.columns.iter(), person);
    let all = table.rows.len();
    match table.row(person) {
        Some(row) => format!("{} among {all} rows  where {fields}", row.place),
        None => format!("none of {all} rows  where {fields}"),
    }
}

fn values<'a>(names: impl Iterator<Item = &'a String>, person: &Value) -> String {
    let shown = |name: &String| match field(person, name) {
        Some(value) => format!("{name} = {value:?}"),
        None => format!("{name} is missing"),
    };
    names.map(shown).collect::<Vec<_>>().join(", ")
}
