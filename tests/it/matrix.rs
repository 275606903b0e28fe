//! The fault matrix: every case a row, with its oracle, against the function's own binary.
//!
//! `MATRIX=41,51` runs some rows only.

mod attributes;
mod clocks;
mod cut;
mod delivery;
pub(crate) mod duplicates;
mod groups;
pub(crate) mod identity;
mod input;
mod large;
mod no_password;
mod people;
mod secrets;
pub(crate) mod services;

use std::future::Future;
use std::io::Write;
use std::pin::Pin;

use futures_util::{StreamExt, stream};

/// One case of the matrix.
pub(crate) struct Row {
    number: u32,
    case: &'static str,
    truth: Truth,
    /// It ends without a panic where the case is survived.
    play: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// What says how AWS behaves in a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    /// Nothing of AWS is in question but documented shapes.
    Documented,
    /// The stand-in.
    Simulated,
}

/// A row whose truth needs no simulator.
fn row(number: u32, case: &'static str, play: impl Future<Output = ()> + Send + 'static) -> Row {
    Row {
        number,
        case,
        truth: Truth::Documented,
        play: Box::pin(play),
    }
}

/// A row whose truth is the stand-in's.
fn simulated(
    number: u32,
    case: &'static str,
    play: impl Future<Output = ()> + Send + 'static,
) -> Row {
    Row {
        number,
        case,
        truth: Truth::Simulated,
        play: Box::pin(play),
    }
}

/// How many rows there are; their numbers are those of the list of faults, which has gaps.
const CASES: usize = 74;
// Most rows wait for time-outs of the function, not for the processor.
const AT_ONCE: usize = 6;

// On more than one thread: while one row's logs are searched, for up to two seconds, the stand-ins of the others must answer, or
// a dead letter times out and is sent twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_of_the_fault_matrix_is_survived() {
    let mut rows = input::rows();
    rows.extend(people::rows());
    rows.extend(duplicates::rows());
    rows.extend(services::rows());
    rows.extend(secrets::rows());
    rows.extend(delivery::rows());
    rows.extend(large::rows());
    rows.extend(cut::rows());
    rows.extend(groups::rows());
    rows.extend(identity::rows());
    rows.extend(no_password::rows());
    rows.extend(clocks::rows());
    rows.extend(attributes::rows());
    let mut numbers: Vec<u32> = rows.iter().map(|row| row.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), rows.len(), "two rows have one number");
    assert_eq!(rows.len(), CASES, "a row was added or lost");

    let wanted: Option<Vec<u32>> = std::env::var("MATRIX").ok().map(|rows| {
        rows.split(',')
            .map(|row| row.parse().expect("a row's number"))
            .collect()
    });
    rows.retain(|row| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&row.number))
    });
    let mut ends: Vec<End> = stream::iter(rows)
        .map(played)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    ends.sort_by_key(|end| end.number);
    report(&ends);
    let failed: Vec<u32> = ends
        .iter()
        .filter(|end| end.survived.is_none())
        .map(|end| end.number)
        .collect();
    assert!(failed.is_empty(), "not survived: {failed:?}");
}

struct End {
    number: u32,
    line: String,
    survived: Option<Truth>,
}

async fn played(
    Row {
        number,
        case,
        truth,
        play,
    }: Row,
) -> End {
    // A task of its own, so that a panic is this row's alone.
    let survived = tokio::spawn(play).await.is_ok();
    let word = if survived { "survived " } else { "FAILED   " };
    End {
        number,
        line: format!("{number:>2} {word}  {case}"),
        survived: survived.then_some(truth),
    }
}

fn report(ends: &[End]) {
    // Written past the test harness, which would keep it to itself where all is well.
    let mut out = std::io::stdout();
    for end in ends {
        writeln!(out, "{}", end.line).expect("written");
    }
    let survived = ends.iter().filter(|end| end.survived.is_some()).count();
    let simulated = ends
        .iter()
        .filter(|end| end.survived == Some(Truth::Simulated))
        .count();
    let count = format!("faults survived: {survived} of {CASES} (simulated truth: {simulated})");
    writeln!(out, "{count}").expect("written");
}
