//! A mail's way from state to state:
//! `queued → sending(owner, attempt) → sent | deferred(until) | failed | cancelled`.
//!
//! Whoever claims a mail holds its attempt number, and only that number may finish it: a worker
//! that was thought dead and comes back changes nothing.

mod queries;

use chrono::{NaiveDateTime, TimeDelta};

pub use self::queries::{Needless, Recipient, WaitingRow};
use crate::ids::{CompanyId, ContactId, InvitationId, MailId};
use crate::store::{self, Conn};

/// A mail to be queued.
#[derive(Debug, Clone)]
pub struct NewMail<'a> {
    pub invitation: InvitationId,
    /// 0: the first of its step; then its reminders.
    pub nth: i32,
    pub drip: &'a str,
    pub step: i32,
    pub contact: ContactId,
    pub company: CompanyId,
    pub to: &'a str,
    pub due_at: NaiveDateTime,
}

/// A mail that its holder alone may finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub mail: MailId,
    pub attempts: i32,
}

pub fn queue(conn: &mut Conn, now: NaiveDateTime, mail: &NewMail) -> store::Result<()> {
    let row = queries::NewMailRow {
        invitation_id: mail.invitation,
        nth: mail.nth,
        drip: mail.drip,
        step: mail.step,
        contact_id: mail.contact,
        company_id: mail.company,
        to_address: mail.to,
        state: "queued",
        due_at: mail.due_at,
        attempts: 0,
        maybe_duplicate: false,
        made_at: now,
    };
    queries::insert(conn, &row).map(|_| ())
}

/// Mails of drips that are on and whose time has come, the longest due first.
pub fn list_due(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<WaitingRow>> {
    queries::list_due(conn, now, limit)
}

pub fn next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    queries::find_next_due(conn)
}

/// `None`: somebody was quicker.
pub fn claim(conn: &mut Conn, waiting: &WaitingRow, owner: &str) -> store::Result<Option<Claim>> {
    let claimed = queries::claim(conn, waiting.id, waiting.attempts, owner)?;
    Ok(claimed.then_some(Claim {
        mail: waiting.id,
        attempts: waiting.attempts + 1,
    }))
}

/// The bytes that every attempt sends, once there are any.
pub fn frozen(conn: &mut Conn, mail: MailId) -> store::Result<Option<Vec<u8>>> {
    queries::find_bytes(conn, mail)
}

pub fn freeze(conn: &mut Conn, mail: MailId, to: &str, message_id: &str, bytes: &[u8]) -> store::Result<()> {
    queries::freeze(conn, mail, to, message_id, bytes).map(|_| ())
}

/// The server said 250. False: the claim is somebody else's by now, and so is the result.
pub fn mark_sent(conn: &mut Conn, now: NaiveDateTime, claim: Claim, reply: &str) -> store::Result<bool> {
    queries::finish_sent(conn, now, claim.mail, claim.attempts, reply)
}

/// To be tried again at `until`; `maybe_duplicate` where it may have arrived all the same.
pub fn mark_deferred(
    conn: &mut Conn,
    claim: Claim,
    until: NaiveDateTime,
    why: &str,
    maybe_duplicate: bool,
) -> store::Result<bool> {
    queries::put_back(
        conn,
        claim.mail,
        claim.attempts,
        "deferred",
        until,
        why,
        maybe_duplicate,
    )
}

/// Never tried: as if it had not been claimed.
pub fn release(conn: &mut Conn, now: NaiveDateTime, claim: Claim, why: &str) -> store::Result<bool> {
    queries::put_back(conn, claim.mail, claim.attempts, "queued", now, why, false)
}

pub fn mark_failed(conn: &mut Conn, now: NaiveDateTime, claim: Claim, why: &str) -> store::Result<bool> {
    queries::finish_unsent(conn, now, claim.mail, claim.attempts, &["sending"], "failed", why)
}

/// A waiting mail that must not go any more.
pub fn cancel_one(conn: &mut Conn, now: NaiveDateTime, waiting: &WaitingRow, why: &str) -> store::Result<bool> {
    let from = ["queued", "deferred"];
    queries::finish_unsent(conn, now, waiting.id, waiting.attempts, &from, "cancelled", why)
}

/// A waiting mail that cannot be sent to anybody.
pub fn fail_one(conn: &mut Conn, now: NaiveDateTime, waiting: &WaitingRow, why: &str) -> store::Result<bool> {
    let from = ["queued", "deferred"];
    queries::finish_unsent(conn, now, waiting.id, waiting.attempts, &from, "failed", why)
}

/// A waiting mail goes on waiting: shown with the reason and the date.
pub fn hold(conn: &mut Conn, waiting: &WaitingRow, until: NaiveDateTime, why: &str) -> store::Result<bool> {
    queries::hold(conn, waiting.id, waiting.attempts, until, why)
}

pub fn cancel(conn: &mut Conn, now: NaiveDateTime, which: Needless, why: &str) -> store::Result<usize> {
    queries::cancel(conn, now, which, why)
}

/// The owners of the mails under way.
pub fn owners(conn: &mut Conn) -> store::Result<Vec<String>> {
    queries::list_owners(conn)
}

/// What a dead owner left under way is due again at once.
pub fn requeue_of(conn: &mut Conn, now: NaiveDateTime, owner: &str) -> store::Result<usize> {
    queries::requeue_of(conn, now, owner)
}

/// When mails went to that recipient since a time; `None` stands for one under way.
pub fn sent_since(
    conn: &mut Conn,
    recipient: Recipient,
    since: NaiveDateTime,
) -> store::Result<Vec<Option<NaiveDateTime>>> {
    queries::list_sent_since(conn, recipient, since)
}

/// The bodies hold live links: they go a day after the mail's end, `/view` renders anew.
pub fn purge(conn: &mut Conn, now: NaiveDateTime) -> store::Result<usize> {
    queries::purge_bodies(conn, now - TimeDelta::days(1))
}
