//! A merge taken back.

use std::collections::HashMap;

use chrono::NaiveDateTime;

use super::Refusal;
use super::before::{Before, Stood};
use super::merge::{DOUBLED, hold};
use super::queries::{self, CompanyRow, MergeRow};
use crate::audit;
use crate::behaviour::{self, usage};
use crate::companies;
use crate::companies::listing::{self, Viewer};
use crate::ids::{CompanyId, EnrolmentId, MergeId};
use crate::needs;
use crate::plan;
use crate::store::{self, Conn, Turn, take_turn};
use crate::text::figures;

/// What taking a merge back would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Undoing {
    pub merge: MergeRow,
    /// The moved answers that are still held, and go back.
    pub answers: i64,
    /// Given since by people who go back: they stay with the company for which they were given.
    pub answers_since: i64,
}

/// Looks at it without doing it.
pub fn undoing(conn: &mut Conn, merge: MergeId) -> Result<Undoing, Refusal> {
    let (merge, into) = standing(conn, merge)?;
    Ok(Undoing {
        answers: queries::count_moved_answers(conn, merge.id)?,
        answers_since: queries::count_answers_since(conn, merge.id, into, merge.merged_at)?,
        merge,
    })
}

/// Makes the merged company again, as it was, and moves back what the merge moved and is still where
/// it put it; what was given since stays where it was given. The external id of the company that is
/// there again.
pub fn undo(conn: &mut Conn, now: NaiveDateTime, merge: MergeId, by: &str) -> Result<String, Refusal> {
    take_turn(conn, Turn::Steps)?;
    take_turn(conn, Turn::Claims)?;
    let Undoing {
        merge, answers_since, ..
    } = undoing(conn, merge)?;
    let (_, into) = standing(conn, merge.id)?;
    hold(conn, into, into)?;
    let before = Before::read(&queries::find_before(conn, merge.id)?)?;
    queries::delete_alias(conn, &merge.external_id)?;
    if listing::find(conn, &Viewer::All, &merge.external_id)?.is_some() {
        return Err(Refusal::Taken(merge.external_id));
    }
    let again = make_again(conn, &before)?;
    queries::move_back(conn, merge.id, into, again)?;
    plan::unmerge(conn, merge.id, into, again)?;
    usage::unmerge(conn, into, again, &merge.external_id, &before.aliases)?;
    for (instant, seq, place) in queries::list_placed(conn, merge.id, into)? {
        queries::move_answer(conn, into, again, &instant, seq, place)?;
    }
    queries::move_answers_back(conn, merge.id, into, again)?;
    give_back(conn, merge.id, into, again, &before)?;
    start_ways_again(conn, merge.id)?;
    queries::end_merge(conn, now, merge.id, by)?;
    needs::recount(conn, now, &[again, into], &super::cause(by))?;
    behaviour::recount(conn, now, &[again, into])?;
    companies::retier(conn)?;
    let stay = match answers_since {
        0 => String::new(),
        n => format!(
            ", {} given since stay with {}",
            figures::counted(n, "answer", "answers"),
            merge.into_name
        ),
    };
    let detail = format!("merge {} into {} undone{stay}", merge.id, merge.into_name);
    audit::note(conn, now, by, "company.merge_undone", &merge.external_id, &detail)?;
    Ok(merge.external_id)
}

fn standing(conn: &mut Conn, merge: MergeId) -> Result<(MergeRow, CompanyId), Refusal> {
    let merge = queries::find_merge(conn, merge)?.ok_or(Refusal::UnknownMerge)?;
    if merge.undone_at.is_some() {
        return Err(Refusal::UndoneAlready);
    }
    match (merge.into_id, merge.within_id) {
        (Some(into), None) => Ok((merge, into)),
        (_, Some(within)) => {
            let later = queries::find_merge(conn, within)?;
            Err(Refusal::Later(later.map_or_else(String::new, |later| later.name)))
        }
        (None, None) => Err(Refusal::UnknownMerge),
    }
}

/// Under its old key, unless another company has got that meanwhile.
fn make_again(conn: &mut Conn, before: &Before) -> store::Result<CompanyId> {
    let is_taken = queries::find_named(conn, CompanyId(before.company.id))?.is_some();
    let key = match is_taken {
        true => queries::next_key(conn)?,
        false => before.company.id,
    };
    let parent = match before.company.parent_id {
        Some(parent) => queries::find_named(conn, CompanyId(parent))?.map(|parent| parent.id.0),
        None => None,
    };
    // Of a merge older than the rules the behaviour was an imported one.
    let was = before.company.clone();
    let given = was.behaviour.clone().filter(|_| was.behaviour_found.is_none());
    let row = CompanyRow {
        id: key,
        parent_id: parent,
        behaviour_given: was.behaviour_given.clone().or(given),
        ..was
    };
    queries::insert_company(conn, &row)?;
    Ok(CompanyId(key))
}

fn give_back(conn: &mut Conn, merge: MergeId, into: CompanyId, again: CompanyId, before: &Before) -> store::Result<()> {
    queries::insert_attributes(conn, again, &before.attributes)?;
    queries::delete_domains(conn, into, Some(&before.domains_given))?;
    queries::insert_domains(conn, again, &before.domains)?;
    if let Some(row) = &before.override_ {
        // One that was set anew since stays.
        let moved = queries::find_override(conn, into)?.filter(|now| before.override_moved && is_same(now, row));
        if moved.is_some() {
            queries::delete_override(conn, into)?;
        }
        queries::insert_override(conn, again, row)?;
    }
    if let Some(row) = &before.tag {
        let moved = queries::find_tag(conn, into)?;
        let is_moved = |now: &queries::TagRow| now.segment == row.segment && now.made_at == row.made_at;
        if before.tag_moved && moved.as_ref().is_some_and(is_moved) {
            queries::delete_tag(conn, into)?;
        }
        queries::insert_tag(conn, again, row)?;
    }
    // What it rested on then tells whether its history goes on or takes a turn.
    if let Some(row) = &before.survey {
        queries::insert_survey(conn, again, row)?;
    }
    if let Some(row) = &before.segment {
        queries::insert_segment(conn, again, row)?;
    }
    queries::insert_changes(conn, again, &before.changes)?;
    let given: std::collections::BTreeSet<&(i64, String)> = before.told_given.iter().collect();
    let told = queries::list_told(conn, into)?;
    queries::delete_told(conn, into)?;
    let kept: Vec<(i64, String)> = told.into_iter().filter(|item| !given.contains(item)).collect();
    queries::insert_told(conn, into, &kept)?;
    queries::insert_told(conn, again, &before.told)?;
    queries::move_aliases(conn, into, again, Some(&before.aliases))?;
    let children: Vec<i64> = before
        .children
        .iter()
        .copied()
        .filter(|child| *child != into.0)
        .collect();
    queries::move_children(conn, into, again, Some(&children))?;
    if before.was_parent {
        queries::set_parent(conn, into, Some(again))?;
    }
    queries::hand_merges_back(conn, merge, again)
}

fn is_same(now: &queries::OverrideRow, then: &queries::OverrideRow) -> bool {
    now.segment == then.segment && now.made_at == then.made_at
}

/// Where the surviving way has gone on meanwhile, the other stays ended: its address had that step.
fn start_ways_again(conn: &mut Conn, merge: MergeId) -> store::Result<()> {
    let mut stood = Vec::new();
    for (enrolment, text) in queries::list_stood(conn, merge)? {
        stood.push((enrolment, Stood::read(&text)?));
    }
    let survivors: Vec<i64> = stood.iter().map(|(_, stood)| stood.survivor).collect();
    let steps: HashMap<i64, i32> = queries::list_steps(conn, &survivors)?.into_iter().collect();
    let again: Vec<(EnrolmentId, Option<NaiveDateTime>)> = stood
        .into_iter()
        .filter(|(_, stood)| {
            steps
                .get(&stood.survivor)
                .is_none_or(|step| *step == stood.survivor_step)
        })
        .map(|(enrolment, stood)| (enrolment, stood.next_at))
        .collect();
    // Hardly ever one: somebody whom both companies knew under the same address.
    for (enrolment, next_at) in again {
        queries::start_again(conn, enrolment, next_at, DOUBLED)?;
    }
    Ok(())
}
