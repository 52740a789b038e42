//! Users, their roles and passwords, their sessions, and the tokens of the API.
//!
//! Of a session and of a token only the SHA-256 is kept: whoever reads the database can use
//! neither. Passwords are hashed by [`Passwords`] before a verb is called, never in a transaction.
//! Cookies, headers and pages are the web shell's.

mod password;
mod queries;
mod role;
mod secret;
pub mod session;
mod team;
pub mod token;

use chrono::NaiveDateTime;

use crate::audit;
use crate::ids::UserId;
use crate::store::{self, Conn};
use crate::text::fold;

pub use self::password::{Hashed, PasswordFault, Passwords, Verdict};
pub use self::role::Role;

/// Somebody who may log in to the back office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub role: Role,
    pub disabled: bool,
    pub created_at: NaiveDateTime,
    /// Who leads its team, and sees its companies, too.
    pub lead: Option<UserId>,
}

/// Why an account is not changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("that is not an email address")]
    UnfitEmail,
    #[error("there is a user with that address already")]
    TakenEmail,
    #[error("give it a name of 1 to 100 characters")]
    UnfitName,
    #[error("there is no such account")]
    Unknown,
    #[error("there is no user with that address")]
    UnknownRep,
    #[error("nobody leads themselves")]
    LeadsItself,
    #[error("this user leads that one already, directly or through others")]
    LeadsInARing,
    #[error("this is the last admin: make another one first")]
    LastAdmin,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What a log-in is checked against.
pub struct Credentials {
    pub user: User,
    pub hashed: Hashed,
}

/// Makes an account.
pub fn add_user(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    email: &str,
    role: Role,
    hashed: &Hashed,
) -> Result<UserId, Refusal> {
    let email = fold::email(email).ok_or(Refusal::UnfitEmail)?;
    let id = queries::insert_user(conn, now, email.as_str(), &email.folded(), role, hashed).map_err(|error| {
        if store::is_taken(&error) {
            Refusal::TakenEmail
        } else {
            error.into()
        }
    })?;
    audit::note(conn, now, actor, "user.add", email.as_str(), role.as_str())?;
    Ok(id)
}

/// All accounts by address, the disabled ones too.
pub fn list_users(conn: &mut Conn) -> store::Result<Vec<User>> {
    queries::list_users(conn)
}

pub fn find_user(conn: &mut Conn, id: UserId) -> store::Result<Option<User>> {
    queries::find_user(conn, id)
}

pub fn find_user_by_email(conn: &mut Conn, email: &str) -> store::Result<Option<User>> {
    Ok(find_credentials(conn, email)?.map(|found| found.user))
}

/// The account of that address with its hash; a disabled one too, whose log-in must take as long.
pub fn find_credentials(conn: &mut Conn, email: &str) -> store::Result<Option<Credentials>> {
    match fold::email(email) {
        Some(email) => queries::find_credentials(conn, &email.folded()),
        None => Ok(None),
    }
}

/// Shuts the account, and ends all its sessions.
pub fn disable_user(conn: &mut Conn, now: NaiveDateTime, actor: &str, id: UserId) -> Result<(), Refusal> {
    let user = lock_user(conn, id)?;
    keep_an_admin(conn, &user)?;
    queries::set_disabled(conn, id, true)?;
    queries::delete_sessions_of(conn, id)?;
    audit::note(conn, now, actor, "user.disable", &user.email, "")?;
    Ok(())
}

/// Opens a shut account again.
pub fn enable_user(conn: &mut Conn, now: NaiveDateTime, actor: &str, id: UserId) -> Result<(), Refusal> {
    let user = lock_user(conn, id)?;
    queries::set_disabled(conn, id, false)?;
    audit::note(conn, now, actor, "user.enable", &user.email, "")?;
    Ok(())
}

/// Gives the user another role; the next request asks for a new log-in.
pub fn change_role(conn: &mut Conn, now: NaiveDateTime, actor: &str, id: UserId, role: Role) -> Result<(), Refusal> {
    let user = lock_user(conn, id)?;
    if user.role == role {
        return Ok(());
    }
    keep_an_admin(conn, &user)?;
    queries::set_role(conn, id, role)?;
    queries::delete_sessions_of(conn, id)?;
    let change = format!("{} → {}", user.role.as_str(), role.as_str());
    audit::note(conn, now, actor, "user.role", &user.email, &change)?;
    Ok(())
}

/// Puts the user under a team lead, who sees its companies from now on; or (`None`) under nobody.
pub fn change_lead(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    id: UserId,
    lead: Option<&str>,
) -> Result<(), Refusal> {
    let user = lock_user(conn, id)?;
    let lead = match lead {
        Some(email) => Some(find_user_by_email(conn, email)?.ok_or(Refusal::UnknownRep)?),
        None => None,
    };
    let lead_id = lead.as_ref().map(|lead| lead.id);
    if lead_id == user.lead {
        return Ok(());
    }
    if lead_id == Some(id) {
        return Err(Refusal::LeadsItself);
    }
    let led = queries::list_led(conn)?;
    if lead_id.is_some_and(|lead| team::led_by(id, &led).iter().any(|one| one.id == lead)) {
        return Err(Refusal::LeadsInARing);
    }
    queries::set_lead(conn, id, lead_id)?;
    let detail = lead.map_or_else(|| "nobody".to_owned(), |lead| lead.email);
    audit::note(conn, now, actor, "user.lead", &user.email, &detail)?;
    Ok(())
}

/// The folded addresses of the reps whose companies this user sees as its own business: itself, and
/// those whom it leads, directly or through others.
pub fn list_reps_of(conn: &mut Conn, user: &User) -> store::Result<Vec<String>> {
    let own = fold::email(&user.email).map_or_else(|| user.email.clone(), |email| email.folded());
    reps_of(conn, user.id, own)
}

/// As [`list_reps_of`], for the rep for whom a token stands; nobody for a token that stands for nobody.
pub fn list_reps_of_token(conn: &mut Conn, token: &token::ApiToken) -> store::Result<Vec<String>> {
    let Some(own) = &token.stands_for else {
        return Ok(Vec::new());
    };
    match queries::find_credentials(conn, own)? {
        Some(found) => reps_of(conn, found.user.id, own.clone()),
        None => Ok(vec![own.clone()]),
    }
}

fn reps_of(conn: &mut Conn, id: UserId, own: String) -> store::Result<Vec<String>> {
    let led = queries::list_led(conn)?;
    let others = team::led_by(id, &led).into_iter().map(|one| one.email_key.clone());
    Ok(std::iter::once(own).chain(others).collect())
}

/// Gives the user another password, and ends all its sessions.
pub fn change_password(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    id: UserId,
    hashed: &Hashed,
) -> Result<(), Refusal> {
    let user = lock_user(conn, id)?;
    queries::set_password(conn, id, hashed)?;
    queries::delete_sessions_of(conn, id)?;
    audit::note(conn, now, actor, "user.password", &user.email, "")?;
    Ok(())
}

/// The account, after taking the one row that all such changes queue on: two admins who remove each other at the same time
/// queue here, and the second finds itself to be the last.
fn lock_user(conn: &mut Conn, id: UserId) -> Result<User, Refusal> {
    queries::lock_admins(conn)?;
    queries::find_user(conn, id)?.ok_or(Refusal::Unknown)
}

fn keep_an_admin(conn: &mut Conn, user: &User) -> Result<(), Refusal> {
    let is_the_last = user.role == Role::Admin && !user.disabled && queries::count_admins(conn)? <= 1;
    if is_the_last { Err(Refusal::LastAdmin) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
