//! Playbooks as rows, one for each saving.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Playbook, Saved};
use crate::store::schema::playbooks;
use crate::store::{Conn, Error, Result};

fn read(document: Option<String>) -> Result<Option<Playbook>> {
    let read = |document: String| {
        serde_json::from_str(&document).map_err(|error| Error::DeserializationError(Box::new(error)))
    };
    document.map(read).transpose()
}

pub fn find_newest(conn: &mut Conn, segment: &str) -> Result<Option<Playbook>> {
    let document = playbooks::table
        .filter(playbooks::segment.eq(segment))
        .order(playbooks::id.desc())
        .select(playbooks::document)
        .first(conn)
        .optional()?;
    read(document)
}

pub fn find_saved(conn: &mut Conn, segment: &str, id: i64) -> Result<Option<Playbook>> {
    let document = playbooks::table
        .filter(playbooks::segment.eq(segment))
        .filter(playbooks::id.eq(id))
        .select(playbooks::document)
        .first(conn)
        .optional()?;
    read(document)
}

pub fn list_saved(conn: &mut Conn, segment: &str, most: i64) -> Result<Vec<Saved>> {
    let rows: Vec<(i64, NaiveDateTime, String, String)> = playbooks::table
        .filter(playbooks::segment.eq(segment))
        .order(playbooks::id.desc())
        .limit(most)
        .select((
            playbooks::id,
            playbooks::made_at,
            playbooks::made_by,
            playbooks::changes,
        ))
        .load(conn)?;
    let saved = |(id, at, by, changes)| Saved { id, at, by, changes };
    Ok(rows.into_iter().map(saved).collect())
}

pub fn insert(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    segment: &str,
    playbook: &Playbook,
    changes: &str,
) -> Result<()> {
    let document = serde_json::to_string(playbook).map_err(|error| Error::SerializationError(Box::new(error)))?;
    diesel::insert_into(playbooks::table)
        .values((
            playbooks::segment.eq(segment),
            playbooks::document.eq(document),
            playbooks::changes.eq(changes),
            playbooks::made_by.eq(by),
            playbooks::made_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}
