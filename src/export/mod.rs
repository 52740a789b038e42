//! CSV and XLSX out: companies as they can be taken in again, scores and segments, answers.
//!
//! Rows are read and written a stretch at a time, so that the memory stays bounded however many
//! companies there are. Figures go out in full precision; text that would begin a formula is
//! made harmless.

mod answers;
mod companies;
mod queries;
mod scores;
mod sheet;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chrono::NaiveDateTime;

use crate::companies::listing::{self, Filter, Listed, Order, Stretch, Viewer};
use crate::store::{self, Conn};

pub use self::sheet::Cell;
use self::sheet::{CsvSheet, Sheet, XlsxSheet};

/// What goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Companies,
    Answers,
    Scores,
}

impl What {
    pub const ALL: [What; 3] = [What::Companies, What::Answers, What::Scores];

    pub fn as_str(self) -> &'static str {
        match self {
            What::Companies => "companies",
            What::Answers => "answers",
            What::Scores => "scores",
        }
    }

    pub fn parse(text: &str) -> Option<What> {
        What::ALL.into_iter().find(|what| what.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Xlsx,
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }

    pub fn parse(text: &str) -> Option<Format> {
        [Format::Csv, Format::Xlsx]
            .into_iter()
            .find(|format| format.as_str() == text)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// By the ending of the file's name.
    pub fn of(file: &Path) -> Option<Format> {
        Format::parse(&file.extension()?.to_str()?.to_ascii_lowercase())
    }
}

/// Why nothing went out.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("name a file that ends in .csv or .xlsx")]
    UnknownEnding,
    #[error("a workbook holds 1,048,576 rows: export to .csv instead")]
    TooManyRows,
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
    #[error("cannot write the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Writes the file; how many rows went into it. A file that was there before stays whole until
/// the new one is.
pub fn to_file(conn: &mut Conn, now: NaiveDateTime, what: What, file: &Path) -> Result<u64, Refusal> {
    let format = Format::of(file).ok_or(Refusal::UnknownEnding)?;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let written = write_part(conn, now, what, format, part);
    match written {
        Ok(rows) => std::fs::rename(part, file).map(|()| rows).map_err(Refusal::from),
        Err(refusal) => {
            // What is left of it serves nobody.
            let _ = std::fs::remove_file(part);
            Err(refusal)
        }
    }
}

fn write_part(conn: &mut Conn, now: NaiveDateTime, what: What, format: Format, part: &Path) -> Result<u64, Refusal> {
    let mut out = BufWriter::new(File::create(part)?);
    let rows = write(conn, now, what, format, &mut out)?;
    out.flush()?;
    Ok(rows)
}

/// Writes to anything; how many rows were written.
pub fn write(
    conn: &mut Conn,
    now: NaiveDateTime,
    what: What,
    format: Format,
    out: &mut (dyn Write + Send),
) -> Result<u64, Refusal> {
    match format {
        Format::Csv => {
            let mut sheet = CsvSheet::new(out);
            let rows = fill(conn, now, what, &mut sheet)?;
            sheet.end()?;
            Ok(rows)
        }
        Format::Xlsx => {
            let mut book = XlsxSheet::new()?;
            let rows = fill(conn, now, what, &mut book)?;
            book.end(out)?;
            Ok(rows)
        }
    }
}

/// A few rows under their header, as a file's bytes. `about` says of a workbook's rows what they are, on
/// a sheet behind theirs.
pub fn sheet<'a>(
    format: Format,
    header: &[&'a str],
    rows: impl Iterator<Item = Vec<Cell<'a>>>,
    about: &[(String, String)],
) -> Result<Vec<u8>, Refusal> {
    let mut out = vec![];
    let header: Vec<Cell> = header.iter().map(|name| Cell::text(name)).collect();
    let fill = |sheet: &mut dyn Sheet| -> Result<(), Refusal> {
        sheet.row(&header)?;
        for row in rows {
            sheet.row(&row)?;
        }
        Ok(())
    };
    match format {
        Format::Csv => {
            let mut sheet = CsvSheet::new(&mut out);
            fill(&mut sheet)?;
            sheet.end()?;
        }
        Format::Xlsx => {
            let mut sheet = XlsxSheet::new()?;
            fill(&mut sheet)?;
            sheet.about(about)?;
            sheet.end(&mut out)?;
        }
    }
    Ok(out)
}

fn fill(conn: &mut Conn, now: NaiveDateTime, what: What, sheet: &mut dyn Sheet) -> Result<u64, Refusal> {
    match what {
        What::Companies => companies::fill(conn, sheet),
        What::Answers => answers::fill(conn, sheet),
        What::Scores => scores::fill(conn, now, sheet),
    }
}

/// Companies in hand at once.
const STRETCH: i64 = 500;

/// All companies in the order in which they came, a stretch at a time.
fn each_stretch(
    conn: &mut Conn,
    mut take: impl FnMut(&mut Conn, Vec<Listed>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut after = 0;
    loop {
        let stretch = Stretch::after(after, STRETCH);
        let listed = listing::list(conn, &Viewer::All, &Filter::default(), Order::Id, stretch)?;
        let Some(last) = listed.last() else {
            return Ok(());
        };
        after = last.id.0;
        take(conn, listed)?;
    }
}
