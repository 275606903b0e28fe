//! A CSV file in the format of Amazon Connect's admin website -> a connect.create-user/1 message for each row.
//!
//! Columns: Amazon Connect Administrator Guide, "Add users in bulk from a csv file", and the template there.

mod cells;
mod columns;
mod request;
mod settings;

use std::collections::HashMap;
use std::path::Path;

use cells::Cells;
use columns::{Column, columns};
use connect_provisioner::connect::Connect;
use connect_provisioner::expressions::csv_lines::{self, Lines, unreadable};
use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::fault::SendFault;
use crate::ending::CannotRun;

/// Row of a CSV file: its content, or the reason why it is not sent; no `Debug`, as it holds personal data.
pub(super) struct CsvRow<T> {
    /// Line of the file, from 1.
    pub(super) line: u64,
    pub(super) content: Result<T, SendFault>,
}

/// Reads the rows of a file, without blank ones.
///
/// # Errors
/// Returns an error if the file cannot be read, or if its header has unknown, repeated or missing columns.
pub(super) fn rows(path: &Path) -> Result<Vec<CsvRow<Cells>>, CannotRun> {
    let cannot = |why: String| CannotRun(format!("{}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|err| cannot(err.to_string()))?;
    let text = csv_lines::without_mark(&bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let mut lines = Lines::new(text);
    let header = reader.headers().map_err(|err| cannot(unreadable(&err)))?;
    let columns = columns(header, lines.number_at(header.position())).map_err(cannot)?;
    let mut rows = read_rows(&mut reader, lines, &columns);
    refuse_repeated_logins(&mut rows);
    Ok(rows)
}

fn read_rows(
    reader: &mut Reader<&[u8]>,
    mut lines: Lines,
    columns: &[Column],
) -> Vec<CsvRow<Cells>> {
    let records = reader
        .records()
        .filter(|record| !record.as_ref().is_ok_and(is_blank));
    let row = |record: csv::Result<StringRecord>| {
        let position = match &record {
            Ok(record) => record.position(),
            Err(err) => err.position(),
        };
        CsvRow {
            line: lines.number_at(position),
            content: match &record {
                Ok(record) => Cells::from_record(record, columns),
                Err(err) => Err(SendFault::for_row("unreadable_row", unreadable(err))),
            },
        }
    };
    records.map(row).collect()
}

// Spreadsheets may write blank rows below the last one.
fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(str::is_empty)
}

// Only one of the two users would be created, and the order would decide which one. Compares without regard to case, as it is
// not known whether Connect accepts two logins that differ only in case.
fn refuse_repeated_logins(rows: &mut [CsvRow<Cells>]) {
    let mut lines: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let Some(login) = row
            .content
            .as_ref()
            .ok()
            .and_then(|cells| cells.text(Column::UserLogin))
        else {
            continue;
        };
        let first = *lines.entry(login.to_lowercase()).or_insert(row.line);
        if first != row.line {
            let text = format!("the user login is used on line {first} too; remove one row");
            row.content = Err(SendFault::for_row("repeated_row", text));
        }
    }
}

/// Builds the message bodies of rows, with the names looked up in the live instance.
///
/// # Errors
/// Returns the failure of a list call.
pub(super) async fn bodies(
    rows: Vec<CsvRow<Cells>>,
    instance_id: &str,
    connect: &Connect,
) -> Result<Vec<CsvRow<String>>, CannotRun> {
    let directory = connect.directory().await;
    let directory = directory.map_err(|failure| CannotRun::because(failure.explanation()))?;
    let body = |row: CsvRow<Cells>| CsvRow {
        line: row.line,
        content: row
            .content
            .and_then(|cells| cells.body(instance_id, &directory)),
    };
    Ok(rows.into_iter().map(body).collect())
}
