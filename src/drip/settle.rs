//! What became of mails that were handed over, and what follows from it.
//!
//! A mail that left is marked at once ([`settle`]), because the next one on its connection waits for
//! that; what the outbox says of it, and the dates that hang on it, follow a little later and many at
//! a time ([`follow`]).

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::claim::Parcel;
use super::{breaker, destination, queries, state, step};
use crate::ids::MailId;
use crate::mail::classify::{self, GIVE_UP_DAYS, Meaning, Phase, Refusal};
use crate::mail::outbox::{self, Mark, Setback};
use crate::mail::strikes::{self, Strike};
use crate::mail::transport::Outcome;
use crate::mail::{captured, suppression};
use crate::store::{self, Conn, marks};

/// Where a mail stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Sent,
    Deferred,
    Failed,
    /// The claim was somebody else's by now, or the mail goes back untried.
    Overtaken,
}

/// How the handing over of one mail went.
#[derive(Debug, Clone)]
pub struct Report {
    pub parcel: Parcel,
    pub outcome: Outcome,
    /// Whether its connection had carried mail before.
    pub was_used: bool,
    /// The machine's own time, whatever this run's clock was told.
    pub ended_at: NaiveDateTime,
    /// How many mails a minute the same domain gets.
    pub pace: u32,
}

impl Report {
    /// What is written down of a mail that was taken.
    pub fn mark(&self, now: NaiveDateTime) -> Option<Mark> {
        match &self.outcome {
            Outcome::Sent(reply) => Some(Mark {
                claim: self.parcel.claim,
                reply: reply.clone(),
                sent_at: now,
                accepted_at: Some(self.ended_at),
            }),
            _ => None,
        }
    }
}

/// Mails that a refusal of another one stops: those of a drip, to one domain or to all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shut {
    pub drip: String,
    pub domain: Option<String>,
}

/// What was written down.
#[derive(Debug, Default)]
pub struct Ledger {
    /// One for each report, in their order.
    pub settled: Vec<Settled>,
    /// What must not be begun any more, though it was claimed before this was known.
    pub shut: Vec<Shut>,
    /// The server takes nothing from us: sending is paused until somebody has seen to it.
    pub no_sending: Option<String>,
}

/// Writes the outcomes down; in the same transaction, all that an address or a drip suffers by them.
pub fn settle(conn: &mut Conn, now: NaiveDateTime, reports: &[Report]) -> store::Result<Ledger> {
    if reports
        .iter()
        .any(|report| matches!(report.outcome, Outcome::Refused(_)))
    {
        // The breakers look at the shares of all that was sent.
        while follow(conn, AT_ONCE)? > 0 {}
    }
    let marks: Vec<Mark> = reports.iter().filter_map(|report| report.mark(now)).collect();
    let sent = outbox::mark_all_sent(conn, &marks)?;
    let mut ledger = Ledger::default();
    let mut failed: BTreeMap<&str, i64> = BTreeMap::new();
    for report in reports {
        let settled = match &report.outcome {
            Outcome::Sent(_) if sent.contains(&report.parcel.claim.mail) => Settled::Sent,
            Outcome::Sent(_) => Settled::Overtaken,
            unsent => one(conn, now, report, unsent, &mut ledger)?,
        };
        if settled == Settled::Failed {
            *failed.entry(&report.parcel.drip).or_default() += 1;
        }
        ledger.settled.push(settled);
    }
    for (drip, count) in failed {
        breaker::note_sent(conn, now, drip, count)?;
    }
    Ok(ledger)
}

/// A mail that was not taken.
fn one(
    conn: &mut Conn,
    now: NaiveDateTime,
    report: &Report,
    unsent: &Outcome,
    ledger: &mut Ledger,
) -> store::Result<Settled> {
    let parcel = &report.parcel;
    match unsent {
        Outcome::Sent(_) => Ok(Settled::Sent),
        Outcome::InDoubt(why) => later(conn, now, parcel, &format!("it may have arrived: {why}"), true, None),
        Outcome::Lost { phase: Phase::Mail, .. } if report.was_used => {
            // The server closed the connection in good order: that says nothing about the mail.
            outbox::hand_back(conn, parcel.claim, "the server closed the connection")?;
            Ok(Settled::Overtaken)
        }
        Outcome::Lost { phase, why } => {
            let why = format!("the connection was lost at {}: {why}", phase.as_str());
            later(conn, now, parcel, &why, false, None)
        }
        Outcome::Unsendable(why) => fail(conn, now, parcel, why, None),
        Outcome::Refused(refusal) => refused(conn, now, report, refusal, ledger),
    }
}

/// Keeps the mails where no server is set.
pub fn capture(conn: &mut Conn, now: NaiveDateTime, parcels: &[Parcel]) -> store::Result<()> {
    let marks: Vec<Mark> = parcels
        .iter()
        .map(|parcel| Mark {
            claim: parcel.claim,
            reply: "captured: no mail server is set".into(),
            sent_at: now,
            accepted_at: None,
        })
        .collect();
    // Overtaken, the contact may be gone: nothing of it is kept then.
    let sent = outbox::mark_all_sent(conn, &marks)?;
    for parcel in parcels.iter().filter(|parcel| sent.contains(&parcel.claim.mail)) {
        captured::keep(conn, now, parcel.claim.mail, &parcel.to, &parcel.subject, &parcel.bytes)?;
    }
    Ok(())
}

/// So many mails are followed in one transaction.
pub const AT_ONCE: usize = 256;

/// Brings the outbox up to what was marked, counts it, and dates what hangs on the mails that have
/// left: closing, reminder, next step. Says how many marks there were; unless none, there may be more.
pub fn follow(conn: &mut Conn, most: usize) -> store::Result<usize> {
    let marks = outbox::list_marks(conn, most as i64)?;
    let done = follow_marks(conn, &marks)?;
    outbox::drop_marks(conn, &done)?;
    Ok(marks.len())
}

/// As [`follow`], of marks that do not stand in the database. Says which of them are done with.
pub fn follow_marks(conn: &mut Conn, marks: &[Mark]) -> store::Result<Vec<MailId>> {
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let marked: Vec<MailId> = marks.iter().map(|mark| mark.claim.mail).collect();
    store::lock_outbox(conn, &marked)?;
    let sent = queries::list_sent(conn, marks)?;
    let followed = step::note_sent(conn, &sent)?;
    let seen: HashSet<MailId> = followed.iter().copied().collect();
    let holding: Vec<&Mark> = marks.iter().filter(|mark| seen.contains(&mark.claim.mail)).collect();
    outbox::mark_followed(conn, &holding)?;
    let mut counts: BTreeMap<&str, (i64, NaiveDateTime)> = BTreeMap::new();
    for row in sent.iter().filter(|row| seen.contains(&row.mail)) {
        let count = counts.entry(&row.invitation.drip).or_insert((0, row.sent_at));
        *count = (count.0 + 1, row.sent_at);
    }
    for (drip, (count, now)) in counts {
        breaker::note_sent(conn, now, drip, count)?;
    }
    // Those whose mark holds no more go, too; those of an enrolment that was seen to wait for the next time.
    let waits: HashSet<MailId> = sent
        .iter()
        .map(|row| row.mail)
        .filter(|mail| !seen.contains(mail))
        .collect();
    Ok(marked.into_iter().filter(|mail| !waits.contains(mail)).collect())
}

fn refused(
    conn: &mut Conn,
    now: NaiveDateTime,
    report: &Report,
    refusal: &Refusal,
    ledger: &mut Ledger,
) -> store::Result<Settled> {
    let parcel = &report.parcel;
    let why = refusal.to_string();
    // What others get to see of it.
    let cause = classify::without_addresses(&why);
    let meaning = classify::meaning(refusal);
    let outcome = Some(meaning.as_str());
    match meaning {
        Meaning::Later => {
            let settled = later(conn, now, parcel, &why, false, outcome)?;
            if (450..=452).contains(&refusal.code) && settled != Settled::Overtaken {
                strike(conn, now, &parcel.email_key, Strike::Soft)?;
            }
            Ok(settled)
        }
        Meaning::Throttled => {
            destination::throttle(conn, now, &parcel.domain, report.pace)?;
            // Its own fault it is not: no attempt is counted, and it is tried as if it were the first.
            defer(conn, now, parcel, &why, false, false, outcome)
        }
        Meaning::Soft | Meaning::Doubtful => {
            let weight = match meaning {
                Meaning::Doubtful => Strike::Doubtful,
                _ => Strike::Soft,
            };
            let settled = fail(conn, now, parcel, &why, outcome)?;
            if settled == Settled::Failed {
                strike(conn, now, &parcel.email_key, weight)?;
            }
            Ok(settled)
        }
        Meaning::Policy => {
            let settled = fail(conn, now, parcel, &why, outcome)?;
            let is_policy = settled == Settled::Failed
                && destination::note_policy(conn, now, &parcel.drip, &parcel.domain, &cause)?;
            if is_policy {
                ledger.shut.push(Shut {
                    drip: parcel.drip.clone(),
                    domain: Some(parcel.domain.clone()),
                });
            }
            Ok(settled)
        }
        Meaning::NoSuchRecipient => {
            let settled = fail(conn, now, parcel, &why, outcome)?;
            if settled == Settled::Failed {
                strike(conn, now, &parcel.email_key, Strike::Hard)?;
                breaker::note_hard(conn, now, &parcel.drip)?;
            }
            Ok(settled)
        }
        Meaning::Content => {
            let settled = fail(conn, now, parcel, &why, outcome)?;
            if settled == Settled::Failed {
                state::pause(conn, now, &parcel.drip, &format!("its mails are refused: {cause}"))?;
                ledger.shut.push(Shut {
                    drip: parcel.drip.clone(),
                    domain: None,
                });
            }
            Ok(settled)
        }
        Meaning::Account => {
            outbox::hand_back(conn, parcel.claim, &why)?;
            pause_sending(conn, now, &cause)?;
            ledger.no_sending = Some(cause);
            Ok(Settled::Overtaken)
        }
    }
}

/// What is under way to an address that has too much against it comes to its end.
fn strike(conn: &mut Conn, now: NaiveDateTime, email_key: &str, weight: Strike) -> store::Result<()> {
    if strikes::strike(conn, now, email_key, weight)? {
        queries::stop_of_address(conn, email_key, "", suppression::BOUNCED)?;
    }
    Ok(())
}

/// The server takes no mail from us, whatever it is: none leaves until somebody has seen to it.
pub fn pause_sending(conn: &mut Conn, now: NaiveDateTime, why: &str) -> store::Result<()> {
    tracing::error!(why, "the mail server takes no mail from us: sending is paused");
    marks::set(
        conn,
        now,
        marks::SENDING_PAUSED,
        &format!("the mail server takes none from us ({why})"),
    )
}

fn later(
    conn: &mut Conn,
    now: NaiveDateTime,
    parcel: &Parcel,
    why: &str,
    maybe_duplicate: bool,
    outcome: Option<&str>,
) -> store::Result<Settled> {
    defer(conn, now, parcel, why, maybe_duplicate, true, outcome)
}

/// Tried again by the schedule, as long as that leads somewhere.
fn defer(
    conn: &mut Conn,
    now: NaiveDateTime,
    parcel: &Parcel,
    why: &str,
    maybe_duplicate: bool,
    counts: bool,
    outcome: Option<&str>,
) -> store::Result<Settled> {
    let tries = parcel.tries + i32::from(counts);
    let until = now + classify::retry_after(tries, parcel.claim.mail.0);
    if until > give_up_at(conn, parcel)? {
        return fail(conn, now, parcel, &format!("given up; last: {why}"), outcome);
    }
    let setback = Setback {
        why,
        maybe_duplicate,
        counts,
        outcome,
    };
    let kept = outbox::mark_deferred(conn, parcel.claim, until, setback)?;
    Ok(if kept { Settled::Deferred } else { Settled::Overtaken })
}

/// Five days after the first attempt; a reminder no later than its step's closing or the next step.
fn give_up_at(conn: &mut Conn, parcel: &Parcel) -> store::Result<NaiveDateTime> {
    let latest = parcel.first_tried_at + TimeDelta::days(GIVE_UP_DAYS);
    if parcel.nth == 0 {
        return Ok(latest);
    }
    let ends = step::ends_at(conn, parcel.invitation)?;
    Ok(ends.map_or(latest, |ends| ends.min(latest)))
}

fn fail(
    conn: &mut Conn,
    now: NaiveDateTime,
    parcel: &Parcel,
    why: &str,
    outcome: Option<&str>,
) -> store::Result<Settled> {
    if !outbox::mark_failed(conn, now, parcel.claim, why, outcome)? {
        return Ok(Settled::Overtaken);
    }
    step::note_failed(conn, parcel.invitation, parcel.nth, why)?;
    Ok(Settled::Failed)
}
