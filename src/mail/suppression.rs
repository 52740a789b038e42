//! To whom nobody writes any more, in one drip or in any. The key is the folded address, so that
//! another spelling of it, or another import, opens no way round.

use chrono::NaiveDateTime;

use super::outbox::Needless;
use super::{outbox, queries};
use crate::store::{self, Conn};

/// The contact's own wish: the one reason that the contact can take back.
pub const UNSUBSCRIBED: &str = "unsubscribed";
/// The address takes no mail and never will.
pub const BOUNCED: &str = "bounced";
/// Its owner told the mail provider that our mail is unwanted.
pub const COMPLAINED: &str = "complained";
/// The contact was removed on its own wish: the address stays on this list alone, unreadable.
pub const ERASED: &str = "erased";

/// Which mails a suppression stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    All,
    Drip(&'a str),
}

impl<'a> Scope<'a> {
    fn as_str(self) -> &'a str {
        match self {
            Scope::All => "",
            Scope::Drip(drip) => drip,
        }
    }
}

/// Stops the mails to that address, those that wait too.
pub fn suppress(conn: &mut Conn, now: NaiveDateTime, email_key: &str, scope: Scope, why: &str) -> store::Result<()> {
    let drip = scope.as_str();
    queries::insert_suppression(conn, now, email_key, drip, why)?;
    outbox::cancel(conn, now, Needless::To { email_key, drip }, why)?;
    Ok(())
}

/// Takes the contact's own wish back; a bounce or a complaint stays.
pub fn lift(conn: &mut Conn, email_key: &str, scope: Scope) -> store::Result<bool> {
    Ok(queries::delete_suppression(conn, email_key, scope.as_str(), UNSUBSCRIBED)? > 0)
}

/// Why that address gets no mail of the drip; `None`: it may.
pub fn find(conn: &mut Conn, email_key: &str, drip: &str) -> store::Result<Option<String>> {
    queries::find_suppression(conn, email_key, drip)
}

/// What is stopped, with the reasons: the drip's code, '' for all.
pub fn list(conn: &mut Conn, email_key: &str) -> store::Result<Vec<(String, String)>> {
    queries::list_suppressed(conn, email_key)
}
