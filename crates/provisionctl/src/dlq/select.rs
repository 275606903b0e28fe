//! Ids and filters on the command line -> whether a dead letter matches them.

use std::time::SystemTime;

use clap::Args;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::dead_letter::DeadLetter;
use crate::ending::CannotRun;

/// Options that select dead letters of the queue.
#[derive(Args, Default)]
pub(super) struct Filters {
    /// Select people who failed for this reason: a code, or its part before the colon; may be repeated.
    #[arg(long, value_name = "CODE")]
    reason: Vec<String>,
    /// Select messages from this queue, rule target or function.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Select failures since a time (RFC 3339), or since a span ago, such as 2h.
    #[arg(long, value_name = "WHEN", value_parser = time_or_span_ago)]
    since: Option<OffsetDateTime>,
    /// Select failures before a time (RFC 3339), or before a span ago, such as 2h.
    #[arg(long, value_name = "WHEN", value_parser = time_or_span_ago)]
    until: Option<OffsetDateTime>,
    /// Select messages about the person with this key, such as employee:E104233, or hashed as in the log.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

fn time_or_span_ago(text: &str) -> Result<OffsetDateTime, String> {
    if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(time);
    }
    let ago = humantime::parse_duration(text)
        .map_err(|_| "give a time such as 2026-11-20T09:00:00Z, or a span such as 2h or 3d")?;
    Ok(OffsetDateTime::from(SystemTime::now() - ago))
}

impl Filters {
    /// Returns whether any filter is given.
    pub(super) fn is_any_set(&self) -> bool {
        !self.reason.is_empty()
            || self.source.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.key.is_some()
    }

    /// Returns whether a dead letter passes every filter.
    pub(super) fn pass(&self, dead_letter: &DeadLetter) -> bool {
        self.passes_reason(dead_letter)
            && self
                .source
                .as_ref()
                .is_none_or(|source| *source == dead_letter.source())
            && self
                .since
                .is_none_or(|since| dead_letter.failed_at() >= since)
            && self
                .until
                .is_none_or(|until| dead_letter.failed_at() < until)
            && self
                .key
                .as_ref()
                .is_none_or(|key| dead_letter.is_about(key))
    }

    fn passes_reason(&self, dead_letter: &DeadLetter) -> bool {
        let wanted = |reason: &str| {
            let family = reason.split(':').next().unwrap_or_default();
            self.reason
                .iter()
                .any(|code| *code == reason || code == family)
        };
        let mut failures = dead_letter.failures().into_iter();
        self.reason.is_empty()
            || wanted(&dead_letter.reason())
            || failures.any(|listed| wanted(&listed.reason))
    }
}

/// Returns whether a dead letter matches one of the ids and every filter; an empty list of ids matches all.
pub(super) fn matches(dead_letter: &DeadLetter, ids: &[String], filters: &Filters) -> bool {
    let begins = |id: &String| dead_letter.id.starts_with(id.as_str());
    (ids.is_empty() || ids.iter().any(begins)) && filters.pass(dead_letter)
}

/// Checks that each id is the beginning of the id of exactly one dead letter.
///
/// # Errors
/// Returns an error for an empty id, or one that matches no dead letter or several.
pub(super) fn check_ids(ids: &[String], dead_letters: &[DeadLetter]) -> Result<(), CannotRun> {
    for id in ids {
        // An unset variable in a script would otherwise select the only dead letter of a queue.
        if id.is_empty() {
            return Err(CannotRun(
                "an id is empty; see provisionctl dlq list".to_owned(),
            ));
        }
        let begins = |dead_letter: &&DeadLetter| dead_letter.id.starts_with(id.as_str());
        let why = match dead_letters.iter().filter(begins).count() {
            1 => continue,
            0 => format!("no visible dead letter's id begins with {id}; see provisionctl dlq list"),
            n => format!("{n} dead letters' ids begin with {id}; give more of it"),
        };
        return Err(CannotRun(why));
    }
    Ok(())
}

/// Returns the number of characters that make all ids distinct, at least 8.
pub(super) fn short_id_length(dead_letters: &[DeadLetter]) -> usize {
    let mut ids: Vec<&str> = dead_letters
        .iter()
        .map(|dead_letter| dead_letter.id.as_str())
        .collect();
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
