//! The SQL of drips and enrolments; that of audiences and invitations stands apart and is named here, too.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::ids::{CompanyId, ContactId, EnrolmentId, InvitationId, TransactionId};
use crate::store::schema::{contacts, drips, enrolments, invitations, outbox};
use crate::store::sets::{Given, Value};
use crate::store::{self, Conn, kept, on_each_backend};

pub use super::audience::queries::*;
pub use super::claim::queries::{SituationRow, find_situation};
pub use super::invitations::queries::*;

// ── drips ──

/// The codes of the drips that have a state.
pub fn list_drips(conn: &mut Conn) -> store::Result<HashSet<String>> {
    let codes: Vec<String> = drips::table.select(drips::code).load(conn)?;
    Ok(codes.into_iter().collect())
}

/// Code, state and cause of every drip that has one.
pub fn list_states(conn: &mut Conn) -> store::Result<Vec<(String, String, Option<String>)>> {
    drips::table
        .order(drips::code)
        .select((drips::code, drips::state, drips::cause))
        .load(conn)
}

/// The codes of the drips that are on.
pub fn list_on(conn: &mut Conn) -> store::Result<Vec<String>> {
    drips::table
        .filter(drips::state.eq("on"))
        .order(drips::code)
        .select(drips::code)
        .load(conn)
}

pub fn insert_drip(conn: &mut Conn, now: NaiveDateTime, drip: &str, state: &str) -> store::Result<usize> {
    let row = (drips::code.eq(drip), drips::state.eq(state), drips::changed_at.eq(now));
    on_each_backend!(conn, c => diesel::insert_into(drips::table)
        .values(row)
        .on_conflict(drips::code)
        .do_nothing()
        .execute(c))
}

pub fn find_drip(conn: &mut Conn, drip: &str) -> store::Result<Option<(String, Option<String>)>> {
    drips::table
        .find(drip)
        .select((drips::state, drips::cause))
        .first(conn)
        .optional()
}

pub fn update_drip(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &str,
    state: &str,
    cause: Option<&str>,
) -> store::Result<usize> {
    diesel::update(drips::table.find(drip))
        .set((
            drips::state.eq(state),
            drips::cause.eq(cause),
            drips::changed_at.eq(now),
        ))
        .execute(conn)
}

// ── enrolments ──

#[derive(Insertable)]
#[diesel(table_name = enrolments, treat_none_as_default_value = false)]
pub struct NewEnrolmentRow<'a> {
    pub drip: &'a str,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub transaction_id: Option<TransactionId>,
    pub occasion: &'a str,
    pub state: &'a str,
    pub next_step: i32,
    pub next_at: NaiveDateTime,
    pub enrolled_at: NaiveDateTime,
}

pub fn insert_enrolments(conn: &mut Conn, rows: &[NewEnrolmentRow]) -> store::Result<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    on_each_backend!(conn, c => diesel::insert_into(enrolments::table)
        .values(rows)
        .on_conflict((enrolments::drip, enrolments::contact_id, enrolments::occasion))
        .do_nothing()
        .execute(c))
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = enrolments)]
pub struct EnrolmentRow {
    pub id: EnrolmentId,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub transaction_id: Option<TransactionId>,
    pub state: String,
    pub next_step: i32,
    pub next_at: Option<NaiveDateTime>,
}

/// An enrolment whose next step is due, with the contact as it is now.
#[derive(Debug, Clone, Queryable)]
pub struct DueRow {
    pub enrolment: EnrolmentRow,
    pub email: String,
    pub email_key: String,
    /// Where the contact is now.
    pub company_id: Option<CompanyId>,
}

/// Of drips that are on, the longest due first; drip by drip, so that the index gives them in order
/// however many of a paused one wait.
pub fn list_due(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<DueRow>> {
    let mut due: Vec<DueRow> = Vec::new();
    for drip in list_on(conn)? {
        let of_drip: Vec<DueRow> = enrolments::table
            .inner_join(contacts::table)
            .filter(enrolments::drip.eq(drip))
            .filter(enrolments::state.eq("active"))
            .filter(enrolments::next_at.le(now))
            .order((enrolments::next_at, enrolments::id))
            .limit(limit)
            .select((
                EnrolmentRow::as_select(),
                contacts::email,
                contacts::email_key,
                contacts::company_id,
            ))
            .load(conn)?;
        due.extend(of_drip);
    }
    due.sort_by_key(|row| (row.enrolment.next_at, row.enrolment.id));
    due.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(due)
}

/// When the next step of a drip that is on falls due.
pub fn find_next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let mut next = None;
    for drip in list_on(conn)? {
        let of_drip: Option<Option<NaiveDateTime>> = enrolments::table
            .filter(enrolments::drip.eq(drip))
            .filter(enrolments::state.eq("active"))
            .filter(enrolments::next_at.is_not_null())
            .order((enrolments::next_at, enrolments::id))
            .select(enrolments::next_at)
            .first(conn)
            .optional()?;
        next = next.into_iter().chain(of_drip.flatten()).min();
    }
    Ok(next)
}

/// A contact's enrolments, oldest first.
pub fn list_of_contact(conn: &mut Conn, contact: ContactId) -> store::Result<Vec<EnrolmentRow>> {
    enrolments::table
        .filter(enrolments::contact_id.eq(contact))
        .order(enrolments::id)
        .select(EnrolmentRow::as_select())
        .load(conn)
}

pub fn find_enrolment(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<Option<EnrolmentRow>> {
    enrolments::table
        .find(enrolment.0)
        .select(EnrolmentRow::as_select())
        .get_result(conn)
        .optional()
}

pub fn update_enrolment(
    conn: &mut Conn,
    enrolment: EnrolmentId,
    state: &str,
    next_step: i32,
    next_at: Option<NaiveDateTime>,
    cause: Option<&str>,
) -> store::Result<()> {
    on_each_backend!(conn, c => kept(diesel::update(enrolments::table.find(enrolment.0)).set((
        enrolments::state.eq(state),
        enrolments::next_step.eq(next_step),
        enrolments::next_at.eq(next_at),
        enrolments::cause.eq(cause),
    )).returning(enrolments::id)).load::<EnrolmentId>(c))
    .map(|ids| ids.len())
    .map(|_| ())
}

/// Their step is made: the next one waits for its sending.
pub fn pass_step(conn: &mut Conn, ids: &[EnrolmentId], next_step: i32) -> store::Result<usize> {
    diesel::update(enrolments::table)
        .filter(enrolments::id.eq_any(ids.iter().map(|id| id.0)))
        .set((
            enrolments::next_step.eq(next_step),
            enrolments::next_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
}

/// What became of enrolments whose last mail has left: the next step's date, or their end.
pub fn update_next(conn: &mut Conn, rows: &[(EnrolmentId, &'static str, Option<NaiveDateTime>)]) -> store::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let given = Given::new(
        "enrolment, became, at",
        rows.iter()
            .map(|(id, state, at)| [Value::Id(id.0), Value::Text(state), Value::MaybeTime(*at)]),
    );
    let statement = "UPDATE enrolments SET state = given.became, next_at = given.at, cause = NULL \
         FROM given WHERE enrolments.id = given.enrolment";
    given.execute(conn, statement, &[]).map(|_| ())
}

/// The contact is at another company now.
pub fn update_company(conn: &mut Conn, enrolment: EnrolmentId, company: CompanyId) -> store::Result<usize> {
    diesel::update(enrolments::table.find(enrolment.0))
        .set(enrolments::company_id.eq(company))
        .execute(conn)
}

pub fn stop_enrolment(conn: &mut Conn, enrolment: EnrolmentId, cause: &str) -> store::Result<()> {
    on_each_backend!(conn, c => kept(diesel::update(enrolments::table.find(enrolment.0))
            .filter(enrolments::state.eq("active"))
            .set((enrolments::state.eq("stopped"), enrolments::cause.eq(cause))).returning(enrolments::id)).load::<EnrolmentId>(c)).map(|ids| ids.len())
    .map(|_| ())
}

/// Ends all that is under way in a drip.
pub fn stop_all_of(conn: &mut Conn, drip: &str, cause: &str) -> store::Result<usize> {
    diesel::update(enrolments::table)
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(cause)))
        .execute(conn)
}

/// Ends what is under way to an address key: in one drip, or (with '') in all.
pub fn stop_of_address(conn: &mut Conn, email_key: &str, drip: &str, cause: &str) -> store::Result<()> {
    let people = contacts::table
        .filter(contacts::email_key.eq(email_key))
        .select(contacts::id);
    diesel::update(enrolments::table)
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::contact_id.eq_any(people))
        .filter(enrolments::drip.eq(drip).or(drip.is_empty().into_sql::<Bool>()))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(cause)))
        .execute(conn)
        .map(|_| ())
}

pub fn list_stopped(conn: &mut Conn, email_key: &str, drip: &str, cause: &str) -> store::Result<Vec<EnrolmentRow>> {
    enrolments::table
        .inner_join(contacts::table)
        .filter(contacts::email_key.eq(email_key))
        .filter(enrolments::state.eq("stopped"))
        .filter(enrolments::cause.eq(cause))
        .filter(enrolments::drip.eq(drip).or(drip.is_empty().into_sql::<Bool>()))
        .order(enrolments::id)
        .select(EnrolmentRow::as_select())
        .load(conn)
}

/// It goes on where it was; a closing that passed meanwhile is looked at again.
pub fn revive_enrolment(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<()> {
    diesel::update(invitations::table)
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(invitations::closes_at.is_not_null())
        .filter(invitations::answered_at.is_null())
        .set(invitations::awaited.eq(true))
        .execute(conn)?;
    diesel::update(enrolments::table.find(enrolment.0))
        .set((enrolments::state.eq("active"), enrolments::cause.eq(None::<String>)))
        .execute(conn)
        .map(|_| ())
}

/// Enrolments that stopped because their step's mail failed go on where they were.
pub fn revive_failed(conn: &mut Conn, ids: &[InvitationId]) -> store::Result<usize> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let stopped = invitations::table
        .filter(invitations::id.eq_any(ids))
        .filter(invitations::first_sent_at.is_null())
        .select(invitations::enrolment_id);
    diesel::update(enrolments::table.filter(enrolments::id.eq_any(stopped)))
        .filter(enrolments::state.eq("stopped"))
        .set((enrolments::state.eq("active"), enrolments::cause.eq(None::<String>)))
        .execute(conn)
}

/// Mails that were cancelled for that reason wait again.
pub fn revive_mails(conn: &mut Conn, enrolment: EnrolmentId, cause: &str) -> store::Result<()> {
    let of_enrolment = invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::state.eq("cancelled"))
        .filter(outbox::reply.eq(cause))
        .filter(outbox::invitation_id.eq_any(of_enrolment))
        .set((
            outbox::state.eq("queued"),
            outbox::reply.eq(None::<String>),
            outbox::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
        .map(|_| ())
}
