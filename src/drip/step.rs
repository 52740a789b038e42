//! A step falls due, is sent, is answered, closes: what each of these moves on.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::queries::{self, DueRow, EnrolmentRow, InvitationRow, NewInvitationRow};
use super::{questions, rules, state};
use crate::design::{self, Design};
use crate::framework::{Drip, Step};
use crate::ids::{EnrolmentId, InvitationId};
use crate::mail::letterhead::Letterhead;
use crate::mail::outbox::{self, Needless, NewMail};
use crate::mail::{suppression, token};
use crate::store::{self, Conn, Turn, take_turn};

/// Enrolments moved in one transaction: it stays short beside the answers that come in.
pub const BATCH: i64 = 500;

/// Makes what is due of the drips that are on: invitation, links and the first mail in the outbox,
/// all in this one transaction. Says how many enrolments moved; at [`BATCH`] there may be more.
pub fn make_due(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead) -> store::Result<usize> {
    take_turn(conn, Turn::Steps)?;
    let design = design::current(conn)?;
    state::begin(conn, now, &design.framework)?;
    let due = queries::list_due(conn, now, BATCH)?;
    for row in &due {
        match design.framework.drip(&row.enrolment.drip) {
            Some(drip) => make_one(conn, now, letterhead, &design, drip, row)?,
            None => end(
                conn,
                &row.enrolment,
                "stopped",
                Some("the drip is no longer in the framework"),
            )?,
        }
    }
    Ok(due.len())
}

fn make_one(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    design: &Arc<Design>,
    drip: &Drip,
    row: &DueRow,
) -> store::Result<()> {
    let enrolment = &row.enrolment;
    let Some(step) = step_of(drip, enrolment.next_step) else {
        return end(conn, enrolment, "finished", None);
    };
    if let Some(why) = suppression::find(conn, &row.email_key, &drip.code)? {
        return end(conn, enrolment, "stopped", Some(&why));
    }
    if !questions::is_worth_sending(conn, design, step, enrolment)? {
        return skip(conn, now, drip, enrolment);
    }
    let nonce = token::nonce();
    let invitation = queries::insert_invitation(
        conn,
        &NewInvitationRow {
            enrolment_id: enrolment.id,
            step: enrolment.next_step,
            drip: &drip.code,
            contact_id: enrolment.contact_id,
            company_id: enrolment.company_id,
            framework_id: design.id,
            nonce: &nonce,
            made_at: now,
            rev: 0,
        },
    )?;
    queries::insert_tokens(conn, invitation, &letterhead.hashes(&nonce))?;
    let mail = NewMail {
        invitation,
        nth: 0,
        drip: &drip.code,
        step: enrolment.next_step,
        contact: enrolment.contact_id,
        company: enrolment.company_id,
        to: &row.email,
        due_at: enrolment.next_at.unwrap_or(now),
    };
    outbox::queue(conn, now, &mail)?;
    queries::update_enrolment(conn, enrolment.id, "active", enrolment.next_step + 1, None, None)
}

/// Nothing to ask in this step: the next one counts from here.
fn skip(conn: &mut Conn, now: NaiveDateTime, drip: &Drip, enrolment: &EnrolmentRow) -> store::Result<()> {
    let next = enrolment.next_step + 1;
    match step_of(drip, next) {
        None => end(conn, enrolment, "finished", None),
        Some(step) => {
            let now_done = rules::Before {
                first_sent_at: Some(now),
                answered_at: Some(now),
                closes_at: None,
            };
            let at = rules::step_due_at(step, now_done, now);
            queries::update_enrolment(conn, enrolment.id, "active", next, at, None)
        }
    }
}

/// A mail of the step has left: its first one starts the clocks, each one the next reminder's.
pub fn note_sent(conn: &mut Conn, now: NaiveDateTime, invitation: InvitationId, nth: i32) -> store::Result<()> {
    let Some(mut sent) = queries::find_invitation(conn, invitation)? else {
        return Ok(());
    };
    let design = design::current(conn)?;
    let drip = design.framework.drip(&sent.drip);
    if nth == 0 && sent.first_sent_at.is_none() {
        sent.first_sent_at = Some(now);
        sent.closes_at = drip
            .filter(|drip| step_of(drip, sent.step).is_some_and(rules::asks))
            .and_then(|drip| rules::closes_at(drip, now));
        queries::update_first_sent(conn, invitation, now, sent.closes_at)?;
        for earlier in queries::list_invitations_before(conn, sent.enrolment_id, sent.step)? {
            outbox::cancel(conn, now, Needless::RemindersOf(earlier), "the next step was sent")?;
        }
    }
    let Some(drip) = drip else { return Ok(()) };
    if sent.answered_at.is_none()
        && let Some(step) = step_of(drip, sent.step)
        && let Some(due_at) = rules::reminder_due_at(drip, step, nth, now)
        && sent.closes_at.is_none_or(|closes_at| due_at < closes_at)
    {
        let to = queries::find_email(conn, sent.contact_id)?.unwrap_or_default();
        let reminder = NewMail {
            invitation,
            nth: nth + 1,
            drip: &sent.drip,
            step: sent.step,
            contact: sent.contact_id,
            company: sent.company_id,
            to: &to,
            due_at,
        };
        outbox::queue(conn, now, &reminder)?;
    }
    move_on(conn, now, drip, &sent)
}

/// The step was answered: nobody is reminded, and a step that waited for it is free.
pub fn note_answered(conn: &mut Conn, now: NaiveDateTime, invitation: InvitationId) -> store::Result<()> {
    queries::update_answered(conn, invitation, now)?;
    outbox::cancel(conn, now, Needless::RemindersOf(invitation), "answered")?;
    let Some(answered) = queries::find_invitation(conn, invitation)? else {
        return Ok(());
    };
    let design = design::current(conn)?;
    match design.framework.drip(&answered.drip) {
        Some(drip) => move_on(conn, now, drip, &answered),
        None => Ok(()),
    }
}

/// The step's first mail cannot be sent: what would follow it does not go either.
pub fn note_failed(conn: &mut Conn, invitation: InvitationId, nth: i32, why: &str) -> store::Result<()> {
    match queries::find_invitation(conn, invitation)? {
        Some(failed) if nth == 0 => queries::stop_enrolment(conn, failed.enrolment_id, why),
        _ => Ok(()),
    }
}

/// When nothing of a step makes sense any more: its closing, or the next step's time.
pub fn ends_at(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<NaiveDateTime>> {
    let Some(invitation) = queries::find_invitation(conn, invitation)? else {
        return Ok(None);
    };
    let enrolment = queries::find_enrolment(conn, invitation.enrolment_id)?;
    let next = enrolment
        .filter(|row| row.next_step == invitation.step + 1)
        .and_then(|row| row.next_at);
    Ok([invitation.closes_at, next].into_iter().flatten().min())
}

/// Steps that closed unanswered free the steps that waited for them. Says how many moved.
pub fn close_due(conn: &mut Conn, now: NaiveDateTime) -> store::Result<usize> {
    take_turn(conn, Turn::Steps)?;
    let design = design::current(conn)?;
    let mut drips: HashMap<&str, &Drip> = HashMap::new();
    drips.extend(design.framework.drips.iter().map(|drip| (drip.code.as_str(), drip)));
    let mut moved = 0;
    for closed in queries::list_closed(conn, now, BATCH)? {
        match drips.get(closed.drip.as_str()) {
            Some(drip) => move_on(conn, now, drip, &closed)?,
            None => queries::stop_enrolment(conn, closed.enrolment_id, "the drip is no longer in the framework")?,
        }
        moved += 1;
    }
    Ok(moved)
}

/// Dates the step after this one, or ends the enrolment where there is none.
fn move_on(conn: &mut Conn, now: NaiveDateTime, drip: &Drip, before: &InvitationRow) -> store::Result<()> {
    let Some(enrolment) = queries::find_enrolment(conn, before.enrolment_id)? else {
        return Ok(());
    };
    let next = before.step + 1;
    // Dated already, past this step, or ended.
    if enrolment.next_step != next || enrolment.next_at.is_some() || enrolment.state != "active" {
        return Ok(());
    }
    let done = rules::Before {
        first_sent_at: before.first_sent_at,
        answered_at: before.answered_at,
        closes_at: before.closes_at,
    };
    match step_of(drip, next) {
        Some(step) => match rules::step_due_at(step, done, now) {
            Some(at) => queries::update_enrolment(conn, enrolment.id, "active", next, Some(at), None),
            None => Ok(()),
        },
        None if before.first_sent_at.is_some() || before.answered_at.is_some() => {
            end(conn, &enrolment, "finished", None)
        }
        None => Ok(()),
    }
}

/// When a step falls due or closes next, of drips that are on.
pub fn next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let (due, closing) = (queries::find_next_due(conn)?, queries::find_next_closing(conn)?);
    Ok([due, closing, outbox::next_due(conn)?].into_iter().flatten().min())
}

fn end(conn: &mut Conn, enrolment: &EnrolmentRow, state: &str, cause: Option<&str>) -> store::Result<()> {
    queries::update_enrolment(conn, enrolment.id, state, enrolment.next_step, None, cause)
}

/// The drip's step of that number, from 0.
pub fn step_of(drip: &Drip, step: i32) -> Option<&Step> {
    usize::try_from(step).ok().and_then(|step| drip.steps.get(step))
}

/// The contact's own wish: no more mails of one drip, or ('') of any.
pub fn unsubscribe(conn: &mut Conn, now: NaiveDateTime, email_key: &str, drip: &str) -> store::Result<()> {
    suppression::suppress(conn, now, email_key, scope(drip), suppression::UNSUBSCRIBED)?;
    queries::stop_of_address(conn, email_key, drip, suppression::UNSUBSCRIBED)
}

/// The contact takes its wish back, and goes on where it was.
pub fn resubscribe(conn: &mut Conn, email_key: &str, drip: &str) -> store::Result<bool> {
    if !suppression::lift(conn, email_key, scope(drip))? {
        return Ok(false);
    }
    // A wish about one drip stands when the one about all is taken back.
    for enrolment in queries::list_stopped(conn, email_key, drip, suppression::UNSUBSCRIBED)? {
        if suppression::find(conn, email_key, &enrolment.drip)?.is_none() {
            revive(conn, enrolment.id)?;
        }
    }
    Ok(true)
}

fn revive(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<()> {
    queries::revive_mails(conn, enrolment, suppression::UNSUBSCRIBED)?;
    queries::revive_enrolment(conn, enrolment)
}

fn scope(drip: &str) -> suppression::Scope<'_> {
    match drip {
        "" => suppression::Scope::All,
        drip => suppression::Scope::Drip(drip),
    }
}
