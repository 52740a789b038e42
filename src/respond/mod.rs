//! What a mailed link opens: the form, its recording, preferences, unsubscribing.
//!
//! Whoever holds the link may act, and nobody is told more than the link's own mail said: no name,
//! no address, no earlier answer. Opening changes nothing, however often and by whatever program it
//! is done; only what is posted does. How an answer is read is `answers`', what follows from it is
//! `needs`' and `drip`'s.

pub mod control;
mod form;
pub mod trial;
mod wishes;

use chrono::{NaiveDateTime, TimeDelta};

use crate::answers::{self, Channel, Incoming, NewAnswer, Origin, json};
use crate::clock;
use crate::config::SecretKey;
use crate::drip::queries::{self, InvitationRow};
use crate::drip::{self, claim};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::token::{self, Purpose};
use crate::store::{self, Conn};
use crate::{design, needs};

pub use form::{Asked, Form, Heading};
pub use wishes::{Preferences, Wish, is_unsubscribe_link, preferences, unsubscribe_all, wish};

/// What a GET of the link shows.
#[derive(Debug)]
pub enum Opened {
    Form(Box<Form>),
    /// Answered already.
    Thanks(Heading),
    /// Since when it takes no answers any more.
    Closed(Heading, NaiveDateTime),
    /// No such link, or none any more.
    Unknown,
}

/// Why answers were not taken.
#[derive(Debug)]
pub enum Refusal {
    Unknown,
    Closed(Heading, NaiveDateTime),
    /// With what was typed, and what is wrong with it.
    Faulty(Box<Form>),
    /// Answered otherwise in the meantime, from another page: with what was typed.
    Stale(Box<Form>),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        Refusal::Store(error)
    }
}

/// A form that was opened before its closing may be sent so long after it.
const GRACE_HOURS: i64 = 24;

/// `ticked` are answers given in advance, as fields.
pub fn open(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    given: &str,
    ticked: &[(String, String)],
) -> store::Result<Opened> {
    let Some(invitation) = find(conn, Purpose::Respond, given)? else {
        return Ok(Opened::Unknown);
    };
    let heading = form::heading(conn, &invitation)?;
    if invitation.answered_at.is_some() {
        return Ok(Opened::Thanks(heading));
    }
    if let Some(closed_at) = invitation.closes_at.filter(|at| *at <= now) {
        return Ok(Opened::Closed(heading, closed_at));
    }
    let opened_at = sealed_time(letterhead.key(), &invitation, now);
    match form::load(conn, letterhead, &invitation, heading, opened_at)? {
        Some(form) => Ok(Opened::Form(Box::new(form.filled(ticked)))),
        None => Ok(Opened::Unknown),
    }
}

/// Saves what the contact answered, works the company's needs out anew, and moves its drip on.
/// The same answers posted twice are one response.
pub fn record(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    given: &str,
    fields: &[(String, String)],
) -> Result<(), Refusal> {
    let invitation = find(conn, Purpose::Respond, given)?.ok_or(Refusal::Unknown)?;
    let heading = form::heading(conn, &invitation)?;
    let field = |name: &str| {
        fields
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
    };
    if let Some(closed_at) = invitation.closes_at.filter(|at| *at <= now)
        && !is_in_grace(letterhead.key(), &invitation, closed_at, now, field("opened"))
    {
        return Err(Refusal::Closed(heading, closed_at));
    }
    let opened_at = sealed_time(letterhead.key(), &invitation, now);
    let form = form::load(conn, letterhead, &invitation, heading, opened_at)?.ok_or(Refusal::Unknown)?;
    let answers = match answers::form::read(&form.versions(), fields) {
        Ok(answers) if answers.is_empty() => {
            return Err(Refusal::Faulty(Box::new(form.filled(fields).without_an_answer())));
        }
        Ok(answers) => answers,
        Err(faults) => return Err(Refusal::Faulty(Box::new(form.filled(fields).marked(&faults)))),
    };
    let rev = field("rev").parse().unwrap_or(0);
    if !queries::raise_rev(conn, invitation.id, rev)? {
        return match is_as_stored(conn, &invitation, &answers)? {
            true => Ok(()),
            false => Err(Refusal::Stale(Box::new(form.filled(fields)))),
        };
    }
    let incoming: Vec<Incoming> = answers
        .into_iter()
        .map(|answer| incoming(now, &invitation, answer))
        .collect();
    needs::take(conn, now, &incoming)?;
    drip::note_answered(conn, now, invitation.id)?;
    Ok(())
}

/// The first mail of the link's step, rendered anew.
pub fn view(conn: &mut Conn, letterhead: &Letterhead, given: &str) -> store::Result<Option<Written>> {
    let Some(invitation) = find(conn, Purpose::View, given)? else {
        return Ok(None);
    };
    let Some(situation) = queries::find_situation(conn, invitation.id)? else {
        return Ok(None);
    };
    let design = design::current(conn)?;
    Ok(claim::write(conn, letterhead, &design, &situation, 0)?.ok())
}

/// The invitation that a token of that purpose opens.
fn find(conn: &mut Conn, purpose: Purpose, given: &str) -> store::Result<Option<InvitationRow>> {
    match token::read(given) {
        Some(token) => Ok(queries::find_by_token(conn, purpose, &token::hash(&token))?.flatten()),
        None => Ok(None),
    }
}

fn incoming(now: NaiveDateTime, invitation: &InvitationRow, answer: NewAnswer) -> Incoming {
    Incoming {
        company: invitation.company_id,
        contact: invitation.contact_id,
        answer,
        at: now,
        origin: Origin {
            channel: Channel::Form,
            author: None,
            invitation: Some(invitation.id),
            suspect: false,
        },
    }
}

/// Whether each of these answers is the one that counts already.
fn is_as_stored(conn: &mut Conn, invitation: &InvitationRow, given: &[NewAnswer]) -> store::Result<bool> {
    let mut stored = answers::list_of_contact(conn, invitation.company_id, invitation.contact_id)?;
    stored.sort_by_key(|answer| (answer.at, answer.seq));
    Ok(given.iter().all(|answer| {
        let row = answer.row.as_deref().unwrap_or("");
        let written = json::write(&answer.value).to_string();
        let newest = stored
            .iter()
            .rev()
            .find(|old| old.question == answer.question && old.row_code == row);
        newest.is_some_and(|old| old.value == written)
    }))
}

/// When the page was opened, in a form that only we can make.
fn sealed_time(key: &SecretKey, invitation: &InvitationRow, now: NaiveDateTime) -> String {
    let time = clock::rfc3339(now);
    let seal = token::seal(key, &["opened", &invitation.nonce, &time]);
    format!("{time}.{seal}")
}

fn is_in_grace(
    key: &SecretKey,
    invitation: &InvitationRow,
    closed_at: NaiveDateTime,
    now: NaiveDateTime,
    opened: &str,
) -> bool {
    let Some((time, seal)) = opened.rsplit_once('.') else {
        return false;
    };
    let is_ours = token::is_sealed(key, &["opened", &invitation.nonce, time], seal);
    let before = clock::parse_rfc3339(time).is_some_and(|opened_at| opened_at < closed_at);
    is_ours && before && now <= closed_at + TimeDelta::hours(GRACE_HOURS)
}
