//! Findings about an account -> coloured lines and their counts, or one JSON object a line.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::ending::CannotRun;
use crate::terminal::{print_line, print_words};

/// Grade of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As the configuration needs it.
    Ok,
    /// Not checked.
    Note,
    /// Works now, but may fail later.
    Warn,
    /// Does not work.
    Fail,
}

/// Result of one rule: its grade, the resource that it is about, and a sentence.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) state: State,
    about: String,
    says: String,
}

impl Finding {
    /// Builds a finding with the state `Ok`.
    pub(super) fn ok(about: &str, says: impl Into<String>) -> Self {
        Self::new(State::Ok, about, says)
    }

    /// Builds a finding with the state `Note`.
    pub(super) fn note(about: &str, says: impl Into<String>) -> Self {
        Self::new(State::Note, about, says)
    }

    /// Builds a finding with the state `Warn`.
    pub(super) fn warn(about: &str, says: impl Into<String>) -> Self {
        Self::new(State::Warn, about, says)
    }

    /// Builds a finding with the state `Fail`.
    pub(super) fn fail(about: &str, says: impl Into<String>) -> Self {
        Self::new(State::Fail, about, says)
    }

    fn new(state: State, about: &str, says: impl Into<String>) -> Self {
        Self {
            state,
            about: about.to_owned(),
            says: says.into(),
        }
    }
}

/// Counts the findings with a state.
pub(super) fn count(findings: &[Finding], state: State) -> usize {
    let with_state = findings.iter().filter(|finding| finding.state == state);
    with_state.count()
}

/// Prints a line for each finding, and a last one with the counts.
///
/// # Errors
/// Returns an error if standard output cannot be written.
pub(super) fn print(findings: &[Finding]) -> Result<(), CannotRun> {
    for finding in findings {
        let (colour, word) = match finding.state {
            State::Ok => (AnsiColor::Green, "ok  "),
            State::Note => (AnsiColor::Cyan, "note"),
            State::Warn => (AnsiColor::Yellow, "warn"),
            State::Fail => (AnsiColor::Red, "FAIL"),
        };
        let style = Style::new().fg_color(Some(colour.into())).bold();
        let rest = format!("  {}: {}", finding.about, finding.says);
        print_words(style, word, &rest)?;
    }
    print_line(format_args!(
        "{} ok, {} warnings, {} failures",
        count(findings, State::Ok),
        count(findings, State::Warn),
        count(findings, State::Fail)
    ))
}

/// Prints a JSON object for each finding, one a line.
///
/// # Errors
/// Returns an error if standard output cannot be written.
pub(super) fn print_json(findings: &[Finding]) -> Result<(), CannotRun> {
    findings.iter().try_for_each(|finding| {
        print_line(serde_json::to_string(finding).map_err(CannotRun::because)?)
    })
}
