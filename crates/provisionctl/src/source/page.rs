//! The presets -> the documentation's page of them: the introduction of each, and the outcome of its sources.

use std::fmt::Write;

use connect_provisioner::policy::Policy;
use connect_provisioner::policy::config::{self, presets};
use connect_provisioner::source::field::Field;
use connect_provisioner::source::{Configured, Reads};

const HEAD: &str = "\
# Presets

This page is generated: `provisionctl source list --markdown`. `provisionctl source show NAME` prints the text of a preset, and
[sources](sources.md) tells how to change one.

Each preset is right for the fields that it names, in the shape that it names. No event of these systems was seen in production:
run `provisionctl source test FILE` with a captured event before you rely on a preset. Every event of the system that is not a
hire is a recorded skip with the type of the event.
";

/// Returns the page.
pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    for (name, text) in presets::all() {
        // Writing to a text cannot fail.
        let _ = write!(page, "\n## {name}\n\n{}\n\n", introduction(text));
        page.push_str("| source | outcome |\n|---|---|\n");
        for source in policy(name).sources.iter() {
            let _ = writeln!(page, "| `{}` | {} |", source.name, outcome(source));
        }
    }
    page
}

// The comment at the head of the text, as one paragraph.
fn introduction(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.starts_with('#'));
    let lines: Vec<&str> = lines
        .map(|line| line.trim_start_matches(['#', ' ']))
        .collect();
    lines.join(" ")
}

fn policy(preset: &str) -> Policy {
    let rest = "[connect]\ninstance_id = \"11111111-2222-4333-8444-555555555555\"\nidentity_management = \"SAML\"\n\
                [user]\nusername = [\"{{ email }}\"]\n[[assignment]]\nname = \"none\"\nskip = \"no\"\n";
    config::parse(&format!("[[source]]\npreset = \"{preset}\"\n{rest}"))
        .unwrap_or_else(|faults| unreachable!("a preset has no fault: {faults}"))
}

fn outcome(source: &Configured) -> String {
    match &source.then {
        Reads::Skip {
            why,
            withdraws: true,
        } => format!("withdraws a join that waits: {why}"),
        Reads::Skip { why, .. } => format!("skip: {why}"),
        Reads::Reject(_) => {
            "dead letter `insufficient_data`: the event has ids and nothing else".to_owned()
        }
        Reads::People(people) => {
            let named = Field::ALL
                .into_iter()
                .filter(|field| people.fields.get(*field).is_some());
            let named: Vec<String> = named.map(|field| format!("`{}`", field.name())).collect();
            let mut outcome = format!("join with {}", named.join(", "));
            if let Some(skip) = &people.skip {
                let _ = write!(outcome, "; skip: {}", skip.why);
            }
            if people.reject.is_some() {
                outcome.push_str(
                    "; dead letter `insufficient_data` where the person has ids and nothing else",
                );
            }
            outcome
        }
    }
}
