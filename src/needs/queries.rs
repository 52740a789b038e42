//! Scores, rungs and segments as rows. Each table here is written by this room alone.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::tagging::Tag;
use super::tally::{Colleague, ContactTally};
use crate::design::Design;
use crate::framework::Code;
use crate::ids::{CompanyId, ContactId};
use crate::method::calibrate::Calibration;
use crate::method::score::ContactSums;
use crate::store::schema::{
    answers, calibrations, companies, company_evidence, company_merges, company_months, company_needs,
    company_segments, contact_evidence, contact_needs, contacts, deal_segments, overrides, sales_tags, segment_changes,
    survey_segments, transactions,
};
use crate::store::{Conn, ROWS_PER_INSERT, Result, insert_rows, kept_if_few, on_each_backend};

// Contacts' sums.

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_needs)]
struct ContactNeedRow {
    company_id: i64,
    contact_id: i64,
    need: String,
    n: i32,
    mean: f64,
    squares: f64,
    exponent: f64,
    weight: f64,
    weighed: f64,
    weight_squares: f64,
}

#[derive(Insertable)]
#[diesel(table_name = contact_evidence)]
struct ContactEvidenceRow {
    company_id: i64,
    contact_id: i64,
    answers: i32,
    answered_at: NaiveDateTime,
}

impl ContactNeedRow {
    fn new(company: CompanyId, contact: ContactId, need: &str, sums: &ContactSums) -> ContactNeedRow {
        ContactNeedRow {
            company_id: company.0,
            contact_id: contact.0,
            need: need.to_owned(),
            n: sums.n as i32,
            mean: sums.mean,
            squares: sums.squares,
            exponent: sums.exponent,
            weight: sums.weight,
            weighed: sums.weighed,
            weight_squares: sums.weight_squares,
        }
    }

    fn sums(&self) -> ContactSums {
        ContactSums {
            n: self.n as u32,
            mean: self.mean,
            squares: self.squares,
            exponent: self.exponent,
            weight: self.weight,
            weighed: self.weighed,
            weight_squares: self.weight_squares,
        }
    }
}

/// Puts a contact's sums in place of its former ones.
pub fn replace_contact(
    conn: &mut Conn,
    design: &Design,
    company: CompanyId,
    contact: ContactId,
    tally: Option<&ContactTally>,
) -> Result<()> {
    let of_contact = contact_needs::company_id
        .eq(company)
        .and(contact_needs::contact_id.eq(contact));
    diesel::delete(contact_needs::table.filter(of_contact)).execute(conn)?;
    let of_contact = contact_evidence::company_id
        .eq(company)
        .and(contact_evidence::contact_id.eq(contact));
    diesel::delete(contact_evidence::table.filter(of_contact)).execute(conn)?;
    match tally {
        Some(tally) => insert_contacts(conn, design, [((company, contact), tally)]),
        None => Ok(()),
    }
}

/// As [`replace_contact`], for contacts of several companies: the sums given are all that is left of them there.
pub fn replace_contacts<'t>(
    conn: &mut Conn,
    design: &Design,
    companies: &[CompanyId],
    contacts: &[ContactId],
    tallies: impl IntoIterator<Item = ((CompanyId, ContactId), &'t ContactTally)>,
) -> Result<()> {
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let of_contacts = contact_needs::company_id
            .eq_any(companies)
            .and(contact_needs::contact_id.eq_any(contacts));
        diesel::delete(contact_needs::table.filter(of_contacts)).execute(conn)?;
        let of_contacts = contact_evidence::company_id
            .eq_any(companies)
            .and(contact_evidence::contact_id.eq_any(contacts));
        diesel::delete(contact_evidence::table.filter(of_contacts)).execute(conn)?;
    }
    insert_contacts(conn, design, tallies)
}

fn insert_contacts<'t>(
    conn: &mut Conn,
    design: &Design,
    tallies: impl IntoIterator<Item = ((CompanyId, ContactId), &'t ContactTally)>,
) -> Result<()> {
    let (mut sums, mut evidence) = (Vec::new(), Vec::new());
    for ((company, contact), tally) in tallies {
        for (need, of_need) in design.framework.needs.iter().zip(&tally.sums) {
            sums.extend(
                of_need
                    .iter()
                    .map(|of_need| ContactNeedRow::new(company, contact, &need.code, of_need)),
            );
        }
        evidence.push(ContactEvidenceRow {
            company_id: company.0,
            contact_id: contact.0,
            answers: tally.answers as i32,
            answered_at: tally.answered_at,
        });
    }
    insert_rows!(conn, contact_needs::table, sums)?;
    insert_rows!(conn, contact_evidence::table, evidence)?;
    Ok(())
}

pub fn delete_contact(conn: &mut Conn, contact: ContactId) -> Result<()> {
    diesel::delete(contact_needs::table.filter(contact_needs::contact_id.eq(contact))).execute(conn)?;
    diesel::delete(contact_evidence::table.filter(contact_evidence::contact_id.eq(contact))).execute(conn)?;
    Ok(())
}

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

/// The contacts with scored answers of each of these companies, in the order of their ids.
pub fn list_colleagues(
    conn: &mut Conn,
    design: &Design,
    companies: &[CompanyId],
) -> Result<BTreeMap<CompanyId, Vec<Colleague>>> {
    let places: HashMap<&str, usize> = design
        .framework
        .needs
        .iter()
        .enumerate()
        .map(|(place, need)| (need.code.as_str(), place))
        .collect();
    let mut sums: HashMap<(i64, i64), Vec<Option<ContactSums>>> = HashMap::new();
    let of_companies = contact_needs::table
        .filter(contact_needs::company_id.eq_any(companies))
        .select(ContactNeedRow::as_select());
    let rows: Vec<ContactNeedRow> = kept_if_few(companies.len(), of_companies).load(conn)?;
    for row in rows {
        let of_contact = sums
            .entry((row.company_id, row.contact_id))
            .or_insert_with(|| vec![None; places.len()]);
        if let Some(place) = places.get(row.need.as_str()) {
            of_contact[*place] = Some(row.sums());
        }
    }
    let evidence = contact_evidence::table
        .inner_join(contacts::table.on(contacts::id.eq(contact_evidence::contact_id)))
        .filter(contact_evidence::company_id.eq_any(companies))
        .order((contact_evidence::company_id, contact_evidence::contact_id))
        .select((
            contact_evidence::company_id,
            contact_evidence::contact_id,
            contact_evidence::answers,
            contact_evidence::answered_at,
            contacts::role,
        ));
    let evidence: Vec<(i64, i64, i32, NaiveDateTime, Option<String>)> =
        kept_if_few(companies.len(), evidence).load(conn)?;
    let mut tallies: BTreeMap<CompanyId, Vec<Colleague>> = BTreeMap::new();
    for (company, contact, answers, answered_at, role) in evidence {
        let sums = sums
            .remove(&(company, contact))
            .unwrap_or_else(|| vec![None; places.len()]);
        let colleague = Colleague {
            contact: ContactId(contact),
            role_weight: design.role_weight(role.as_deref()),
            tally: ContactTally {
                sums,
                answers: answers as u32,
                answered_at,
            },
        };
        tallies.entry(CompanyId(company)).or_default().push(colleague);
    }
    Ok(tallies)
}

/// What the contacts weigh who ever answered for one of these companies, scored or not.
pub fn list_role_weights_between(
    conn: &mut Conn,
    design: &Design,
    first: CompanyId,
    last: CompanyId,
) -> Result<HashMap<ContactId, f64>> {
    let answered = answers::table
        .filter(answers::company_id.between(first, last))
        .select(answers::contact_id);
    let rows: Vec<(ContactId, Option<String>)> = contacts::table
        .filter(contacts::id.eq_any(answered))
        .select((contacts::id, contacts::role))
        .load(conn)?;
    let weighed = |(contact, role): (ContactId, Option<String>)| (contact, design.role_weight(role.as_deref()));
    Ok(rows.into_iter().map(weighed).collect())
}

/// As [`list_role_weights_between`], for these companies.
pub fn list_role_weights_of(
    conn: &mut Conn,
    design: &Design,
    companies: &[CompanyId],
) -> Result<HashMap<ContactId, f64>> {
    let answered = answers::table
        .filter(answers::company_id.eq_any(companies))
        .select(answers::contact_id);
    let rows: Vec<(ContactId, Option<String>)> = contacts::table
        .filter(contacts::id.eq_any(answered))
        .select((contacts::id, contacts::role))
        .load(conn)?;
    let weighed = |(contact, role): (ContactId, Option<String>)| (contact, design.role_weight(role.as_deref()));
    Ok(rows.into_iter().map(weighed).collect())
}

/// The companies for which these contacts have scored answers.
pub fn list_companies_of(conn: &mut Conn, contacts: &[ContactId]) -> Result<Vec<CompanyId>> {
    let mut companies = Vec::new();
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let found: Vec<CompanyId> = contact_evidence::table
            .filter(contact_evidence::contact_id.eq_any(contacts))
            .select(contact_evidence::company_id)
            .distinct()
            .load(conn)?;
        companies.extend(found);
    }
    companies.sort();
    companies.dedup();
    Ok(companies)
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

/// Clears away the sums on needs that the framework no longer has.
pub fn delete_archived_needs(conn: &mut Conn, design: &Design) -> Result<()> {
    let active: Vec<&str> = design.framework.needs.iter().map(|need| need.code.as_str()).collect();
    diesel::delete(contact_needs::table.filter(contact_needs::need.ne_all(active)))
        .execute(conn)
        .map(|_| ())
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

// The past by months.

#[derive(Insertable)]
#[diesel(table_name = company_months)]
struct MonthsRow<'a> {
    company_id: i64,
    rule: &'a str,
    until: i32,
    points: &'a str,
}

/// What is kept by this rule up to this month.
pub fn list_months(conn: &mut Conn, rule: &str, until: i32) -> Result<Vec<(CompanyId, String)>> {
    company_months::table
        .filter(company_months::rule.eq(rule))
        .filter(company_months::until.eq(until))
        .order(company_months::company_id)
        .select((company_months::company_id, company_months::points))
        .load(conn)
}

/// The next companies of which it is not kept, in the order of their ids.
/// Companies whose figures an earlier version left unpacked.
pub fn next_unpacked(conn: &mut Conn, after: CompanyId, count: i64) -> Result<Vec<CompanyId>> {
    company_evidence::table
        .filter(company_evidence::company_id.gt(after))
        .filter(company_evidence::scores.is_null())
        .order(company_evidence::company_id)
        .limit(count)
        .select(company_evidence::company_id)
        .load(conn)
}

pub fn next_due_months(
    conn: &mut Conn,
    rule: &str,
    until: i32,
    after: CompanyId,
    count: i64,
) -> Result<Vec<CompanyId>> {
    let kept = company_months::table
        .filter(company_months::company_id.eq(companies::id))
        .filter(company_months::rule.eq(rule))
        .filter(company_months::until.eq(until));
    companies::table
        .filter(companies::id.gt(after))
        .filter(not(exists(kept)))
        .order(companies::id)
        .limit(count)
        .select(companies::id)
        .load(conn)
}

pub fn count_due_months(conn: &mut Conn, rule: &str, until: i32) -> Result<u64> {
    let kept: i64 = company_months::table
        .filter(company_months::rule.eq(rule))
        .filter(company_months::until.eq(until))
        .count()
        .get_result(conn)?;
    Ok(count_companies(conn)?.saturating_sub(u64::try_from(kept).unwrap_or(0)))
}

pub fn count_companies(conn: &mut Conn) -> Result<u64> {
    let all: i64 = companies::table.count().get_result(conn)?;
    Ok(u64::try_from(all).unwrap_or(0))
}

pub fn replace_months(
    conn: &mut Conn,
    companies: &[CompanyId],
    rule: &str,
    until: i32,
    points: &[(CompanyId, String)],
) -> Result<()> {
    delete_months(conn, companies)?;
    let rows: Vec<MonthsRow> = points
        .iter()
        .map(|(company, points)| MonthsRow {
            company_id: company.0,
            rule,
            until,
            points,
        })
        .collect();
    insert_rows!(conn, company_months::table, rows)?;
    Ok(())
}

pub fn delete_months(conn: &mut Conn, companies: &[CompanyId]) -> Result<()> {
    for companies in companies.chunks(ROWS_PER_INSERT) {
        diesel::delete(company_months::table.filter(company_months::company_id.eq_any(companies))).execute(conn)?;
    }
    Ok(())
}

/// Of every company for which these contacts ever answered, scored or not.
pub fn delete_months_of_contacts(conn: &mut Conn, contacts: &[ContactId]) -> Result<()> {
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let answered = answers::table
            .filter(answers::contact_id.eq_any(contacts))
            .select(answers::company_id);
        diesel::delete(company_months::table.filter(company_months::company_id.eq_any(answered))).execute(conn)?;
    }
    Ok(())
}

pub fn delete_all_months(conn: &mut Conn) -> Result<()> {
    diesel::delete(company_months::table).execute(conn).map(|_| ())
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
