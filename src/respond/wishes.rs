//! What a contact wants of our mail: none of this drip, none at all, or some again.

use chrono::NaiveDateTime;

use crate::design;
use crate::drip::{self, queries};
use crate::mail::suppression;
use crate::mail::token::{self, Purpose};
use crate::store::{self, Conn};

/// How things stand for the link's contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The contact was erased, and is on no list.
    pub is_gone: bool,
    /// The drip's name, as colleagues know it.
    pub drip: String,
    /// Why no mail of this drip comes; `None`: it does.
    pub drip_stopped: Option<String>,
    /// Why no mail comes at all.
    pub all_stopped: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    StopDrip,
    StopAll,
    ResumeDrip,
    ResumeAll,
}

impl Wish {
    /// As the page's buttons name it.
    pub fn parse(text: &str) -> Option<Wish> {
        Some(match text {
            "stop-drip" => Wish::StopDrip,
            "stop-all" => Wish::StopAll,
            "resume-drip" => Wish::ResumeDrip,
            "resume-all" => Wish::ResumeAll,
            _ => return None,
        })
    }
}

/// Whose link it is.
enum Holder {
    Gone,
    Contact { email_key: String, drip: String },
}

/// `None`: there is no such link.
pub fn preferences(conn: &mut Conn, given: &str) -> store::Result<Option<Preferences>> {
    Ok(match holder(conn, Purpose::Preferences, given)? {
        None => None,
        Some(Holder::Gone) => Some(Preferences {
            is_gone: true,
            ..Preferences::default()
        }),
        Some(Holder::Contact { email_key, drip }) => {
            let stopped = suppression::list(conn, &email_key)?;
            let why = |scope: &str| {
                stopped
                    .iter()
                    .find(|(drip, _)| drip == scope)
                    .map(|(_, why)| why.clone())
            };
            let name = design::current(conn)?
                .framework
                .drip(&drip)
                .map(|drip| drip.name.clone());
            Some(Preferences {
                is_gone: false,
                drip_stopped: why(&drip),
                all_stopped: why(""),
                drip: name.unwrap_or(drip),
            })
        }
    })
}

/// Does as the contact wishes. False: there is no such link.
pub fn wish(conn: &mut Conn, now: NaiveDateTime, given: &str, wish: Wish) -> store::Result<bool> {
    match holder(conn, Purpose::Preferences, given)? {
        None => return Ok(false),
        Some(Holder::Gone) => {}
        Some(Holder::Contact { email_key, drip }) => match wish {
            Wish::StopDrip => drip::unsubscribe(conn, now, &email_key, &drip)?,
            Wish::StopAll => drip::unsubscribe(conn, now, &email_key, "")?,
            Wish::ResumeDrip => drip::resubscribe(conn, &email_key, &drip).map(|_| ())?,
            Wish::ResumeAll => drip::resubscribe(conn, &email_key, "").map(|_| ())?,
        },
    }
    Ok(true)
}

/// One click in the mail program, or the button of the page behind the link in the mail: no more
/// mails at all. False: there is no such link.
pub fn unsubscribe_all(conn: &mut Conn, now: NaiveDateTime, given: &str) -> store::Result<bool> {
    match holder(conn, Purpose::Unsubscribe, given)? {
        None => return Ok(false),
        Some(Holder::Gone) => {}
        Some(Holder::Contact { email_key, .. }) => drip::unsubscribe(conn, now, &email_key, "")?,
    }
    Ok(true)
}

/// Whether the link of the mail's foot is one; opening it changes nothing.
pub fn is_unsubscribe_link(conn: &mut Conn, given: &str) -> store::Result<bool> {
    Ok(holder(conn, Purpose::Unsubscribe, given)?.is_some())
}

fn holder(conn: &mut Conn, purpose: Purpose, given: &str) -> store::Result<Option<Holder>> {
    let Some(token) = token::read(given) else {
        return Ok(None);
    };
    let Some(remembered) = queries::find_by_token(conn, purpose, &token::hash(&token))? else {
        return Ok(None);
    };
    let Some(invitation) = remembered else {
        return Ok(Some(Holder::Gone));
    };
    let email_key = queries::find_email_key(conn, invitation.contact_id)?;
    Ok(Some(email_key.map_or(Holder::Gone, |email_key| Holder::Contact {
        email_key,
        drip: invitation.drip,
    })))
}
