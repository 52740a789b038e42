//! Offers: what we could put before a company, and which needs it serves. Everybody may add one and see
//! them all; whoever made one may change it, an analyst any. An archived one can be put back.
//!
//! Whom an offer meets is for `insight::prospects` to say.

mod queries;
pub mod rules;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use self::rules::{NewOffer, Typed};
use crate::accounts::{Role, User};
use crate::audit;
use crate::design::Design;
use crate::framework::Code;
use crate::ids::OfferId;
use crate::store::{self, Conn};

#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub id: OfferId,
    pub name: String,
    pub note: String,
    /// The needs that it serves, each with a weight above 0; of those that are archived, too.
    pub needs: BTreeMap<Code, f64>,
    pub made_by: String,
    pub changed_by: String,
    pub changed_at: NaiveDateTime,
    pub is_archived: bool,
}

/// Why an offer is not changed.
#[derive(Debug)]
pub enum Refusal {
    /// What is wrong, by field.
    Faulty(Vec<(String, String)>),
    /// There is none of that number, or none in use.
    Unknown,
    /// It is somebody else's.
    NotYours(String),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        match store::is_taken(&error) {
            true => Refusal::Faulty(vec![rules::taken()]),
            false => Refusal::Store(error),
        }
    }
}

/// More than these nobody keeps apart.
pub const MOST: usize = 200;

/// Those in use, what was changed last first.
pub fn list(conn: &mut Conn) -> store::Result<Vec<Offer>> {
    queries::list(conn, false)
}

/// Those that were archived, the last one first; no more than [`MOST`].
pub fn list_archived(conn: &mut Conn) -> store::Result<Vec<Offer>> {
    queries::list(conn, true)
}

pub fn find(conn: &mut Conn, id: OfferId) -> store::Result<Option<Offer>> {
    queries::find(conn, id)
}

/// Whether the user may change it.
pub fn may_change(user: &User, offer: &Offer) -> bool {
    user.role.may(Role::Analyst) || user.email == offer.made_by
}

/// Keeps a new offer; nothing is kept of one with a fault.
pub fn add(
    conn: &mut Conn,
    now: NaiveDateTime,
    user: &User,
    design: &Design,
    typed: &Typed,
) -> Result<OfferId, Refusal> {
    let new = read(conn, design, typed, None)?;
    assert_room(conn)?;
    let id = queries::insert(conn, now, &user.email, &new)?;
    audit::note(conn, now, &user.email, "offer.add", &new.name, &new.words())?;
    Ok(id)
}

pub fn change(
    conn: &mut Conn,
    now: NaiveDateTime,
    user: &User,
    design: &Design,
    id: OfferId,
    typed: &Typed,
) -> Result<(), Refusal> {
    let was = own(conn, user, id)?;
    if was.is_archived {
        return Err(Refusal::Unknown);
    }
    let new = read(conn, design, typed, Some(&was))?;
    queries::update(conn, now, &user.email, id, &new)?;
    audit::note(conn, now, &user.email, "offer.change", &new.name, &new.words())?;
    Ok(())
}

/// Takes it out of use, or puts it back.
pub fn archive(
    conn: &mut Conn,
    now: NaiveDateTime,
    user: &User,
    id: OfferId,
    is_archived: bool,
) -> Result<Offer, Refusal> {
    let offer = own(conn, user, id)?;
    if offer.is_archived != is_archived {
        if !is_archived {
            assert_room(conn)?;
        }
        // Another one may have taken its name meanwhile, which the key of the table says.
        queries::set_archived(conn, id, is_archived.then_some(now))?;
        let deed = if is_archived { "offer.archive" } else { "offer.put_back" };
        audit::note(conn, now, &user.email, deed, &offer.name, "")?;
    }
    Ok(offer)
}

fn assert_room(conn: &mut Conn) -> Result<(), Refusal> {
    if queries::count(conn)? < MOST as i64 {
        return Ok(());
    }
    let message = format!("There are {MOST} offers already. Archive some that are offered no more.");
    Err(Refusal::Faulty(vec![("name".to_owned(), message)]))
}

fn own(conn: &mut Conn, user: &User, id: OfferId) -> Result<Offer, Refusal> {
    let offer = queries::find(conn, id)?.ok_or(Refusal::Unknown)?;
    match may_change(user, &offer) {
        true => Ok(offer),
        false => Err(Refusal::NotYours(offer.made_by)),
    }
}

fn read(conn: &mut Conn, design: &Design, typed: &Typed, was: Option<&Offer>) -> Result<NewOffer, Refusal> {
    let mut read = rules::read(typed, design, was);
    let name = rules::key(&typed.name);
    if queries::is_name_taken(conn, &name, was.map(|was| was.id))? {
        let mut faults = read.err().unwrap_or_default();
        faults.push(rules::taken());
        read = Err(faults);
    }
    read.map_err(Refusal::Faulty)
}
