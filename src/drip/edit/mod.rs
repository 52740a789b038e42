//! A drip edited while it runs: what becomes of those who are on their way through it.
//!
//! Bytes that were frozen stay, and so does what a mailed link opens. What no mail has told anybody
//! yet takes the new version. A step taken out cancels its waiting mails; nobody gets a step twice,
//! nobody skips one. A changed delay holds for who waits for the step, never before now. Whoever had
//! finished stays finished, though steps be added; a closing date that was set stays.

mod queries;

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};

use self::queries::CarriedRow;
use super::{backlog, rules, step};
use crate::design;
use crate::framework::alignment::{self, Alignment};
use crate::framework::{Drip, Framework, Minutes, Step};
use crate::ids::{EnrolmentId, FrameworkId};
use crate::store::{self, Conn, Turn, take_turn};

/// Shown at the mails that are cancelled.
const TAKEN_OUT: &str = "the step was taken out of the drip";
const NOT_REMINDED: &str = "the drip sends no such reminder any more";

/// A framework was applied in place of another: those on their way follow.
pub fn carry_over(conn: &mut Conn, now: NaiveDateTime, before: &Framework, after: &Framework) -> store::Result<()> {
    take_turn(conn, Turn::Steps)?;
    take_turn(conn, Turn::Claims)?;
    let design = design::current(conn)?;
    for was in &before.drips {
        let Some(drip) = after.drip(&was.code) else {
            queries::cancel_drip(conn, now, &was.code, step::NO_DRIP)?;
            continue;
        };
        if was.steps != drip.steps {
            carry_steps(conn, now, design.id, was, drip)?;
        }
        if was.reminders != drip.reminders {
            carry_reminders(conn, now, was, drip)?;
        }
        if was.send_window != drip.send_window {
            queries::look_again(conn, now, Some(&drip.code), backlog::LATE)?;
        }
    }
    let caps = |framework: &Framework| {
        let settings = &framework.settings;
        (settings.max_mails_per_contact, settings.max_mails_per_company)
    };
    if caps(before) != caps(after) {
        queries::look_again(conn, now, None, backlog::LATE)?;
    }
    let drips: Vec<&str> = after.drips.iter().map(|drip| drip.code.as_str()).collect();
    queries::renew_untold(conn, design.id, &drips).map(|_| ())
}

/// So many steps a drip may have at most: a step taken out by the framework `f` gets a number below 0
/// that no other step of any enrolment has.
const STEPS: i32 = 100;

fn gone(framework: FrameworkId, step: i32) -> i32 {
    let framework = i32::try_from(framework.0).unwrap_or(i32::MAX / STEPS - 1);
    -(framework * STEPS + step) - 1
}

/// While steps change places, each of them stands here: out of the way of all numbers in use.
fn aside(step: i32) -> i32 {
    i32::MIN + step
}

fn carry_steps(conn: &mut Conn, now: NaiveDateTime, new: FrameworkId, was: &Drip, drip: &Drip) -> store::Result<()> {
    let alignment = Alignment::of(&was.steps, &drip.steps);
    let code = drip.code.as_str();
    for (i, number) in (0..was.steps.len()).zip(0..) {
        match alignment.to(i) {
            Some(to) if to == i => {}
            Some(_) => queries::renumber(conn, code, number, aside(number))?,
            None => {
                queries::renumber(conn, code, number, gone(new, number))?;
                queries::cancel_step(conn, now, code, gone(new, number), TAKEN_OUT)?;
            }
        }
    }
    for (i, number) in (0..was.steps.len()).zip(0..) {
        if let Some(to) = alignment.to(i).filter(|to| *to != i) {
            queries::renumber(conn, code, aside(number), as_number(to))?;
        }
    }
    restore(conn, drip, &alignment)?;
    carry_enrolments(conn, now, was, drip, &alignment)
}

/// A step that had been taken out and is back again: who got its mail then does not get it twice.
fn restore(conn: &mut Conn, drip: &Drip, alignment: &Alignment) -> store::Result<()> {
    if (0..drip.steps.len()).all(|step| !alignment.is_new(step)) {
        return Ok(());
    }
    for (framework, number) in queries::list_taken_out(conn, &drip.code)? {
        let then = design::at(conn, framework)?;
        let step = then
            .as_deref()
            .and_then(|then| step::step_of(then.framework.drip(&drip.code)?, number));
        let Some(step) = step else { continue };
        let is_back = |at: &usize| alignment.is_new(*at) && alignment::is_same(step, &drip.steps[*at]);
        if let Some(at) = (0..drip.steps.len()).find(is_back) {
            queries::restore(conn, &drip.code, framework, number, as_number(at))?;
        }
    }
    Ok(())
}

fn carry_enrolments(
    conn: &mut Conn,
    now: NaiveDateTime,
    was: &Drip,
    drip: &Drip,
    alignment: &Alignment,
) -> store::Result<()> {
    let code = drip.code.as_str();
    let moves: Vec<Move> = (0..=was.steps.len())
        .map(|passed| Move::of(passed, was, drip, alignment))
        .collect();
    for step in moves.iter().filter(|step| step.changes()) {
        queries::set_next_step(conn, code, step.passed, aside(step.passed))?;
    }
    for step in moves.iter().filter(|step| step.changes()) {
        if step.is_dated_anew {
            date_anew(conn, now, drip, step)?;
        }
        queries::set_next_step(conn, code, aside(step.passed), step.next)?;
    }
    queries::await_closings(conn, code).map(|_| ())
}

/// What happens to the enrolments that have passed so many of the old steps.
struct Move {
    passed: i32,
    next: i32,
    is_dated_anew: bool,
    /// The next step's delays, then and now, where the step is the same and waits for nothing else.
    delays: Option<(Minutes, Minutes)>,
}

impl Move {
    fn of(passed: usize, was: &Drip, drip: &Drip, alignment: &Alignment) -> Move {
        let next = alignment.next(passed);
        let (old, new) = (was.steps.get(passed), drip.steps.get(next));
        let is_same = alignment.to(passed) == Some(next);
        let timing = |step: &Step| (step.delay, step.wait_for_answer);
        let before_is_gone = passed > 0 && alignment.to(passed - 1).is_none();
        // Where nothing came next, nothing was dated; where nothing comes next, the end does not wait.
        let stays =
            (old.is_none() && new.is_none() || is_same && old.map(timing) == new.map(timing)) && !before_is_gone;
        let delays = old.zip(new).filter(|_| is_same && !before_is_gone);
        Move {
            passed: as_number(passed),
            next: as_number(next),
            is_dated_anew: !stays,
            delays: delays
                .filter(|(old, new)| !old.wait_for_answer && !new.wait_for_answer)
                .map(|(old, new)| (old.delay, new.delay)),
        }
    }

    fn changes(&self) -> bool {
        self.passed != self.next || self.is_dated_anew
    }
}

/// Dates the next step of those on their way anew, so many at a time.
fn date_anew(conn: &mut Conn, now: NaiveDateTime, drip: &Drip, step: &Move) -> store::Result<()> {
    loop {
        let mut rows = queries::list_on_their_way(conn, &drip.code, aside(step.passed), store::ROWS_PER_INSERT as i64)?;
        if rows.is_empty() {
            return Ok(());
        }
        let ids: Vec<EnrolmentId> = rows.iter().map(|row| row.id).collect();
        let mut reached = HashMap::new();
        let mut asks = HashMap::new();
        for invitation in super::queries::list_made(conn, &ids)? {
            let asks = match asks.get(&(invitation.framework_id, invitation.framework_step)) {
                Some(asks) => *asks,
                None => {
                    let found = step::asks(conn, &invitation)?;
                    asks.insert((invitation.framework_id, invitation.framework_step), found);
                    found
                }
            };
            reached
                .entry(invitation.enrolment_id)
                .or_insert_with(Reached::default)
                .add(&invitation, asks);
        }
        for row in &mut rows {
            let reached = reached.get(&row.id).copied().unwrap_or_default();
            row.next_step = step.next;
            date(now, drip, step, reached, row);
        }
        queries::replace(conn, &rows)?;
    }
}

/// How far an enrolment has come.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    last: Option<rules::Before>,
    /// A mail is made and has not left: its sending dates what follows.
    is_waiting: bool,
}

impl Reached {
    /// In the order in which they were made.
    fn add(&mut self, invitation: &super::queries::InvitationRow, asks: bool) {
        if invitation.first_sent_at.is_some() || invitation.answered_at.is_some() {
            self.last = Some(rules::Before {
                first_sent_at: invitation.first_sent_at,
                answered_at: invitation.answered_at,
                closes_at: invitation.closes_at,
                asks,
            });
        } else {
            self.is_waiting |= invitation.step >= 0;
        }
    }
}

fn date(now: NaiveDateTime, drip: &Drip, step: &Move, reached: Reached, row: &mut CarriedRow) {
    let was_due_at = row.next_at;
    row.next_at = None;
    if reached.is_waiting {
        return;
    }
    let Some(next) = step::step_of(drip, step.next) else {
        if row.state == "active" {
            row.state = "finished".into();
        }
        return;
    };
    let minutes = |span: Minutes| TimeDelta::minutes(span.0.into());
    let due_at = match (was_due_at, step.delays) {
        (Some(was), Some((old, new))) => Some(was - minutes(old) + minutes(new)),
        _ => match reached.last {
            Some(before) => rules::step_due_at(next, before, now),
            None => Some(row.enrolled_at + minutes(next.delay)),
        },
    };
    // What was late already stays as late; nothing becomes late by the edit.
    row.next_at = due_at.map(|due_at| due_at.max(was_due_at.unwrap_or(now).min(now)));
}

/// Reminders that wait follow the new rule.
fn carry_reminders(conn: &mut Conn, now: NaiveDateTime, was: &Drip, drip: &Drip) -> store::Result<()> {
    let code = drip.code.as_str();
    let count = drip.reminders.map_or(0, |reminders| reminders.count);
    queries::cancel_reminders(conn, now, code, i32::try_from(count).unwrap_or(i32::MAX), NOT_REMINDED)?;
    let (Some(old), Some(new)) = (was.reminders, drip.reminders) else {
        return Ok(());
    };
    if old.after == new.after {
        return Ok(());
    }
    let shift = TimeDelta::minutes(i64::from(new.after.0) - i64::from(old.after.0));
    let mut from = None;
    loop {
        let waiting = queries::list_reminders(conn, code, from, store::ROWS_PER_INSERT as i64)?;
        let Some((last, _)) = waiting.last() else { return Ok(()) };
        from = Some(*last);
        for (mail, due_at) in waiting {
            let due_at = (due_at + shift).max(due_at.min(now));
            queries::set_due_at(conn, mail, due_at)?;
        }
    }
}

fn as_number(step: usize) -> i32 {
    i32::try_from(step).unwrap_or(i32::MAX)
}
