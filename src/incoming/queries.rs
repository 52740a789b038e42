//! The SQL of what comes back.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::{ContactId, InvitationId, MailId};
use crate::mail::token::Purpose;
use crate::store::schema::{contacts, incoming_mails, invitations, link_tokens, outbox};
use crate::store::{self, Conn, on_each_backend};

#[derive(Insertable)]
#[diesel(table_name = incoming_mails)]
pub struct NewRow<'a> {
    pub kind: &'a str,
    pub at: NaiveDateTime,
    pub invitation_id: Option<InvitationId>,
    pub contact_id: Option<ContactId>,
    pub drip: &'a str,
    pub subject: &'a str,
    pub words: &'a str,
    pub fingerprint: &'a str,
}

/// False: this mail was read before.
pub fn insert(conn: &mut Conn, row: &NewRow) -> store::Result<bool> {
    let inserted = on_each_backend!(conn, c => diesel::insert_into(incoming_mails::table)
        .values(row)
        .on_conflict(incoming_mails::fingerprint)
        .do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// One of ours, as the mark in its envelope tells.
#[derive(Debug, Clone, Queryable)]
pub struct MarkedRow {
    pub invitation: InvitationId,
    pub drip: String,
    pub contact: ContactId,
    /// The contact's address now.
    pub email_key: String,
}

/// The invitations whose bounce tokens have these hashes, the newest first; those of erased contacts are gone.
pub fn list_marked(conn: &mut Conn, hashes: &[String]) -> store::Result<Vec<MarkedRow>> {
    link_tokens::table
        .inner_join(invitations::table.on(link_tokens::invitation_id.eq(invitations::id.nullable())))
        .inner_join(contacts::table.on(contacts::id.eq(invitations::contact_id)))
        .filter(link_tokens::purpose.eq(Purpose::Bounce.as_str()))
        .filter(link_tokens::hash.eq_any(hashes))
        .order((invitations::id.desc(), link_tokens::hash))
        .select((invitations::id, invitations::drip, contacts::id, contacts::email_key))
        .load(conn)
}

/// A mail of an invitation that was handed over, or may have been.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct MailRow {
    pub id: MailId,
    pub to_address: String,
    pub message_id: Option<String>,
    pub outcome: Option<String>,
}

/// The newest first.
pub fn list_mails(conn: &mut Conn, invitation: InvitationId) -> store::Result<Vec<MailRow>> {
    outbox::table
        .filter(outbox::invitation_id.eq(invitation))
        .filter(outbox::message_id.is_not_null())
        .order((outbox::nth.desc(), outbox::id.desc()))
        .select(MailRow::as_select())
        .load(conn)
}

pub fn update_outcome(conn: &mut Conn, mail: MailId, outcome: &str) -> store::Result<usize> {
    diesel::update(outbox::table.find(mail.0))
        .set(outbox::outcome.eq(outcome))
        .execute(conn)
}

/// Whom a mail of these names went to.
#[derive(Debug, Clone, Queryable)]
pub struct AnsweredRow {
    pub invitation: InvitationId,
    pub drip: String,
    pub contact: ContactId,
    pub to_address: String,
    pub email_key: String,
}

pub fn list_answered(conn: &mut Conn, message_ids: &[String]) -> store::Result<Vec<AnsweredRow>> {
    outbox::table
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .filter(outbox::message_id.eq_any(message_ids))
        .order((outbox::id.desc(), contacts::id))
        .select((
            outbox::invitation_id,
            outbox::drip,
            outbox::contact_id,
            outbox::to_address,
            contacts::email_key,
        ))
        .load(conn)
}

/// The first of the contacts with that address.
pub fn find_contact(conn: &mut Conn, email_key: &str) -> store::Result<Option<ContactId>> {
    contacts::table
        .filter(contacts::email_key.eq(email_key))
        .order(contacts::id)
        .select(contacts::id)
        .first(conn)
        .optional()
}

/// How many complaints about that invitation's mails came in.
pub fn count_complaints(conn: &mut Conn, invitation: InvitationId) -> store::Result<i64> {
    incoming_mails::table
        .filter(incoming_mails::invitation_id.eq(invitation))
        .filter(incoming_mails::kind.eq("complaint"))
        .count()
        .get_result(conn)
}

/// What came back from a contact, for its page.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = incoming_mails)]
pub struct IncomingRow {
    pub id: i64,
    /// `bounce`, `delay`, `complaint`, `auto_reply`, `reply`, `ignored`.
    pub kind: String,
    pub at: NaiveDateTime,
    /// The drip's code; '' where a reply names none.
    pub drip: String,
    pub subject: String,
    /// A reply's own words, or what a server said.
    pub words: String,
}

/// The newest first.
pub fn list_of_contact(conn: &mut Conn, contact: ContactId, limit: i64) -> store::Result<Vec<IncomingRow>> {
    incoming_mails::table
        .filter(incoming_mails::contact_id.eq(contact))
        .order((incoming_mails::at.desc(), incoming_mails::id.desc()))
        .limit(limit)
        .select(IncomingRow::as_select())
        .load(conn)
}

/// By drip and kind, of all drips.
pub fn count_by_kind(conn: &mut Conn) -> store::Result<Vec<(String, String, i64)>> {
    incoming_mails::table
        .group_by((incoming_mails::drip, incoming_mails::kind))
        .select((incoming_mails::drip, incoming_mails::kind, diesel::dsl::count_star()))
        .load(conn)
}

pub fn delete_of_contact(conn: &mut Conn, contact: ContactId) -> store::Result<usize> {
    diesel::delete(incoming_mails::table.filter(incoming_mails::contact_id.eq(contact))).execute(conn)
}
