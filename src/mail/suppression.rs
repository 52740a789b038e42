//! To whom nobody writes any more, in one drip or in any. The key is the folded address, so that
//! another spelling of it, or another import, opens no way round.

use std::collections::HashMap;

use chrono::NaiveDateTime;

use super::outbox::Needless;
use super::{outbox, queries, token};
use crate::config::SecretKey;
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

/// Forgets what is known of these addresses: for those whose owner was removed, once the veiled
/// address stands in their place.
pub fn forget(conn: &mut Conn, email_keys: &[String]) -> store::Result<()> {
    queries::delete_suppressions(conn, email_keys).map(|_| ())
}

/// Stops the mails to that address, those that wait too.
pub fn suppress(conn: &mut Conn, now: NaiveDateTime, email_key: &str, scope: Scope, why: &str) -> store::Result<()> {
    let drip = scope.as_str();
    queries::insert_suppression(conn, now, email_key, drip, why)?;
    outbox::cancel(conn, now, Needless::To { email_key, drip }, why)?;
    Ok(())
}

/// The address of somebody who was removed: no mail ever, and the address itself stands nowhere.
pub fn veil(conn: &mut Conn, now: NaiveDateTime, key: &SecretKey, email_key: &str) -> store::Result<()> {
    queries::insert_suppression(conn, now, &veiled(key, email_key), "", ERASED).map(|_| ())
}

/// Addresses have come in: those that belonged to somebody who was removed get no mail, as before,
/// and say so under their plain address for as long as that is kept. Says how many.
pub fn recall(conn: &mut Conn, now: NaiveDateTime, key: &SecretKey, email_keys: &[String]) -> store::Result<usize> {
    let by_veil: HashMap<String, &String> = email_keys
        .iter()
        .map(|email_key| (veiled(key, email_key), email_key))
        .collect();
    let veils: Vec<&str> = by_veil.keys().map(String::as_str).collect();
    let known = queries::list_known(conn, &veils)?;
    let removed: Vec<&str> = known
        .iter()
        .filter_map(|veil| Some(by_veil.get(veil)?.as_str()))
        .collect();
    queries::insert_suppressed(conn, now, &removed, ERASED)?;
    Ok(removed.len())
}

/// No address looks like this, as it has no `@`.
fn veiled(key: &SecretKey, email_key: &str) -> String {
    format!("erased:{}", token::veil(key, email_key))
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
