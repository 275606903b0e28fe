//! The function's log group -> the outcomes logged since the last read.

use std::collections::HashSet;
use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::clock::time_of_day;
use crate::ending::CannotRun;
use crate::refused::refused;

/// Outcome of one person's join, from a line of the function's log.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outcome {
    /// Milliseconds since 1970, UTC.
    pub(super) timestamp: i64,
    #[serde(flatten)]
    pub(super) fields: OutcomeFields,
}

/// Fields of a log line that describe an outcome.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OutcomeFields {
    pub(super) outcome: String,
    pub(super) event_key: String,
    pub(super) reason: Option<String>,
}

/// Log group, read from ten minutes before the start.
pub(super) struct OutcomeLog {
    client: Client,
    group: String,
    since: i64,
    seen: HashSet<String>,
}

const FIRST_READ_BACK_MS: i64 = 10 * 60 * 1000;
// CloudWatch Logs may show a line after later ones.
const LATE_MS: i64 = 60 * 1000;
// Bounds one read; a screen shows fewer lines than these pages hold.
const MOST_PAGES: usize = 5;

impl OutcomeLog {
    /// Builds the log from the name of its group.
    pub(super) fn new(group: &str, config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
            group: group.to_owned(),
            since: now_ms() - FIRST_READ_BACK_MS,
            seen: HashSet::new(),
        }
    }

    /// Returns the outcomes that no earlier read returned.
    ///
    /// # Errors
    /// Returns the failure of a `FilterLogEvents` call.
    pub(super) async fn new_outcomes(&mut self) -> Result<Vec<Outcome>, CannotRun> {
        let mut token = None;
        let mut outcomes = Vec::new();
        for _ in 0..MOST_PAGES {
            let call = self
                .client
                .filter_log_events()
                .log_group_name(&self.group)
                .start_time(self.since)
                .filter_pattern("{ $.outcome = \"*\" }")
                .set_next_token(token);
            let page = call.send().await;
            let page = page.map_err(|err| refused("logs:FilterLogEvents", &err))?;
            let events = page.events.unwrap_or_default();
            outcomes.extend(events.into_iter().filter_map(|event| self.outcome(event)));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        self.since = self.since.max(now_ms() - LATE_MS);
        Ok(outcomes)
    }

    fn outcome(&mut self, event: FilteredLogEvent) -> Option<Outcome> {
        let fields = serde_json::from_str(event.message.as_deref()?).ok()?;
        let is_new = self.seen.insert(event.event_id?);
        is_new.then_some(Outcome {
            timestamp: event.timestamp?,
            fields,
        })
    }
}

fn now_ms() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp() * 1000
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let OutcomeFields {
            outcome,
            event_key,
            reason,
        } = &self.fields;
        let time = OffsetDateTime::from_unix_timestamp(self.timestamp / 1000);
        let time = time_of_day(time.unwrap_or(OffsetDateTime::UNIX_EPOCH));
        let reason = reason.as_deref().unwrap_or_default();
        write!(f, "{time}  {outcome:14}  {event_key}  {reason}")
    }
}
