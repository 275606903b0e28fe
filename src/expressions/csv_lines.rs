//! Places in a CSV file -> the lines that a person counts in it, and sentences for what cannot be read.

use csv::{ErrorKind, Position};

/// Finds the lines of places that come in ascending order.
///
/// The reader's own count is one behind where lines end in CR LF, and names the blank line before a record.
pub struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Counts in the text that the reader reads.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            counted: 0,
            line: 1,
        }
    }

    /// Returns the line, from 1, on which the record at a position starts; 0 without a position.
    pub fn number_at(&mut self, position: Option<&Position>) -> u64 {
        let Some(position) = position else {
            return 0;
        };
        let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let from = from.min(self.text.len());
        let is_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let start = from + self.text[from..].iter().take_while(is_end).count();
        let ends = (self.counted..start).filter(|place| self.ends_line(*place));
        self.line += ends.count() as u64;
        self.counted = self.counted.max(start);
        self.line
    }

    fn ends_line(&self, place: usize) -> bool {
        match self.text[place] {
            b'\n' => true,
            b'\r' => self.text.get(place + 1) != Some(&b'\n'),
            _ => false,
        }
    }
}

/// Drops a byte order mark, as spreadsheets write it.
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Says why a record cannot be read; the reader's own text may quote it, and counts lines in its own way.
#[must_use]
pub fn unreadable(err: &csv::Error) -> String {
    match err.kind() {
        ErrorKind::Utf8 { .. } => "it is not UTF-8; save the file as \"CSV UTF-8\"".to_owned(),
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!(
                "it has {len} cells and the header {expected_len}; quote a cell with a comma in it"
            )
        }
        _ => "it cannot be read as CSV".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[u64]) {
        let mut lines = Lines::new(text.as_bytes());
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        reader.headers().expect("a header");
        let records = reader.records();
        let found: Vec<u64> = records
            .map(|record| match &record {
                Ok(record) => lines.number_at(record.position()),
                Err(err) => lines.number_at(err.position()),
            })
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn lines_are_those_of_the_file() {
        for end in ["\n", "\r\n", "\r"] {
            let check = |text: &str, expected: &[u64]| check(&text.replace('\n', end), expected);
            check("a,b\n1,2\n3,4\n", &[2, 3]);
            check("a,b\n1,2\n3,4", &[2, 3]);
            check("\na,b\n\n\n1,2\n\n3,4\n\n", &[5, 7]);
            check("a,b\n\"x\ny\",2\n3,4\n", &[2, 4]);
            check("a,b\n1\n\n3,4\n5,6,7\n8,9\n", &[2, 4, 5, 6]);
        }
        check("a,b\r\n1,2\n3,4\r\n5,6\n", &[2, 3, 4]);
        assert_eq!(Lines::new(b"a").number_at(None), 0);
    }
}
