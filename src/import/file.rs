//! A CSV file as rows, and the faults of rows back at their places in the file.

use std::sync::Arc;

use super::What;
use crate::companies::record::{Fault, Row};
use crate::text::csv::{self, CsvFault, CsvFaults, Limits, Table};

/// The file, sound in form and with the columns that its kind cannot do without.
pub fn read(what: What, bytes: &[u8], limits: Limits) -> Result<Table<'_>, CsvFaults> {
    let table = csv::read(bytes, limits)?;
    let mut faults = CsvFaults::default();
    for name in what.required().iter().filter(|name| column(&table, name).is_none()) {
        faults.push(CsvFault::at(
            1,
            format!(
                "there is no column {name}; {what} {} {}",
                what.has(),
                what.columns().join(", ")
            ),
        ));
    }
    for (place, name) in table.header().iter().enumerate() {
        if column(&table, name) != Some(place) {
            let reason = format!("the header names {name} twice: upper and lower case are the same here");
            faults.push(CsvFault::at(1, reason));
        }
        let known = what.columns().iter().any(|column| column.eq_ignore_ascii_case(name));
        if !known && !what.takes_attributes() {
            faults.push(CsvFault::at(1, format!("{what} {} no column {name}", what.has())));
        }
    }
    if faults.is_empty() { Ok(table) } else { Err(faults) }
}

/// The rows with the names of their columns.
pub fn rows<'t>(table: &Table<'t>) -> impl Iterator<Item = Row> + use<'t> {
    let names: Vec<Arc<str>> = table.header().iter().map(|name| Arc::from(name.as_str())).collect();
    table.rows().map(move |row| {
        let cells = (0..).map(|column| row.cell(column));
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Row {
            fields: names.iter().cloned().zip(cells.map(filled)).collect(),
        }
    })
}

/// The faults with line and column; they come in the order of the rows.
pub fn placed(table: &Table<'_>, faults: &[(usize, Fault)]) -> CsvFaults {
    let mut placed = CsvFaults::default();
    let mut left = faults.iter().peekable();
    for (number, row) in table.rows().enumerate() {
        if left.peek().is_none() {
            break;
        }
        while let Some((_, fault)) = left.next_if(|(of, _)| *of == number) {
            let column = fault.field.as_deref().and_then(|name| column(table, name));
            placed.push(match column {
                Some(column) => table.fault(&row, column, fault.reason.as_str()),
                None => CsvFault {
                    line: row.line(),
                    column: fault.field.clone(),
                    reason: fault.reason.clone(),
                },
            });
        }
    }
    placed
}

fn column(table: &Table<'_>, name: &str) -> Option<usize> {
    table
        .header()
        .iter()
        .position(|header| header.eq_ignore_ascii_case(name))
}
