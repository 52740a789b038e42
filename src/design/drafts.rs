//! Drafts: segments to be put in place of the framework's, kept until an admin has looked at what would
//! change. A draft holds no framework, so that one applied meanwhile is not undone by it.

use chrono::NaiveDateTime;

use super::queries::{self, DraftRow};
use super::{parsed, written};
use crate::framework::references;
use crate::framework::{Framework, Segment};
use crate::ids::DraftId;
use crate::store::{self, Conn};

#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub id: DraftId,
    pub segments: Vec<Segment>,
    /// Where they come from, in a sentence.
    pub origin: String,
    pub by: String,
    pub at: NaiveDateTime,
}

pub fn add(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    segments: &[Segment],
    origin: &str,
) -> store::Result<DraftId> {
    queries::insert_draft(conn, &written(&segments)?, origin, by, now).map(DraftId)
}

pub fn find(conn: &mut Conn, id: DraftId) -> store::Result<Option<Draft>> {
    queries::find_draft(conn, id)?.map(draft).transpose()
}

/// The newest first.
pub fn list(conn: &mut Conn) -> store::Result<Vec<Draft>> {
    queries::list_drafts(conn)?.into_iter().map(draft).collect()
}

/// `false` when there was none.
pub fn remove(conn: &mut Conn, id: DraftId) -> store::Result<bool> {
    queries::delete_draft(conn, id)
}

fn draft(row: DraftRow) -> store::Result<Draft> {
    Ok(Draft {
        id: DraftId(row.id),
        segments: parsed(&row.segments)?,
        origin: row.origin,
        by: row.made_by,
        at: row.made_at,
    })
}

/// The framework with these segments in place of its own, and the names of the drips that would ask
/// everybody then, because they ask only segments that go. A need that is not there weighs nothing.
pub fn with_segments(framework: &Framework, segments: &[Segment]) -> (Framework, Vec<String>) {
    let mut with = framework.clone();
    let mut alone: Vec<String> = vec![];
    for gone in &framework.segments {
        if segments.iter().all(|kept| kept.code != gone.code) {
            alone.extend(
                references::left_asking_all(&with, &gone.code)
                    .into_iter()
                    .map(str::to_owned),
            );
            references::remove_segment(&mut with, &gone.code);
        }
    }
    let known = |need: &str| framework.needs.iter().any(|known| known.code == need);
    with.segments = segments.to_vec();
    for segment in &mut with.segments {
        segment.profile.retain(|need, _| known(need));
    }
    (with, alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_that_go_are_taken_out_of_the_drips_too() {
        let framework = crate::framework::read::toml(include_str!("../../tests/it/support/framework.toml")).unwrap();
        let mut only = framework.segments[0].clone();
        only.profile.insert("gone".into(), 50.0);
        let (with, _) = with_segments(&framework, &[only]);
        assert_eq!(with.segments.len(), 1);
        assert!(!with.segments[0].profile.contains_key("gone"));
        for segment in &framework.segments[1..] {
            assert!(references::of_segment(&with, &segment.code).is_empty());
        }
    }
}
