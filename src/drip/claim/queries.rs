//! The SQL of what a claim looks at: the mails' whole situation, and which destinations are held.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::drip::queries::InvitationRow;
use crate::ids::{InvitationId, TransactionId};
use crate::mail::wishes::Wish;
use crate::store::schema::{
    companies, company_segments, contacts, domain_holds, domain_paces, enrolments, invitations, mail_wishes,
    suppressions, transactions,
};
use crate::store::{self, Conn, kept, on_each_backend, padded};

/// What decides whether a mail may leave now, and what it says.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct SituationRow {
    pub email: String,
    pub email_key: String,
    pub time_zone: Option<String>,
    pub language: Option<String>,
    pub company_time_zone: Option<String>,
    pub enrolment_state: String,
    pub enrolment_cause: Option<String>,
    pub transaction_id: Option<TransactionId>,
    pub invitation: InvitationRow,
    pub segment: Option<String>,
    pub person: PersonRow,
    pub company: String,
    pub deal: Option<DealRow>,
}

/// Who is written to.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct PersonRow {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
}

/// What they bought.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct DealRow {
    pub product: Option<String>,
    pub occurred_at: NaiveDateTime,
}

/// What is read of a mail's whole situation, in the order of [`SituationRow`]'s fields.
macro_rules! situations {
    () => {
        invitations::table
            .inner_join(enrolments::table)
            .inner_join(contacts::table.on(contacts::id.eq(invitations::contact_id)))
            .inner_join(companies::table.on(companies::id.eq(invitations::company_id)))
            .left_join(company_segments::table.on(company_segments::company_id.eq(invitations::company_id)))
            .left_join(transactions::table.on(transactions::id.nullable().eq(enrolments::transaction_id)))
            .select((
                contacts::email,
                contacts::email_key,
                contacts::time_zone,
                contacts::language,
                companies::time_zone,
                enrolments::state,
                enrolments::cause,
                enrolments::transaction_id,
                InvitationRow::as_select(),
                company_segments::segment.nullable(),
                PersonRow::as_select(),
                companies::name,
                Option::<DealRow>::as_select(),
            ))
    };
}

/// One alone is asked for by a statement that is prepared once.
pub fn find_situation(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<SituationRow>> {
    on_each_backend!(conn, c => situations!().filter(invitations::id.eq(invitation)).get_result(c).optional())
}

/// The situations of those invitations that are there.
pub fn list_situations(conn: &mut Conn, ids: &[InvitationId]) -> store::Result<HashMap<InvitationId, SituationRow>> {
    let ids = padded(ids.iter().map(|id| id.0).collect());
    let situations = situations!().filter(invitations::id.eq_any(ids)).order(invitations::id);
    let rows: Vec<SituationRow> = kept(situations).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.invitation.id, row)).collect())
}

/// Why those address keys get no mail, by key and drip ('' for all).
pub fn list_suppressions(conn: &mut Conn, keys: &HashSet<String>) -> store::Result<HashMap<(String, String), String>> {
    let keys = padded(keys.iter().map(String::as_str).collect());
    let suppressions = suppressions::table
        .filter(suppressions::email_key.eq_any(keys))
        .order((suppressions::email_key, suppressions::drip))
        .select((suppressions::email_key, suppressions::drip, suppressions::reason));
    let rows: Vec<(String, String, String)> = kept(suppressions).load(conn)?;
    Ok(rows.into_iter().map(|(key, drip, why)| ((key, drip), why)).collect())
}

pub fn list_wishes(conn: &mut Conn, keys: &HashSet<String>) -> store::Result<HashMap<String, Wish>> {
    let keys = padded(keys.iter().map(String::as_str).collect());
    let wishes = mail_wishes::table
        .filter(mail_wishes::email_key.eq_any(keys))
        .order(mail_wishes::email_key)
        .select((mail_wishes::email_key, Wish::as_select()));
    let rows: Vec<(String, Wish)> = kept(wishes).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// A destination that does not take a drip's mail.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = domain_holds)]
pub struct HoldRow {
    pub drip: String,
    pub domain: String,
    pub cause: String,
    pub made_at: NaiveDateTime,
}

pub fn list_holds(conn: &mut Conn) -> store::Result<Vec<HoldRow>> {
    domain_holds::table
        .order((domain_holds::drip, domain_holds::domain))
        .select(HoldRow::as_select())
        .load(conn)
}

/// False: it was held already.
pub fn insert_hold(conn: &mut Conn, now: NaiveDateTime, drip: &str, domain: &str, cause: &str) -> store::Result<bool> {
    let row = (
        domain_holds::drip.eq(drip),
        domain_holds::domain.eq(domain),
        domain_holds::cause.eq(cause),
        domain_holds::made_at.eq(now),
    );
    let inserted = on_each_backend!(conn, c => diesel::insert_into(domain_holds::table)
        .values(row)
        .on_conflict((domain_holds::drip, domain_holds::domain))
        .do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

pub fn delete_hold(conn: &mut Conn, drip: &str, domain: &str) -> store::Result<usize> {
    diesel::delete(domain_holds::table.find((drip, domain))).execute(conn)
}

/// How slowly a destination wants its mail.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = domain_paces)]
pub struct PaceRow {
    pub domain: String,
    pub per_minute: i32,
    pub halved_at: NaiveDateTime,
    pub throttled_at: NaiveDateTime,
}

pub fn list_paces(conn: &mut Conn) -> store::Result<Vec<PaceRow>> {
    domain_paces::table
        .order(domain_paces::domain)
        .select(PaceRow::as_select())
        .load(conn)
}

pub fn find_pace(conn: &mut Conn, domain: &str) -> store::Result<Option<PaceRow>> {
    domain_paces::table
        .find(domain)
        .select(PaceRow::as_select())
        .first(conn)
        .optional()
}

pub fn replace_pace(conn: &mut Conn, row: &PaceRow) -> store::Result<usize> {
    on_each_backend!(conn, c => diesel::insert_into(domain_paces::table)
        .values(row)
        .on_conflict(domain_paces::domain)
        .do_update()
        .set(row)
        .execute(c))
}

/// Destinations that have not asked for fewer mails since a time go at full speed again.
pub fn delete_paces(conn: &mut Conn, throttled_before: NaiveDateTime) -> store::Result<usize> {
    diesel::delete(domain_paces::table.filter(domain_paces::throttled_at.lt(throttled_before))).execute(conn)
}
