//! How the places that mail goes to want it: a domain that refuses a drip's mail as its policy is
//! held, one that asks for fewer mails gets them more slowly. Neither is any contact's fault.

use chrono::{NaiveDateTime, TimeDelta};

use super::claim::queries::{self, PaceRow};
use super::claim::{HELD_MINUTES, HoldRow};
use super::{queries as drips, rules};
use crate::audit;
use crate::mail::outbox;
use crate::store::{self, Conn};

/// Looked at to tell a policy from a single mail's bad luck.
const RECENT: i64 = 100;
/// So many refusals among the recent ones are a policy.
const POLICY: usize = 3;
/// A destination that has not asked again for so long gets mail at full speed.
const RELIEF_MINUTES: i64 = 60;

/// A mail of the drip was refused as a policy of that domain; when it is not the first, the domain
/// is held. Says whether it is now.
pub fn note_policy(conn: &mut Conn, now: NaiveDateTime, drip: &str, domain: &str, why: &str) -> store::Result<bool> {
    // Cheap, and mostly all there is to ask: few refusals, however many mails.
    if outbox::count_policies(conn, drip, domain)? < POLICY as i64 {
        return Ok(false);
    }
    let outcomes = outbox::list_outcomes(conn, drip, domain, RECENT)?;
    let refused = outcomes
        .iter()
        .filter(|outcome| outcome.as_deref() == Some("policy"))
        .count();
    let is_policy = refused >= POLICY;
    if is_policy {
        hold(conn, now, drip, domain, why)?;
    }
    Ok(is_policy)
}

fn hold(conn: &mut Conn, now: NaiveDateTime, drip: &str, domain: &str, why: &str) -> store::Result<()> {
    let cause = format!("{domain} refuses this drip's mail: {why}");
    if queries::insert_hold(conn, now, drip, domain, &cause)? {
        tracing::warn!(drip, domain, why, "a domain refuses the mail of a drip: it is held");
        let until = now + TimeDelta::minutes(HELD_MINUTES);
        outbox::hold_domain(conn, drip, domain, until, &cause)?;
    }
    Ok(())
}

/// The domains that are held, of all drips.
pub fn list_held(conn: &mut Conn) -> store::Result<Vec<HoldRow>> {
    queries::list_holds(conn)
}

/// Somebody has seen to the cause: what waits for the domain goes, and what it has refused meanwhile
/// is tried once more. False: it was not held.
pub fn release(conn: &mut Conn, now: NaiveDateTime, by: &str, drip: &str, domain: &str) -> store::Result<bool> {
    let held = queries::list_holds(conn)?;
    let Some(hold) = held.into_iter().find(|row| row.drip == drip && row.domain == domain) else {
        return Ok(false);
    };
    queries::delete_hold(conn, drip, domain)?;
    outbox::release_held(conn, now, drip, domain, &hold.cause)?;
    // The first refusals came before the hold did.
    let since = hold.made_at - TimeDelta::days(1);
    let refused = outbox::list_refused(conn, drip, domain, since)?;
    let mails: Vec<_> = refused.iter().map(|mail| mail.id).collect();
    let invitations: Vec<_> = refused.iter().map(|mail| mail.invitation_id).collect();
    outbox::revive(conn, now, &mails)?;
    drips::revive_failed(conn, &invitations)?;
    audit::note(
        conn,
        now,
        by,
        "drip release",
        drip,
        &format!("{domain}, {} refused mails again", mails.len()),
    )?;
    Ok(true)
}

/// The destination asks for fewer mails. `full` is how many a minute it gets, or would.
pub fn throttle(conn: &mut Conn, now: NaiveDateTime, domain: &str, full: u32) -> store::Result<()> {
    queries::delete_paces(conn, now - TimeDelta::minutes(RELIEF_MINUTES))?;
    let before = queries::find_pace(conn, domain)?;
    let before = before.map(|row| (row.per_minute, row.halved_at));
    let (per_minute, halved_at) = rules::halved(before, i32::try_from(full).unwrap_or(i32::MAX), now);
    let row = PaceRow {
        domain: domain.to_owned(),
        per_minute,
        halved_at,
        throttled_at: now,
    };
    queries::replace_pace(conn, &row).map(|_| ())
}
