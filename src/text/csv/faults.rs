//! What is wrong with a file, with the place.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFault {
    /// Counted from 1, the header's included; in a quoted cell line breaks count too.
    pub line: usize,
    /// The column's name, when one cell is meant.
    pub column: Option<String>,
    pub reason: String,
}

impl CsvFault {
    /// Something wrong with a whole line.
    pub fn at(line: usize, reason: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for CsvFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

/// Everything that is wrong, the first thousand in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct CsvFaults {
    list: Vec<CsvFault>,
    more: usize,
}

impl CsvFaults {
    /// Nobody reads more, and a file of nothing but faults must not cost its size many times over.
    pub const LISTED: usize = 1000;

    pub fn push(&mut self, fault: CsvFault) {
        if self.list.len() < Self::LISTED {
            self.list.push(fault);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn and(mut self, fault: CsvFault) -> Self {
        self.push(fault);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first thousand, in the order in which they were found.
    pub fn list(&self) -> &[CsvFault] {
        &self.list
    }

    /// How many there are beyond the list.
    pub fn more(&self) -> usize {
        self.more
    }
}

/// One on a line, and "and n more" at the end.
impl fmt::Display for CsvFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.list.iter().enumerate() {
            let break_before = if i == 0 { "" } else { "\n" };
            write!(f, "{break_before}{fault}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}
