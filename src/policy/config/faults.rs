//! The faults and doubts of a configuration, each with the line that it stands on.

use std::fmt;
use std::ops::Range;

use super::place;

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    file: String,
    found: Vec<Fault>,
    /// Doubts are looked for where somebody asks for them; the function itself does not.
    doubts: Option<Vec<Fault>>,
}

/// One thing that is wrong, and its line where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// Character in the line, from 1, where the fault is narrower than a section.
    pub column: Option<usize>,
    pub text: String,
}

impl Faults {
    /// Collects the faults of a configuration's text.
    pub(super) fn new(text: &str) -> Self {
        Self {
            file: text.to_owned(),
            ..Self::default()
        }
    }

    /// Collects the faults of a configuration's text, and what is doubtful in it.
    pub(super) fn with_doubts(text: &str) -> Self {
        Self {
            doubts: Some(Vec::new()),
            ..Self::new(text)
        }
    }

    pub(super) fn one(text: String) -> Self {
        let mut one = Self::default();
        one.whole(text);
        one
    }

    /// Adds a fault of the section or text at a place.
    pub(super) fn at(&mut self, span: Range<usize>, text: impl Into<String>) {
        let (line, _) = self.position(span.start);
        self.add(Some(line), None, text);
    }

    /// Adds a fault at one character of the file.
    pub(super) fn at_character(&mut self, place: usize, text: impl Into<String>) {
        let (line, column) = self.position(place);
        self.add(Some(line), Some(column), text);
    }

    /// Adds a fault within a text, so many bytes from the start of its value.
    pub(super) fn within(&mut self, span: &Range<usize>, offset: usize, text: impl Into<String>) {
        let place = place::in_file(&self.file, span, offset);
        self.at_character(place, text);
    }

    /// Adds a fault of the file as a whole.
    pub(super) fn whole(&mut self, text: impl Into<String>) {
        self.add(None, None, text);
    }

    /// Adds a doubt about the section or text at a place: it is allowed, and hardly meant.
    pub(super) fn doubt(&mut self, span: &Range<usize>, text: impl FnOnce() -> String) {
        let (line, _) = self.position(span.start);
        if let Some(doubts) = &mut self.doubts {
            doubts.push(Fault {
                line: Some(line),
                column: None,
                text: text(),
            });
        }
    }

    /// Adds a doubt about the file as a whole.
    pub(super) fn doubt_of_all(&mut self, text: impl FnOnce() -> String) {
        if let Some(doubts) = &mut self.doubts {
            doubts.push(Fault {
                line: None,
                column: None,
                text: text(),
            });
        }
    }

    /// Tells whether doubts are looked for.
    pub(super) fn looks_for_doubts(&self) -> bool {
        self.doubts.is_some()
    }

    /// Takes the doubts out, in the order of their lines.
    pub(super) fn take_doubts(&mut self) -> Vec<Fault> {
        let mut doubts = self.doubts.take().unwrap_or_default();
        doubts.sort_by_key(|doubt| doubt.line);
        doubts
    }

    fn add(&mut self, line: Option<usize>, column: Option<usize>, text: impl Into<String>) {
        self.found.push(Fault {
            line,
            column,
            text: text.into(),
        });
    }

    // Line and column of a byte, from 1.
    fn position(&self, place: usize) -> (usize, usize) {
        let before = self.file.get(..place).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default();
        (line, 1 + column.chars().count())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of their lines; what concerns the file as a whole comes last.
    pub(super) fn sorted(mut self) -> Self {
        self.found
            .sort_by_key(|fault| (fault.line.unwrap_or(usize::MAX), fault.column));
        self
    }

    /// The faults.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.found.iter()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: {}", self.text),
            (Some(line), None) => write!(f, "line {line}: {}", self.text),
            (None, _) => f.write_str(&self.text),
        }
    }
}

/// A line each.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.found
            .iter()
            .enumerate()
            .try_for_each(|(index, fault)| {
                if index > 0 {
                    f.write_str("\n")?;
                }
                fault.fmt(f)
            })
    }
}

impl std::error::Error for Faults {}
