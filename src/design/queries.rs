//! Frameworks and question versions as rows.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::{DraftId, FrameworkId, VersionId};
use crate::store::schema::{answers, archived_parts, frameworks, question_versions, question_wordings, segment_drafts};
use crate::store::{Conn, ROWS_PER_INSERT, Result, insert_rows, on_each_backend};

#[derive(Queryable, Selectable)]
#[diesel(table_name = question_versions)]
pub struct VersionRow {
    pub id: i64,
    pub question: String,
    pub version: i32,
    pub definition: String,
}

pub fn find_newest(conn: &mut Conn) -> Result<Option<(FrameworkId, String)>> {
    on_each_backend!(conn, c => frameworks::table
        .order(frameworks::id.desc())
        .select((frameworks::id, frameworks::fingerprint))
        .first(c)
        .optional())
}

pub fn find_fingerprint(conn: &mut Conn, id: FrameworkId) -> Result<Option<String>> {
    on_each_backend!(conn, c => frameworks::table
        .filter(frameworks::id.eq(id))
        .select(frameworks::fingerprint)
        .get_result(c)
        .optional())
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

#[derive(Insertable)]
#[diesel(table_name = frameworks)]
pub struct NewFramework<'a> {
    pub fingerprint: &'a str,
    pub document: &'a str,
    pub applied_at: NaiveDateTime,
    pub applied_by: &'a str,
    pub changes: &'a str,
    pub change_count: i32,
    pub counts: &'a str,
}

pub fn insert_framework(conn: &mut Conn, row: &NewFramework) -> Result<FrameworkId> {
    let id: i64 = on_each_backend!(conn, c => diesel::insert_into(frameworks::table)
        .values(row)
        .returning(frameworks::id)
        .get_result(c))?;
    Ok(FrameworkId(id))
}

// What may come.

#[derive(Queryable, Selectable)]
#[diesel(table_name = segment_drafts)]
pub struct DraftRow {
    pub id: i64,
    pub segments: String,
    pub origin: String,
    pub made_by: String,
    pub made_at: NaiveDateTime,
}

pub fn insert_draft(conn: &mut Conn, segments: &str, origin: &str, by: &str, now: NaiveDateTime) -> Result<i64> {
    diesel::insert_into(segment_drafts::table)
        .values((
            segment_drafts::segments.eq(segments),
            segment_drafts::origin.eq(origin),
            segment_drafts::made_by.eq(by),
            segment_drafts::made_at.eq(now),
        ))
        .returning(segment_drafts::id)
        .get_result(conn)
}

pub fn find_draft(conn: &mut Conn, id: DraftId) -> Result<Option<DraftRow>> {
    segment_drafts::table
        .filter(segment_drafts::id.eq(id.0))
        .select(DraftRow::as_select())
        .first(conn)
        .optional()
}

pub fn list_drafts(conn: &mut Conn) -> Result<Vec<DraftRow>> {
    segment_drafts::table
        .order(segment_drafts::id.desc())
        .select(DraftRow::as_select())
        .load(conn)
}

pub fn delete_draft(conn: &mut Conn, id: DraftId) -> Result<bool> {
    Ok(diesel::delete(segment_drafts::table.filter(segment_drafts::id.eq(id.0))).execute(conn)? > 0)
}

// What was in force.

/// A framework without its document.
#[derive(Queryable, Selectable)]
#[diesel(table_name = frameworks)]
pub struct EntryRow {
    pub id: i64,
    pub applied_at: NaiveDateTime,
    pub applied_by: String,
    pub changes: Option<String>,
    pub change_count: Option<i32>,
    pub counts: Option<String>,
}

/// At most `most` frameworks before the one numbered `before`, newest first.
pub fn list_entries(conn: &mut Conn, before: i64, most: i64) -> Result<Vec<EntryRow>> {
    frameworks::table
        .filter(frameworks::id.lt(before))
        .order(frameworks::id.desc())
        .limit(most)
        .select(EntryRow::as_select())
        .load(conn)
}

pub fn find_entry(conn: &mut Conn, id: FrameworkId) -> Result<Option<EntryRow>> {
    frameworks::table
        .filter(frameworks::id.eq(id))
        .select(EntryRow::as_select())
        .first(conn)
        .optional()
}

/// The one that was in force just before, and the one just after.
pub fn find_neighbours(conn: &mut Conn, id: FrameworkId) -> Result<(Option<FrameworkId>, Option<FrameworkId>)> {
    let before: Option<i64> = frameworks::table
        .filter(frameworks::id.lt(id))
        .select(diesel::dsl::max(frameworks::id))
        .first(conn)?;
    let after: Option<i64> = frameworks::table
        .filter(frameworks::id.gt(id))
        .select(diesel::dsl::min(frameworks::id))
        .first(conn)?;
    Ok((before.map(FrameworkId), after.map(FrameworkId)))
}

// The versions of one question.

#[derive(Queryable, Selectable)]
#[diesel(table_name = question_versions)]
pub struct VersionHistoryRow {
    pub id: i64,
    pub version: i32,
    pub definition: String,
    pub made_at: NaiveDateTime,
    pub answers: Option<i64>,
    pub counted_at: Option<NaiveDateTime>,
}

/// Oldest first.
pub fn list_versions_of(conn: &mut Conn, question: &str) -> Result<Vec<VersionHistoryRow>> {
    question_versions::table
        .filter(question_versions::question.eq(question))
        .order(question_versions::version)
        .select(VersionHistoryRow::as_select())
        .load(conn)
}

/// Every version of every question with its kept count, a question's oldest first; without what it asks.
pub fn list_tallies(conn: &mut Conn) -> Result<Vec<(i64, String, i32, Option<i64>)>> {
    question_versions::table
        .order((question_versions::question, question_versions::version))
        .select((
            question_versions::id,
            question_versions::question,
            question_versions::version,
            question_versions::answers,
        ))
        .load(conn)
}

/// The former words of these versions, each until when, oldest first.
pub fn list_wordings(conn: &mut Conn, versions: &[i64]) -> Result<Vec<(i64, String, NaiveDateTime)>> {
    question_wordings::table
        .filter(question_wordings::version_id.eq_any(versions))
        .order(question_wordings::id)
        .select((
            question_wordings::version_id,
            question_wordings::definition,
            question_wordings::until,
        ))
        .load(conn)
}

pub fn insert_wording(conn: &mut Conn, version: VersionId, definition: &str, until: NaiveDateTime) -> Result<()> {
    diesel::insert_into(question_wordings::table)
        .values((
            question_wordings::version_id.eq(version.0),
            question_wordings::definition.eq(definition),
            question_wordings::until.eq(until),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Whether there are no more answers than these: a look that stops at one more.
pub fn has_at_most_answers(conn: &mut Conn, most: i64) -> Result<bool> {
    let beyond: Option<i64> = answers::table
        .order((
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .offset(most)
        .select(answers::company_id)
        .first(conn)
        .optional()?;
    Ok(beyond.is_none())
}

/// How many answers were given to each version that has any: reads all answers.
pub fn count_answers(conn: &mut Conn) -> Result<Vec<(i64, i64)>> {
    answers::table
        .group_by(answers::version_id)
        .order(answers::version_id)
        .select((answers::version_id, diesel::dsl::count_star()))
        .load(conn)
}

/// Nobody has answered a version until its count is written.
pub fn reset_counts(conn: &mut Conn, now: NaiveDateTime) -> Result<()> {
    diesel::update(question_versions::table)
        .set((
            question_versions::answers.eq(Some(0_i64)),
            question_versions::counted_at.eq(Some(now)),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Versions with the same count share a statement.
pub fn update_count(conn: &mut Conn, versions: &[i64], count: i64) -> Result<()> {
    diesel::update(question_versions::table.filter(question_versions::id.eq_any(versions)))
        .set(question_versions::answers.eq(Some(count)))
        .execute(conn)
        .map(|_| ())
}

/// The frameworks after this one with their documents, oldest first.
pub fn list_documents(conn: &mut Conn, after: FrameworkId, most: i64) -> Result<Vec<(i64, NaiveDateTime, String)>> {
    frameworks::table
        .filter(frameworks::id.gt(after))
        .order(frameworks::id)
        .limit(most)
        .select((frameworks::id, frameworks::applied_at, frameworks::document))
        .load(conn)
}

// What was left out.

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = archived_parts)]
pub struct ArchivedRow {
    pub kind: String,
    pub code: String,
    pub definition: String,
    pub archived_at: NaiveDateTime,
    pub framework_id: i64,
}

/// The last one left out first.
pub fn list_archived(conn: &mut Conn, kind: &str) -> Result<Vec<ArchivedRow>> {
    archived_parts::table
        .filter(archived_parts::kind.eq(kind))
        .order((archived_parts::framework_id.desc(), archived_parts::code))
        .select(ArchivedRow::as_select())
        .load(conn)
}

pub fn find_archived(conn: &mut Conn, kind: &str, code: &str) -> Result<Option<ArchivedRow>> {
    archived_parts::table
        .find((kind, code))
        .select(ArchivedRow::as_select())
        .first(conn)
        .optional()
}

pub fn insert_archived(conn: &mut Conn, rows: &[ArchivedRow]) -> Result<()> {
    insert_rows!(conn, archived_parts::table, rows)?;
    Ok(())
}

pub fn delete_archived(conn: &mut Conn, kind: &str, codes: &[&str]) -> Result<()> {
    for codes in codes.chunks(ROWS_PER_INSERT) {
        let these = archived_parts::kind.eq(kind).and(archived_parts::code.eq_any(codes));
        diesel::delete(archived_parts::table.filter(these)).execute(conn)?;
    }
    Ok(())
}
