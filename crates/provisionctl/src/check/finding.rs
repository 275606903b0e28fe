//! Findings of a look into the account -> green and red lines, or an object a line.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::ending::CannotRun;
use crate::terminal::{print_line, print_words};

/// Grade of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    /// Something could not be seen.
    Note,
    /// It works, and will hurt some day.
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) state: State,
    about: String,
    says: String,
}

/// Everything that was looked at, in its order.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, about: &str, says: impl Into<String>) {
        self.add(State::Ok, about, says);
    }

    pub(super) fn note(&mut self, about: &str, says: impl Into<String>) {
        self.add(State::Note, about, says);
    }

    pub(super) fn warn(&mut self, about: &str, says: impl Into<String>) {
        self.add(State::Warn, about, says);
    }

    pub(super) fn fail(&mut self, about: &str, says: impl Into<String>) {
        self.add(State::Fail, about, says);
    }

    fn add(&mut self, state: State, about: &str, says: impl Into<String>) {
        self.0.push(Finding {
            state,
            about: about.to_owned(),
            says: says.into(),
        });
    }

    pub(super) fn count(&self, state: State) -> usize {
        self.0
            .iter()
            .filter(|finding| finding.state == state)
            .count()
    }

    /// A line each, and a last one that counts them.
    pub(super) fn print(&self) -> Result<(), CannotRun> {
        for finding in &self.0 {
            let (colour, word) = match finding.state {
                State::Ok => (AnsiColor::Green, "ok  "),
                State::Note => (AnsiColor::Cyan, "note"),
                State::Warn => (AnsiColor::Yellow, "warn"),
                State::Fail => (AnsiColor::Red, "FAIL"),
            };
            let style = Style::new().fg_color(Some(colour.into())).bold();
            print_words(
                style,
                word,
                &format!("  {}: {}", finding.about, finding.says),
            )?;
        }
        print_line(format_args!(
            "{} ok, {} warnings, {} failures",
            self.count(State::Ok),
            self.count(State::Warn),
            self.count(State::Fail)
        ))
    }

    /// An object a line.
    pub(super) fn print_json(&self) -> Result<(), CannotRun> {
        self.0.iter().try_for_each(|finding| {
            print_line(serde_json::to_string(finding).map_err(CannotRun::because)?)
        })
    }
}
