//! The SQL of whom to enrol.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::method::tenure;
use crate::store::schema::{
    companies, company_attributes, company_segments, contact_attributes, contacts, enrolments, outbox, suppressions,
    transactions,
};
use crate::store::{self, Conn};

/// As an audience names the companies without a segment.
const NO_SEGMENT: &str = "none";

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct CandidateRow {
    pub id: ContactId,
    pub external_id: String,
    pub company_id: Option<CompanyId>,
    pub email_key: String,
}

pub fn list_candidates(conn: &mut Conn, external_ids: &[String]) -> store::Result<Vec<CandidateRow>> {
    contacts::table
        .filter(contacts::external_id.eq_any(external_ids))
        .order(contacts::id)
        .select(CandidateRow::as_select())
        .load(conn)
}

/// Who matches every criterion: an attribute of the contact or its company, with the values that
/// pass. Attributes that have no column of their own are looked up among the imported ones.
pub fn list_matching(
    conn: &mut Conn,
    today: NaiveDate,
    tenure_threshold_months: u32,
    criteria: &BTreeMap<String, Vec<String>>,
    only: Option<&[ContactId]>,
) -> store::Result<Vec<CandidateRow>> {
    let mut found = contacts::table
        .left_join(companies::table.left_join(company_segments::table))
        .order(contacts::id)
        .select(CandidateRow::as_select())
        .into_boxed();
    if let Some(contacts) = only {
        found = found.filter(contacts::id.eq_any(raw(contacts)));
    }
    for (attribute, values) in criteria.iter().filter(|(_, values)| !values.is_empty()) {
        found = match attribute.as_str() {
            "tenure" => {
                let cutoff = tenure::cutoff(today, tenure_threshold_months).unwrap_or(NaiveDate::MIN);
                let takes = |word: &str| values.iter().any(|value| value == word).into_sql::<Bool>();
                let since = companies::customer_since.nullable();
                let new = since.gt(cutoff).and(takes("new"));
                let long_standing = since.le(cutoff).and(takes("long_standing"));
                let unknown = since.is_null().and(takes("unknown"));
                found.filter(new.or(long_standing).or(unknown))
            }
            "segment" => {
                let unassigned = values.iter().any(|value| value == NO_SEGMENT).into_sql::<Bool>();
                let none = company_segments::segment.nullable().is_null().and(unassigned);
                found.filter(company_segments::segment.nullable().eq_any(values).or(none.nullable()))
            }
            "role" => found.filter(contacts::role.eq_any(values)),
            "language" => found.filter(contacts::language.eq_any(values)),
            "industry" => found.filter(companies::industry.eq_any(values)),
            "country" => found.filter(companies::country.eq_any(values)),
            "region" => found.filter(companies::region.eq_any(values)),
            "tier" => found.filter(companies::tier.eq_any(values)),
            "behaviour" => found.filter(companies::behaviour.eq_any(values)),
            "customer_type" => found.filter(companies::customer_type.eq_any(values)),
            "journey_stage" => found.filter(companies::journey_stage.eq_any(values)),
            "owner_email" => found.filter(companies::owner_email.eq_any(values)),
            "technology_level" => found.filter(companies::technology_level.eq_any(values)),
            imported => {
                let of_company = company_attributes::table
                    .filter(company_attributes::company_id.nullable().eq(contacts::company_id))
                    .filter(company_attributes::name.eq(imported))
                    .filter(company_attributes::value.eq_any(values));
                let of_contact = contact_attributes::table
                    .filter(contact_attributes::contact_id.eq(contacts::id))
                    .filter(contact_attributes::name.eq(imported))
                    .filter(contact_attributes::value.eq_any(values));
                found.filter(exists(of_company).or(exists(of_contact)))
            }
        };
    }
    found.load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct DealRow {
    pub id: TransactionId,
    pub contact_id: Option<ContactId>,
    pub occurred_at: NaiveDateTime,
}

pub fn list_deals(conn: &mut Conn, ids: &[TransactionId]) -> store::Result<Vec<DealRow>> {
    transactions::table
        .filter(transactions::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .order(transactions::id)
        .select(DealRow::as_select())
        .load(conn)
}

/// Transactions that arrived without a contact.
#[derive(Debug, Clone, Queryable)]
pub struct LoneDealRow {
    pub external_id: String,
    pub company: String,
    pub company_name: String,
    pub product: Option<String>,
    pub occurred_at: NaiveDateTime,
    pub arrived_at: NaiveDateTime,
}

/// The newest first.
pub fn list_deals_without_contact(conn: &mut Conn, limit: i64) -> store::Result<Vec<LoneDealRow>> {
    transactions::table
        .inner_join(companies::table)
        .filter(transactions::contact_id.is_null())
        .order((transactions::arrived_at.desc(), transactions::id.desc()))
        .limit(limit)
        .select((
            transactions::external_id,
            companies::external_id,
            companies::name,
            transactions::product,
            transactions::occurred_at,
            transactions::arrived_at,
        ))
        .load(conn)
}

/// On which occasions these contacts are, or were, in the drip.
pub fn list_enrolled(conn: &mut Conn, drip: &str, ids: &[ContactId]) -> store::Result<HashSet<(ContactId, String)>> {
    let rows: Vec<(ContactId, String)> = enrolments::table
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::contact_id.eq_any(raw(ids)))
        .select((enrolments::contact_id, enrolments::occasion))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What speaks against mail to these address keys: key, drip ('' for all), reason.
pub fn list_suppressions(conn: &mut Conn, keys: &[&str]) -> store::Result<Vec<(String, String, String)>> {
    suppressions::table
        .filter(suppressions::email_key.eq_any(keys))
        .order((suppressions::email_key, suppressions::drip))
        .select((suppressions::email_key, suppressions::drip, suppressions::reason))
        .load(conn)
}

/// Which of these address keys get no mail of the drip.
pub fn list_suppressed(conn: &mut Conn, drip: &str, keys: &[&str]) -> store::Result<HashSet<String>> {
    let rows: Vec<String> = suppressions::table
        .filter(suppressions::drip.eq_any(["", drip]))
        .filter(suppressions::email_key.eq_any(keys))
        .select(suppressions::email_key)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Which of these contacts got a mail since a time, or are about to get one: it waits in the outbox,
/// or they were enrolled since then and their first step is still to be made.
pub fn list_asked_since(conn: &mut Conn, since: NaiveDateTime, ids: &[ContactId]) -> store::Result<HashSet<ContactId>> {
    let waits = outbox::state.eq_any(["queued", "deferred", "sending"]);
    let mailed: Vec<ContactId> = outbox::table
        .filter(outbox::contact_id.eq_any(raw(ids)))
        .filter(outbox::sent_at.gt(since).or(waits.nullable()))
        .select(outbox::contact_id)
        .distinct()
        .load(conn)?;
    let enrolled: Vec<ContactId> = enrolments::table
        .filter(enrolments::contact_id.eq_any(raw(ids)))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_step.eq(0))
        .filter(enrolments::enrolled_at.gt(since))
        .select(enrolments::contact_id)
        .distinct()
        .load(conn)?;
    Ok(mailed.into_iter().chain(enrolled).collect())
}

fn raw(ids: &[ContactId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}
