//! CSV in: UTF-8 with or without BOM; comma, semicolon or tab, whichever the header line uses;
//! quotes as in RFC 4180. And the guard for cells going out.
//!
//! [`read`] looks through the whole file once and lists every fault of form with its place. What it
//! lets through is then walked row by row, nothing kept but the row in hand, so that a file of
//! millions of rows costs no memory beyond its bytes.

mod faults;
mod records;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use self::faults::{CsvFault, CsvFaults};
use self::records::{Record, Records};

/// How much a file may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Below the header; blank lines do not count.
    pub rows: usize,
    pub columns: usize,
    pub field_bytes: usize,
}

impl Limits {
    /// For what a browser sends: anybody may, so it is kept small.
    pub const UPLOAD: Self = Self {
        rows: 50_000,
        columns: 100,
        field_bytes: 10 * 1024,
    };
    /// For a file named on the command line.
    pub const FILE: Self = Self {
        rows: 20_000_000,
        columns: 500,
        field_bytes: 64 * 1024,
    };
}

/// A file that is sound in form: every row has as many cells as the header has names.
#[derive(Clone, Debug)]
pub struct Table<'t> {
    header: Vec<String>,
    body: Records<'t>,
}

/// A row below the header.
#[derive(Clone, Debug)]
pub struct Row<'t>(Record<'t>);

/// Reads `bytes` as CSV with a header, or says everything that is wrong with its form.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Table<'_>, CsvFaults> {
    let text = as_text(bytes)?;
    let mut faults = CsvFaults::default();
    let mut records = Records::new(text, delimiter(text), limits.columns);
    let header = loop {
        match records.next() {
            None => {
                break Err(CsvFault::at(
                    1,
                    "the file is empty: a header line with the columns' names is required",
                ));
            }
            Some(Ok(record)) if record.is_blank() => continue,
            Some(record) => break record,
        }
    };
    let header = header.and_then(|record| read_header(record, limits, &mut faults));
    let table = match header {
        Ok(header) => Table { header, body: records },
        Err(fault) => return Err(faults.and(fault)),
    };
    table.check(limits, &mut faults);
    if faults.is_empty() { Ok(table) } else { Err(faults) }
}

impl<'t> Table<'t> {
    /// The columns' names as they stand, blanks around them aside.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Which column has this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|header| header == name)
    }

    /// The rows below the header, blank ones left out.
    pub fn rows(&self) -> impl Iterator<Item = Row<'t>> + use<'t> {
        // `read` has been through the same records and let no fault pass.
        self.body.clone().flatten().filter(|record| !record.is_blank()).map(Row)
    }

    /// Something wrong with one cell, at its place.
    pub fn fault(&self, row: &Row, column: usize, reason: impl Into<String>) -> CsvFault {
        let name = self.header.get(column).cloned();
        CsvFault {
            line: row.line_of(column),
            column: name,
            reason: reason.into(),
        }
    }

    fn check(&self, limits: Limits, faults: &mut CsvFaults) {
        let records = self
            .body
            .clone()
            .filter(|record| !record.as_ref().is_ok_and(Record::is_blank));
        for (i, record) in records.enumerate() {
            if i == limits.rows {
                let line = record.map_or_else(|fault| fault.line, |record| record.line);
                let reason = format!("here begins row {}, but {i} rows are the most: split the file", i + 1);
                return faults.push(CsvFault::at(line, reason));
            }
            match record {
                Ok(record) => self.check_row(record, limits, faults),
                Err(fault) => faults.push(fault),
            }
        }
    }

    fn check_row(&self, record: Record<'_>, limits: Limits, faults: &mut CsvFaults) {
        let columns = self.header.len();
        if record.count != columns {
            let reason = format!("has {} cells, but the header names {columns} columns", record.count);
            return faults.push(CsvFault::at(record.line, reason));
        }
        let row = Row(record);
        for column in 0..columns {
            if row.0.cells[column].text.len() > limits.field_bytes {
                faults.push(self.fault(&row, column, format!("is longer than {} bytes", limits.field_bytes)));
            }
        }
    }
}

impl Row<'_> {
    /// The line in the file on which the row begins, counted from 1.
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The cell's text, blanks around it aside; empty for a column that is not there.
    pub fn cell(&self, column: usize) -> &str {
        self.0.cells.get(column).map_or("", |cell| cell.text.trim())
    }

    /// The line on which the cell begins: quoted cells may stretch over several.
    pub fn line_of(&self, column: usize) -> usize {
        self.0.cells.get(column).map_or(self.0.line, |cell| cell.line)
    }
}

fn read_header(record: Record<'_>, limits: Limits, faults: &mut CsvFaults) -> Result<Vec<String>, CsvFault> {
    if record.count > limits.columns {
        let reason = format!(
            "the header names {} columns, but {} are the most",
            record.count, limits.columns
        );
        return Err(CsvFault::at(record.line, reason));
    }
    let mut known = BTreeSet::new();
    for (i, cell) in record.cells.iter().enumerate() {
        let name = cell.text.trim();
        let reason = match name {
            "" => format!("column {} has no name in the header", i + 1),
            _ if name.len() > limits.field_bytes => format!("the name of column {} is too long", i + 1),
            _ if !known.insert(name) => format!("the header names `{name}` twice"),
            _ => continue,
        };
        faults.push(CsvFault::at(cell.line, reason));
    }
    Ok(record.cells.iter().map(|cell| cell.text.trim().to_owned()).collect())
}

/// The file's text without its BOM; or, for what is no UTF-8, what it is and what to do.
fn as_text(bytes: &[u8]) -> Result<&str, CsvFaults> {
    let whole = |reason: &str| Err(CsvFaults::default().and(CsvFault::at(1, reason)));
    match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            return whole("this is a workbook (.xlsx) or an archive, no CSV: save the sheet as “CSV UTF-8”");
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            return whole("this is a workbook (.xls), no CSV: save the sheet as “CSV UTF-8”");
        }
        [0x1F, 0x8B, ..] => return whole("this is a gzip file, no CSV: unpack it first"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..] => {
            return whole("this is UTF-16, not UTF-8: save the sheet as “CSV UTF-8”");
        }
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(unreadable_lines(bytes)),
    }
}

fn unreadable_lines(bytes: &[u8]) -> CsvFaults {
    let mut faults = CsvFaults::default();
    for (i, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if std::str::from_utf8(line).is_err() {
            faults.push(CsvFault::at(i + 1, "is not UTF-8: save the sheet as “CSV UTF-8”"));
        } else if line.contains(&0) {
            faults.push(CsvFault::at(i + 1, "holds a NUL character"));
        }
    }
    faults
}

/// Of comma, semicolon and tab, the one that the header line uses most outside quotes.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts
                .iter_mut()
                .filter(|(delimiter, _)| *delimiter == byte)
                .for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    counts
        .iter()
        .find(|(_, count)| Some(*count) == most)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

/// A text cell made harmless to spreadsheets: one that would begin a formula gets a `'` before it.
/// Only for cells of text; a figure goes out as a figure, whatever its sign.
pub fn guard(text: &str) -> Cow<'_, str> {
    let begins_formula = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
    ]);
    if begins_formula {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests;
