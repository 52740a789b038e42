//! A page's tables as files: CSV for programs, the rows alone; a workbook for people, which tells on a
//! sheet of its own whose figures it holds, of when, and where they came from.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use chrono::NaiveDate;

use super::table::Table;
use crate::export::Format;
use crate::text::{code, figures};
use crate::web::error::{AppError, Fault};

/// Which table is asked for, and as what.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub format: Format,
    /// The page's first one, where none is named.
    pub table: Option<String>,
}

/// Where a file's figures come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The file is named after it.
    pub page: String,
    pub day: NaiveDate,
    /// What a workbook tells of its figures, each under its name.
    pub lines: Vec<(String, String)>,
}

impl Wanted {
    /// `None`: the page itself. For pages that ask nothing else by these names.
    pub fn read(parameters: &[(String, String)]) -> Result<Option<Wanted>, AppError> {
        let last = |name: &str| {
            let mut said = parameters.iter().rev();
            let found = said.find(|(known, value)| known == name && !value.is_empty());
            found.map(|(_, value)| value.as_str())
        };
        let Some(text) = last("format").filter(|format| *format != "html") else {
            return Ok(None);
        };
        let Some(format) = Format::parse(text) else {
            let message = format!("{text:?} is none of html, csv, xlsx");
            return Err(AppError::Unprocessable(vec![Fault::new("format", message)]));
        };
        let table = last("table").map(str::to_owned);
        Ok(Some(Wanted { format, table }))
    }
}

/// The file, or which tables there are.
pub fn answer(tables: &[&Table], wanted: &Wanted, origin: Origin) -> Result<HttpResponse, AppError> {
    let table = match wanted.table.as_deref() {
        None => tables.first().copied(),
        Some(code) => tables.iter().copied().find(|table| table.code == code),
    };
    let table = table.ok_or_else(|| {
        let codes: Vec<&str> = tables.iter().map(|table| table.code.as_str()).collect();
        let message = format!("this page has no such table; there are {}", codes.join(", "));
        AppError::Unprocessable(vec![Fault::new("table", message)])
    })?;
    let mut lines = vec![("Table".to_owned(), table.title.clone())];
    lines.extend(table.note.iter().map(|note| ("Note".to_owned(), note.clone())));
    lines.push(("Day".to_owned(), figures::date(origin.day)));
    lines.extend(origin.lines);
    let format = wanted.format;
    let bytes = table.file(format, &lines).map_err(AppError::internal)?;
    let name = format!(
        "{}-{}-{}.{}",
        code::code(&origin.page),
        code::code(&table.code),
        origin.day,
        format.as_str()
    );
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_asked_for_by_its_format_and_a_page_by_none() {
        let asked = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            Wanted::read(&pairs)
        };
        assert_eq!(asked(&[("table", "needs")]).unwrap(), None);
        assert_eq!(asked(&[("format", "html")]).unwrap(), None);
        let wanted = asked(&[("format", "xlsx"), ("table", "needs")]).unwrap().unwrap();
        assert_eq!((wanted.format, wanted.table.as_deref()), (Format::Xlsx, Some("needs")));
        assert!(asked(&[("format", "pdf")]).is_err());
    }
}
