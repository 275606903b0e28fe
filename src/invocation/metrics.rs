//! Reports -> `CloudWatch` metrics, as lines in the embedded metric format on standard output.

use std::time::Duration;

use metrique::emf::Emf;
use metrique::unit::Millisecond;
use metrique::unit_of_work::metrics;
use metrique::writer::sink::{DevNullSink, FlushImmediately};
use metrique::writer::{BoxEntrySink, FormatExt};

use crate::invocation::outcome::{End, Report};

/// The `CloudWatch` namespace.
pub const NAMESPACE: &str = "ConnectProvisioner";

/// Where metrics go, and whose they are.
pub struct Metrics {
    sink: BoxEntrySink,
    function_name: String,
}

#[metrics(rename_all = "PascalCase")]
struct InvocationMetrics {
    function_name: String,
    created: u64,
    already_exists: u64,
    /// Absent where no user made by hand is adopted.
    adopted: Option<u64>,
    skipped: u64,
    /// Absent where nobody waits: each metric costs.
    scheduled: Option<u64>,
    /// Absent where no message is split.
    split: Option<u64>,
    dead_lettered: u64,
    retry: u64,
    systemic_stop: u64,
    dropped_fields: u64,
    #[metrics(unit = Millisecond)]
    duration: Duration,
}

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [["Reason"]])]
struct FailureMetrics {
    function_name: String,
    reason: &'static str,
    failures: u64,
}

impl Metrics {
    /// To standard output, where Lambda's log driver picks them up; a function's name keeps those of several
    /// deployments in one account apart.
    #[must_use]
    pub fn to_stdout(function_name: String) -> Self {
        let each_function = vec![vec!["FunctionName".to_owned()]];
        let format = Emf::builder(NAMESPACE.to_owned(), each_function).build();
        let sink =
            FlushImmediately::new_boxed(format.output_to_makewriter(|| std::io::stdout().lock()));
        Self {
            sink,
            function_name,
        }
    }

    /// Nowhere, for the command line.
    #[must_use]
    pub fn discarded() -> Self {
        Self {
            sink: DevNullSink::boxed(),
            function_name: String::new(),
        }
    }

    /// Records an invocation: a count for each outcome, and one for each reason.
    pub fn record(&self, report: &Report, duration: Duration) {
        let count = |name: &str| {
            report
                .people
                .iter()
                .filter(|person| person.end.name() == name)
                .count() as u64
        };
        let invocation = InvocationMetrics {
            function_name: self.function_name.clone(),
            created: count("created"),
            already_exists: count("already_exists"),
            adopted: Some(count("adopted")).filter(|count| *count > 0),
            skipped: count("skipped"),
            scheduled: Some(count("scheduled")).filter(|count| *count > 0),
            split: Some(count("split")).filter(|count| *count > 0),
            dead_lettered: count("dead_lettered"),
            retry: count("retry"),
            systemic_stop: u64::from(report.has_systemic_stop()),
            dropped_fields: report
                .people
                .iter()
                .map(|person| person.dropped_fields.len() as u64)
                .sum(),
            duration,
        };
        drop(invocation.append_on_drop(self.sink.clone()));
        for reason in report
            .people
            .iter()
            .filter_map(|person| reason(&person.end))
        {
            drop(
                FailureMetrics {
                    function_name: self.function_name.clone(),
                    reason,
                    failures: 1,
                }
                .append_on_drop(self.sink.clone()),
            );
        }
    }
}

fn reason(end: &End) -> Option<&'static str> {
    end.failure()
        .map(|failure| failure.reason().family().code())
}
