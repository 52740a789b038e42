//! Scores, rungs and segments as rows, each table written by this room alone; contacts' sums and the past by
//! months stand apart and are named here, too.

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

pub use super::months::queries::*;
use super::tagging::Tag;
pub use super::tally::queries::*;
use crate::framework::Code;
use crate::ids::CompanyId;
use crate::method::calibrate::Calibration;
use crate::store::schema::{
    calibrations, companies, company_evidence, company_merges, company_needs, company_segments, deal_segments,
    overrides, sales_tags, segment_changes, survey_segments, transactions,
};
use crate::store::{Conn, Result, insert_rows, kept_if_few, on_each_backend};

/// How many companies have a score on the need.
pub fn count_scored_on(conn: &mut Conn, need: &str) -> Result<i64> {
    company_needs::table
        .filter(company_needs::need.eq(need))
        .count()
        .get_result(conn)
}

/// How many companies are in each segment that has any.
pub fn count_by_segment(conn: &mut Conn) -> Result<Vec<(Code, i64)>> {
    company_segments::table
        .group_by(company_segments::segment)
        .order(company_segments::segment)
        .select((company_segments::segment, diesel::dsl::count_star()))
        .load(conn)
}

/// How many companies an analyst has put into the segment, and how many bear a sales tag for it.
pub fn count_marked(conn: &mut Conn, segment: &str) -> Result<(i64, i64)> {
    let by_analysts = overrides::table
        .filter(overrides::segment.eq(segment))
        .count()
        .get_result(conn)?;
    let by_sales = sales_tags::table
        .filter(sales_tags::segment.eq(segment))
        .count()
        .get_result(conn)?;
    Ok((by_analysts, by_sales))
}

/// Into which companies these were merged, which are there no more.
pub fn list_merged(conn: &mut Conn, gone: &[CompanyId]) -> Result<Vec<(CompanyId, CompanyId)>> {
    company_merges::table
        .filter(company_merges::from_id.eq_any(gone))
        .filter(company_merges::undone_at.is_null())
        .filter(company_merges::into_id.is_not_null())
        .order(company_merges::id)
        .select((company_merges::from_id, company_merges::into_id.assume_not_null()))
        .load(conn)
}

/// No more companies than so many are counted to know it.
pub fn are_companies_at_most(conn: &mut Conn, most: i64) -> Result<bool> {
    let beyond: Option<CompanyId> = companies::table
        .order(companies::id)
        .offset(most)
        .limit(1)
        .select(companies::id)
        .first(conn)
        .optional()?;
    Ok(beyond.is_none())
}

/// The next companies in the order of their ids; `None` at the end.
pub fn next_companies(conn: &mut Conn, after: CompanyId, count: i64) -> Result<Option<Vec<CompanyId>>> {
    let found: Vec<CompanyId> = companies::table
        .filter(companies::id.gt(after))
        .order(companies::id)
        .limit(count)
        .select(companies::id)
        .load(conn)?;
    Ok((!found.is_empty()).then_some(found))
}

// Companies' scores.

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = company_needs, treat_none_as_default_value = false)]
pub struct CompanyNeedRow {
    pub company_id: i64,
    pub need: String,
    pub score: f64,
    pub n: i32,
    pub n_eff: f64,
    pub between_contacts: f64,
    pub se: f64,
    pub r_wg: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Insertable)]
#[diesel(table_name = company_evidence)]
pub struct CompanyEvidenceRow {
    pub company_id: i64,
    pub answers: i32,
    pub contacts_answered: i32,
    pub answered_at: NaiveDateTime,
    /// As `packed` has them.
    pub scores: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Insertable)]
#[diesel(table_name = survey_segments, treat_none_as_default_value = false)]
pub struct SurveyRow {
    pub company_id: i64,
    pub segment: String,
    pub fits: Option<String>,
    pub runner_up: Option<String>,
    pub margin: Option<f64>,
    pub confidence: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Insertable)]
#[diesel(table_name = company_segments)]
pub struct SegmentRow {
    pub company_id: i64,
    pub segment: String,
    pub source: String,
    pub since: NaiveDateTime,
}

/// A company's scores, by need code.
pub fn list_of_company(conn: &mut Conn, company: CompanyId) -> Result<Vec<CompanyNeedRow>> {
    list_of_companies(conn, &[company])
}

pub fn list_of_companies(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<CompanyNeedRow>> {
    company_needs::table
        .filter(company_needs::company_id.eq_any(companies))
        .order((company_needs::company_id, company_needs::need))
        .select(CompanyNeedRow::as_select())
        .load(conn)
}

/// How many scored answers of how many contacts each of these companies has.
pub fn list_evidence(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<(CompanyId, i32, i32)>> {
    company_evidence::table
        .filter(company_evidence::company_id.eq_any(companies))
        .select((
            company_evidence::company_id,
            company_evidence::answers,
            company_evidence::contacts_answered,
        ))
        .load(conn)
}

/// Puts all that is worked out for the companies in place of what was there.
pub fn replace_companies(
    conn: &mut Conn,
    companies: &[CompanyId],
    needs: &[CompanyNeedRow],
    evidence: &[CompanyEvidenceRow],
    surveys: &[SurveyRow],
    segments: &[SegmentRow],
) -> Result<()> {
    let former = diesel::delete(company_needs::table.filter(company_needs::company_id.eq_any(companies)))
        .returning(company_needs::company_id);
    on_each_backend!(conn, c => kept_if_few(companies.len(), former).load::<i64>(c))?;
    let former = diesel::delete(company_evidence::table.filter(company_evidence::company_id.eq_any(companies)))
        .returning(company_evidence::company_id);
    on_each_backend!(conn, c => kept_if_few(companies.len(), former).load::<i64>(c))?;
    let former = diesel::delete(survey_segments::table.filter(survey_segments::company_id.eq_any(companies)))
        .returning(survey_segments::company_id);
    on_each_backend!(conn, c => kept_if_few(companies.len(), former).load::<i64>(c))?;
    let former = diesel::delete(company_segments::table.filter(company_segments::company_id.eq_any(companies)))
        .returning(company_segments::company_id);
    on_each_backend!(conn, c => kept_if_few(companies.len(), former).load::<i64>(c))?;
    insert_rows!(conn, company_needs::table, needs)?;
    insert_rows!(conn, company_evidence::table, evidence)?;
    insert_rows!(conn, survey_segments::table, surveys)?;
    insert_rows!(conn, company_segments::table, segments)?;
    Ok(())
}

/// By need, the companies with at least so many scored answers on it that together speak for it. The
/// condition is spelt as the index has it, whose entries are all that is read.
pub fn count_in_favour(conn: &mut Conn, least_answers: i32) -> Result<Vec<(Code, i64)>> {
    company_needs::table
        .filter(sql::<Bool>("score >= 50"))
        .filter(company_needs::n.ge(least_answers))
        .group_by(company_needs::need)
        .order(company_needs::need)
        .select((company_needs::need, count_star()))
        .load(conn)
}

// The ladder.

/// Everything that a company's segment could rest on, and the segment in effect.
#[derive(Debug, Clone, Default, PartialEq, Queryable)]
pub struct RungsRow {
    pub override_segment: Option<String>,
    pub override_reason: Option<String>,
    pub override_by: Option<String>,
    pub sales_tag: Option<String>,
    pub sales_tag_reason: Option<String>,
    pub sales_tag_by: Option<String>,
    pub sales_tag_blind: Option<bool>,
    pub deals: Option<String>,
    pub survey: Option<String>,
    /// JSON, by segment code.
    pub fits: Option<String>,
    pub runner_up: Option<String>,
    pub margin: Option<f64>,
    pub confidence: Option<f64>,
    pub segment: Option<String>,
    pub source: Option<String>,
    pub since: Option<NaiveDateTime>,
}

/// The rungs of each of these companies, in the order of their ids.
pub fn list_rungs(conn: &mut Conn, ids: &[CompanyId]) -> Result<Vec<(CompanyId, RungsRow)>> {
    let rungs = companies::table
        .left_join(overrides::table.on(overrides::company_id.eq(companies::id)))
        .left_join(sales_tags::table.on(sales_tags::company_id.eq(companies::id)))
        .left_join(deal_segments::table.on(deal_segments::company_id.eq(companies::id)))
        .left_join(survey_segments::table.on(survey_segments::company_id.eq(companies::id)))
        .left_join(company_segments::table.on(company_segments::company_id.eq(companies::id)))
        .filter(companies::id.eq_any(ids))
        .order(companies::id)
        .select((
            companies::id,
            (
                overrides::segment.nullable(),
                overrides::reason.nullable(),
                overrides::made_by.nullable(),
                sales_tags::segment.nullable(),
                sales_tags::reason.nullable(),
                sales_tags::made_by.nullable(),
                sales_tags::blind.nullable(),
                deal_segments::segment.nullable(),
                survey_segments::segment.nullable(),
                survey_segments::fits.nullable(),
                survey_segments::runner_up.nullable(),
                survey_segments::margin.nullable(),
                survey_segments::confidence.nullable(),
                company_segments::segment.nullable(),
                company_segments::source.nullable(),
                company_segments::since.nullable(),
            ),
        ));
    kept_if_few(ids.len(), rungs).load(conn)
}

pub fn find_rungs(conn: &mut Conn, company: CompanyId) -> Result<RungsRow> {
    Ok(list_rungs(conn, &[company])?
        .pop()
        .map(|(_, rungs)| rungs)
        .unwrap_or_default())
}

pub fn replace_override(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: CompanyId,
    segment: &str,
    reason: &str,
    by: &str,
) -> Result<()> {
    delete_override(conn, company)?;
    diesel::insert_into(overrides::table)
        .values((
            overrides::company_id.eq(company),
            overrides::segment.eq(segment),
            overrides::reason.eq(reason),
            overrides::made_by.eq(by),
            overrides::made_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_override(conn: &mut Conn, company: CompanyId) -> Result<bool> {
    Ok(diesel::delete(overrides::table.filter(overrides::company_id.eq(company))).execute(conn)? > 0)
}

pub fn replace_sales_tag(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: CompanyId,
    tag: &Tag,
    by: &str,
    blind: bool,
) -> Result<()> {
    delete_sales_tag(conn, company)?;
    diesel::insert_into(sales_tags::table)
        .values((
            sales_tags::company_id.eq(company),
            sales_tags::segment.eq(&tag.segment),
            sales_tags::reason.eq(&tag.reason),
            sales_tags::made_by.eq(by),
            sales_tags::made_at.eq(now),
            sales_tags::blind.eq(blind),
            sales_tags::sureness.eq(tag.sureness),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_sales_tag(conn: &mut Conn, company: CompanyId) -> Result<bool> {
    Ok(diesel::delete(sales_tags::table.filter(sales_tags::company_id.eq(company))).execute(conn)? > 0)
}

/// Each coded deal of these companies: the needs behind it, joined by `|`.
pub fn list_coded_deals(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<(CompanyId, String)>> {
    transactions::table
        .filter(transactions::company_id.eq_any(companies))
        .filter(transactions::needs.is_not_null())
        .filter(transactions::needs.ne(""))
        .order((transactions::company_id, transactions::id))
        .select((transactions::company_id, transactions::needs.assume_not_null()))
        .load(conn)
}

/// Those of all companies that were made by then, a company's side by side.
pub fn list_coded_deals_until(conn: &mut Conn, until: NaiveDateTime) -> Result<Vec<(CompanyId, String)>> {
    transactions::table
        .filter(transactions::occurred_at.le(until))
        .filter(transactions::needs.is_not_null())
        .filter(transactions::needs.ne(""))
        .order((transactions::company_id, transactions::id))
        .select((transactions::company_id, transactions::needs.assume_not_null()))
        .load(conn)
}

pub fn replace_deal_segments(conn: &mut Conn, companies: &[CompanyId], segments: &[(CompanyId, Code)]) -> Result<()> {
    diesel::delete(deal_segments::table.filter(deal_segments::company_id.eq_any(companies))).execute(conn)?;
    let rows: Vec<_> = segments
        .iter()
        .map(|(company, segment)| {
            (
                deal_segments::company_id.eq(*company),
                deal_segments::segment.eq(segment),
            )
        })
        .collect();
    insert_rows!(conn, deal_segments::table, rows)?;
    Ok(())
}

// History.

#[derive(Debug, Clone, PartialEq, Insertable)]
#[diesel(table_name = segment_changes, treat_none_as_default_value = false)]
pub struct Change {
    pub company_id: i64,
    pub at: NaiveDateTime,
    pub from_segment: Option<String>,
    pub to_segment: Option<String>,
    pub source: String,
    pub made_by: String,
    pub why: String,
}

/// One change of a company's segment.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = segment_changes)]
pub struct SegmentChangeRow {
    pub id: i64,
    pub at: NaiveDateTime,
    pub from_segment: Option<String>,
    pub to_segment: Option<String>,
    pub source: String,
    pub made_by: String,
    pub why: String,
}

pub fn insert_changes(conn: &mut Conn, changes: &[Change]) -> Result<()> {
    insert_rows!(conn, segment_changes::table, changes)?;
    Ok(())
}

/// Every change of the company's segment, oldest first.
pub fn list_changes(conn: &mut Conn, company: CompanyId) -> Result<Vec<SegmentChangeRow>> {
    segment_changes::table
        .filter(segment_changes::company_id.eq(company))
        .order((segment_changes::at, segment_changes::id))
        .select(SegmentChangeRow::as_select())
        .load(conn)
}

/// The next companies, in the order of their ids, whose figures an earlier version left unpacked.
pub fn next_unpacked(conn: &mut Conn, after: CompanyId, count: i64) -> Result<Vec<CompanyId>> {
    company_evidence::table
        .filter(company_evidence::company_id.gt(after))
        .filter(company_evidence::scores.is_null())
        .order(company_evidence::company_id)
        .limit(count)
        .select(company_evidence::company_id)
        .load(conn)
}

// Calibration.

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = calibrations)]
pub struct CalibrationRow {
    pub need: String,
    pub sigma2: f64,
    pub omega2: f64,
    pub mu: f64,
    pub tau2: f64,
    pub calibrated_at: NaiveDateTime,
}

impl CalibrationRow {
    pub fn figures(&self) -> Calibration {
        Calibration {
            sigma2: self.sigma2,
            omega2: self.omega2,
            mu: self.mu,
            tau2: self.tau2,
        }
    }
}

pub fn list_calibrations(conn: &mut Conn) -> Result<Vec<CalibrationRow>> {
    calibrations::table
        .order(calibrations::need)
        .select(CalibrationRow::as_select())
        .load(conn)
}

pub fn replace_calibrations(conn: &mut Conn, now: NaiveDateTime, figures: &[(&str, Calibration)]) -> Result<()> {
    diesel::delete(calibrations::table).execute(conn)?;
    for (need, figures) in figures {
        diesel::insert_into(calibrations::table)
            .values((
                calibrations::need.eq(need),
                calibrations::sigma2.eq(figures.sigma2),
                calibrations::omega2.eq(figures.omega2),
                calibrations::mu.eq(figures.mu),
                calibrations::tau2.eq(figures.tau2),
                calibrations::calibrated_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}
