//! The merged company itself, with what is kept once for it; what it has many of stands with its own noun.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ids::CompanyId;
use crate::store::schema::{
    companies, company_attributes, company_domains, company_evidence, company_needs, company_segments,
    contact_evidence, contact_needs, deal_segments, giveback_companies, overrides, sales_tags, segment_changes,
    survey_segments,
};
use crate::store::{Conn, ROWS_PER_INSERT, Result, on_each_backend};

pub use super::answers::queries::*;
pub use super::merges::queries::*;
pub use super::moved::queries::*;
pub use super::names::queries::*;

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = companies, treat_none_as_default_value = false)]
pub struct CompanyRow {
    pub id: i64,
    pub external_id: String,
    pub name: String,
    pub name_key: String,
    pub customer_since: Option<NaiveDate>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub employees: Option<i64>,
    pub annual_revenue: Option<f64>,
    pub customer_type: Option<String>,
    pub journey_stage: Option<String>,
    pub behaviour: Option<String>,
    pub technology_level: Option<String>,
    pub time_zone: Option<String>,
    pub owner_email: Option<String>,
    pub tier: String,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub parent_id: Option<i64>,
    #[serde(default)]
    pub behaviour_given: Option<String>,
    #[serde(default)]
    pub behaviour_found: Option<String>,
}

pub fn find_company(conn: &mut Conn, company: CompanyId) -> Result<Option<CompanyRow>> {
    companies::table
        .find(company)
        .select(CompanyRow::as_select())
        .first(conn)
        .optional()
}

pub fn insert_company(conn: &mut Conn, row: &CompanyRow) -> Result<()> {
    diesel::insert_into(companies::table)
        .values(row.clone())
        .execute(conn)
        .map(|_| ())
}

/// A key that no company has.
pub fn next_key(conn: &mut Conn) -> Result<i64> {
    let last: Option<i64> = companies::table.select(diesel::dsl::max(companies::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

pub fn delete_company(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(companies::table.find(company)).execute(conn).map(|_| ())
}

/// Those that were imported.
pub fn list_attributes(conn: &mut Conn, company: CompanyId) -> Result<Vec<(String, String)>> {
    company_attributes::table
        .filter(company_attributes::company_id.eq(company))
        .filter(diesel::dsl::not(company_attributes::worked_out))
        .order(company_attributes::name)
        .select((company_attributes::name, company_attributes::value))
        .load(conn)
}

pub fn insert_attributes(conn: &mut Conn, company: CompanyId, attributes: &[(String, String)]) -> Result<()> {
    for chunk in attributes.chunks(ROWS_PER_INSERT) {
        let row = |(name, value): &(String, String)| {
            (
                company_attributes::company_id.eq(company),
                company_attributes::name.eq(name.clone()),
                company_attributes::value.eq(value.clone()),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(company_attributes::table).values(&rows).execute(c))?;
    }
    Ok(())
}

pub fn list_domains(conn: &mut Conn, company: CompanyId) -> Result<Vec<String>> {
    company_domains::table
        .filter(company_domains::company_id.eq(company))
        .order((company_domains::position, company_domains::domain))
        .select(company_domains::domain)
        .load(conn)
}

/// After those that it has.
pub fn insert_domains(conn: &mut Conn, company: CompanyId, domains: &[String]) -> Result<()> {
    let last: Option<i32> = company_domains::table
        .filter(company_domains::company_id.eq(company))
        .select(diesel::dsl::max(company_domains::position))
        .first(conn)?;
    let row = |(domain, position): (&String, i32)| {
        (
            company_domains::company_id.eq(company),
            company_domains::domain.eq(domain.clone()),
            company_domains::position.eq(position),
        )
    };
    let rows: Vec<_> = domains.iter().zip(last.map_or(0, |last| last + 1)..).map(row).collect();
    on_each_backend!(conn, c => diesel::insert_into(company_domains::table).values(&rows).execute(c)).map(|_| ())
}

pub fn delete_domains(conn: &mut Conn, company: CompanyId, domains: Option<&[String]>) -> Result<()> {
    let own = company_domains::table.filter(company_domains::company_id.eq(company));
    match domains {
        None => diesel::delete(own).execute(conn),
        Some(domains) => diesel::delete(own.filter(company_domains::domain.eq_any(domains))).execute(conn),
    }
    .map(|_| ())
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = overrides)]
pub struct OverrideRow {
    pub company_id: i64,
    pub segment: String,
    pub reason: String,
    pub made_by: String,
    pub made_at: NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = sales_tags, treat_none_as_default_value = false)]
pub struct TagRow {
    pub company_id: i64,
    pub segment: String,
    pub reason: String,
    pub made_by: String,
    pub made_at: NaiveDateTime,
    pub blind: bool,
    pub sureness: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = survey_segments, treat_none_as_default_value = false)]
pub struct SurveyRow {
    pub company_id: i64,
    pub segment: String,
    pub fits: Option<String>,
    pub runner_up: Option<String>,
    pub margin: Option<f64>,
    pub confidence: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = company_segments)]
pub struct SegmentRow {
    pub company_id: i64,
    pub segment: String,
    pub source: String,
    pub since: NaiveDateTime,
}

/// Without its key, which is given anew.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = segment_changes, treat_none_as_default_value = false)]
pub struct ChangeRow {
    pub company_id: i64,
    pub at: NaiveDateTime,
    pub from_segment: Option<String>,
    pub to_segment: Option<String>,
    pub source: String,
    pub made_by: String,
    pub why: String,
}

macro_rules! of_company {
    ($($find:ident $insert:ident $row:ty => $table:ident;)+) => {$(
        pub fn $find(conn: &mut Conn, company: CompanyId) -> Result<Option<$row>> {
            $table::table
                .find(company.0)
                .select(<$row>::as_select())
                .first(conn)
                .optional()
        }

        /// For the company with that key.
        pub fn $insert(conn: &mut Conn, company: CompanyId, row: &$row) -> Result<()> {
            let row = <$row>::clone(row);
            diesel::insert_into($table::table)
                .values(<$row>::from((company, row)))
                .execute(conn)
                .map(|_| ())
        }

        impl From<(CompanyId, $row)> for $row {
            fn from((company, row): (CompanyId, $row)) -> $row {
                Self { company_id: company.0, ..row }
            }
        }
    )+};
}

of_company! {
    find_override insert_override OverrideRow => overrides;
    find_tag insert_tag TagRow => sales_tags;
    find_survey insert_survey SurveyRow => survey_segments;
    find_segment insert_segment SegmentRow => company_segments;
}

pub fn delete_override(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(overrides::table.find(company)).execute(conn).map(|_| ())
}

pub fn delete_tag(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(sales_tags::table.find(company))
        .execute(conn)
        .map(|_| ())
}

/// Oldest first.
pub fn list_changes(conn: &mut Conn, company: CompanyId) -> Result<Vec<ChangeRow>> {
    segment_changes::table
        .filter(segment_changes::company_id.eq(company))
        .order((segment_changes::at, segment_changes::id))
        .select(ChangeRow::as_select())
        .load(conn)
}

pub fn insert_changes(conn: &mut Conn, company: CompanyId, changes: &[ChangeRow]) -> Result<()> {
    let row = |change: &ChangeRow| ChangeRow {
        company_id: company.0,
        ..change.clone()
    };
    for chunk in changes.chunks(ROWS_PER_INSERT) {
        let rows: Vec<ChangeRow> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(segment_changes::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The history of its segment, and what is worked out from answers and deals.
pub fn delete_worked_out(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(segment_changes::table.filter(segment_changes::company_id.eq(company))).execute(conn)?;
    diesel::delete(contact_needs::table.filter(contact_needs::company_id.eq(company))).execute(conn)?;
    diesel::delete(contact_evidence::table.filter(contact_evidence::company_id.eq(company))).execute(conn)?;
    diesel::delete(company_needs::table.filter(company_needs::company_id.eq(company))).execute(conn)?;
    diesel::delete(company_evidence::table.filter(company_evidence::company_id.eq(company))).execute(conn)?;
    diesel::delete(survey_segments::table.filter(survey_segments::company_id.eq(company))).execute(conn)?;
    diesel::delete(deal_segments::table.filter(deal_segments::company_id.eq(company))).execute(conn)?;
    diesel::delete(company_segments::table.filter(company_segments::company_id.eq(company))).execute(conn)?;
    Ok(())
}

/// The items, by version and row, in whose told sums its voice is.
pub fn list_told(conn: &mut Conn, company: CompanyId) -> Result<Vec<(i64, String)>> {
    giveback_companies::table
        .filter(giveback_companies::company_id.eq(company))
        .order((giveback_companies::version_id, giveback_companies::row_code))
        .select((giveback_companies::version_id, giveback_companies::row_code))
        .load(conn)
}

pub fn insert_told(conn: &mut Conn, company: CompanyId, items: &[(i64, String)]) -> Result<()> {
    for chunk in items.chunks(ROWS_PER_INSERT) {
        let row = |(version, row_code): &(i64, String)| {
            (
                giveback_companies::company_id.eq(company.0),
                giveback_companies::version_id.eq(*version),
                giveback_companies::row_code.eq(row_code.clone()),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(giveback_companies::table).values(&rows).execute(c))?;
    }
    Ok(())
}

pub fn delete_told(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(giveback_companies::table.filter(giveback_companies::company_id.eq(company)))
        .execute(conn)
        .map(|_| ())
}
