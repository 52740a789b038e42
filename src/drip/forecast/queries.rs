use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::ids::{CompanyId, ContactId};
use crate::store::schema::{companies, contacts, enrolments, outbox, suppressions};
use crate::store::{self, Conn};

#[derive(Queryable)]
pub struct CandidateRow {
    pub due_at: Option<NaiveDateTime>,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub time_zone: Option<String>,
    pub company_time_zone: Option<String>,
}

/// Whoever gets no mail of the drip.
macro_rules! suppressed {
    ($drip:expr) => {
        exists(
            suppressions::table
                .filter(suppressions::email_key.eq(contacts::email_key))
                .filter(suppressions::drip.eq_any(["", $drip])),
        )
    };
}

/// Mails of the drip that wait, to who may get them.
pub fn list_waiting(conn: &mut Conn, drip: &str) -> store::Result<Vec<CandidateRow>> {
    outbox::table
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .inner_join(companies::table.on(companies::id.eq(outbox::company_id)))
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(["queued", "deferred"]))
        .filter(not(suppressed!(drip)))
        .select((
            outbox::due_at.nullable(),
            outbox::contact_id,
            outbox::company_id,
            contacts::time_zone,
            companies::time_zone,
        ))
        .load(conn)
}

/// Enrolments whose next step has a date, of who may get its mail.
pub fn list_upcoming(conn: &mut Conn, drip: &str) -> store::Result<Vec<CandidateRow>> {
    enrolments::table
        .inner_join(contacts::table)
        .inner_join(companies::table.on(companies::id.eq(enrolments::company_id)))
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_not_null())
        .filter(not(suppressed!(drip)))
        .select((
            enrolments::next_at,
            enrolments::contact_id,
            enrolments::company_id,
            contacts::time_zone,
            companies::time_zone,
        ))
        .load(conn)
}

type Zones = (Option<String>, Option<String>);

/// The time zones of contacts and of their companies.
pub fn list_zones(conn: &mut Conn, ids: &[ContactId]) -> store::Result<HashMap<ContactId, Zones>> {
    let rows: Vec<(ContactId, Option<String>, Option<String>)> = contacts::table
        .left_join(companies::table)
        .filter(contacts::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .select((contacts::id, contacts::time_zone, companies::time_zone.nullable()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, own, at_company)| (id, (own, at_company)))
        .collect())
}

/// To whom mails went since a time.
pub fn list_sent_since(
    conn: &mut Conn,
    since: NaiveDateTime,
) -> store::Result<Vec<(ContactId, CompanyId, Option<NaiveDateTime>)>> {
    outbox::table
        .filter(outbox::sent_at.gt(since))
        .select((outbox::contact_id, outbox::company_id, outbox::sent_at))
        .load(conn)
}
