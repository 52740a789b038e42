//! Sessions: from log-in to log-out, half an hour without a request, or twelve hours in all.

use chrono::{NaiveDateTime, TimeDelta};

use super::{Hashed, User, queries, secret};
use crate::audit;
use crate::ids::UserId;
use crate::store::{self, Conn};

const IDLE: TimeDelta = TimeDelta::minutes(30);
const LONGEST: TimeDelta = TimeDelta::hours(12);
/// A request within this time of the one before is not written down: it would be a write a click.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A log-in that lasts.
#[derive(Debug, Clone)]
pub struct Session {
    pub user: User,
    created_at: NaiveDateTime,
    seen_at: NaiveDateTime,
}

impl Session {
    /// Whether [`touch`] should be called.
    pub fn wants_touch(&self, now: NaiveDateTime) -> bool {
        now - self.seen_at >= SEEN_EVERY
    }

    fn lasts(&self, now: NaiveDateTime) -> bool {
        !self.user.disabled && now - self.seen_at < IDLE && now - self.created_at < LONGEST
    }
}

/// Begins a session, with a secret that was never used before. `None` when the account was shut
/// in the meantime. A password hash made anew is kept along with it.
pub fn log_in(
    conn: &mut Conn,
    now: NaiveDateTime,
    id: UserId,
    rehashed: Option<&Hashed>,
) -> store::Result<Option<String>> {
    let Some(user) = queries::find_user(conn, id)?.filter(|user| !user.disabled) else {
        return Ok(None);
    };
    if let Some(rehashed) = rehashed {
        queries::set_password(conn, id, rehashed)?;
    }
    queries::delete_sessions_before(conn, now - LONGEST, now - IDLE)?;
    let token = secret::random();
    queries::insert_session(conn, now, &secret::hash(&token), id)?;
    note_visit(conn, now, id)?;
    audit::note(conn, now, &user.email, "session.log_in", &user.email, "")?;
    Ok(Some(token))
}

/// The user comes. Whoever was here within half an hour goes on with the same visit.
pub fn note_visit(conn: &mut Conn, now: NaiveDateTime, id: UserId) -> store::Result<()> {
    match queries::find_visit(conn, id)? {
        None => queries::insert_visit(conn, id, now),
        Some((came_at, _)) if now - came_at > IDLE => queries::set_visit(conn, id, now, came_at),
        Some(_) => Ok(()),
    }
}

/// When the user came the time before this; `None` on the first visit.
pub fn visited_before(conn: &mut Conn, id: UserId) -> store::Result<Option<NaiveDateTime>> {
    Ok(queries::find_visit(conn, id)?.and_then(|(_, before_at)| before_at))
}

/// The session that this secret opens, if it still lasts.
pub fn find(conn: &mut Conn, now: NaiveDateTime, token: &str) -> store::Result<Option<Session>> {
    let found = queries::find_session(conn, &secret::hash(token))?;
    let session = found.map(|(user, created_at, seen_at)| Session {
        user,
        created_at,
        seen_at,
    });
    Ok(session.filter(|session| session.lasts(now)))
}

/// The session was used just now.
pub fn touch(conn: &mut Conn, now: NaiveDateTime, token: &str) -> store::Result<()> {
    queries::set_seen(conn, &secret::hash(token), now)
}

/// Ends the session; one that has ended already stays so.
pub fn log_out(conn: &mut Conn, now: NaiveDateTime, token: &str) -> store::Result<()> {
    let hash = secret::hash(token);
    if let Some((user, ..)) = queries::find_session(conn, &hash)? {
        queries::delete_session(conn, &hash)?;
        audit::note(conn, now, &user.email, "session.log_out", &user.email, "")?;
    }
    Ok(())
}
