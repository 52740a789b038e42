//! The framework changed in one place: the file and the pages are two views of one framework.

use chrono::NaiveDateTime;

use super::amend;
use crate::design::{drafts, history};
use crate::framework::references;
use crate::framework::{Code, Drip, Framework, Need, Role, Segment, Settings, Trigger};
use crate::ids::{DraftId, FrameworkId};
use crate::store::{self, Conn, ScoresLock, lock_scores};
use crate::{audit, clock, design, drip, framework};

/// Why a change was not put in force.
#[derive(Debug)]
pub enum Refusal {
    /// Another framework was applied since: which one, and what it changed.
    Overtaken(FrameworkId, Vec<String>),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        Refusal::Store(error)
    }
}

/// Puts a change of the framework in force, if the one in force still is the one that the change was
/// made and checked on; says in sentences what changed.
pub fn change(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    change: impl FnOnce(&mut Framework),
) -> Result<Vec<String>, Refusal> {
    // Held until the commit: nobody applies another one between this look and the change.
    lock_scores(conn, ScoresLock::Exclusive)?;
    let current = design::current(conn)?;
    if current.id != seen {
        let before = design::at(conn, seen)?;
        let changes = before.map(|before| framework::diff::changes(&before.framework, &current.framework));
        return Err(Refusal::Overtaken(current.id, changes.unwrap_or_default()));
    }
    let mut framework = current.framework.clone();
    change(&mut framework);
    Ok(amend(conn, now, by, &framework)?)
}

/// Puts the drip in force, in its place or last.
pub fn put_drip(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    new: Drip,
) -> Result<Vec<String>, Refusal> {
    let (code, trigger) = (new.code.clone(), new.trigger);
    let mut begins_by_itself = false;
    let changes = change(conn, now, by, seen, |framework| {
        match framework.drips.iter_mut().find(|known| known.code == code) {
            Some(known) => {
                begins_by_itself = known.trigger != trigger && trigger != Trigger::Manual;
                *known = new;
            }
            None => framework.drips.push(new),
        }
    })?;
    if begins_by_itself {
        // Whom it mails is decided by nobody any more: an admin starts it, and sees before how many.
        drip::pause(conn, now, &code, "its trigger was changed")?;
    }
    Ok(changes)
}

/// Puts the need in force, in its place or last.
pub fn put_need(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    new: Need,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        match framework.needs.iter_mut().find(|known| known.code == new.code) {
            Some(known) => *known = new,
            None => framework.needs.push(new),
        }
    })
}

/// Puts the segment in force, in its place or last.
pub fn put_segment(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    new: Segment,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        match framework.segments.iter_mut().find(|known| known.code == new.code) {
            Some(known) => *known = new,
            None => framework.segments.push(new),
        }
    })
}

/// Puts the rules in force that hold for all.
pub fn put_rules(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    settings: Settings,
    roles: Vec<Role>,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        framework.settings = settings;
        framework.roles = roles;
    })
}

/// Puts the needs in this order; one that is not named stays behind those that are.
pub fn order_needs(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    order: &[Code],
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        framework.needs.sort_by_key(|need| place(order, &need.code));
    })
}

/// Puts the segments in this order; one that is not named stays behind those that are.
pub fn order_segments(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    order: &[Code],
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        framework.segments.sort_by_key(|segment| place(order, &segment.code));
    })
}

fn place(order: &[Code], code: &str) -> usize {
    order.iter().position(|known| known == code).unwrap_or(order.len())
}

/// Leaves the need out of the framework, with all that refers to it.
pub fn remove_need(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    need: &str,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        references::remove_need(framework, need)
    })
}

/// Leaves the segment out of the framework, with all that refers to it.
pub fn remove_segment(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    segment: &str,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        references::remove_segment(framework, segment)
    })
}

/// Puts the draft's segments in force in place of the framework's; it is no draft any more then. `None`:
/// there is none of that number. Whoever calls has seen to it that no drip asks only what goes.
pub fn put_draft(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    id: DraftId,
) -> Result<Option<Vec<String>>, Refusal> {
    let Some(draft) = drafts::find(conn, id)? else {
        return Ok(None);
    };
    let changes = change(conn, now, by, seen, |framework| {
        *framework = drafts::with_segments(framework, &draft.segments).0;
    })?;
    drafts::remove(conn, id)?;
    Ok(Some(changes))
}

/// Puts a framework in force that was so before. `None`: there never was one of that number.
pub fn put_back(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    id: FrameworkId,
) -> Result<Option<Vec<String>>, Refusal> {
    let Some(past) = history::find(conn, id)? else {
        return Ok(None);
    };
    let at = past.entry.at;
    let changes = change(conn, now, by, seen, |framework| *framework = past.framework)?;
    if !changes.is_empty() {
        let detail = format!("the one applied at {}", clock::rfc3339(at));
        audit::note(conn, now, by, "framework.returned", "framework", &detail)?;
    }
    Ok(Some(changes))
}
