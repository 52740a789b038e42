//! Frameworks and question versions as rows.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::{FrameworkId, VersionId};
use crate::store::schema::{frameworks, question_versions};
use crate::store::{Conn, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = question_versions)]
pub struct VersionRow {
    pub id: i64,
    pub question: String,
    pub version: i32,
    pub definition: String,
}

pub fn find_newest(conn: &mut Conn) -> Result<Option<(FrameworkId, String)>> {
    frameworks::table
        .order(frameworks::id.desc())
        .select((frameworks::id, frameworks::fingerprint))
        .first(conn)
        .optional()
}

pub fn find_fingerprint(conn: &mut Conn, id: FrameworkId) -> Result<Option<String>> {
    frameworks::table
        .filter(frameworks::id.eq(id))
        .select(frameworks::fingerprint)
        .first(conn)
        .optional()
}

pub fn find_document(conn: &mut Conn, id: FrameworkId) -> Result<String> {
    frameworks::table
        .filter(frameworks::id.eq(id))
        .select(frameworks::document)
        .first(conn)
}

/// Every version of every question, a question's oldest first.
pub fn list_versions(conn: &mut Conn) -> Result<Vec<VersionRow>> {
    question_versions::table
        .order((question_versions::question, question_versions::version))
        .select(VersionRow::as_select())
        .load(conn)
}

pub fn update_wording(conn: &mut Conn, id: VersionId, definition: &str) -> Result<()> {
    diesel::update(question_versions::table.filter(question_versions::id.eq(id)))
        .set(question_versions::definition.eq(definition))
        .execute(conn)
        .map(|_| ())
}

pub fn insert_version(
    conn: &mut Conn,
    now: NaiveDateTime,
    question: &str,
    version: i32,
    definition: &str,
) -> Result<i64> {
    diesel::insert_into(question_versions::table)
        .values((
            question_versions::question.eq(question),
            question_versions::version.eq(version),
            question_versions::definition.eq(definition),
            question_versions::made_at.eq(now),
        ))
        .returning(question_versions::id)
        .get_result(conn)
}

pub fn insert_framework(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    fingerprint: &str,
    document: &str,
) -> Result<()> {
    diesel::insert_into(frameworks::table)
        .values((
            frameworks::fingerprint.eq(fingerprint),
            frameworks::document.eq(document),
            frameworks::applied_at.eq(now),
            frameworks::applied_by.eq(by),
        ))
        .execute(conn)
        .map(|_| ())
}
