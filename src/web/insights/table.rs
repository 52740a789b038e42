//! A table of figures: the same values on the page, under its chart, as CSV and as a workbook.

use chrono::{NaiveDate, NaiveDateTime};

use crate::export::{self, Format, Refusal};
use crate::text::figures;

/// Typed figures with a code of their own on their page: `?format=csv&table=code`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub code: String,
    pub title: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// What has to be known to read it.
    pub note: Option<String>,
    /// A chart shows the same: the table waits folded beneath it.
    pub is_folded: bool,
}

/// A column: what files call it, and what readers do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub code: String,
    pub name: String,
    pub is_figure: bool,
}

/// One value, rounded for readers and whole in files.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Count(u64),
    Number {
        value: f64,
        decimals: usize,
    },
    /// Shown with its sign.
    Difference {
        value: f64,
        decimals: usize,
    },
    /// 0 to 1.
    Share(f64),
    Money(f64),
    Day(NaiveDate),
    Time(NaiveDateTime),
    /// There is nothing to tell.
    Missing,
    /// The group is too small to tell of it.
    Hidden,
    /// Another cell, leading somewhere.
    Link(Box<Cell>, String),
}

impl Column {
    pub fn text(code: impl Into<String>, name: impl Into<String>) -> Column {
        Column {
            code: code.into(),
            name: name.into(),
            is_figure: false,
        }
    }

    pub fn figure(code: impl Into<String>, name: impl Into<String>) -> Column {
        Column {
            is_figure: true,
            ..Column::text(code, name)
        }
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    pub fn number(value: impl Into<Option<f64>>, decimals: usize) -> Cell {
        finite(value).map_or(Cell::Missing, |value| Cell::Number { value, decimals })
    }

    pub fn difference(value: impl Into<Option<f64>>, decimals: usize) -> Cell {
        finite(value).map_or(Cell::Missing, |value| Cell::Difference { value, decimals })
    }

    pub fn share(value: impl Into<Option<f64>>) -> Cell {
        finite(value).map_or(Cell::Missing, Cell::Share)
    }

    pub fn money(value: impl Into<Option<f64>>) -> Cell {
        finite(value).map_or(Cell::Missing, Cell::Money)
    }

    pub fn linked(self, href: impl Into<String>) -> Cell {
        Cell::Link(Box::new(self), href.into())
    }

    /// As readers see it.
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => figures::count(i64::try_from(*count).unwrap_or(i64::MAX)),
            Cell::Number { value, decimals } => figures::number(value, *decimals),
            Cell::Difference { value, decimals } => figures::difference(value, *decimals),
            Cell::Share(share) => figures::share(share),
            Cell::Money(money) => figures::money_short(money),
            Cell::Day(day) => figures::date(day),
            Cell::Time(at) => figures::date_time(at),
            Cell::Missing => "–".to_owned(),
            Cell::Hidden => "too few".to_owned(),
            Cell::Link(cell, _) => cell.shown(),
        }
    }

    pub fn href(&self) -> Option<&str> {
        match self {
            Cell::Link(_, href) => Some(href),
            _ => None,
        }
    }

    fn written(&self) -> export::Cell<'_> {
        match self {
            Cell::Text(text) => export::Cell::text(text),
            Cell::Count(count) => export::Cell::Whole(i64::try_from(*count).unwrap_or(i64::MAX)),
            Cell::Number { value, .. } | Cell::Difference { value, .. } => export::Cell::Number(*value),
            Cell::Share(value) | Cell::Money(value) => export::Cell::Number(*value),
            Cell::Day(day) => export::Cell::day_if_any(Some(*day)),
            Cell::Time(at) => export::Cell::time(*at),
            Cell::Missing => export::Cell::Empty,
            Cell::Hidden => export::Cell::text("too few"),
            Cell::Link(cell, _) => cell.written(),
        }
    }
}

fn finite(value: impl Into<Option<f64>>) -> Option<f64> {
    value.into().filter(|value| value.is_finite())
}

impl Table {
    /// The first column names its row.
    pub fn new(code: impl Into<String>, title: impl Into<String>, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
        Table {
            code: code.into(),
            title: title.into(),
            columns,
            rows,
            note: None,
            is_folded: false,
        }
    }

    pub fn note(self, note: impl Into<String>) -> Table {
        Table {
            note: Some(note.into()),
            ..self
        }
    }

    /// For the table of a chart.
    pub fn under_chart(self) -> Table {
        Table {
            is_folded: true,
            ..self
        }
    }

    /// The cells of a row with their columns.
    pub fn cells<'a>(&'a self, row: &'a [Cell]) -> Vec<(&'a Column, &'a Cell)> {
        self.columns.iter().zip(row).collect()
    }

    /// The file's bytes; `about` is what a workbook tells of them.
    pub fn file(&self, format: Format, about: &[(String, String)]) -> Result<Vec<u8>, Refusal> {
        let header: Vec<&str> = self.columns.iter().map(|column| column.code.as_str()).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::written).collect());
        export::sheet(format, &header, rows, about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = vec![Column::text("segment", "Segment"), Column::figure("share", "Share")];
        let rows = vec![
            vec![Cell::text("=Innovators"), Cell::share(1.0 / 3.0)],
            vec![Cell::text("Seekers").linked("/companies"), Cell::Missing],
        ];
        Table::new("by-segment", "By segment", columns, rows)
    }

    #[test]
    fn a_value_is_rounded_on_the_page_and_whole_in_the_file() {
        let table = table();
        assert_eq!(table.rows[0][1].shown(), "33\u{202f}%");
        let csv = String::from_utf8(table.file(Format::Csv, &[]).unwrap()).unwrap();
        assert_eq!(csv, "segment,share\r\n'=Innovators,0.3333333333333333\r\nSeekers,\r\n");
    }

    #[test]
    fn a_workbook_is_a_zip_file() {
        assert!(table().file(Format::Xlsx, &[]).unwrap().starts_with(b"PK"));
    }

    #[test]
    fn what_is_no_number_is_missing() {
        assert_eq!(Cell::number(f64::NAN, 1), Cell::Missing);
        assert_eq!(Cell::money(None), Cell::Missing);
    }
}
