//! Question sets changed one at a time; how, [`super::edit`] says.

use chrono::NaiveDateTime;

use super::edit::{Refusal, change};
use crate::framework::{Code, QuestionSet};
use crate::ids::FrameworkId;
use crate::store::Conn;

/// Puts the question set in force, in its place or last.
pub fn put(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    new: QuestionSet,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        match framework.question_sets.iter_mut().find(|known| known.code == new.code) {
            Some(known) => *known = new,
            None => framework.question_sets.push(new),
        }
    })
}

/// Puts the question sets in this order; one that is not named stays behind those that are.
pub fn order(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    order: &[Code],
) -> Result<Vec<String>, Refusal> {
    let place = |code: &Code| order.iter().position(|known| known == code).unwrap_or(order.len());
    change(conn, now, by, seen, |framework| {
        framework.question_sets.sort_by_key(|set| place(&set.code));
    })
}

/// Leaves the question set out of the framework. What a drip asks stays: whoever calls has seen to it
/// that none asks this one.
pub fn remove(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    seen: FrameworkId,
    set: &str,
) -> Result<Vec<String>, Refusal> {
    change(conn, now, by, seen, |framework| {
        framework.question_sets.retain(|known| known.code != set);
    })
}
