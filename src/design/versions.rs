//! The versions of one question: what each asked, in which words, since when, and how often it was answered.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;

use super::{parsed, queries};
use crate::framework::Question;
use crate::ids::VersionId;
use crate::store::{self, Conn};

/// With no more answers than these, a page counts them itself.
pub(super) const FEW: i64 = 100_000;

/// One version of a question, with its past.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub id: VersionId,
    /// From 1.
    pub number: i32,
    /// In its last words.
    pub question: Question,
    pub since: NaiveDateTime,
    /// None: they were never counted.
    pub answers: Option<Counted>,
    /// The words it had before, oldest first, each until when.
    pub earlier: Vec<(Question, NaiveDateTime)>,
}

/// So many answers were given to it, later ones of the same contact and suspect ones too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub answers: i64,
    /// None: just now.
    pub at: Option<NaiveDateTime>,
}

/// Every version of the question, oldest first; none where it was never asked.
pub fn list(conn: &mut Conn, question: &str) -> store::Result<Vec<Version>> {
    let rows = queries::list_versions_of(conn, question)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut earlier: BTreeMap<i64, Vec<(Question, NaiveDateTime)>> = BTreeMap::new();
    for (version, definition, until) in queries::list_wordings(conn, &ids)? {
        earlier.entry(version).or_default().push((parsed(&definition)?, until));
    }
    let fresh: Option<HashMap<i64, i64>> = match queries::has_at_most_answers(conn, FEW)? {
        true => Some(queries::count_answers(conn)?.into_iter().collect()),
        false => None,
    };
    let version = |row: queries::VersionHistoryRow| {
        let kept = row.answers.map(|answers| Counted {
            answers,
            at: row.counted_at,
        });
        let counted = fresh.as_ref().map(|fresh| Counted {
            answers: fresh.get(&row.id).copied().unwrap_or(0),
            at: None,
        });
        Ok(Version {
            id: VersionId(row.id),
            number: row.version,
            question: parsed(&row.definition)?,
            since: row.made_at,
            answers: counted.or(kept),
            earlier: earlier.remove(&row.id).unwrap_or_default(),
        })
    };
    rows.into_iter().map(version).collect()
}

/// How many answers each version has, by its id: reads all answers.
pub fn count_answers(conn: &mut Conn) -> store::Result<Vec<(i64, i64)>> {
    queries::count_answers(conn)
}

/// Keeps what [`count_answers`] found.
pub fn keep_counts(conn: &mut Conn, now: NaiveDateTime, counts: &[(i64, i64)]) -> store::Result<()> {
    queries::reset_counts(conn, now)?;
    let mut by_count: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (version, count) in counts {
        by_count.entry(*count).or_default().push(*version);
    }
    for (count, versions) in by_count {
        queries::update_count(conn, &versions, count)?;
    }
    Ok(())
}
