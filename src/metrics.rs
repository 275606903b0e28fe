//! Reports -> `CloudWatch` metrics, as lines in the embedded metric format on standard output.

use std::time::Duration;

use metrique::emf::Emf;
use metrique::unit::Millisecond;
use metrique::unit_of_work::metrics;
use metrique::writer::sink::{DevNullSink, FlushImmediately};
use metrique::writer::{BoxEntrySink, FormatExt};

use crate::outcome::{End, Report};

/// The `CloudWatch` namespace.
pub const NAMESPACE: &str = "ConnectProvisioner";

/// Where metrics go.
pub struct Metrics(BoxEntrySink);

#[metrics(rename_all = "PascalCase")]
struct InvocationMetrics {
    created: u64,
    already_exists: u64,
    skipped: u64,
    dead_lettered: u64,
    retry: u64,
    systemic_stop: u64,
    left_out: u64,
    #[metrics(unit = Millisecond)]
    duration: Duration,
}

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [["Reason"]])]
struct FailureMetrics {
    reason: &'static str,
    failures: u64,
}

impl Metrics {
    /// To standard output, where Lambda's log driver picks them up.
    #[must_use]
    pub fn to_stdout() -> Self {
        let format = Emf::builder(NAMESPACE.to_owned(), vec![vec![]]).build();
        Self(FlushImmediately::new_boxed(
            format.output_to_makewriter(|| std::io::stdout().lock()),
        ))
    }

    /// Nowhere, for the command line.
    #[must_use]
    pub fn discarded() -> Self {
        Self(DevNullSink::boxed())
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
            created: count("created"),
            already_exists: count("already_exists"),
            skipped: count("skipped"),
            dead_lettered: count("dead_lettered"),
            retry: count("retry"),
            systemic_stop: u64::from(report.has_systemic_stop()),
            left_out: report
                .people
                .iter()
                .map(|person| person.left_out.len() as u64)
                .sum(),
            duration,
        };
        drop(invocation.append_on_drop(self.0.clone()));
        for reason in report
            .people
            .iter()
            .filter_map(|person| reason(&person.end))
        {
            drop(
                FailureMetrics {
                    reason,
                    failures: 1,
                }
                .append_on_drop(self.0.clone()),
            );
        }
    }
}

fn reason(end: &End) -> Option<&'static str> {
    end.failure().map(|failure| failure.reason().family())
}
