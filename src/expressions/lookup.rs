//! A text -> what a table of the configuration has for it: its exact row, else the longest prefix, else the default.

use std::cmp::Reverse;

/// Cell of a table: it fits a text, a prefix (`CC-*`), or everything (`*` or nothing).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Exact(String),
    Prefix(String),
    Any,
}

impl Cell {
    /// The cell as a table writes it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        match text.strip_suffix('*') {
            None if text.is_empty() => Self::Any,
            None => Self::Exact(text.to_owned()),
            Some("") => Self::Any,
            Some(prefix) => Self::Prefix(prefix.to_owned()),
        }
    }

    /// Whether it fits a text, if there is one.
    #[must_use]
    pub fn fits(&self, text: Option<&str>) -> bool {
        match self {
            Self::Exact(exact) => text == Some(exact.as_str()),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::Any => true,
        }
    }

    /// Returns the rank among cells that fit one text: the least is the most exact.
    #[must_use]
    pub fn rank(&self) -> impl Ord + use<> {
        match self {
            Self::Exact(_) => (0, Reverse(0)),
            Self::Prefix(prefix) => (1, Reverse(prefix.len())),
            Self::Any => (2, Reverse(0)),
        }
    }
}

/// A table of texts, for the filter `lookup`.
#[derive(Debug, Default)]
pub struct Lookup(Vec<(Cell, String)>);

impl Lookup {
    /// A table of rows, each a cell and what it gives.
    pub fn new(rows: impl IntoIterator<Item = (Cell, String)>) -> Self {
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(cell, _)| cell.rank());
        Self(rows)
    }

    /// Returns the value of the most exact row that fits a text.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<&str> {
        let row = self.0.iter().find(|(cell, _)| cell.fits(Some(text)));
        row.map(|(_, gives)| gives.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_row_wins_wherever_it_stands() {
        let rows = [
            ("*", "rest"),
            ("CC-*", "care"),
            ("CC-UK*", "uk"),
            ("CC-UK", "leeds"),
        ];
        let table = Lookup::new(rows.map(|(cell, gives)| (Cell::parse(cell), gives.to_owned())));
        for (text, expected) in [
            ("CC-UK", "leeds"),
            ("CC-UK-2", "uk"),
            ("CC-US", "care"),
            ("FIN", "rest"),
        ] {
            assert_eq!(table.get(text), Some(expected), "{text}");
        }
        assert_eq!(Lookup::default().get("CC-UK"), None);
    }
}
