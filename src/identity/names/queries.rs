//! Other ids of a company, and its group.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::{CompanyId, MergeId};
use crate::store::schema::{companies, company_aliases};
use crate::store::{Conn, Result};

/// Another external id of a company.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = company_aliases)]
pub struct AliasRow {
    pub external_id: String,
    /// The merge that made it, if one did.
    pub merge_id: Option<MergeId>,
    pub made_at: NaiveDateTime,
    pub made_by: String,
}

pub fn list_aliases(conn: &mut Conn, company: CompanyId) -> Result<Vec<AliasRow>> {
    company_aliases::table
        .filter(company_aliases::company_id.eq(company))
        .order(company_aliases::external_id)
        .select(AliasRow::as_select())
        .load(conn)
}

pub fn insert_alias(
    conn: &mut Conn,
    now: NaiveDateTime,
    external_id: &str,
    company: CompanyId,
    merge: Option<MergeId>,
    by: &str,
) -> Result<()> {
    diesel::insert_into(company_aliases::table)
        .values((
            company_aliases::external_id.eq(external_id),
            company_aliases::company_id.eq(company),
            company_aliases::merge_id.eq(merge.map(|merge| merge.0)),
            company_aliases::made_at.eq(now),
            company_aliases::made_by.eq(by),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_alias(conn: &mut Conn, external_id: &str) -> Result<usize> {
    diesel::delete(company_aliases::table.find(external_id)).execute(conn)
}

pub fn move_aliases(conn: &mut Conn, from: CompanyId, into: CompanyId, only: Option<&[String]>) -> Result<()> {
    let own = company_aliases::table.filter(company_aliases::company_id.eq(from));
    let into = company_aliases::company_id.eq(into);
    match only {
        None => diesel::update(own).set(into).execute(conn),
        Some(only) => diesel::update(own.filter(company_aliases::external_id.eq_any(only)))
            .set(into)
            .execute(conn),
    }
    .map(|_| ())
}

/// A company by both its names.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct NamedRow {
    pub id: CompanyId,
    pub external_id: String,
    pub name: String,
    pub parent_id: Option<CompanyId>,
}

pub fn find_named(conn: &mut Conn, company: CompanyId) -> Result<Option<NamedRow>> {
    companies::table
        .find(company)
        .select(NamedRow::as_select())
        .first(conn)
        .optional()
}

/// The companies that are part of this one, by name.
pub fn list_children(conn: &mut Conn, company: CompanyId) -> Result<Vec<NamedRow>> {
    companies::table
        .filter(companies::parent_id.eq(company))
        .order((companies::name_key, companies::id))
        .select(NamedRow::as_select())
        .load(conn)
}

pub fn set_parent(conn: &mut Conn, company: CompanyId, parent: Option<CompanyId>) -> Result<()> {
    diesel::update(companies::table.find(company))
        .set(companies::parent_id.eq(parent.map(|parent| parent.0)))
        .execute(conn)
        .map(|_| ())
}

/// Those of the companies that are part of the one become part of the other.
pub fn move_children(conn: &mut Conn, from: CompanyId, into: CompanyId, only: Option<&[i64]>) -> Result<()> {
    let own = companies::table.filter(companies::parent_id.eq(from));
    let into = companies::parent_id.eq(Some(into.0));
    match only {
        None => diesel::update(own).set(into).execute(conn),
        Some(only) => diesel::update(own.filter(companies::id.eq_any(only)))
            .set(into)
            .execute(conn),
    }
    .map(|_| ())
}
