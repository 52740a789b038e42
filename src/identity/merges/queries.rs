//! The merges themselves.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::identity::queries::CompanyRow;
use crate::ids::{CompanyId, MergeId};
use crate::store::schema::{company_merges, merged_answers, merged_rows};
use crate::store::{Conn, Result, on_each_backend};

/// One company merged into another.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = company_merges)]
pub struct MergeRow {
    pub id: MergeId,
    pub external_id: String,
    pub name: String,
    /// None: that one was merged itself afterwards.
    pub into_id: Option<CompanyId>,
    pub into_name: String,
    pub within_id: Option<MergeId>,
    pub merged_at: NaiveDateTime,
    pub merged_by: String,
    pub undone_at: Option<NaiveDateTime>,
    pub undone_by: Option<String>,
}

pub fn find_merge(conn: &mut Conn, merge: MergeId) -> Result<Option<MergeRow>> {
    company_merges::table
        .find(merge)
        .select(MergeRow::as_select())
        .first(conn)
        .optional()
}

/// Newest first.
pub fn list_merges(conn: &mut Conn, company: CompanyId) -> Result<Vec<MergeRow>> {
    company_merges::table
        .filter(company_merges::into_id.eq(company))
        .order(company_merges::id.desc())
        .select(MergeRow::as_select())
        .load(conn)
}

pub fn find_standing(conn: &mut Conn, external_id: &str) -> Result<Option<MergeRow>> {
    company_merges::table
        .filter(company_merges::external_id.eq(external_id))
        .filter(company_merges::undone_at.is_null())
        .order(company_merges::id.desc())
        .select(MergeRow::as_select())
        .first(conn)
        .optional()
}

pub fn find_before(conn: &mut Conn, merge: MergeId) -> Result<String> {
    company_merges::table
        .find(merge)
        .select(company_merges::before)
        .first(conn)
}

/// What a merge is noted with.
pub struct NewMerge<'a> {
    pub from: &'a CompanyRow,
    pub into: CompanyId,
    pub into_name: &'a str,
    pub before: String,
    pub by: &'a str,
}

pub fn insert_merge(conn: &mut Conn, now: NaiveDateTime, new: &NewMerge<'_>) -> Result<MergeId> {
    let row = (
        company_merges::from_id.eq(new.from.id),
        company_merges::external_id.eq(new.from.external_id.clone()),
        company_merges::name.eq(new.from.name.clone()),
        company_merges::into_id.eq(Some(new.into.0)),
        company_merges::into_name.eq(new.into_name),
        company_merges::before.eq(new.before.clone()),
        company_merges::merged_at.eq(now),
        company_merges::merged_by.eq(new.by),
    );
    on_each_backend!(conn, c => diesel::insert_into(company_merges::table)
        .values(row)
        .returning(company_merges::id)
        .get_result(c))
}

/// The merges into the company are within that one from now on.
pub fn take_merges_along(conn: &mut Conn, company: CompanyId, merge: MergeId) -> Result<()> {
    diesel::update(company_merges::table.filter(company_merges::into_id.eq(company)))
        .set((
            company_merges::into_id.eq(None::<i64>),
            company_merges::within_id.eq(Some(merge.0)),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The merges that were within that one are the company's again.
pub fn hand_merges_back(conn: &mut Conn, merge: MergeId, company: CompanyId) -> Result<()> {
    diesel::update(company_merges::table.filter(company_merges::within_id.eq(merge)))
        .set((
            company_merges::into_id.eq(Some(company.0)),
            company_merges::within_id.eq(None::<i64>),
        ))
        .execute(conn)
        .map(|_| ())
}

/// It stands no more; of what it kept nothing is needed any longer.
pub fn end_merge(conn: &mut Conn, now: NaiveDateTime, merge: MergeId, by: &str) -> Result<()> {
    diesel::delete(merged_rows::table.filter(merged_rows::merge_id.eq(merge))).execute(conn)?;
    diesel::delete(merged_answers::table.filter(merged_answers::merge_id.eq(merge))).execute(conn)?;
    diesel::update(company_merges::table.find(merge))
        .set((
            company_merges::before.eq(""),
            company_merges::undone_at.eq(now),
            company_merges::undone_by.eq(by),
        ))
        .execute(conn)
        .map(|_| ())
}
