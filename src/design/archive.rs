//! What a framework left out: kept as it last was, so that it can be brought back.

use chrono::NaiveDateTime;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::queries::{self, ArchivedRow};
use super::{Document, parsed, written};
use crate::framework::{Framework, Need, QuestionSet, Segment};
use crate::ids::FrameworkId;
use crate::store::{self, Conn, marks};

/// A thing that the framework in force leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct Archived<T> {
    pub part: T,
    pub at: NaiveDateTime,
    /// The framework that left it out.
    pub by: FrameworkId,
}

/// A part of a framework that can be left out and brought back.
pub trait Part: Serialize + DeserializeOwned + Clone {
    /// As its row is marked.
    const KIND: &'static str;

    fn code(&self) -> &str;

    fn list(framework: &Framework) -> &[Self];
}

impl Part for Need {
    const KIND: &'static str = "need";

    fn code(&self) -> &str {
        &self.code
    }

    fn list(framework: &Framework) -> &[Need] {
        &framework.needs
    }
}

impl Part for Segment {
    const KIND: &'static str = "segment";

    fn code(&self) -> &str {
        &self.code
    }

    fn list(framework: &Framework) -> &[Segment] {
        &framework.segments
    }
}

impl Part for QuestionSet {
    const KIND: &'static str = "question_set";

    fn code(&self) -> &str {
        &self.code
    }

    fn list(framework: &Framework) -> &[QuestionSet] {
        &framework.question_sets
    }
}

/// All that is archived of a kind, the last one first.
pub fn list<T: Part>(conn: &mut Conn) -> store::Result<Vec<Archived<T>>> {
    queries::list_archived(conn, T::KIND)?.iter().map(archived).collect()
}

/// What was last known under this code, where it is archived.
pub fn find<T: Part>(conn: &mut Conn, code: &str) -> store::Result<Option<Archived<T>>> {
    let row = queries::find_archived(conn, T::KIND, code)?;
    row.as_ref().map(archived).transpose()
}

fn archived<T: Part>(row: &ArchivedRow) -> store::Result<Archived<T>> {
    Ok(Archived {
        part: parsed(&row.definition)?,
        at: row.archived_at,
        by: FrameworkId(row.framework_id),
    })
}

/// The mark of an archive that holds what frameworks left out before there was one.
const COMPLETE: &str = "archive_complete";

/// Frameworks read at once while the archive is filled for the first time.
const CHUNK: i64 = 20;

/// Fills the archive from the frameworks that were applied before there was one; once for each database.
pub fn complete(conn: &mut Conn, now: NaiveDateTime) -> store::Result<()> {
    if marks::find(conn, COMPLETE)?.is_some() {
        return Ok(());
    }
    let mut before = Framework::default();
    let mut after = FrameworkId(0);
    loop {
        let documents = queries::list_documents(conn, after, CHUNK)?;
        for (id, at, document) in &documents {
            let document: Document = parsed(document)?;
            follow(conn, *at, FrameworkId(*id), &before, &document.framework)?;
            (before, after) = (document.framework, FrameworkId(*id));
        }
        if documents.is_empty() {
            return marks::set(conn, now, COMPLETE, "yes");
        }
    }
}

/// Takes into the archive what a new framework leaves out, and out of it what it takes up again.
pub(super) fn follow(
    conn: &mut Conn,
    now: NaiveDateTime,
    id: FrameworkId,
    before: &Framework,
    after: &Framework,
) -> store::Result<()> {
    follow_kind::<Need>(conn, now, id, before, after)?;
    follow_kind::<Segment>(conn, now, id, before, after)?;
    follow_kind::<QuestionSet>(conn, now, id, before, after)
}

fn follow_kind<T: Part>(
    conn: &mut Conn,
    now: NaiveDateTime,
    id: FrameworkId,
    before: &Framework,
    after: &Framework,
) -> store::Result<()> {
    let (old, new) = (T::list(before), T::list(after));
    let is_in = |list: &[T], part: &T| list.iter().any(|other| other.code() == part.code());
    let came = new.iter().filter(|part| !is_in(old, part));
    let gone = || old.iter().filter(|part| !is_in(new, part));
    let moved: Vec<&str> = came.chain(gone()).map(Part::code).collect();
    queries::delete_archived(conn, T::KIND, &moved)?;
    let mut rows = Vec::new();
    for part in gone() {
        rows.push(ArchivedRow {
            kind: T::KIND.to_owned(),
            code: part.code().to_owned(),
            definition: written(part)?,
            archived_at: now,
            framework_id: id.0,
        });
    }
    queries::insert_archived(conn, &rows)
}
