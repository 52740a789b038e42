use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Counts, What};
use crate::ids::ContactId;
use crate::store::schema::{answers, import_runs};
use crate::store::{Conn, Result, list_in_chunks};

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = import_runs)]
pub struct Run {
    pub what: String,
    pub file_name: String,
    pub made_by: String,
    pub at: NaiveDateTime,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
}

pub fn insert_run(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    what: What,
    file_name: &str,
    counts: Counts,
) -> Result<()> {
    diesel::insert_into(import_runs::table)
        .values((
            import_runs::what.eq(what.as_str()),
            import_runs::file_name.eq(file_name),
            import_runs::made_by.eq(actor),
            import_runs::at.eq(now),
            import_runs::created.eq(counts.created as i64),
            import_runs::updated.eq(counts.updated as i64),
            import_runs::unchanged.eq(counts.unchanged as i64),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Newest first.
pub fn list_runs(conn: &mut Conn, most: i64) -> Result<Vec<Run>> {
    import_runs::table
        .order((import_runs::at.desc(), import_runs::id.desc()))
        .limit(most)
        .select(Run::as_select())
        .load(conn)
}

/// An answer that is there: who gave it, to which item, when, and what it says.
#[derive(PartialEq, Eq, Hash, Queryable, Selectable)]
#[diesel(table_name = answers)]
pub struct Known {
    pub contact_id: ContactId,
    pub question: String,
    pub row_code: String,
    pub at: NaiveDateTime,
    pub value: String,
}

pub fn list_known(conn: &mut Conn, contacts: &[ContactId]) -> Result<Vec<Known>> {
    list_in_chunks(contacts, |chunk| {
        answers::table
            .filter(answers::contact_id.eq_any(chunk))
            .select(Known::as_select())
            .load(conn)
    })
}
