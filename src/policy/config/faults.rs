//! The faults of a configuration, each with the line that it stands on.

use std::fmt;
use std::ops::Range;

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    line_starts: Vec<usize>,
    faults: Vec<Fault>,
}

/// One thing that is wrong, and its line where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: Option<usize>,
    pub text: String,
}

impl Faults {
    pub(super) fn new(text: &str) -> Self {
        let line_starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self {
            line_starts,
            faults: Vec::new(),
        }
    }

    pub(super) fn one(text: String) -> Self {
        Self {
            line_starts: Vec::new(),
            faults: vec![Fault { line: None, text }],
        }
    }

    pub(super) fn at(&mut self, span: Range<usize>, text: impl Into<String>) {
        let line = 1 + self
            .line_starts
            .partition_point(|start| *start <= span.start);
        self.faults.push(Fault {
            line: Some(line),
            text: text.into(),
        });
    }

    pub(super) fn whole(&mut self, text: impl Into<String>) {
        self.faults.push(Fault {
            line: None,
            text: text.into(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// In the order of their lines; what concerns the file as a whole comes last.
    pub(super) fn sorted(mut self) -> Self {
        self.faults
            .sort_by_key(|fault| fault.line.unwrap_or(usize::MAX));
        self
    }

    /// The faults.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// A line each.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.faults
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
