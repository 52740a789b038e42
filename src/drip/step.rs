//! A step falls due, is sent, is answered, closes: what each of these moves on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::adaptive::{self, Choices};
use super::queries::{self, DueRow, EnrolmentRow, InvitationRow, NewInvitation, SentRow, SiblingRow};
use super::{rules, state};
use crate::design::{self, Design};
use crate::framework::{Adaptive, Drip, Step, StepContent};
use crate::ids::{CompanyId, EnrolmentId, FrameworkId, InvitationId, MailId};
use crate::mail::letterhead::Letterhead;
use crate::mail::outbox::{self, Needless, NewMail};
use crate::mail::{suppression, token};
use crate::store::{self, Conn, Turn, take_turn};

/// Enrolments moved in one transaction: it stays short beside the answers that come in.
pub const BATCH: i64 = 500;

/// Why a contact's way through a drip ended.
pub(super) const NO_DRIP: &str = "the drip is no longer in the framework";
const NO_COMPANY: &str = "the contact belongs to no company any more";

/// Makes what is due of the drips that are on: invitation, links and the first mail in the outbox,
/// all in this one transaction. Says how many enrolments moved; at [`BATCH`] there may be more.
pub fn make_due(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead) -> store::Result<usize> {
    take_turn(conn, Turn::Steps)?;
    let design = design::current(conn)?;
    state::begin(conn, now, &design.framework)?;
    let due = queries::list_due(conn, now, BATCH)?;
    let ids: Vec<EnrolmentId> = due.iter().map(|row| row.enrolment.id).collect();
    let keys: Vec<&str> = due.iter().map(|row| row.email_key.as_str()).collect();
    let made = Made::load(conn, &ids)?;
    let suppressed = Suppressed(queries::list_suppressions(conn, &keys)?);
    let adaptive = due.iter().filter(|row| adaptive_of(&design, &row.enrolment).is_some());
    let people: Vec<_> = adaptive
        .filter_map(|row| Some((row.enrolment.contact_id, row.company_id?)))
        .collect();
    let mut choices = Choices::load(conn, &design, &people)?;
    let mut ready = Vec::new();
    for row in &due {
        if let Some(next) = look_at(conn, now, &design, row, &made, &suppressed, &mut choices)? {
            ready.push(next);
        }
    }
    make(conn, now, letterhead, &design, &ready)?;
    Ok(due.len())
}

/// A step that becomes a mail now.
struct Ready<'a> {
    row: &'a DueRow,
    company: CompanyId,
    nonce: String,
    /// What an adaptive step asks.
    questions: Option<String>,
}

/// What the enrolment's next step chooses its questions from, if it does.
fn adaptive_of<'d>(design: &'d Design, enrolment: &EnrolmentRow) -> Option<&'d Adaptive> {
    let drip = design.framework.drip(&enrolment.drip)?;
    match &step_of(drip, enrolment.next_step)?.content {
        StepContent::Adaptive { adaptive, .. } => Some(adaptive),
        _ => None,
    }
}

/// Whether the enrolment's next step is to be mailed; else, what comes in its place is done.
fn look_at<'a>(
    conn: &mut Conn,
    now: NaiveDateTime,
    design: &Arc<Design>,
    row: &'a DueRow,
    made: &Made,
    suppressed: &Suppressed,
    choices: &mut Choices,
) -> store::Result<Option<Ready<'a>>> {
    let enrolment = &row.enrolment;
    let Some(drip) = design.framework.drip(&enrolment.drip) else {
        return end(conn, enrolment, "stopped", Some(NO_DRIP)).map(|()| None);
    };
    if step_of(drip, enrolment.next_step).is_none() {
        return end(conn, enrolment, "finished", None).map(|()| None);
    }
    if let Some(why) = suppressed.find(&row.email_key, &drip.code) {
        return end(conn, enrolment, "stopped", Some(why)).map(|()| None);
    }
    if made.has(enrolment.id, enrolment.next_step) {
        return step_over(conn, now, drip, enrolment, made).map(|()| None);
    }
    // Who has moved is asked for the company that it is at now.
    let Some(company) = row.company_id else {
        return end(conn, enrolment, "stopped", Some(NO_COMPANY)).map(|()| None);
    };
    let chosen = adaptive_of(design, enrolment).map(|from| choices.choose(from, enrolment.contact_id, company));
    if chosen.as_ref().is_some_and(Vec::is_empty) {
        return skip(conn, now, drip, enrolment).map(|()| None);
    }
    Ok(Some(Ready {
        row,
        company,
        nonce: token::nonce(),
        questions: chosen.as_deref().map(adaptive::written),
    }))
}

fn make(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    design: &Design,
    ready: &[Ready],
) -> store::Result<()> {
    let invitation = |next: &Ready| NewInvitation {
        enrolment_id: next.row.enrolment.id,
        step: next.row.enrolment.next_step,
        drip: next.row.enrolment.drip.clone(),
        contact_id: next.row.enrolment.contact_id,
        company_id: next.company,
        framework_id: design.id,
        nonce: next.nonce.clone(),
        made_at: now,
        rev: 0,
        framework_step: next.row.enrolment.next_step,
        questions: next.questions.clone(),
    };
    queries::insert_invitations(conn, &ready.iter().map(invitation).collect::<Vec<_>>())?;
    let ids: Vec<EnrolmentId> = ready.iter().map(|next| next.row.enrolment.id).collect();
    let made = Made::load(conn, &ids)?;
    let (mut hashes, mut mails) = (Vec::new(), Vec::new());
    let mut by_step: BTreeMap<i32, Vec<EnrolmentId>> = BTreeMap::new();
    for next in ready {
        let enrolment = &next.row.enrolment;
        let Some(invitation) = made.find(enrolment.id, enrolment.next_step) else {
            continue;
        };
        let own = letterhead.hashes(&next.nonce).into_iter();
        hashes.extend(own.map(|(purpose, hash)| (invitation, purpose, hash)));
        by_step.entry(enrolment.next_step).or_default().push(enrolment.id);
        mails.push(NewMail {
            invitation,
            nth: 0,
            drip: &enrolment.drip,
            step: enrolment.next_step,
            contact: enrolment.contact_id,
            company: next.company,
            to: &next.row.email,
            due_at: enrolment.next_at.unwrap_or(now),
        });
        if enrolment.company_id != next.company {
            queries::update_company(conn, enrolment.id, next.company)?;
        }
    }
    outbox::queue(conn, now, &mails)?;
    queries::insert_tokens(conn, &hashes)?;
    for (step, enrolments) in by_step {
        queries::pass_step(conn, &enrolments, step + 1)?;
    }
    Ok(())
}

/// The invitations that some enrolments have.
struct Made(Vec<InvitationRow>);

impl Made {
    fn load(conn: &mut Conn, enrolments: &[EnrolmentId]) -> store::Result<Made> {
        queries::list_made(conn, enrolments).map(Made)
    }

    fn find(&self, enrolment: EnrolmentId, step: i32) -> Option<InvitationId> {
        let rows = &self.0;
        // Ordered by enrolment.
        let first = rows.partition_point(|row| row.enrolment_id < enrolment);
        let own = rows[first..].iter().take_while(|row| row.enrolment_id == enrolment);
        own.filter(|row| row.step == step).map(|row| row.id).next()
    }

    fn has(&self, enrolment: EnrolmentId, step: i32) -> bool {
        self.find(enrolment, step).is_some()
    }
}

/// Who gets no mail, of which drip ('' for all), and why.
struct Suppressed(Vec<(String, String, String)>);

impl Suppressed {
    fn find(&self, email_key: &str, drip: &str) -> Option<&str> {
        let of_address = self.0.iter().filter(|(key, ..)| key == email_key);
        let mut of_drip = of_address.filter(|(_, scope, _)| scope.is_empty() || scope == drip);
        of_drip.next().map(|(.., why)| why.as_str())
    }
}

/// The contact got this step before the drip was edited: the next one that it did not get is dated.
fn step_over(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &Drip,
    enrolment: &EnrolmentRow,
    made: &Made,
) -> store::Result<()> {
    let next = (enrolment.next_step + 1..).find(|step| !made.has(enrolment.id, *step));
    let Some((next, step)) = next.and_then(|next| Some((next, step_of(drip, next)?))) else {
        return end(conn, enrolment, "finished", None);
    };
    let before = queries::find_last_reached(conn, enrolment.id)?;
    let at = match before {
        Some(before) => rules::step_due_at(step, reached(conn, &before)?, now).map(|at| at.max(now)),
        None => Some(now),
    };
    queries::update_enrolment(conn, enrolment.id, "active", next, at, None)
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
                asks: true,
            };
            let at = rules::step_due_at(step, now_done, now);
            queries::update_enrolment(conn, enrolment.id, "active", next, at, None)
        }
    }
}

/// Mails have left: the first one of a step starts its clocks, each one the next reminder's.
///
/// Says how many it has seen to: of several of one enrolment only the first, as the others hang on
/// what came of it.
pub fn note_sent(conn: &mut Conn, sent: &[SentRow]) -> store::Result<Vec<MailId>> {
    let design = design::current(conn)?;
    let mut enrolments = HashSet::new();
    let sent: Vec<&SentRow> = sent.iter().filter(|row| enrolments.insert(row.enrolment.id)).collect();
    let own: Vec<InvitationId> = sent.iter().map(|row| row.invitation.id).collect();
    let ids: Vec<EnrolmentId> = sent.iter().map(|row| row.enrolment.id).collect();
    let mut siblings: HashMap<EnrolmentId, Vec<SiblingRow>> = HashMap::new();
    for row in queries::list_siblings(conn, &ids, &own)? {
        siblings.entry(row.enrolment_id).or_default().push(row);
    }
    let mut asking = Asking::default();
    let (mut begun, mut moved, mut reminders, mut overtaken) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in &sent {
        let now = row.sent_at;
        let mut invitation = row.invitation.clone();
        let siblings = siblings.get(&row.enrolment.id).map_or(&[][..], Vec::as_slice);
        let drip = design.framework.drip(&invitation.drip);
        let asks = asking.of(conn, &invitation)?;
        if row.nth == 0 && invitation.first_sent_at.is_none() {
            invitation.first_sent_at = Some(now);
            invitation.closes_at = drip.filter(|_| asks).and_then(|drip| rules::closes_at(drip, now));
            begun.push((invitation.id, now, invitation.closes_at));
            overtaken.extend(siblings.iter().map(|other| other.id).filter(|id| *id < invitation.id));
        }
        let Some(drip) = drip else { continue };
        // A step that was taken out of the drip while its mail was under way reminds of nothing.
        if invitation.answered_at.is_none()
            && asks
            && let Some(step) = step_of(drip, invitation.step)
            && let Some(due_at) = rules::reminder_due_at(drip, step, row.nth, now)
            && invitation.closes_at.is_none_or(|closes_at| due_at < closes_at)
        {
            reminders.push(NewMail {
                invitation: invitation.id,
                nth: row.nth + 1,
                drip: &row.invitation.drip,
                step: invitation.step,
                contact: invitation.contact_id,
                company: invitation.company_id,
                to: &row.email,
                due_at,
            });
        }
        let is_later_made = siblings
            .iter()
            .any(|other| other.id > invitation.id && (other.step >= 0 || other.is_sent));
        if may_move(&row.enrolment) && !is_later_made {
            let before = before(&invitation, asks);
            moved.extend(next_of(now, drip, &row.enrolment, before).map(|next| (row.enrolment.id, next)));
        }
    }
    queries::update_first_sent(conn, &begun)?;
    if let (false, Some(last)) = (overtaken.is_empty(), sent.last()) {
        let which = Needless::RemindersOf(&overtaken);
        outbox::cancel(conn, last.sent_at, which, "the next step was sent")?;
    }
    if let Some(last) = sent.last() {
        outbox::queue(conn, last.sent_at, &reminders)?;
    }
    let rows: Vec<_> = moved
        .into_iter()
        .map(|(enrolment, next)| match next {
            Next::At(at) => (enrolment, "active", Some(at)),
            Next::Finished => (enrolment, "finished", None),
        })
        .collect();
    queries::update_next(conn, &rows)?;
    Ok(sent.iter().map(|row| row.mail).collect())
}

/// Whether invitations have questions: asked once of each step.
#[derive(Default)]
struct Asking(HashMap<(FrameworkId, String, i32), bool>);

impl Asking {
    fn of(&mut self, conn: &mut Conn, invitation: &InvitationRow) -> store::Result<bool> {
        let step = (
            invitation.framework_id,
            invitation.drip.clone(),
            invitation.framework_step,
        );
        if let Some(asks) = self.0.get(&step) {
            return Ok(*asks);
        }
        let asks = asks(conn, invitation)?;
        self.0.insert(step, asks);
        Ok(asks)
    }
}

/// The step was answered: nobody is reminded, and a step that waited for it is free.
pub fn note_answered(conn: &mut Conn, now: NaiveDateTime, invitation: InvitationId) -> store::Result<()> {
    queries::update_answered(conn, invitation, now)?;
    outbox::cancel(conn, now, Needless::RemindersOf(&[invitation]), "answered")?;
    let Some(answered) = queries::find_invitation(conn, invitation)? else {
        return Ok(());
    };
    let design = design::current(conn)?;
    match design.framework.drip(&answered.drip) {
        Some(drip) => move_on(conn, now, drip, &answered).map(|_| ()),
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

/// What [`close_due`] found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Closed {
    /// At [`BATCH`] there may be more.
    pub closings: usize,
    /// Enrolments that moved by them.
    pub moved: usize,
}

/// Steps that closed unanswered free the steps that waited for them. Each closing is looked at once.
pub fn close_due(conn: &mut Conn, now: NaiveDateTime) -> store::Result<Closed> {
    take_turn(conn, Turn::Steps)?;
    let design = design::current(conn)?;
    let mut drips: HashMap<&str, &Drip> = HashMap::new();
    drips.extend(design.framework.drips.iter().map(|drip| (drip.code.as_str(), drip)));
    let rows = queries::list_closed(conn, now, BATCH)?;
    let mut moved = 0;
    for closed in &rows {
        match drips.get(closed.drip.as_str()) {
            Some(drip) => moved += usize::from(move_on(conn, now, drip, closed)?),
            None => queries::stop_enrolment(conn, closed.enrolment_id, NO_DRIP)?,
        }
    }
    let ids: Vec<InvitationId> = rows.iter().map(|row| row.id).collect();
    queries::pass_closings(conn, &ids)?;
    Ok(Closed {
        closings: rows.len(),
        moved,
    })
}

/// Dates the step after this one, or ends the enrolment where there is none. False: there was
/// nothing to do.
fn move_on(conn: &mut Conn, now: NaiveDateTime, drip: &Drip, before: &InvitationRow) -> store::Result<bool> {
    let Some(enrolment) = queries::find_enrolment(conn, before.enrolment_id)? else {
        return Ok(false);
    };
    // A later step that is on its way dates what follows by its sending.
    if !may_move(&enrolment) || queries::is_any_made_after(conn, enrolment.id, before.id)? {
        return Ok(false);
    }
    match next_of(now, drip, &enrolment, reached(conn, before)?) {
        Some(Next::At(at)) => {
            queries::update_enrolment(conn, enrolment.id, "active", enrolment.next_step, Some(at), None)?
        }
        Some(Next::Finished) => end(conn, &enrolment, "finished", None)?,
        None => return Ok(false),
    }
    Ok(true)
}

/// Not one that is dated already, or has ended.
fn may_move(enrolment: &EnrolmentRow) -> bool {
    enrolment.next_at.is_none() && enrolment.state == "active"
}

/// What comes after a step.
enum Next {
    At(NaiveDateTime),
    Finished,
}

/// `None`: that is not known yet.
fn next_of(now: NaiveDateTime, drip: &Drip, enrolment: &EnrolmentRow, before: rules::Before) -> Option<Next> {
    match step_of(drip, enrolment.next_step) {
        Some(step) => rules::step_due_at(step, before, now).map(Next::At),
        None => (before.first_sent_at.is_some() || before.answered_at.is_some()).then_some(Next::Finished),
    }
}

/// What the next step's date hangs on.
fn reached(conn: &mut Conn, invitation: &InvitationRow) -> store::Result<rules::Before> {
    Ok(before(invitation, asks(conn, invitation)?))
}

fn before(invitation: &InvitationRow, asks: bool) -> rules::Before {
    rules::Before {
        first_sent_at: invitation.first_sent_at,
        answered_at: invitation.answered_at,
        closes_at: invitation.closes_at,
        asks,
    }
}

/// Whether the invitation has questions, whatever has become of its step since. One whose framework
/// is not known any more counts as one that has.
pub(super) fn asks(conn: &mut Conn, invitation: &InvitationRow) -> store::Result<bool> {
    let then = design::at(conn, invitation.framework_id)?;
    let drip = then.as_deref().and_then(|then| then.framework.drip(&invitation.drip));
    let step = drip.and_then(|drip| step_of(drip, invitation.framework_step));
    Ok(step.is_none_or(rules::asks))
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
