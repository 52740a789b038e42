//! Who did what, and when: a line for each deed that somebody may later ask about.
//!
//! The verb that does the deed notes it in the same transaction, so that the one never stands
//! without the other. What a deed means is the business of the room that does it.

mod queries;

use chrono::NaiveDateTime;

use crate::ids::ContactId;
use crate::store::{self, Conn};

/// One deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub at: NaiveDateTime,
    /// A user's address, `api:` and a token's name, `console`, or `contact` for a contact's own wish.
    pub actor: String,
    /// As `user.disable`: the kind of thing, and what was done to it.
    pub action: String,
    /// To what: an address, a code, an external id.
    pub subject: String,
    /// What changed, in words. Never a secret.
    pub detail: String,
}

/// A stretch of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub entries: Vec<Entry>,
    /// The id to ask for the next, older stretch; none: these were the oldest.
    pub next: Option<i64>,
}

/// Writes a deed down.
pub fn note(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> store::Result<()> {
    queries::insert(conn, now, actor, action, subject, detail)
}

/// How the log names a contact: never by its address or its external id, which may be a name, so that
/// the log says nothing of somebody who was removed.
pub fn of_contact(contact: ContactId) -> String {
    format!("contact {contact}")
}

/// What was done to that subject, oldest first.
pub fn list_about(conn: &mut Conn, subject: &str) -> store::Result<Vec<Entry>> {
    queries::list_about(conn, subject)
}

/// At most `most` deeds, those noted before the one numbered `before`.
pub fn list(conn: &mut Conn, before: Option<i64>, most: usize) -> store::Result<Stretch> {
    let mut entries = queries::list_before(conn, before, most as i64 + 1)?;
    let more = entries.len() > most;
    entries.truncate(most);
    let next = entries.last().filter(|_| more).map(|entry| entry.id);
    Ok(Stretch { entries, next })
}
