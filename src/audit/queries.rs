use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Entry;
use crate::store::schema::audit_entries;
use crate::store::{Conn, Result};

pub fn insert(
    conn: &mut Conn,
    at: NaiveDateTime,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<()> {
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::at.eq(at),
            audit_entries::actor.eq(actor),
            audit_entries::action.eq(action),
            audit_entries::subject.eq(subject),
            audit_entries::detail.eq(detail),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Newest first. Ids rise as deeds are noted, so they are the order.
pub fn list_before(conn: &mut Conn, before: Option<i64>, most: i64) -> Result<Vec<Entry>> {
    let rows: Vec<(i64, NaiveDateTime, String, String, String, String)> = audit_entries::table
        .filter(audit_entries::id.lt(before.unwrap_or(i64::MAX)))
        .order(audit_entries::id.desc())
        .limit(most)
        .load(conn)?;
    Ok(rows.into_iter().map(entry).collect())
}

/// Oldest first.
pub fn list_about(conn: &mut Conn, subject: &str) -> Result<Vec<Entry>> {
    let rows: Vec<(i64, NaiveDateTime, String, String, String, String)> = audit_entries::table
        .filter(audit_entries::subject.eq(subject))
        .order(audit_entries::id)
        .load(conn)?;
    Ok(rows.into_iter().map(entry).collect())
}

fn entry((id, at, actor, action, subject, detail): (i64, NaiveDateTime, String, String, String, String)) -> Entry {
    Entry {
        id,
        at,
        actor,
        action,
        subject,
        detail,
    }
}
