//! What a mailed link opens: the form, its recording, preferences, unsubscribing.
//!
//! Whoever holds the link may act, and nobody is told more than the link's own mail said: no name,
//! no address, no earlier answer. Opening changes nothing, however often and by whatever program it
//! is done; only what is posted does. A form has pages (`paging`), each kept as it is posted; who goes
//! back among them within one sitting (`sitting`) finds what was answered in it. How an answer is read
//! is `answers`', what follows from it is `needs`' and `drip`'s.

pub mod control;
mod form;
mod given;
mod paging;
pub mod preview;
mod queries;
mod questionnaire;
mod record;
pub mod sitting;
mod suspect;
pub mod trial;
mod untouched;
pub mod visits;
pub mod wishes;

use chrono::NaiveDateTime;

use crate::design;
use crate::drip::claim;
use crate::drip::queries::{self as invitations, SituationRow};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::token::{self, Purpose};
use crate::store::{self, Conn};

use self::paging::Course;
use self::sitting::Sitting;

pub use form::{Asked, Form, Heading, PageNumber};
pub use record::record;
pub use untouched::{Sort, Untouched, Values};
pub use visits::Visits;
pub use wishes::{
    Holder, NoWish, Preferences, Stop, Wish, Wished, holder, language, preferences, resubscribe_all, stopped,
    unsubscribe_all, wish,
};

/// What a GET of the link shows.
#[derive(Debug)]
pub enum Opened {
    Form(Box<Form>),
    /// A form as nobody has answered it yet.
    Untouched(Box<Untouched>),
    /// Answered already.
    Thanks(Heading),
    /// Since when it takes no answers any more.
    Closed(Heading, NaiveDateTime),
    /// No such link, or none any more.
    Unknown,
}

/// Where a POST that was taken leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// To another page of the form: what stands behind the `?` of its address.
    Page(String),
    Thanks,
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

/// `asked` are the fields of the address: answers given in advance, and which page is meant.
pub fn open(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    given: &str,
    asked: &[(String, String)],
) -> store::Result<Opened> {
    let Some(situation) = find(conn, Purpose::Respond, given)? else {
        return Ok(Opened::Unknown);
    };
    let invitation = &situation.invitation;
    let heading = questionnaire::heading(letterhead, &situation);
    if invitation.answered_at.is_some() {
        return Ok(Opened::Thanks(heading));
    }
    let (key, nonce) = (letterhead.key(), &invitation.nonce);
    let ticket = Sitting::read(key, nonce, now, sitting::value(asked, sitting::MINE));
    // Once somebody else has answered, what stands there may be theirs.
    let own = ticket.filter(|sitting| sitting.rev == invitation.rev);
    if let Some(closed_at) = invitation.closes_at.filter(|at| *at <= now)
        && !own.is_some_and(|sitting| sitting::is_in_grace(sitting.began, closed_at, now))
    {
        return Ok(Opened::Closed(heading, closed_at));
    }
    let Some(questionnaire) = questionnaire::load(conn, letterhead, &situation, heading)? else {
        return Ok(Opened::Unknown);
    };
    let opened = sitting::sealed_time(key, nonce, now, invitation.rev);
    if asked.is_empty() && invitation.rev == 0 {
        let step = (&invitation.drip, invitation.framework_step);
        if let Some(untouched) = Untouched::of(&questionnaire, step.0, step.1, opened.clone()) {
            return Ok(Opened::Untouched(Box::new(untouched)));
        }
    }
    let began = own.map(|sitting| sitting.began);
    let record = given::load(conn, invitation, began)?;
    let given = record.given_with(invitation, &questionnaire.versions, began);
    let course = Course::new(&questionnaire.versions, &given);
    let page = page_to_show(&course, &questionnaire.codes(), asked);
    let mine = match began {
        Some(began) => record.since(began, &questionnaire.versions),
        None => Vec::new(),
    };
    let mut form = questionnaire
        .page(&course, page, &Default::default())
        .recalling(&mine, asked);
    form.rev = invitation.rev;
    form.opened = opened;
    form.mine = own.map(|sitting| sitting.sealed(key, nonce)).unwrap_or_default();
    Ok(Opened::Form(Box::new(form)))
}

/// The page that the address names, if it is there to be seen; else the one with the answer that was
/// tapped in the mail, unless it was given already; else the first that is still to be given.
fn page_to_show(course: &Course, codes: &[&str], asked: &[(String, String)]) -> usize {
    let named = sitting::page(asked).filter(|page| course.is_visible(*page));
    let tapped = || {
        let place = codes
            .iter()
            .position(|code| asked.iter().any(|(name, _)| name == code))?;
        let page = course.page_of(place)?;
        (course.is_visible(page) && !course.is_given(page)).then_some(page)
    };
    let page = named.or_else(tapped).or_else(|| course.first_open());
    page.or_else(|| course.last()).unwrap_or(0)
}

/// What follows a form that was finished: thanks, also to what looks like a machine.
pub fn thanks(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead, given: &str) -> store::Result<Opened> {
    if let Some(situation) = find(conn, Purpose::Respond, given)?
        && situation.invitation.answered_at.is_none()
        && given::load(conn, &situation.invitation, Some(now))?.has_suspect()
    {
        return Ok(Opened::Thanks(questionnaire::heading(letterhead, &situation)));
    }
    open(conn, now, letterhead, given, &[])
}

/// The first mail of the link's step, rendered anew.
pub fn view(conn: &mut Conn, letterhead: &Letterhead, given: &str) -> store::Result<Option<Written>> {
    let Some(situation) = find(conn, Purpose::View, given)? else {
        return Ok(None);
    };
    let design = design::current(conn)?;
    Ok(claim::write(conn, letterhead, &design, &situation, 0)?.ok())
}

/// The invitation that a token of that purpose opens, with all that its page hangs on.
fn find(conn: &mut Conn, purpose: Purpose, given: &str) -> store::Result<Option<SituationRow>> {
    let Some(token) = token::read(given) else {
        return Ok(None);
    };
    match invitations::find_opened(conn, purpose, &token::hash(&token))?.flatten() {
        Some(invitation) => invitations::find_situation(conn, invitation),
        None => Ok(None),
    }
}
