//! Ids and filters on the command line -> the letters that are meant.

use std::time::SystemTime;

use clap::Args;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::letter::Letter;
use crate::ending::CannotRun;

/// Which letters of the queue are meant.
#[derive(Args, Default)]
pub(super) struct Filters {
    /// Only letters with somebody who failed for this reason: a code, or its part before the colon; may be repeated.
    #[arg(long, value_name = "CODE")]
    reason: Vec<String>,
    /// Only letters from this queue, rule target or function.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only letters that failed since then: a time (RFC 3339), or so long ago, such as 2h.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<OffsetDateTime>,
    /// Only letters that failed before then.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<OffsetDateTime>,
    /// Only letters that list the person of this key, such as employee:E104233, or as a log line shows it.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

fn moment(text: &str) -> Result<OffsetDateTime, String> {
    if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(time);
    }
    let ago = humantime::parse_duration(text)
        .map_err(|_| "give a time such as 2026-11-20T09:00:00Z, or a span such as 2h or 3d")?;
    Ok(OffsetDateTime::from(SystemTime::now() - ago))
}

impl Filters {
    /// Whether any filter is given.
    pub(super) fn any(&self) -> bool {
        !self.reason.is_empty()
            || self.source.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.key.is_some()
    }

    /// Whether a letter passes every filter.
    pub(super) fn pass(&self, letter: &Letter) -> bool {
        self.passes_reason(letter)
            && self
                .source
                .as_ref()
                .is_none_or(|source| *source == letter.source())
            && self.since.is_none_or(|since| letter.failed_at() >= since)
            && self.until.is_none_or(|until| letter.failed_at() < until)
            && self.key.as_ref().is_none_or(|key| letter.is_about(key))
    }

    fn passes_reason(&self, letter: &Letter) -> bool {
        let wanted = |reason: &str| {
            let family = reason.split(':').next().unwrap_or_default();
            self.reason
                .iter()
                .any(|code| *code == reason || code == family)
        };
        let mut failures = letter.failures().into_iter();
        self.reason.is_empty()
            || wanted(&letter.reason())
            || failures.any(|listed| wanted(&listed.reason))
    }
}

/// Whether ids, none meaning any, and filters mean a letter.
pub(super) fn is_meant(letter: &Letter, ids: &[String], filters: &Filters) -> bool {
    let begins = |id: &String| letter.id.starts_with(id.as_str());
    (ids.is_empty() || ids.iter().any(begins)) && filters.pass(letter)
}

/// Checks that each id names one letter.
///
/// # Errors
/// One names none, or several.
pub(super) fn each_names_one(ids: &[String], letters: &[Letter]) -> Result<(), CannotRun> {
    for id in ids {
        // An unset variable of a script would otherwise mean whatever letter is there alone.
        if id.is_empty() {
            return Err(CannotRun(
                "an id is empty; see provisionctl dlq list".to_owned(),
            ));
        }
        let begins = |letter: &&Letter| letter.id.starts_with(id.as_str());
        let why = match letters.iter().filter(begins).count() {
            1 => continue,
            0 => format!("no visible letter's id begins with {id}; see provisionctl dlq list"),
            n => format!("{n} letters' ids begin with {id}; give more of it"),
        };
        return Err(CannotRun(why));
    }
    Ok(())
}

/// Number of characters of an id that tell all letters apart, at least 8.
pub(super) fn short_id_length(letters: &[Letter]) -> usize {
    let mut ids: Vec<&str> = letters.iter().map(|letter| letter.id.as_str()).collect();
    ids.sort_unstable();
    let common = |pair: &[&str]| {
        let same = pair[0]
            .chars()
            .zip(pair[1].chars())
            .take_while(|(a, b)| a == b);
        same.count() + 1
    };
    ids.windows(2).map(common).max().unwrap_or_default().max(8)
}
