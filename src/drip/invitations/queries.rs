//! The SQL of invitations and their links.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::drip::queries::EnrolmentRow;
use crate::ids::{CompanyId, ContactId, EnrolmentId, FrameworkId, InvitationId, MailId};
use crate::mail::outbox::Mark;
use crate::mail::token::Purpose;
use crate::store::schema::{companies, contacts, enrolments, invitations, link_tokens, outbox};
use crate::store::sets::{Given, Value};
use crate::store::{self, Conn, kept, on_each_backend, padded};

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub struct NewInvitation {
    pub enrolment_id: EnrolmentId,
    pub step: i32,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub framework_id: FrameworkId,
    pub nonce: String,
    pub made_at: NaiveDateTime,
    pub rev: i32,
    pub framework_step: i32,
    /// What an adaptive step asks.
    pub questions: Option<String>,
}

pub fn insert_invitations(conn: &mut Conn, rows: &[NewInvitation]) -> store::Result<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    on_each_backend!(conn, c => diesel::insert_into(invitations::table).values(rows).execute(c))
}

pub fn insert_tokens(conn: &mut Conn, hashes: &[(InvitationId, Purpose, String)]) -> store::Result<()> {
    for hashes in hashes.chunks(store::ROWS_PER_INSERT) {
        let rows: Vec<_> = hashes
            .iter()
            .map(|(invitation, purpose, hash)| {
                (
                    link_tokens::hash.eq(hash),
                    link_tokens::purpose.eq(purpose.as_str()),
                    link_tokens::invitation_id.eq(invitation),
                )
            })
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(link_tokens::table).values(rows).execute(c))?;
    }
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub enrolment_id: EnrolmentId,
    pub step: i32,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub framework_id: FrameworkId,
    pub nonce: String,
    pub made_at: NaiveDateTime,
    pub first_sent_at: Option<NaiveDateTime>,
    pub closes_at: Option<NaiveDateTime>,
    pub opened_at: Option<NaiveDateTime>,
    pub answered_at: Option<NaiveDateTime>,
    pub rev: i32,
    /// The step's number in the framework that it was made from, whatever `step` is now.
    pub framework_step: i32,
    /// Questions that were asked and left blank: codes with blanks between them.
    pub passed: String,
}

pub fn find_invitation(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<InvitationRow>> {
    invitations::table
        .find(invitation.0)
        .select(InvitationRow::as_select())
        .get_result(conn)
        .optional()
}

/// What a token of that purpose opens: its invitation, or (inner `None`) the memory of one.
pub fn find_by_token(conn: &mut Conn, purpose: Purpose, hash: &str) -> store::Result<Option<Option<InvitationRow>>> {
    match find_opened(conn, purpose, hash)? {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some(invitation)) => find_invitation(conn, invitation).map(Some),
    }
}

/// As [`find_by_token`], the invitation's id alone.
pub fn find_opened(conn: &mut Conn, purpose: Purpose, hash: &str) -> store::Result<Option<Option<InvitationId>>> {
    on_each_backend!(conn, c => link_tokens::table
        .find(hash)
        .filter(link_tokens::purpose.eq(purpose.as_str()))
        .select(link_tokens::invitation_id)
        .get_result(c)
        .optional())
}

/// A mail that a server has taken, with what hangs on it.
#[derive(Debug, Clone)]
pub struct SentRow {
    pub mail: MailId,
    pub nth: i32,
    pub sent_at: NaiveDateTime,
    pub invitation: InvitationRow,
    pub enrolment: EnrolmentRow,
    /// Where the contact is written to now.
    pub email: String,
}

/// Of these marked mails, those whose mark still holds, the oldest first.
pub fn list_sent(conn: &mut Conn, marks: &[Mark]) -> store::Result<Vec<SentRow>> {
    let marks: HashMap<MailId, &Mark> = marks.iter().map(|mark| (mark.claim.mail, mark)).collect();
    let mails = padded(marks.keys().map(|mail| mail.0).collect());
    let sent = outbox::table
        .inner_join(invitations::table.inner_join(enrolments::table))
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .filter(outbox::id.eq_any(mails))
        .filter(outbox::state.eq("sending"))
        .order(outbox::id)
        .select((
            outbox::id,
            outbox::attempts,
            outbox::nth,
            InvitationRow::as_select(),
            EnrolmentRow::as_select(),
            contacts::email,
        ));
    let rows: Vec<(MailId, i32, i32, InvitationRow, EnrolmentRow, String)> = kept(sent).load(conn)?;
    let sent = |(mail, attempts, nth, invitation, enrolment, email)| {
        let mark = marks.get(&mail).filter(|mark| mark.claim.attempts == attempts)?;
        Some(SentRow {
            mail,
            nth,
            sent_at: mark.sent_at,
            invitation,
            enrolment,
            email,
        })
    };
    Ok(rows.into_iter().filter_map(sent).collect())
}

/// An invitation beside others of its enrolment.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct SiblingRow {
    pub id: InvitationId,
    pub enrolment_id: EnrolmentId,
    pub step: i32,
    #[diesel(select_expression = invitations::first_sent_at.is_not_null())]
    pub is_sent: bool,
}

/// All but these invitations of these enrolments.
pub fn list_siblings(
    conn: &mut Conn,
    enrolments: &[EnrolmentId],
    but: &[InvitationId],
) -> store::Result<Vec<SiblingRow>> {
    let enrolments = padded(enrolments.iter().map(|id| id.0).collect());
    let but = padded(but.iter().map(|id| id.0).collect());
    let siblings = invitations::table
        .filter(invitations::enrolment_id.eq_any(enrolments))
        .filter(invitations::id.ne_all(but))
        .order(invitations::id)
        .select(SiblingRow::as_select());
    kept(siblings).load(conn)
}

/// All invitations of these enrolments, by enrolment and then as they were made.
pub fn list_made(conn: &mut Conn, enrolments: &[EnrolmentId]) -> store::Result<Vec<InvitationRow>> {
    invitations::table
        .filter(invitations::enrolment_id.eq_any(enrolments.iter().map(|id| id.0)))
        .order((invitations::enrolment_id, invitations::id))
        .select(InvitationRow::as_select())
        .load(conn)
}

/// The last step of the enrolment whose mail has left, or that was answered.
pub fn find_last_reached(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<Option<InvitationRow>> {
    invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(
            invitations::first_sent_at
                .is_not_null()
                .or(invitations::answered_at.is_not_null()),
        )
        .order(invitations::id.desc())
        .select(InvitationRow::as_select())
        .first(conn)
        .optional()
}

/// Whether a later step was made: one that was taken out of the drip before its mail left counts as none.
pub fn is_any_made_after(conn: &mut Conn, enrolment: EnrolmentId, invitation: InvitationId) -> store::Result<bool> {
    let later = invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(invitations::id.gt(invitation))
        .filter(invitations::step.ge(0).or(invitations::first_sent_at.is_not_null()));
    diesel::select(exists(later)).get_result(conn)
}

/// When their first mails left, and when they close.
pub fn update_first_sent(
    conn: &mut Conn,
    rows: &[(InvitationId, NaiveDateTime, Option<NaiveDateTime>)],
) -> store::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let given = Given::new(
        "invitation, at, until",
        rows.iter()
            .map(|(id, at, closes_at)| [Value::Id(id.0), Value::Time(*at), Value::MaybeTime(*closes_at)]),
    );
    let statement = "UPDATE invitations SET first_sent_at = given.at, closes_at = given.until, \
         awaited = (given.until IS NOT NULL) FROM given WHERE invitations.id = given.invitation";
    given.execute(conn, statement, &[]).map(|_| ())
}

/// Raises `rev` if it still is what the page was made from; its row is this transaction's until it ends.
pub fn raise_rev(conn: &mut Conn, invitation: InvitationId, rev: i32) -> store::Result<bool> {
    let raised = on_each_backend!(conn, c => kept(diesel::update(invitations::table.find(invitation.0))
            .filter(invitations::rev.eq(rev))
            .set(invitations::rev.eq(rev + 1)).returning(invitations::id)).load::<InvitationId>(c))
    .map(|ids| ids.len())?;
    Ok(raised == 1)
}

/// What `rev` is now, and until this transaction ends: the row is its own from here on.
pub fn lock_rev(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<i32>> {
    on_each_backend!(conn, c => kept(diesel::update(invitations::table.find(invitation.0)).set(invitations::rev.eq(invitations::rev)).returning(invitations::id)).load::<InvitationId>(c)).map(|ids| ids.len())?;
    invitations::table
        .find(invitation.0)
        .select(invitations::rev)
        .first(conn)
        .optional()
}

/// As [`raise_rev`], and `rev` stays: the row is this transaction's all the same.
pub fn hold_rev(conn: &mut Conn, invitation: InvitationId, rev: i32) -> store::Result<bool> {
    let held = on_each_backend!(conn, c => kept(diesel::update(invitations::table.find(invitation.0))
            .filter(invitations::rev.eq(rev))
            .set(invitations::rev.eq(rev)).returning(invitations::id)).load::<InvitationId>(c))
    .map(|ids| ids.len())?;
    Ok(held == 1)
}

pub fn update_passed(conn: &mut Conn, invitation: InvitationId, passed: &str) -> store::Result<usize> {
    on_each_backend!(conn, c => kept(diesel::update(invitations::table.find(invitation.0)).set(invitations::passed.eq(passed)).returning(invitations::id)).load::<InvitationId>(c)).map(|ids| ids.len())
}

/// The first answer's time stands.
pub fn update_answered(conn: &mut Conn, invitation: InvitationId, at: NaiveDateTime) -> store::Result<()> {
    on_each_backend!(conn, c => kept(diesel::update(invitations::table.find(invitation.0))
            .filter(invitations::answered_at.is_null())
            .set((invitations::answered_at.eq(at), invitations::awaited.eq(false))).returning(invitations::id)).load::<InvitationId>(c)).map(|ids| ids.len())
    .map(|_| ())
}

/// Invitations that closed unanswered, and whose closing nobody has looked at yet.
pub fn list_closed(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<InvitationRow>> {
    invitations::table
        .filter(invitations::awaited)
        .filter(invitations::closes_at.le(now))
        .order((invitations::closes_at, invitations::id))
        .limit(limit)
        .select(InvitationRow::as_select())
        .load(conn)
}

/// Their closings have been looked at.
pub fn pass_closings(conn: &mut Conn, ids: &[InvitationId]) -> store::Result<usize> {
    diesel::update(invitations::table)
        .filter(invitations::id.eq_any(ids.iter().map(|id| id.0)))
        .set(invitations::awaited.eq(false))
        .execute(conn)
}

/// When the next step closes unanswered.
pub fn find_next_closing(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let next: Option<Option<NaiveDateTime>> = invitations::table
        .filter(invitations::awaited)
        .order((invitations::closes_at, invitations::id))
        .select(invitations::closes_at)
        .first(conn)
        .optional()?;
    Ok(next.flatten())
}

pub fn find_email_key(conn: &mut Conn, contact: ContactId) -> store::Result<Option<String>> {
    contacts::table
        .find(contact.0)
        .select(contacts::email_key)
        .first(conn)
        .optional()
}

pub fn find_company_name(conn: &mut Conn, company: CompanyId) -> store::Result<Option<String>> {
    companies::table
        .find(company.0)
        .select(companies::name)
        .first(conn)
        .optional()
}

pub fn find_email(conn: &mut Conn, contact: ContactId) -> store::Result<Option<String>> {
    contacts::table
        .find(contact.0)
        .select(contacts::email)
        .first(conn)
        .optional()
}
