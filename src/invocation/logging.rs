//! Log events -> JSON lines that hold identifiers and never what people or services said.

use std::fmt;

use tracing::{Level, Metadata, error, info, warn};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::invocation::outcome::{End, PersonReport};
use crate::policy::PersonIds;
use crate::schedule;
use crate::source::person_key::{PersonKey, short_hash};

/// Starts logging to standard output, at the level that `RUST_LOG` gives and else at `info`.
///
/// The libraries below stop at `info` whatever `RUST_LOG` says: further down the runtime prints whole events and the
/// SDK whole requests. A panic is logged by its place alone, since its message may quote the data that it failed on.
pub fn to_stdout() {
    start(std::io::stdout);
}

/// Logs to standard error, for a program that answers on standard output.
pub fn to_stderr() {
    start(std::io::stderr);
}

fn start<W>(writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = std::env::var("RUST_LOG").ok();
    let level = level.and_then(|text| text.parse().ok());
    let level = level.unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(writer);
    let lines = lines
        .with_current_span(false)
        .with_span_list(false)
        .with_filter(filter_fn(is_printable));
    tracing_subscriber::registry()
        .with(level)
        .with(lines)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        error!(place, "a record panicked");
    }));
}

fn is_printable(metadata: &Metadata) -> bool {
    metadata.target().starts_with("connect_provisioner") || *metadata.level() <= Level::INFO
}

/// Logs where one person's join ended: one line, and nothing else of the person but the key, plain or hashed.
pub fn person(report: &PersonReport, request_id: &str, ids: PersonIds) {
    let PersonReport {
        message_id,
        item,
        key,
        dropped_fields,
        end,
        ..
    } = report;
    let key = ShownKey(key, ids);
    let message_id = message_id.as_deref().unwrap_or_default();
    let outcome = end.name();
    match end {
        End::Created { user_id } => {
            let dropped_fields = dropped_fields.join(", ");
            info!(event_key = %key, outcome, user_id, dropped_fields, message_id, item, request_id, "created the Connect user");
        }
        End::AlreadyExists { user_id } => {
            info!(event_key = %key, outcome, user_id, message_id, item, request_id, "the person has a Connect user already");
        }
        End::Adopted { user_id } => {
            info!(event_key = %key, outcome, user_id, message_id, item, request_id, "adopted a Connect user made by hand");
        }
        End::Skipped { why } => {
            info!(event_key = %key, outcome, why, message_id, item, request_id, "no user is wanted");
        }
        End::Scheduled { until } => {
            let until = schedule::moment(*until);
            info!(event_key = %key, outcome, until, message_id, item, request_id, "waits for the start date");
        }
        End::Split => {
            info!(event_key = %key, outcome, message_id, item, request_id, "waits in a part of the message");
        }
        End::DeadLettered(failure) => {
            let (reason, explanation) = (failure.reason().code(), failure.explanation());
            let aws_request_id = failure.aws_request_id();
            error!(event_key = %key, outcome, reason, explanation, aws_request_id, message_id, item, request_id, "sent to the dead-letter queue");
        }
        End::Retry(failure) => {
            let (reason, explanation) = (failure.reason().code(), failure.explanation());
            let aws_request_id = failure.aws_request_id();
            warn!(event_key = %key, outcome, reason, explanation, aws_request_id, message_id, item, request_id, "left for another try");
        }
    }
}

/// The key of a person as a log line shows it.
struct ShownKey<'a>(&'a PersonKey, PersonIds);

impl fmt::Display for ShownKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.1 {
            PersonIds::Plain => self.0.fmt(f),
            PersonIds::Hashed => f.write_str(&hashed(&self.0.to_string())),
        }
    }
}

/// Returns the hashed form of a key: `employee:E1` becomes `employee:#` and the first 16 hexadecimal digits of the SHA-256
/// of `E1`; a key that is hashed already stays as it is.
#[must_use]
pub fn hashed(key: &str) -> String {
    match key.split_once(':') {
        Some((kind, id)) if !id.starts_with('#') => {
            format!("{kind}:#{}", &short_hash(id.as_bytes())[..16])
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hashed_as_an_operator_would() {
        // printf %s E104233 | sha256sum | cut -c-16
        let expected = "employee:#7f2bd3c2d22719df";
        let key = PersonKey::Employee("E104233".into());
        assert_eq!(ShownKey(&key, PersonIds::Hashed).to_string(), expected);
        assert_eq!(
            ShownKey(&key, PersonIds::Plain).to_string(),
            "employee:E104233"
        );
        assert_eq!(hashed(expected), expected);
        // A key that is never shown plain has one hash either way.
        let name = PersonKey::Employee("zoe.brueckner2".into());
        assert_eq!(hashed("employee:zoe.brueckner2"), name.to_string());
    }
}
