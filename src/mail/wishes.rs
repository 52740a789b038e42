//! What a contact asked of our mail short of stopping it: fewer of them, none for a while. Mails that
//! meet such a wish wait for its end, and none is dropped. The key is the folded address, as for
//! suppressions.

use chrono::NaiveDateTime;

use super::queries;
pub use super::queries::WishRow as Wish;
use crate::store::{self, Conn};

/// What that address asked for; nothing where it never did.
pub fn find(conn: &mut Conn, email_key: &str) -> store::Result<Wish> {
    Ok(queries::find_wish(conn, email_key)?.unwrap_or_default())
}

/// At least so many days between two mails; `None`: as often as the caps allow.
pub fn set_gap(conn: &mut Conn, now: NaiveDateTime, email_key: &str, gap_days: Option<i32>) -> store::Result<()> {
    change(conn, now, email_key, |wish| wish.gap_days = gap_days)
}

/// No mail before that time; `None`: at once again.
pub fn set_pause(
    conn: &mut Conn,
    now: NaiveDateTime,
    email_key: &str,
    until: Option<NaiveDateTime>,
) -> store::Result<()> {
    change(conn, now, email_key, |wish| wish.paused_until = until)
}

/// Its owner is away until then, and reads nothing before.
pub fn set_away(
    conn: &mut Conn,
    now: NaiveDateTime,
    email_key: &str,
    until: Option<NaiveDateTime>,
) -> store::Result<()> {
    change(conn, now, email_key, |wish| wish.away_until = until)
}

/// Forgets what those addresses asked for.
pub fn forget(conn: &mut Conn, email_keys: &[String]) -> store::Result<()> {
    queries::delete_wishes(conn, email_keys).map(|_| ())
}

fn change(conn: &mut Conn, now: NaiveDateTime, email_key: &str, change: impl FnOnce(&mut Wish)) -> store::Result<()> {
    let mut wish = find(conn, email_key)?;
    change(&mut wish);
    queries::replace_wish(conn, now, email_key, &wish).map(|_| ())
}
