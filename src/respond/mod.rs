//! What a mailed link opens: the form, its recording, preferences, unsubscribing.
//!
//! Whoever holds the link may act, and nobody is told more than the link's own mail said: no name,
//! no address, no earlier answer. Opening changes nothing, however often and by whatever program it
//! is done; only what is posted does. How an answer is read is `answers`', what follows from it is
//! `needs`' and `drip`'s.

pub mod control;
mod form;
pub mod preview;
mod queries;
mod suspect;
pub mod trial;
pub mod visits;
pub mod wishes;

use chrono::{NaiveDateTime, TimeDelta};

use crate::answers::{self, Channel, Incoming, NewAnswer, Origin, json};
use crate::clock;
use crate::config::SecretKey;
use crate::drip::queries::{self as invitations, InvitationRow};
use crate::drip::{self, claim};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::token::{self, Purpose};
use crate::store::{self, Conn};
use crate::{design, needs};

use self::suspect::Signs;

pub use form::{Asked, Form, Heading};
pub use visits::Visits;
pub use wishes::{
    Holder, NoWish, Preferences, Stop, Wish, Wished, holder, language, preferences, resubscribe_all, stopped,
    unsubscribe_all, wish,
};

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
    /// A field that has one answer came with two.
    Twice(String),
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
    let heading = form::heading(conn, letterhead, &invitation)?;
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

/// What follows a POST that was taken: thanks, also to what looks like a machine.
pub fn thanks(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead, given: &str) -> store::Result<Opened> {
    if let Some(invitation) = find(conn, Purpose::Respond, given)?
        && !answers::list_of_invitation(conn, invitation.contact_id, invitation.id)?.is_empty()
    {
        return Ok(Opened::Thanks(form::heading(conn, letterhead, &invitation)?));
    }
    open(conn, now, letterhead, given, &[])
}

/// Saves what the contact answered, works the company's needs out anew, and moves its drip on.
/// The same answers posted twice are one response. What looks like a machine's answer is kept, and
/// nothing follows from it: the link stays as it was, for a person.
pub fn record(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    visits: &Visits,
    given: &str,
    fields: &[(String, String)],
) -> Result<(), Refusal> {
    let invitation = find(conn, Purpose::Respond, given)?.ok_or(Refusal::Unknown)?;
    let heading = form::heading(conn, letterhead, &invitation)?;
    let page = Page::of(letterhead.key(), &invitation, fields);
    let closed_at = invitation.closes_at.filter(|at| *at <= now);
    let too_late = closed_at.filter(|at| !page.is_in_grace(*at, now));
    let refused = too_late.map(|at| Refusal::Closed(heading.clone(), at));
    let opened = page.opened_or(|| sealed_time(letterhead.key(), &invitation, now));
    let form = form::load(conn, letterhead, &invitation, heading, opened)?.ok_or(Refusal::Unknown)?;
    if let Some(name) = form.sent_twice(fields) {
        return Err(Refusal::Twice(name));
    }
    let read = answers::form::read(&form.versions(), fields);
    if let Some(refusal) = refused {
        // The reply to what was stored in time may have been lost.
        let is_known = match read {
            Ok(answers) if !answers.is_empty() => is_stored(conn, &invitation, &answers, false)?,
            _ => false,
        };
        return if is_known { Ok(()) } else { Err(refusal) };
    }
    let answers = match read {
        Ok(answers) if answers.is_empty() => {
            return Err(Refusal::Faulty(Box::new(form.filled(fields).without_an_answer())));
        }
        Ok(answers) => answers,
        Err(faults) => return Err(Refusal::Faulty(Box::new(form.filled(fields).marked(&faults)))),
    };
    let is_suspect = signs(conn, now, letterhead, visits, &invitation, &page)?.are_a_machines();
    let is_newest = match is_suspect {
        // Who has the form open may still send it.
        true => invitations::hold_rev(conn, invitation.id, page.rev)?,
        false => invitations::raise_rev(conn, invitation.id, page.rev)?,
    };
    if !is_newest {
        return match is_stored(conn, &invitation, &answers, false)? {
            true => Ok(()),
            false => Err(Refusal::Stale(Box::new(form.filled(fields)))),
        };
    }
    if is_suspect && is_stored(conn, &invitation, &answers, true)? {
        return Ok(());
    }
    let origin = Origin {
        channel: Channel::Form,
        author: None,
        invitation: Some(invitation.id),
        suspect: is_suspect,
        late: closed_at.is_some(),
    };
    let incoming: Vec<Incoming> = answers
        .into_iter()
        .map(|answer| Incoming {
            company: invitation.company_id,
            contact: invitation.contact_id,
            answer,
            at: now,
            origin: origin.clone(),
        })
        .collect();
    needs::take(conn, now, &incoming)?;
    if !is_suspect {
        drip::note_answered(conn, now, invitation.id)?;
    }
    Ok(())
}

/// The first mail of the link's step, rendered anew.
pub fn view(conn: &mut Conn, letterhead: &Letterhead, given: &str) -> store::Result<Option<Written>> {
    let Some(invitation) = find(conn, Purpose::View, given)? else {
        return Ok(None);
    };
    let Some(situation) = invitations::find_situation(conn, invitation.id)? else {
        return Ok(None);
    };
    let design = design::current(conn)?;
    Ok(claim::write(conn, letterhead, &design, &situation, 0)?.ok())
}

/// The invitation that a token of that purpose opens.
fn find(conn: &mut Conn, purpose: Purpose, given: &str) -> store::Result<Option<InvitationRow>> {
    match token::read(given) {
        Some(token) => Ok(invitations::find_by_token(conn, purpose, &token::hash(&token))?.flatten()),
        None => Ok(None),
    }
}

/// What the page was that is now posted, by its hidden fields.
struct Page<'f> {
    /// Which state of the answers it was made from.
    rev: i32,
    /// As we sealed it; `None`: there was no page of ours.
    opened: Option<(NaiveDateTime, &'f str)>,
}

impl<'f> Page<'f> {
    fn of(key: &SecretKey, invitation: &InvitationRow, fields: &'f [(String, String)]) -> Page<'f> {
        let field = |name: &str| fields.iter().find(|(field, _)| field == name);
        let value = |name: &str| field(name).map_or("", |(_, value)| value.as_str());
        let sealed = value("opened");
        let opened = sealed.rsplit_once('.').and_then(|(time, seal)| {
            let is_ours = token::is_sealed(key, &["opened", &invitation.nonce, time], seal);
            is_ours.then(|| clock::parse_rfc3339(time)).flatten()
        });
        Page {
            rev: value("rev").parse().unwrap_or(0),
            opened: opened.map(|at| (at, sealed)),
        }
    }

    /// Opened before the closing, and sent not long after it.
    fn is_in_grace(&self, closed_at: NaiveDateTime, now: NaiveDateTime) -> bool {
        self.opened.is_some_and(|(at, _)| at < closed_at) && now <= closed_at + TimeDelta::hours(GRACE_HOURS)
    }

    /// The page shown again is still the one that was opened.
    fn opened_or(&self, anew: impl FnOnce() -> String) -> String {
        self.opened.map_or_else(anew, |(_, sealed)| sealed.to_owned())
    }
}

fn signs(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    visits: &Visits,
    invitation: &InvitationRow,
    page: &Page,
) -> store::Result<Signs> {
    let hashes = letterhead.hashes(&invitation.nonce);
    Ok(Signs {
        reading: page.opened.map(|(at, _)| now - at),
        swept: visits::is_swept(conn, visits, invitation.id, &hashes)?,
        since_accepted: queries::find_accepted(conn, invitation.id)?.map(|at| now - at),
    })
}

/// Whether each of these answers is what the link was answered with last, by a person or by what
/// looks like a program.
fn is_stored(conn: &mut Conn, invitation: &InvitationRow, given: &[NewAnswer], suspect: bool) -> store::Result<bool> {
    let stored = answers::list_of_invitation(conn, invitation.contact_id, invitation.id)?;
    Ok(given.iter().all(|answer| {
        let row = answer.row.as_deref().unwrap_or("");
        let written = json::write(&answer.value).to_string();
        let newest = stored
            .iter()
            .rev()
            .find(|old| old.suspect == suspect && old.question == answer.question && old.row_code == row);
        newest.is_some_and(|old| old.value == written)
    }))
}

/// When the page was opened, in a form that only we can make.
fn sealed_time(key: &SecretKey, invitation: &InvitationRow, now: NaiveDateTime) -> String {
    let time = clock::rfc3339(now);
    let seal = token::seal(key, &["opened", &invitation.nonce, &time]);
    format!("{time}.{seal}")
}
