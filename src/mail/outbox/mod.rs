//! A mail's way from state to state:
//! `queued → sending(owner, attempt) → sent | deferred(until) | failed | cancelled`.
//!
//! Whoever claims a mail holds its attempt number, and only that number may finish it: a worker
//! that was thought dead and comes back changes nothing.

mod queries;

use chrono::{NaiveDateTime, TimeDelta};

pub use self::queries::{Frozen, Needless, SentOrNot, SentRow, SentTimes, UnderWay, WaitingRow};
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

/// Why a mail did not leave this time, and what is kept of it.
#[derive(Debug, Clone, Copy)]
pub struct Setback<'a> {
    pub why: &'a str,
    /// It may have arrived all the same.
    pub maybe_duplicate: bool,
    /// Whether the attempt counts towards giving up.
    pub counts: bool,
    /// What the refusal meant, where there was one.
    pub outcome: Option<&'a str>,
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
        domain: domain_of(mail.to),
        state: "queued",
        due_at: mail.due_at,
        attempts: 0,
        maybe_duplicate: false,
        made_at: now,
    };
    queries::insert(conn, &row).map(|_| ())
}

/// Addresses are kept with their domain in lower-case ASCII.
pub fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Mails of drips that are on and whose time has come, the longest due first, but none to the
/// domains `not_to`, and none that was due before `since`.
pub fn list_due(
    conn: &mut Conn,
    now: NaiveDateTime,
    since: Option<NaiveDateTime>,
    limit: i64,
    not_to: &[String],
) -> store::Result<Vec<WaitingRow>> {
    queries::list_due(conn, now, since, limit, not_to)
}

pub fn next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    queries::find_next_due(conn)
}

/// `None`: somebody was quicker. What is `frozen` is kept with a mail's first claim.
pub fn claim(
    conn: &mut Conn,
    now: NaiveDateTime,
    waiting: &WaitingRow,
    owner: &str,
    frozen: Option<&Frozen>,
) -> store::Result<Option<Claim>> {
    let (mail, attempts) = (waiting.id, waiting.attempts);
    let claimed = match frozen {
        Some(frozen) => queries::claim_and_freeze(conn, now, mail, attempts, owner, frozen)?,
        None => queries::claim(conn, mail, attempts, owner)?,
    };
    Ok(claimed.then_some(Claim {
        mail,
        attempts: attempts + 1,
    }))
}

/// The bytes that every attempt sends, of the mails that have been tried before.
pub fn frozen(conn: &mut Conn, mails: &[MailId]) -> store::Result<Vec<(MailId, Vec<u8>)>> {
    match mails.is_empty() {
        true => Ok(Vec::new()),
        false => queries::list_bytes(conn, mails),
    }
}

/// The server said 250; `accepted_at` is the machine's own time of it. False: the claim is somebody
/// else's by now, and so is the result.
pub fn mark_sent(
    conn: &mut Conn,
    now: NaiveDateTime,
    accepted_at: Option<NaiveDateTime>,
    claim: Claim,
    reply: &str,
) -> store::Result<bool> {
    queries::finish_sent(conn, now, accepted_at, claim.mail, claim.attempts, reply)
}

/// Mails that have left and whose consequences are still to be dated, the oldest first.
pub fn list_to_follow(conn: &mut Conn, limit: i64) -> store::Result<Vec<SentRow>> {
    queries::list_to_follow(conn, limit)
}

pub fn mark_followed(conn: &mut Conn, mails: &[MailId]) -> store::Result<()> {
    queries::update_followed(conn, mails).map(|_| ())
}

/// To be tried again at `until`.
pub fn mark_deferred(conn: &mut Conn, claim: Claim, until: NaiveDateTime, setback: Setback) -> store::Result<bool> {
    let back = queries::PutBack {
        state: "deferred",
        due_at: Some(until),
        why: setback.why,
        maybe_duplicate: setback.maybe_duplicate,
        counts: setback.counts,
        outcome: setback.outcome,
    };
    queries::put_back(conn, claim.mail, claim.attempts, &back)
}

/// Handed back untried, because of something that has nothing to do with the mail.
pub fn hand_back(conn: &mut Conn, claim: Claim, why: &str) -> store::Result<bool> {
    let back = queries::PutBack {
        state: "queued",
        due_at: None,
        why,
        maybe_duplicate: false,
        counts: false,
        outcome: None,
    };
    queries::put_back(conn, claim.mail, claim.attempts, &back)
}

/// Claimed and never begun: as if nobody had claimed them.
pub fn release(conn: &mut Conn, mails: &[MailId], owner: &str) -> store::Result<usize> {
    queries::release(conn, mails, owner)
}

pub fn mark_failed(
    conn: &mut Conn,
    now: NaiveDateTime,
    claim: Claim,
    why: &str,
    outcome: Option<&str>,
) -> store::Result<bool> {
    let (mail, attempts) = (claim.mail, claim.attempts);
    queries::finish_unsent(conn, now, mail, attempts, &["sending"], "failed", why, outcome)
}

/// A waiting mail that must not go any more.
pub fn cancel_one(conn: &mut Conn, now: NaiveDateTime, waiting: &WaitingRow, why: &str) -> store::Result<bool> {
    let from = ["queued", "deferred"];
    queries::finish_unsent(conn, now, waiting.id, waiting.attempts, &from, "cancelled", why, None)
}

/// A waiting mail that cannot be sent to anybody.
pub fn fail_one(conn: &mut Conn, now: NaiveDateTime, waiting: &WaitingRow, why: &str) -> store::Result<bool> {
    let from = ["queued", "deferred"];
    queries::finish_unsent(conn, now, waiting.id, waiting.attempts, &from, "failed", why, None)
}

/// A waiting mail goes on waiting: shown with the reason and the date.
pub fn hold(conn: &mut Conn, waiting: &WaitingRow, until: NaiveDateTime, why: &str) -> store::Result<bool> {
    queries::hold(conn, waiting.id, waiting.attempts, until, why)
}

/// All that waits in a drip for a domain goes on waiting, for that reason.
pub fn hold_domain(conn: &mut Conn, drip: &str, domain: &str, until: NaiveDateTime, why: &str) -> store::Result<usize> {
    queries::hold_domain(conn, drip, domain, until, why)
}

/// What waited for that reason is due at once.
pub fn release_held(conn: &mut Conn, now: NaiveDateTime, drip: &str, domain: &str, why: &str) -> store::Result<usize> {
    queries::release_held(conn, now, drip, domain, why)
}

/// What a domain refused of a drip as its policy since then.
pub fn list_refused(conn: &mut Conn, drip: &str, domain: &str, since: NaiveDateTime) -> store::Result<Vec<SentOrNot>> {
    queries::list_refused(conn, drip, domain, since)
}

/// Ended mails wait again, with the bytes that they had.
pub fn revive(conn: &mut Conn, now: NaiveDateTime, mails: &[MailId]) -> store::Result<usize> {
    queries::revive(conn, now, mails)
}

/// How many mails of a drip a domain has ever refused as its policy.
pub fn count_policies(conn: &mut Conn, drip: &str, domain: &str) -> store::Result<i64> {
    queries::count_policies(conn, drip, domain)
}

/// What the newest mails of a drip to that domain came to, the newest first.
pub fn list_outcomes(conn: &mut Conn, drip: &str, domain: &str, limit: i64) -> store::Result<Vec<Option<String>>> {
    queries::list_outcomes(conn, drip, domain, limit)
}

pub fn cancel(conn: &mut Conn, now: NaiveDateTime, which: Needless, why: &str) -> store::Result<usize> {
    queries::cancel(conn, now, which, why)
}

/// The owners of the mails under way.
pub fn owners(conn: &mut Conn) -> store::Result<Vec<String>> {
    queries::list_owners(conn)
}

/// How many mails are under way, claimed by whomever.
pub fn count_under_way(conn: &mut Conn, which: UnderWay) -> store::Result<i64> {
    queries::count_under_way(conn, which)
}

/// What a dead owner left under way is due again at once.
pub fn requeue_of(conn: &mut Conn, now: NaiveDateTime, owner: &str) -> store::Result<usize> {
    queries::requeue_of(conn, now, owner)
}

/// When mails went to each of those contacts since a time; `None` stands for one under way.
pub fn sent_to_contacts(
    conn: &mut Conn,
    contacts: &[ContactId],
    since: NaiveDateTime,
) -> store::Result<SentTimes<ContactId>> {
    queries::list_sent_to_contacts(conn, contacts, since)
}

/// As [`sent_to_contacts`], for companies.
pub fn sent_to_companies(
    conn: &mut Conn,
    companies: &[CompanyId],
    since: NaiveDateTime,
) -> store::Result<SentTimes<CompanyId>> {
    queries::list_sent_to_companies(conn, companies, since)
}

/// The bodies hold live links: they go a day after the mail's end, `/view` renders anew.
pub fn purge(conn: &mut Conn, now: NaiveDateTime) -> store::Result<usize> {
    queries::purge_bodies(conn, now - TimeDelta::days(1))
}
