//! Late mails: what a pause, an outage or a jump of the clock held back goes out spread, not in a burst.
//!
//! A mail is late once more than a day has passed since window, cap and retry first allowed it. Late
//! ones leave one a minute, or within a day when they are many, in the hours that their windows have.
//! `run-due` is no jump of the clock: whoever calls it means what is due to go.

mod queries;
pub mod rules;

use chrono::NaiveDateTime;

use self::queries::LateRow;
use self::rules::Slots;
use super::window;
use crate::audit;
use crate::design;
use crate::framework::SendWindow;
use crate::store::{self, Conn, Turn, take_turn};

/// Why a late mail waits, as the back office shows it.
pub const LATE: &str = "it is more than a day late: late mails leave one a minute";

/// Late mails that one call dates anew.
pub const BATCH: usize = 500;

/// Dates late mails of the drips that are on anew. Says how many it looked at: at [`BATCH`] there may
/// be more, and none may be claimed before. What was dated once is not late again for a day.
pub fn spread(conn: &mut Conn, now: NaiveDateTime) -> store::Result<usize> {
    let before = rules::late_before(now);
    if !queries::is_any_late(conn, before)? {
        return Ok(0);
    }
    take_turn(conn, Turn::Claims)?;
    let design = design::current(conn)?;
    let hours = |row: &LateRow| -> Option<(SendWindow, chrono_tz::Tz)> {
        let window = design.framework.drip(&row.drip)?.send_window.clone()?;
        let zone = window::zone_of(row.time_zone.as_deref(), row.company_time_zone.as_deref());
        Some((window, zone))
    };
    let rows = queries::list_late(conn, before, BATCH as i64)?;
    let waiting = queries::list_spread(conn, LATE, before)?;
    let late = waiting.len() + count_late(conn, before, None)?;
    let mut slots = Slots::new(now, late, &waiting);
    for row in &rows {
        let hours = hours(row);
        let hours = hours.as_ref().map(|(window, zone)| (window, *zone));
        let allowed = rules::first_allowed(row.due_at, hours, None);
        if allowed < before {
            queries::postpone(conn, row.id, row.attempts, slots.take(hours), LATE)?;
        } else {
            // Its window alone held it back: it is due when that opened.
            queries::date(conn, row.id, row.attempts, allowed)?;
        }
    }
    Ok(rows.len())
}

/// How many mails [`release`] would let go.
pub fn count(conn: &mut Conn, now: NaiveDateTime, drip: &str) -> store::Result<i64> {
    let before = rules::late_before(now);
    let late = queries::count_mails(conn, Some(drip), None, before)?;
    let steps = queries::count_steps(conn, Some(drip), None, before)?;
    Ok(late + steps + queries::count_spread(conn, drip, LATE, before)?)
}

/// A person lets the late mails of a drip go at once; says how many those were.
pub fn release(conn: &mut Conn, now: NaiveDateTime, by: &str, drip: &str) -> store::Result<usize> {
    let before = rules::late_before(now);
    let mails = queries::release_mails(conn, now, drip, before, LATE)?;
    let steps = queries::release_steps(conn, now, drip, before)?;
    let released = mails + steps;
    if released > 0 {
        audit::note(
            conn,
            now,
            by,
            "drip release",
            drip,
            &format!("{released} late mails go at once"),
        )?;
    }
    Ok(released)
}

/// Late mails, and late steps that are still to become mails; of one drip, or of all that are on.
fn count_late(conn: &mut Conn, before: NaiveDateTime, drip: Option<&str>) -> store::Result<usize> {
    let mails = queries::count_mails(conn, drip, None, before)?;
    let steps = queries::count_steps(conn, drip, None, before)?;
    Ok(usize::try_from(mails + steps).unwrap_or_default())
}
