//! A mail's way from state to state:
//! `queued → sending(owner, attempt) → sent | deferred(until) | failed | cancelled`.
//!
//! Whoever claims a mail holds its attempt number, and only that number may finish it: a worker
//! that was thought dead and comes back changes nothing.

mod queries;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

pub use self::queries::{Needless, SentOrNot, SentTimes, UnderWay, WaitingRow};
use super::specimen::{self, Specimen};
use crate::ids::{CompanyId, ContactId, InvitationId, MailId};
use crate::store::{self, Conn, Turn, take_turn};

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

/// A waiting mail that somebody takes in hand.
#[derive(Clone, Copy)]
pub struct Taking<'a> {
    pub mail: &'a WaitingRow,
    /// Whom it goes to from now on, and the name that it has for ever.
    pub to: &'a str,
    pub domain: &'a str,
    pub message_id: &'a str,
    /// With its first claim: what every attempt sends.
    pub frozen: Option<Frozen<'a>>,
}

/// What is kept of a mail that every attempt sends the same.
#[derive(Clone, Copy)]
pub struct Frozen<'a> {
    pub bytes: &'a [u8],
    pub specimen: &'a Arc<Specimen>,
    /// What the bytes have that the specimen has not.
    pub changes: &'a [u8],
}

/// A mail that its server has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub claim: Claim,
    pub reply: String,
    pub sent_at: NaiveDateTime,
    /// By the machine's own clock; `None` where nothing left the house.
    pub accepted_at: Option<NaiveDateTime>,
}

/// Mails that are there already, by invitation and number, stay as they are.
pub fn queue(conn: &mut Conn, now: NaiveDateTime, mails: &[NewMail]) -> store::Result<()> {
    for mails in mails.chunks(store::ROWS_PER_INSERT) {
        queries::insert(conn, now, mails)?;
    }
    Ok(())
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

/// Takes mails in hand, and keeps what is frozen with them. Says which: of the others somebody was
/// quicker.
pub fn claim(
    conn: &mut Conn,
    now: NaiveDateTime,
    owner: &str,
    takings: &[Taking],
) -> store::Result<HashMap<MailId, Claim>> {
    if takings.is_empty() {
        return Ok(HashMap::new());
    }
    let claimed = queries::claim(conn, now, owner, takings)?;
    let claims: HashMap<MailId, Claim> = takings
        .iter()
        .filter(|taking| claimed.contains(&taking.mail.id))
        .map(|taking| {
            let claim = Claim {
                mail: taking.mail.id,
                attempts: taking.mail.attempts + 1,
            };
            (taking.mail.id, claim)
        })
        .collect();
    freeze(
        conn,
        takings.iter().filter(|taking| claims.contains_key(&taking.mail.id)),
    )?;
    Ok(claims)
}

fn freeze<'a>(conn: &mut Conn, takings: impl Iterator<Item = &'a Taking<'a>>) -> store::Result<()> {
    let mut whole = Vec::new();
    let mut changed: Vec<(MailId, &str, &[u8])> = Vec::new();
    let mut specimens: HashMap<&str, &Specimen> = HashMap::new();
    for (mail, frozen) in takings.filter_map(|taking| Some((taking.mail.id, taking.frozen?))) {
        match frozen.changes.len() * 2 < frozen.bytes.len() {
            true => {
                specimens.insert(&frozen.specimen.fingerprint, frozen.specimen);
                changed.push((mail, &frozen.specimen.fingerprint, frozen.changes));
            }
            false => whole.push((mail, frozen.bytes)),
        }
    }
    let ids = specimen_ids(conn, &specimens)?;
    let rows: Vec<_> = changed
        .iter()
        .filter_map(|(mail, fingerprint, changes)| Some((*mail, *ids.get(*fingerprint)?, *changes)))
        .collect();
    queries::insert_changes(conn, &rows)?;
    queries::insert_bytes(conn, &whole)
}

/// Specimens that are not there yet are kept.
fn specimen_ids(conn: &mut Conn, specimens: &HashMap<&str, &Specimen>) -> store::Result<HashMap<String, i64>> {
    if specimens.is_empty() {
        return Ok(HashMap::new());
    }
    let fingerprints: Vec<&str> = specimens.keys().copied().collect();
    let ids = queries::find_specimens(conn, &fingerprints)?;
    let missing = specimens
        .values()
        .filter(|specimen| !ids.contains_key(&specimen.fingerprint));
    let missing: Vec<(&str, &[u8])> = missing
        .map(|specimen| (specimen.fingerprint.as_str(), specimen.bytes()))
        .collect();
    if missing.is_empty() {
        return Ok(ids);
    }
    queries::insert_specimens(conn, &missing)?;
    queries::find_specimens(conn, &fingerprints)
}

/// The bytes that every attempt sends, of the mails that have been tried before.
pub fn frozen(conn: &mut Conn, mails: &[MailId]) -> store::Result<HashMap<MailId, Vec<u8>>> {
    if mails.is_empty() {
        return Ok(HashMap::new());
    }
    let mut frozen: HashMap<MailId, Vec<u8>> = queries::list_bytes(conn, mails)?.into_iter().collect();
    let changed = queries::list_changes(conn, mails)?;
    let ids: HashSet<i64> = changed.iter().map(|(_, specimen, _)| *specimen).collect();
    let specimens: HashMap<i64, Vec<u8>> = queries::list_specimens(conn, &ids)?.into_iter().collect();
    for (mail, id, changes) in changed {
        let bytes = specimens.get(&id).and_then(|bytes| specimen::restored(bytes, &changes));
        match bytes {
            Some(bytes) => {
                frozen.insert(mail, bytes);
            }
            None => tracing::error!(mail = mail.0, "a mail's frozen bytes cannot be put together again"),
        }
    }
    Ok(frozen)
}

/// Servers took these mails. Says of which it stands: of the others the claim is somebody else's by
/// now, and so is the result. The outbox follows ([`list_marks`]).
pub fn mark_all_sent(conn: &mut Conn, marks: &[Mark]) -> store::Result<HashSet<MailId>> {
    match marks.is_empty() {
        true => Ok(HashSet::new()),
        false => queries::insert_marks(conn, marks, None),
    }
}

/// As [`mark_all_sent`], of what is known to have been taken from an owner: of mails that are not its
/// own any more nothing is said.
pub fn mark_all_sent_by(conn: &mut Conn, owner: &str, marks: &[Mark]) -> store::Result<HashSet<MailId>> {
    match marks.is_empty() {
        true => Ok(HashSet::new()),
        false => queries::insert_marks(conn, marks, Some(owner)),
    }
}

/// As [`mark_all_sent`], of one.
pub fn mark_sent(
    conn: &mut Conn,
    now: NaiveDateTime,
    accepted_at: Option<NaiveDateTime>,
    claim: Claim,
    reply: &str,
) -> store::Result<bool> {
    let mark = Mark {
        claim,
        reply: reply.to_owned(),
        sent_at: now,
        accepted_at,
    };
    Ok(!mark_all_sent(conn, &[mark])?.is_empty())
}

/// Mails that have left and whose consequences are still to be worked out, the oldest first. What
/// is listed is this transaction's, until it ends.
pub fn list_marks(conn: &mut Conn, most: i64) -> store::Result<Vec<Mark>> {
    take_turn(conn, Turn::Marks)?;
    queries::list_marks(conn, most)
}

pub fn is_any_marked(conn: &mut Conn) -> store::Result<bool> {
    queries::is_any_marked(conn)
}

/// The outbox says of these mails that they were sent; their marks go with [`drop_marks`].
pub fn mark_followed(conn: &mut Conn, marks: &[&Mark]) -> store::Result<()> {
    queries::update_sent(conn, marks).map(|_| ())
}

pub fn drop_marks(conn: &mut Conn, mails: &[MailId]) -> store::Result<()> {
    queries::delete_marks(conn, mails).map(|_| ())
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

/// What a dead owner left under way is due again at once; what its server is known to have taken is not.
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
    // A claim made at the same time may count on a specimen that is there.
    take_turn(conn, Turn::Claims)?;
    queries::purge_bodies(conn, now - TimeDelta::days(1))
}
