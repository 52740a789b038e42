//! The records of a CSV text, one at a time, by RFC 4180.
//!
//! Read by hand because the customary reader takes an unclosed quote for a cell that reaches to the
//! end of the file, which here is a fault with a place.

use std::borrow::Cow;

use super::CsvFault;

/// Walks a text record by record. After a fault it goes on behind it, so that all come to light.
#[derive(Clone, Debug)]
pub(super) struct Records<'t> {
    rest: &'t str,
    line: usize,
    delimiter: u8,
    /// Cells beyond this are counted and not kept.
    most_cells: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Record<'t> {
    pub line: usize,
    pub cells: Vec<Cell<'t>>,
    /// How many cells it has, of which `cells` may hold the first only.
    pub count: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Cell<'t> {
    pub text: Cow<'t, str>,
    pub line: usize,
}

impl Record<'_> {
    /// An empty line, or one of delimiters alone as spreadsheets leave behind their data.
    pub fn is_blank(&self) -> bool {
        self.cells.len() == self.count && self.cells.iter().all(|cell| cell.text.trim().is_empty())
    }
}

impl<'t> Records<'t> {
    pub fn new(text: &'t str, delimiter: u8, most_cells: usize) -> Self {
        Self {
            rest: text,
            line: 1,
            delimiter,
            most_cells,
        }
    }

    fn cell(&mut self, number: usize) -> Result<Cell<'t>, CsvFault> {
        let line = self.line;
        let text = match self.rest.strip_prefix('"') {
            Some(quoted) => self.quoted(quoted, number)?,
            None => {
                let end = self
                    .rest
                    .bytes()
                    .position(|byte| self.ends_cell(byte))
                    .unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(end);
                self.rest = rest;
                Cow::Borrowed(text)
            }
        };
        Ok(Cell { text, line })
    }

    /// `quoted` begins behind the opening quote.
    fn quoted(&mut self, quoted: &'t str, number: usize) -> Result<Cow<'t, str>, CsvFault> {
        let line = self.line;
        let Some(end) = closing_quote(quoted) else {
            self.rest = "";
            return Err(CsvFault::at(
                line,
                format!("the quote that opens cell {number} is never closed"),
            ));
        };
        let (text, behind) = (&quoted[..end], &quoted[end + 1..]);
        self.line += line_breaks(text);
        self.rest = behind;
        if behind.bytes().next().is_some_and(|byte| !self.ends_cell(byte)) {
            self.skip_line();
            return Err(CsvFault::at(
                line,
                format!("cell {number} goes on behind its closing quote"),
            ));
        }
        Ok(if text.contains('"') {
            Cow::Owned(text.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(text)
        })
    }

    fn ends_cell(&self, byte: u8) -> bool {
        byte == self.delimiter || matches!(byte, b'\r' | b'\n')
    }

    fn skip_line(&mut self) {
        let end = self
            .rest
            .bytes()
            .position(|byte| matches!(byte, b'\r' | b'\n'))
            .unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
        self.take_line_break();
    }

    fn take_line_break(&mut self) {
        let behind = self
            .rest
            .strip_prefix("\r\n")
            .or_else(|| self.rest.strip_prefix(['\r', '\n']));
        if let Some(rest) = behind {
            self.rest = rest;
            self.line += 1;
        }
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Result<Record<'t>, CsvFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut record = Record {
            line: self.line,
            cells: Vec::new(),
            count: 0,
        };
        loop {
            match self.cell(record.count + 1) {
                Ok(cell) if record.cells.len() < self.most_cells => record.cells.push(cell),
                Ok(_) => {}
                Err(fault) => return Some(Err(fault)),
            }
            record.count += 1;
            match self.rest.as_bytes().first() {
                Some(byte) if *byte == self.delimiter => self.rest = &self.rest[1..],
                _ => break self.take_line_break(),
            }
        }
        Some(Ok(record))
    }
}

/// Where the quote stands that is no half of a `""`.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == b'"')?;
        match bytes.get(at + 1) {
            Some(b'"') => at += 2,
            _ => return Some(at),
        }
    }
}

/// `\r\n` counts once, as [`Records::take_line_break`] has it.
fn line_breaks(text: &str) -> usize {
    let feeds = text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    feeds - text.matches("\r\n").count()
}
