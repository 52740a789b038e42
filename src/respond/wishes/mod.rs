//! What a contact wants of our mail: fewer, none for a while, none of this drip, none at all, or some again.
//!
//! Each wish can be taken back, and only by who has a link: its own wish is the one reason for which
//! mail to an address stops that it can lift. All of it is noted in the audit log, without the address.

mod queries;
pub mod rules;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::Purpose;
use crate::audit;
use crate::design;
use crate::drip;
use crate::drip::queries as drips;
use crate::ids::ContactId;
use crate::mail::{suppression, token, wishes};
use crate::store::{self, Conn};
use crate::text::figures;

pub use rules::{NoWish, Wish};

/// How the audit log calls whoever holds a mailed link.
pub const ACTOR: &str = "contact";

/// How things stand for the link's contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The contact was removed, and is on no list.
    pub is_gone: bool,
    /// The link came with a test mail: nothing is kept.
    pub is_test: bool,
    /// Whose it is; none where it is nobody's any more, or a test's.
    pub contact: Option<ContactId>,
    /// The drip's name, as colleagues know it.
    pub drip: String,
    /// Why no mail of this drip comes; `None`: it does.
    pub drip_stopped: Option<String>,
    /// Why no mail comes at all.
    pub all_stopped: Option<String>,
    /// Between two mails at least.
    pub gap_days: Option<i32>,
    /// The day before which none comes; none where that has passed.
    pub paused_until: Option<NaiveDate>,
}

/// Whose link it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Somebody who was removed.
    Gone,
    /// A colleague who looks at a test mail of that drip.
    Test { drip: String },
    Contact {
        contact: ContactId,
        email_key: String,
        drip: String,
    },
}

/// What came of a wish.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wished {
    /// What takes it back.
    pub undo: Option<Wish>,
    /// The folded address that is to be left in peace from now on.
    pub quiet: Option<String>,
}

/// How things stand behind the link at a mail's foot that stops everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Mails come as they did.
    Not,
    /// None come; taken back by who wished it.
    Wished,
    /// None come, for another reason.
    Barred,
    /// On no list.
    Gone,
    /// The link came with a test mail: nothing is kept.
    Test,
}

/// `None`: there is no such link.
pub fn preferences(conn: &mut Conn, now: NaiveDateTime, given: &str) -> store::Result<Option<Preferences>> {
    let Some(holder) = holder(conn, Purpose::Preferences, given)? else {
        return Ok(None);
    };
    let (contact, email_key, drip) = match holder {
        Holder::Gone => {
            return Ok(Some(Preferences {
                is_gone: true,
                ..Preferences::default()
            }));
        }
        Holder::Test { drip } => {
            return Ok(Some(Preferences {
                is_test: true,
                drip: name_of(conn, drip)?,
                ..Preferences::default()
            }));
        }
        Holder::Contact {
            contact,
            email_key,
            drip,
        } => (contact, email_key, drip),
    };
    let stopped = suppression::list(conn, &email_key)?;
    let why = |scope: &str| {
        stopped
            .iter()
            .find(|(drip, _)| drip == scope)
            .map(|(_, why)| why.clone())
    };
    let wish = wishes::find(conn, &email_key)?;
    Ok(Some(Preferences {
        is_gone: false,
        is_test: false,
        contact: Some(contact),
        drip_stopped: why(&drip),
        all_stopped: why(""),
        gap_days: wish.gap_days,
        paused_until: to_come(now, &wish),
        drip: name_of(conn, drip)?,
    }))
}

/// Does as the contact wishes; a removal is `privacy`'s to do. `None`: there is no such link.
pub fn wish(conn: &mut Conn, now: NaiveDateTime, given: &str, wish: Wish) -> store::Result<Option<Wished>> {
    let (contact, email_key, drip) = match holder(conn, Purpose::Preferences, given)? {
        None => return Ok(None),
        Some(Holder::Gone) => return Ok(Some(Wished::default())),
        // As it would be, and nothing is kept.
        Some(Holder::Test { .. }) => {
            return Ok(Some(Wished {
                undo: wish.undone(None, None),
                quiet: None,
            }));
        }
        Some(Holder::Contact {
            contact,
            email_key,
            drip,
        }) => (contact, email_key, drip),
    };
    let before = wishes::find(conn, &email_key)?;
    let undo = wish.undone(before.gap_days, to_come(now, &before));
    match wish {
        Wish::StopDrip => stop(conn, now, contact, &email_key, &drip)?,
        Wish::StopAll => stop(conn, now, contact, &email_key, "")?,
        Wish::ResumeDrip => resume(conn, now, contact, &email_key, &drip)?,
        Wish::ResumeAll => resume(conn, now, contact, &email_key, "")?,
        Wish::Gap(days) => {
            wishes::set_gap(conn, now, &email_key, days)?;
            let detail = match days {
                Some(days) => format!("{} between two mails", figures::counted(i64::from(days), "day", "days")),
                None => "as many mails as before".to_owned(),
            };
            note(conn, now, contact, "contact.fewer", &detail)?;
        }
        Wish::Pause(until) => {
            wishes::set_pause(conn, now, &email_key, until.map(|until| until.and_time(NaiveTime::MIN)))?;
            let detail = until.map_or("ended".to_owned(), |until| format!("until {until}"));
            note(conn, now, contact, "contact.pause", &detail)?;
        }
        Wish::Erase | Wish::EraseYes => {}
    }
    let quiets = matches!(wish, Wish::StopDrip | Wish::StopAll | Wish::Pause(Some(_)));
    Ok(Some(Wished {
        undo,
        quiet: quiets.then_some(email_key),
    }))
}

/// One click in the mail program, or the button of the page behind the link in the mail: no more
/// mails at all. `None`: there is no such link.
pub fn unsubscribe_all(conn: &mut Conn, now: NaiveDateTime, given: &str) -> store::Result<Option<Wished>> {
    let mut wished = Wished {
        undo: Some(Wish::ResumeAll),
        quiet: None,
    };
    match holder(conn, Purpose::Unsubscribe, given)? {
        None => return Ok(None),
        Some(Holder::Gone | Holder::Test { .. }) => {}
        Some(Holder::Contact { contact, email_key, .. }) => {
            stop(conn, now, contact, &email_key, "")?;
            wished.quiet = Some(email_key);
        }
    }
    Ok(Some(wished))
}

/// Takes [`unsubscribe_all`] back, by the same link. False: there is no such link.
pub fn resubscribe_all(conn: &mut Conn, now: NaiveDateTime, given: &str) -> store::Result<bool> {
    match holder(conn, Purpose::Unsubscribe, given)? {
        None => return Ok(false),
        Some(Holder::Gone | Holder::Test { .. }) => {}
        Some(Holder::Contact { contact, email_key, .. }) => resume(conn, now, contact, &email_key, "")?,
    }
    Ok(true)
}

/// What the link of the mail's foot would find; opening it changes nothing. `None`: it is none.
pub fn stopped(conn: &mut Conn, given: &str) -> store::Result<Option<Stop>> {
    let email_key = match holder(conn, Purpose::Unsubscribe, given)? {
        None => return Ok(None),
        Some(Holder::Gone) => return Ok(Some(Stop::Gone)),
        Some(Holder::Test { .. }) => return Ok(Some(Stop::Test)),
        Some(Holder::Contact { email_key, .. }) => email_key,
    };
    let stopped = suppression::list(conn, &email_key)?;
    Ok(Some(match stopped.iter().find(|(drip, _)| drip.is_empty()) {
        None => Stop::Not,
        Some((_, why)) if why == suppression::UNSUBSCRIBED => Stop::Wished,
        Some(_) => Stop::Barred,
    }))
}

/// Whose the link of that purpose is. `None`: there is no such link.
pub fn holder(conn: &mut Conn, purpose: Purpose, given: &str) -> store::Result<Option<Holder>> {
    let Some(token) = token::read(given) else {
        return Ok(None);
    };
    let hash = token::hash(&token);
    let Some(remembered) = drips::find_by_token(conn, purpose, &hash)? else {
        return Ok(queries::find_test(conn, purpose, &hash)?.map(|drip| Holder::Test { drip }));
    };
    let Some(invitation) = remembered else {
        return Ok(Some(Holder::Gone));
    };
    let email_key = drips::find_email_key(conn, invitation.contact_id)?;
    Ok(Some(email_key.map_or(Holder::Gone, |email_key| Holder::Contact {
        contact: invitation.contact_id,
        email_key,
        drip: invitation.drip,
    })))
}

/// The language of whoever the link of that purpose was mailed to: `None` where the link is unknown, or
/// its reader's language is.
pub fn language(conn: &mut Conn, purpose: Purpose, given: &str) -> store::Result<Option<String>> {
    let Some(token) = token::read(given) else {
        return Ok(None);
    };
    let hash = token::hash(&token);
    let reader = match drips::find_by_token(conn, purpose, &hash)? {
        Some(remembered) => remembered.map(|invitation| invitation.contact_id),
        None => queries::find_test_reader(conn, purpose, &hash)?,
    };
    match reader {
        Some(contact) => queries::find_language(conn, contact),
        None => Ok(None),
    }
}

/// The repeated wish changes nothing, and is noted once.
fn stop(conn: &mut Conn, now: NaiveDateTime, contact: ContactId, email_key: &str, drip: &str) -> store::Result<()> {
    let is_stopped = suppression::list(conn, email_key)?
        .iter()
        .any(|(scope, _)| scope == drip);
    drip::unsubscribe(conn, now, email_key, drip)?;
    match is_stopped {
        true => Ok(()),
        false => note(conn, now, contact, "contact.unsubscribe", &scope(drip)),
    }
}

fn resume(conn: &mut Conn, now: NaiveDateTime, contact: ContactId, email_key: &str, drip: &str) -> store::Result<()> {
    match drip::resubscribe(conn, email_key, drip)? {
        true => note(conn, now, contact, "contact.resubscribe", &scope(drip)),
        false => Ok(()),
    }
}

fn scope(drip: &str) -> String {
    match drip {
        "" => "all drips".to_owned(),
        drip => format!("drip {drip}"),
    }
}

fn note(conn: &mut Conn, now: NaiveDateTime, contact: ContactId, action: &str, detail: &str) -> store::Result<()> {
    audit::note(conn, now, ACTOR, action, &audit::of_contact(contact), detail)
}

fn to_come(now: NaiveDateTime, wish: &wishes::Wish) -> Option<NaiveDate> {
    wish.paused_until.filter(|until| *until > now).map(|until| until.date())
}

fn name_of(conn: &mut Conn, drip: String) -> store::Result<String> {
    let design = design::current(conn)?;
    let name = design.framework.drip(&drip).map(|drip| drip.name.clone());
    Ok(name.unwrap_or(drip))
}
