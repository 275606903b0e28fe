//! A record of a CSV file -> its cells by column.

use std::collections::HashMap;

use csv::StringRecord;

use super::columns::Column;
use crate::send::fault::SendFault;

const PASSWORD: &str = "the password cell is not empty, and no queue may ever hold one; leave it empty: the function takes \
                        initial passwords from Secrets Manager, as [password] in provisioner.toml says";

/// Cells of a row by column; empty cells are left out.
pub(in crate::send) struct Cells(HashMap<Column, String>);

impl Cells {
    /// Reads the cells of a record, without the empty ones.
    ///
    /// # Errors
    /// Returns a fault if the password cell is not empty.
    pub(super) fn from_record(
        record: &StringRecord,
        columns: &[Column],
    ) -> Result<Self, SendFault> {
        let cells = columns.iter().copied().zip(record);
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let cells = Self(
            cells
                .map(|(column, cell)| (column, cell.to_owned()))
                .collect(),
        );
        match cells.text(Column::Password) {
            Some(_) => Err(SendFault::for_field("Password", PASSWORD)),
            None => Ok(cells),
        }
    }

    /// Returns the text of a cell; `None` if it is empty.
    pub(super) fn text(&self, column: Column) -> Option<&str> {
        self.0.get(&column).map(String::as_str)
    }

    /// Returns a copy of the text of a cell; `None` if it is empty.
    pub(super) fn owned(&self, column: Column) -> Option<String> {
        self.text(column).map(str::to_owned)
    }
}
