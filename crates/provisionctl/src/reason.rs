//! A reason code -> its meaning and the way out; and the page of all of them.

use std::fmt::Write;

use connect_provisioner::failure::{Family, FamilyClass};
use serde_json::json;

use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl reason`.
#[derive(clap::Args)]
pub(super) struct ReasonCommand {
    /// A code as `dlq list` and the logs show it, such as `missing_field:worker.email`; without it, all are listed.
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Print JSON objects, one for each code.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the documentation's page of all codes.
    #[arg(long, conflicts_with = "code")]
    markdown: bool,
}

/// One code and its explanation.
struct Entry {
    code: &'static str,
    class: &'static str,
    meaning: &'static str,
    action: &'static str,
}

/// Dead letters that AWS wrote, not the function: they carry no reason of ours.
const OF_AWS: [Entry; 4] = [
    Entry {
        code: "moved_by_sqs",
        class: "moved by AWS",
        meaning: "SQS moved the message by its redrive policy: something ended the function each time before it could answer",
        action: "look for time-outs and memory in the log of the function, then replay",
    },
    Entry {
        code: "eventbridge",
        class: "moved by AWS",
        meaning: "EventBridge could not deliver the event to its target; the detail is EventBridge's error code",
        action: "correct the rule's target or the queue's policy, then `dlq replay ID --to QUEUE_URL`",
    },
    Entry {
        code: "scheduler",
        class: "moved by AWS",
        meaning: "EventBridge Scheduler could not send a join that was due; the detail is Scheduler's error code",
        action: "correct the schedule's role or the queue's policy, then replay",
    },
    Entry {
        code: "on_failure",
        class: "moved by AWS",
        meaning: "Lambda gave up an asynchronous invocation; the detail is Lambda's condition",
        action: "look in the log of the function, then replay",
    },
];

pub(super) fn run(command: &ReasonCommand) -> Result<Ending, CannotRun> {
    if command.markdown {
        print_line(page().trim_end())?;
        return Ok(Ending::AllDone);
    }
    let Some(code) = &command.code else {
        for entry in all() {
            print_line(if command.json {
                json_of(entry.code, &entry)
            } else {
                line_of(&entry)
            })?;
        }
        return Ok(Ending::AllDone);
    };
    let entries = entries_of(code)?;
    for (code, entry) in &entries {
        print_line(if command.json {
            json_of(code, entry)
        } else {
            text_of(code, entry)
        })?;
    }
    Ok(Ending::AllDone)
}

// An exhausted or stopped failure has the code of its cause behind it.
fn entries_of(code: &str) -> Result<Vec<(&str, Entry)>, CannotRun> {
    let first = entry_of(code).ok_or_else(|| unknown(code))?;
    let detail = code.split_once(':').map(|(_, detail)| detail);
    let cause = detail.and_then(|detail| Some((detail, entry_of(detail)?)));
    Ok([(code, first)].into_iter().chain(cause).collect())
}

fn entry_of(code: &str) -> Option<Entry> {
    let family = code.split_once(':').map_or(code, |(family, _)| family);
    all().find(|entry| entry.code == family)
}

fn unknown(code: &str) -> CannotRun {
    let nearest = all().map(|entry| (strsim::jaro_winkler(code, entry.code), entry.code));
    let nearest = nearest.max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = nearest
        .filter(|(likeness, _)| *likeness > 0.8)
        .map_or_else(String::new, |(_, code)| format!(", did you mean {code}?"));
    CannotRun(format!(
        "no reason has the code {code:?}{hint}; `provisionctl reason` lists all"
    ))
}

fn all() -> impl Iterator<Item = Entry> {
    let ours = Family::ALL.iter().map(|family| Entry {
        code: family.code(),
        class: class_of(*family),
        meaning: family.meaning(),
        action: family.action(),
    });
    ours.chain(OF_AWS)
}

fn class_of(family: Family) -> &'static str {
    match family.class() {
        FamilyClass::Permanent => "permanent",
        FamilyClass::Transient => "transient",
        FamilyClass::Systemic => "systemic",
        FamilyClass::ByAwsCode => "transient or systemic",
        FamilyClass::BySecret => "systemic for the shared secret, otherwise permanent",
    }
}

fn line_of(entry: &Entry) -> String {
    format!("{:<27} {}", entry.code, without_links(entry.meaning))
}

fn text_of(code: &str, entry: &Entry) -> String {
    format!(
        "{code}\n  class    {}\n  meaning  {}\n  do       {}",
        entry.class,
        without_links(entry.meaning),
        without_links(entry.action)
    )
}

fn json_of(code: &str, entry: &Entry) -> String {
    json!({
        "code": code,
        "class": entry.class,
        "meaning": without_links(entry.meaning),
        "action": without_links(entry.action),
    })
    .to_string()
}

/// Returns a Markdown text as a terminal shows it: the words of its links, without their targets.
fn without_links(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let (lead, words) = before.rsplit_once('[').unwrap_or((before, ""));
        shown.extend([lead, words]);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    shown.push_str(rest);
    shown.replace('`', "")
}

const HEAD: &str = "\
# Reason codes

This page is generated: `provisionctl reason --markdown`. `provisionctl reason CODE` prints one entry.

The code is in the attribute `provisioner.reason` of a dead letter, in `provisionctl dlq list`, in the log line, and (the part
before the colon) in the metric's dimension `Reason`. A detail follows the colon: `missing_field:worker.email`.
[Operations](operations.md#what-happens-to-a-failure) tells what each class means.
";

const SECTIONS: [(&str, &str, &[FamilyClass]); 3] = [
    (
        "Permanent",
        "The message becomes a dead letter at once.",
        &[FamilyClass::Permanent],
    ),
    (
        "Secrets",
        "A fault of the secret that everybody shares is systemic. A fault of one person's own secret is permanent, and \
         `secret_missing` is transient then: HR's event may come before the secret.",
        &[FamilyClass::BySecret],
    ),
    (
        "Transient and systemic",
        "The message goes back to its queue. The code is in the log and the metric; a dead letter has it only as the detail of \
         `attempts_exhausted`. A systemic failure rings the alarm [SystemicStop](operations.md#systemicstop).",
        &[
            FamilyClass::ByAwsCode,
            FamilyClass::Transient,
            FamilyClass::Systemic,
        ],
    ),
];

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut add = |title: &str, about: &str, entries: &mut dyn Iterator<Item = Entry>| {
        let _infallible = write!(
            page,
            "\n## {title}\n\n{about}\n\n| code | class | meaning | what to do |\n|---|---|---|---|\n"
        );
        for entry in entries {
            let _infallible = writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                entry.code, entry.class, entry.meaning, entry.action
            );
        }
    };
    for (title, about, classes) in SECTIONS {
        let families = Family::ALL
            .iter()
            .filter(|family| classes.contains(&family.class()));
        let mut entries = families.filter_map(|family| entry_of(family.code()));
        add(title, about, &mut entries);
    }
    add(
        "Dead letters that AWS wrote",
        "They carry no reason of the function. `dlq show` plans their event again to find the cause.",
        &mut OF_AWS.into_iter(),
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_behind_a_code_is_explained_too() {
        let codes = |code| -> Vec<&str> {
            let entries = entries_of(code).expect("known");
            entries.iter().map(|(code, _)| *code).collect()
        };
        assert_eq!(
            codes("missing_field:worker.email"),
            ["missing_field:worker.email"]
        );
        assert_eq!(
            codes("stopped:secret_missing"),
            ["stopped:secret_missing", "secret_missing"]
        );
        let refusal = entries_of("no_asignment").err().expect("unknown");
        assert!(
            refusal.to_string().contains("did you mean no_assignment?"),
            "{refusal}"
        );
    }

    #[test]
    fn links_are_their_words_on_a_terminal() {
        assert_eq!(
            without_links("send [Events](events.md), or a [source](sources.md) of `x`"),
            "send Events, or a source of x"
        );
    }
}
