//! A framework applied, and everything worked out anew: one thought, one transaction.
//!
//! `framework` reads, checks and compares; `design` stores; `needs` works out. What the running
//! drips make of a change is `drip`'s.

pub mod edit;
pub mod sets;

use chrono::NaiveDateTime;

use crate::framework::Framework;
use crate::framework::meaning::same_scores;
use crate::needs::Cause;
use crate::store::{self, Conn, ScoresLock, lock_scores};
use crate::{audit, design, drip, framework, needs};

/// Puts a checked framework in force and says in sentences what changed; applying the same
/// framework again changes nothing. Old answers keep the version of the question they were given to.
pub fn apply(conn: &mut Conn, now: NaiveDateTime, by: &str, new: &Framework) -> store::Result<Vec<String>> {
    lock_scores(conn, ScoresLock::Exclusive)?;
    let before = design::current(conn)?;
    let changes = framework::diff::changes(&before.framework, new);
    if before.framework == *new && before.id.0 != 0 {
        return Ok(changes);
    }
    put_in_force(conn, now, by, &before.framework, new, &changes, true)?;
    Ok(changes)
}

/// As [`apply`], for a change made on a page: one that has no say in scores, such as a letter's
/// wording, is in force without every company being worked out anew while answers wait; the daily
/// calibration comes to them.
fn amend(conn: &mut Conn, now: NaiveDateTime, by: &str, new: &Framework) -> store::Result<Vec<String>> {
    let before = design::current(conn)?;
    let changes = framework::diff::changes(&before.framework, new);
    if before.framework != *new {
        let rescores = !same_scores(&before.framework, new);
        put_in_force(conn, now, by, &before.framework, new, &changes, rescores)?;
    }
    Ok(changes)
}

fn put_in_force(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    before: &Framework,
    new: &Framework,
    changes: &[String],
    rescores: bool,
) -> store::Result<()> {
    design::store_framework(conn, now, by, new)?;
    if rescores {
        needs::rescore(conn, now, &Cause::framework(by))?;
    }
    drip::state::follow(conn, now, before, new)?;
    audit::note(conn, now, by, "framework.applied", "framework", &in_short(changes))
}

/// The changes that one line of the audit log has room for; the framework itself is kept whole.
const TOLD: usize = 5;

fn in_short(changes: &[String]) -> String {
    let told = changes[..changes.len().min(TOLD)].join("; ");
    match changes.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}
