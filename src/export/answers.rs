//! Every answer that is held, a line each.

use super::queries::{self, AnswerRow};
use super::sheet::{Cell, Sheet};
use super::{Refusal, each_stretch};
use crate::store::Conn;

const COLUMNS: [&str; 10] = [
    "company_external_id",
    "contact_external_id",
    "question",
    "row",
    "version",
    "value",
    "at",
    "channel",
    "author",
    "suspect",
];

pub fn fill(conn: &mut Conn, sheet: &mut dyn Sheet) -> Result<u64, Refusal> {
    sheet.row(&COLUMNS.map(Cell::text))?;
    let mut rows = 0;
    each_stretch(conn, |conn, listed| {
        let (Some(first), Some(last)) = (listed.first(), listed.last()) else {
            return Ok(());
        };
        for answer in queries::list_answers_between(conn, first.id, last.id)? {
            sheet.row(&row(&answer))?;
            rows += 1;
        }
        Ok(())
    })?;
    Ok(rows)
}

fn row(answer: &AnswerRow) -> [Cell<'_>; 10] {
    [
        Cell::text(&answer.company),
        Cell::text(&answer.contact),
        Cell::text(&answer.question),
        Cell::text(&answer.row_code),
        Cell::Whole(answer.version.into()),
        value(&answer.value),
        Cell::time(answer.at),
        Cell::text(&answer.channel),
        Cell::text_if_any(answer.author.as_deref()),
        Cell::text(if answer.suspect { "yes" } else { "no" }),
    ]
}

/// A plain value without the quotes of JSON; a list as files have it; anything else as JSON.
fn value(json: &str) -> Cell<'_> {
    use serde_json::Value;
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => Cell::Text(text.into()),
        Ok(Value::Number(number)) => number.as_f64().map_or(Cell::text(json), Cell::Number),
        Ok(Value::Array(list)) if list.iter().all(Value::is_string) => {
            let parts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            Cell::Text(parts.join("|").into())
        }
        _ => Cell::text(json),
    }
}
