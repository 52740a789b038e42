//! Views: a page of figures with its filter, kept under a name by whoever made it, shown to
//! everybody where its maker says so.

mod queries;

use chrono::{NaiveDateTime, TimeDelta};

use crate::accounts::{Role, User};
use crate::audit;
use crate::ids::{UserId, ViewId};
use crate::store::{self, Conn};
use crate::text::fold;

pub use self::queries::View;

/// A removed view can be put back for so long.
pub const KEPT: TimeDelta = TimeDelta::days(30);
const LONGEST_NAME: usize = 80;
const LONGEST_QUERY: usize = 4_000;

/// A view to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    pub name: String,
    /// The page's path, and what was asked of it.
    pub page: String,
    pub query: String,
    pub is_shared: bool,
}

#[derive(Debug)]
pub enum Refusal {
    /// There is none, or it is none of one's business.
    Unknown,
    UnfitName,
    TakenName,
    TooLong,
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        if store::is_taken(&error) {
            Refusal::TakenName
        } else {
            Refusal::Store(error)
        }
    }
}

/// One's own, then what others share; each by name.
pub fn list(conn: &mut Conn, user: UserId) -> store::Result<Vec<View>> {
    queries::list(conn, user)
}

/// One's own that were removed lately, the last one first.
pub fn list_removed(conn: &mut Conn, now: NaiveDateTime, user: UserId) -> store::Result<Vec<View>> {
    queries::list_removed(conn, user, now - KEPT)
}

/// One that the user may see.
pub fn find(conn: &mut Conn, user: UserId, id: ViewId) -> store::Result<Option<View>> {
    let found = queries::find(conn, id)?;
    Ok(found.filter(|view| view.removed_at.is_none() && (view.user_id == user || view.is_shared)))
}

pub fn add(conn: &mut Conn, now: NaiveDateTime, user: &User, new: &NewView) -> Result<ViewId, Refusal> {
    let (name, key) = fit(&new.name)?;
    if new.query.len() > LONGEST_QUERY {
        return Err(Refusal::TooLong);
    }
    queries::delete_removed_before(conn, now - KEPT)?;
    let id = queries::insert(conn, now, user.id, &key, &NewView { name, ..new.clone() })?;
    audit::note(conn, now, &user.email, "view.add", &new.page, &new.name)?;
    Ok(id)
}

/// Gives it another name, shares it or keeps it to oneself.
pub fn change(
    conn: &mut Conn,
    now: NaiveDateTime,
    user: &User,
    id: ViewId,
    name: &str,
    is_shared: bool,
) -> Result<View, Refusal> {
    let view = own(conn, user, id)?;
    let (name, key) = fit(name)?;
    queries::update(conn, id, &name, &key, is_shared)?;
    audit::note(conn, now, &user.email, "view.change", &view.page, &name)?;
    Ok(view)
}

pub fn remove(conn: &mut Conn, now: NaiveDateTime, user: &User, id: ViewId) -> Result<View, Refusal> {
    let view = own(conn, user, id)?;
    if view.removed_at.is_none() {
        queries::set_removed(conn, id, Some(now))?;
        audit::note(conn, now, &user.email, "view.remove", &view.page, &view.name)?;
    }
    Ok(view)
}

/// Undoes [`remove`].
pub fn put_back(conn: &mut Conn, now: NaiveDateTime, user: &User, id: ViewId) -> Result<View, Refusal> {
    let view = own(conn, user, id)?;
    if view.removed_at.is_some() {
        queries::set_removed(conn, id, None)?;
        audit::note(conn, now, &user.email, "view.put_back", &view.page, &view.name)?;
    }
    Ok(view)
}

/// One's own; an admin may also change what others share.
fn own(conn: &mut Conn, user: &User, id: ViewId) -> Result<View, Refusal> {
    let view = queries::find(conn, id)?.ok_or(Refusal::Unknown)?;
    let may = view.user_id == user.id || (view.is_shared && user.role == Role::Admin);
    if may { Ok(view) } else { Err(Refusal::Unknown) }
}

/// The name as it is kept, and folded: nobody has two of one name.
fn fit(name: &str) -> Result<(String, String), Refusal> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_fit = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if !is_fit {
        return Err(Refusal::UnfitName);
    }
    let key = fold::search_key(&name);
    Ok((name, key))
}
