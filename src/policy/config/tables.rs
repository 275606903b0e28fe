//! The tables of the configuration, CSV files beside it -> the rows of assignments, and the tables of `lookup`.

use std::collections::BTreeSet;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::file::{self, Row};
use crate::expressions::csv_lines::{self, Lines};
use crate::expressions::lookup::{Cell, Lookup};
use crate::policy::assignment::{HierarchyGroup, NameOrId};
use crate::source::field;

// The sign between two names in one cell, as in the CSV file that Connect's admin website takes.
const SEPARATOR: char = '|';

/// The rows of an assignment's table, each with its line. Columns that are a joiner's fields say which people a row fits; the others
/// are what it gives.
///
/// # Errors
/// The file cannot be read, or what is wrong with it.
pub(super) fn rows(file: &str, folder: Option<&Path>) -> Result<Vec<(u64, Row)>, String> {
    let (columns, records) = read(file, folder)?;
    let unknown = columns.iter().find(|column| !is_column(column));
    if let Some(column) = unknown {
        return Err(format!(
            "{file} has a column `{column}`; there are {}, skip, instance, routing_profile, security_profiles, \
             hierarchy_group (names separated by {SEPARATOR}) and tags.KEY, separated by commas",
            field::names()
        ));
    }
    let row = |(line, cells): (u64, StringRecord)| {
        let mut row = Row::default();
        columns
            .iter()
            .zip(&cells)
            .for_each(|(column, cell)| set(&mut row, column, cell));
        (line, row)
    };
    Ok(records.into_iter().map(row).collect())
}

fn is_column(name: &str) -> bool {
    matches!(
        name,
        "skip" | "instance" | "routing_profile" | "security_profiles" | "hierarchy_group"
    ) || name
        .strip_prefix("tags.")
        .is_some_and(|key| !key.is_empty())
        || field::is_field(name)
}

fn set(row: &mut Row, column: &str, cell: &str) {
    let names = || {
        let names = cell.split(SEPARATOR).map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned)
    };
    let text = || Some(cell.to_owned()).filter(|text| !text.is_empty());
    match column {
        "skip" => row.skip = text(),
        "instance" => row.instance = text(),
        "routing_profile" => row.routing_profile = text().map(NameOrId::Name),
        "security_profiles" => row.security_profiles = names().map(NameOrId::Name).collect(),
        "hierarchy_group" if !cell.is_empty() => {
            row.hierarchy_group = Some(HierarchyGroup::Path(names().collect()));
        }
        "hierarchy_group" => (),
        other => match other.strip_prefix("tags.") {
            Some(key) => row.tags.extend(text().map(|text| (key.to_owned(), text))),
            None => row.r#match.push((other.to_owned(), cell.to_owned())),
        },
    }
}

/// A table of texts: its rows, or a CSV file of two columns.
///
/// # Errors
/// The file cannot be read, or what is wrong with it.
pub(super) fn lookup(table: file::Lookup, folder: Option<&Path>) -> Result<Lookup, String> {
    let rows: Vec<(String, String)> = match table {
        file::Lookup::Rows(rows) => rows.into_iter().collect(),
        file::Lookup::File(file) => {
            let (columns, records) = read(&file, folder)?;
            if columns.len() != 2 {
                return Err(format!(
                    "{file} has {} columns; a lookup has two",
                    columns.len()
                ));
            }
            let pair = |(_, cells): (u64, StringRecord)| (cells[0].to_owned(), cells[1].to_owned());
            records.into_iter().map(pair).collect()
        }
    };
    let mut keys = BTreeSet::new();
    if let Some((twice, _)) = rows.iter().find(|(key, _)| !keys.insert(key)) {
        return Err(format!("there are two rows `{twice}`; leave one out"));
    }
    Ok(Lookup::new(
        rows.into_iter()
            .map(|(key, gives)| (Cell::parse(&key), gives)),
    ))
}

/// The names of the columns, and the records after them, each with its line.
type Csv = (StringRecord, Vec<(u64, StringRecord)>);

fn read(file: &str, folder: Option<&Path>) -> Result<Csv, String> {
    let folder = folder
        .ok_or_else(|| format!("{file} cannot be read here: only a file's tables can be files"))?;
    let bytes =
        std::fs::read(folder.join(file)).map_err(|err| format!("{file} cannot be read: {err}"))?;
    let text = csv_lines::without_mark(&bytes);
    let mut lines = Lines::new(text);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let unreadable = |err: &csv::Error, lines: &mut Lines| {
        let line = lines.number_at(err.position()).max(1);
        format!("{file} line {line}: {}", csv_lines::unreadable(err))
    };
    let header = reader.headers();
    let columns = header.map_err(|err| unreadable(&err, &mut lines))?.clone();
    let records = reader
        .records()
        .map(|record| {
            let record = record.map_err(|err| unreadable(&err, &mut lines))?;
            Ok((lines.number_at(record.position()), record))
        })
        .collect::<Result<_, String>>()?;
    Ok((columns, records))
}
