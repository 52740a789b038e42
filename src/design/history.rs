//! Every framework that was in force: when, by whom, what it changed, and as it was.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::queries::{self, EntryRow};
use super::{Document, parsed};
use crate::framework::Framework;
use crate::ids::FrameworkId;
use crate::store::{self, Conn};

/// The sentences that a framework's row keeps; the rest is told from the documents.
pub const TOLD: usize = 12;

/// A framework, without what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: FrameworkId,
    pub at: NaiveDateTime,
    pub by: String,
    /// None where it was applied before changes were kept.
    pub changed: Option<Changed>,
    pub counts: Option<Counts>,
}

/// What it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// At most [`TOLD`] of them.
    pub sentences: Vec<String>,
    pub count: usize,
}

/// How much a framework holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub needs: usize,
    pub segments: usize,
    pub question_sets: usize,
    pub questions: usize,
    pub drips: usize,
}

/// A stretch of the history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub entries: Vec<Entry>,
    /// The id to ask for the next, older stretch; none: these were the oldest.
    pub next: Option<FrameworkId>,
}

/// A framework as it was when it was in force.
#[derive(Debug)]
pub struct Past {
    pub entry: Entry,
    pub framework: Framework,
    /// The one before it.
    pub before: Option<(FrameworkId, Framework)>,
    /// The one after it; none: it is the one in force.
    pub after: Option<FrameworkId>,
}

impl Counts {
    pub fn of(framework: &Framework) -> Counts {
        Counts {
            needs: framework.needs.len(),
            segments: framework.segments.len(),
            question_sets: framework.question_sets.len(),
            questions: framework.questions().count(),
            drips: framework.drips.len(),
        }
    }
}

impl Changed {
    /// How many are not among the sentences.
    pub fn untold(&self) -> usize {
        self.count.saturating_sub(self.sentences.len())
    }
}

/// At most `most` frameworks, those before the one numbered `before`.
pub fn list(conn: &mut Conn, before: Option<FrameworkId>, most: usize) -> store::Result<Stretch> {
    let before = before.map_or(i64::MAX, |id| id.0);
    let mut rows = queries::list_entries(conn, before, most as i64 + 1)?;
    let more = rows.len() > most;
    rows.truncate(most);
    let entries: Vec<Entry> = rows.into_iter().map(entry).collect::<store::Result<_>>()?;
    let next = entries.last().filter(|_| more).map(|entry| entry.id);
    Ok(Stretch { entries, next })
}

/// The framework as it was; `None` where there was none of that number.
pub fn find(conn: &mut Conn, id: FrameworkId) -> store::Result<Option<Past>> {
    let Some(row) = queries::find_entry(conn, id)? else {
        return Ok(None);
    };
    let (before, after) = queries::find_neighbours(conn, id)?;
    let before = match before {
        Some(before) => Some((before, document(conn, before)?)),
        None => None,
    };
    Ok(Some(Past {
        entry: entry(row)?,
        framework: document(conn, id)?,
        before,
        after,
    }))
}

/// Read from its row, past the memory of frameworks in use: whoever leafs through the old ones would
/// put those out of it.
fn document(conn: &mut Conn, id: FrameworkId) -> store::Result<Framework> {
    let document: Document = parsed(&queries::find_document(conn, id)?)?;
    Ok(document.framework)
}

fn entry(row: EntryRow) -> store::Result<Entry> {
    let changed = match (row.changes, row.change_count) {
        (Some(sentences), Some(count)) => Some(Changed {
            sentences: parsed(&sentences)?,
            count: count as usize,
        }),
        _ => None,
    };
    Ok(Entry {
        id: FrameworkId(row.id),
        at: row.applied_at,
        by: row.applied_by,
        changed,
        counts: row.counts.as_deref().map(parsed).transpose()?,
    })
}
