//! What became of a mail that was handed over, and what follows from it.

use chrono::NaiveDateTime;

use super::claim::Parcel;
use super::{state, step};
use crate::mail::classify::{self, MOST_ATTEMPTS, Meaning, Phase, Refusal};
use crate::mail::suppression::{self, Scope};
use crate::mail::transport::Outcome;
use crate::mail::{captured, outbox};
use crate::store::{self, Conn};

/// Where the mail stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Sent,
    Deferred,
    Failed,
    /// The server takes nothing from us: whoever sends stops for now.
    NoSending(String),
    /// The claim was somebody else's by now.
    Overtaken,
}

/// Writes the outcome down; in the same transaction, all that hangs on it.
pub fn settle(conn: &mut Conn, now: NaiveDateTime, parcel: &Parcel, outcome: &Outcome) -> store::Result<Settled> {
    match outcome {
        Outcome::Sent(reply) => sent(conn, now, parcel, reply),
        Outcome::InDoubt(why) => defer(conn, now, parcel, &format!("it may have arrived: {why}"), true),
        Outcome::Lost { phase, why } => defer(conn, now, parcel, &format!("{}: {why}", phase.as_str()), false),
        Outcome::Unsendable(why) => fail(conn, now, parcel, why),
        Outcome::Refused(refusal) => refused(conn, now, parcel, refusal),
    }
}

/// Keeps the mail where no server is set.
pub fn capture(conn: &mut Conn, now: NaiveDateTime, parcel: &Parcel) -> store::Result<Settled> {
    let settled = sent(conn, now, parcel, "captured: no mail server is set")?;
    // Overtaken, the contact may be gone: nothing of it is kept then.
    if settled == Settled::Sent {
        captured::keep(conn, now, parcel.claim.mail, &parcel.to, &parcel.subject, &parcel.bytes)?;
    }
    Ok(settled)
}

fn sent(conn: &mut Conn, now: NaiveDateTime, parcel: &Parcel, reply: &str) -> store::Result<Settled> {
    if !outbox::mark_sent(conn, now, parcel.claim, reply)? {
        return Ok(Settled::Overtaken);
    }
    step::note_sent(conn, now, parcel.invitation, parcel.nth)?;
    Ok(Settled::Sent)
}

fn refused(conn: &mut Conn, now: NaiveDateTime, parcel: &Parcel, refusal: &Refusal) -> store::Result<Settled> {
    let why = refusal.to_string();
    match classify::meaning(refusal) {
        Meaning::Later | Meaning::Throttled => defer(conn, now, parcel, &why, false),
        Meaning::Soft | Meaning::Policy => fail(conn, now, parcel, &why),
        Meaning::NoSuchRecipient => {
            let settled = fail(conn, now, parcel, &why)?;
            if settled == Settled::Failed {
                suppression::suppress(conn, now, &parcel.email_key, Scope::All, suppression::BOUNCED)?;
            }
            Ok(settled)
        }
        Meaning::Content => {
            state::pause(conn, now, &parcel.drip, &format!("its mails are refused: {why}"))?;
            fail(conn, now, parcel, &why)
        }
        Meaning::Account => {
            outbox::release(conn, now, parcel.claim, &why)?;
            Ok(Settled::NoSending(why))
        }
    }
}

/// Tried again by the schedule, until there have been enough tries.
fn defer(
    conn: &mut Conn,
    now: NaiveDateTime,
    parcel: &Parcel,
    why: &str,
    maybe_duplicate: bool,
) -> store::Result<Settled> {
    let claim = parcel.claim;
    if claim.attempts >= MOST_ATTEMPTS {
        return fail(
            conn,
            now,
            parcel,
            &format!("given up after {MOST_ATTEMPTS} attempts; {why}"),
        );
    }
    let until = now + classify::retry_after(claim.attempts, claim.mail.0);
    let kept = outbox::mark_deferred(conn, claim, until, why, maybe_duplicate)?;
    Ok(if kept { Settled::Deferred } else { Settled::Overtaken })
}

fn fail(conn: &mut Conn, now: NaiveDateTime, parcel: &Parcel, why: &str) -> store::Result<Settled> {
    if !outbox::mark_failed(conn, now, parcel.claim, why)? {
        return Ok(Settled::Overtaken);
    }
    step::note_failed(conn, parcel.invitation, parcel.nth, why)?;
    Ok(Settled::Failed)
}

/// Whether the loss says nothing about the mail: a connection that had carried mail before may
/// have been closed by the server in good order.
pub fn is_good_bye(outcome: &Outcome, was_used: bool) -> bool {
    was_used && matches!(outcome, Outcome::Lost { phase: Phase::Mail, .. })
}
