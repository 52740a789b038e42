//! One company merged into another.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::before::{Before, Stood};
use super::queries::{self, NewMerge};
use super::{Refusal, rules};
use crate::audit;
use crate::behaviour::{self, usage};
use crate::companies;
use crate::companies::listing::{self, Viewer};
use crate::ids::{CompanyId, ContactId, EnrolmentId, MergeId};
use crate::needs;
use crate::plan;
use crate::store::{self, Conn, ScoresLock, Turn, lock_companies, lock_contacts, lock_mails, lock_scores, take_turn};
use crate::text::figures;

/// Why an enrolment ended whose address goes on in another one.
pub(super) const DOUBLED: &str = "the same address goes on in this drip, since two companies were merged";

/// Moves everything of the company `from` to the company `into`, by external ids, and works that one's
/// scores and segment out anew. Nothing is lost: [`super::undo`] takes it back.
pub fn merge(conn: &mut Conn, now: NaiveDateTime, from: &str, into: &str, by: &str) -> Result<MergeId, Refusal> {
    // Steps are made and mails claimed either before all of this or after it.
    take_turn(conn, Turn::Steps)?;
    take_turn(conn, Turn::Claims)?;
    let (from, into) = resolve(conn, from, into)?;
    hold(conn, from, into)?;
    let (Some(company), Some(other)) = (queries::find_company(conn, from)?, queries::find_named(conn, into)?) else {
        return Err(Refusal::UnknownMerge);
    };
    let hanging = queries::count_hanging(conn, from)?;
    let before = look_at(conn, company.clone(), into)?;
    let new = NewMerge {
        from: &company,
        into,
        into_name: &other.name,
        before: before.write()?,
        by,
    };
    let merge = queries::insert_merge(conn, now, &new)?;
    let moved = queries::list_hanging(conn, from)?;
    queries::insert_moved(conn, merge, &moved)?;
    queries::move_all(conn, from, into)?;
    plan::merge(conn, merge, from, into)?;
    usage::merge(conn, from, &company.external_id, into)?;
    move_answers(conn, merge, from, into)?;
    move_the_rest(conn, now, merge, from, into, &before, by)?;
    queries::delete_worked_out(conn, from)?;
    queries::delete_company(conn, from)?;
    end_doubled_ways(conn, now, merge, into)?;
    needs::recount(conn, now, &[into], &super::cause(by))?;
    behaviour::recount(conn, now, &[into])?;
    companies::retier(conn)?;
    let detail = format!(
        "merge {merge}: {} ({}) with {}, {} and {}",
        company.external_id,
        company.name,
        figures::counted(hanging.contacts, "contact", "contacts"),
        figures::counted(hanging.answers, "answer", "answers"),
        figures::counted(hanging.transactions, "transaction", "transactions"),
    );
    audit::note(conn, now, by, "company.merge", &other.external_id, &detail)?;
    Ok(merge)
}

fn resolve(conn: &mut Conn, from: &str, into: &str) -> Result<(CompanyId, CompanyId), Refusal> {
    let mut find = |external_id: &str| -> Result<listing::Listed, Refusal> {
        let found = listing::find(conn, &Viewer::All, external_id)?;
        found.ok_or_else(|| Refusal::UnknownCompany(external_id.to_owned()))
    };
    let (found, other) = (find(from)?, find(into)?);
    match found.id == other.id {
        // Under an alias it is the other one already.
        true if found.external_id != from && found.external_id == into => Err(Refusal::MergedAlready(from.to_owned())),
        true => Err(Refusal::IntoItself),
        false => Ok((found.id, other.id)),
    }
}

/// In the order in which answers and results of mails take the same rows, so that nobody waits in a ring.
pub(super) fn hold(conn: &mut Conn, from: CompanyId, into: CompanyId) -> store::Result<()> {
    let people: Vec<ContactId> = queries::list_people(conn, from)?;
    lock_mails(conn, &people)?;
    lock_scores(conn, ScoresLock::Shared)?;
    lock_companies(conn, &[from, into])?;
    lock_contacts(conn, &people)
}

fn look_at(conn: &mut Conn, company: queries::CompanyRow, into: CompanyId) -> store::Result<Before> {
    let from = CompanyId(company.id);
    let domains = queries::list_domains(conn, from)?;
    let there: BTreeSet<String> = queries::list_domains(conn, into)?.into_iter().collect();
    let (told, told_there) = (queries::list_told(conn, from)?, queries::list_told(conn, into)?);
    let told_there: BTreeSet<(i64, String)> = told_there.into_iter().collect();
    let (override_, tag) = (queries::find_override(conn, from)?, queries::find_tag(conn, from)?);
    let parent = queries::find_named(conn, into)?.and_then(|into| into.parent_id);
    Ok(Before {
        attributes: queries::list_attributes(conn, from)?,
        domains_given: domains
            .iter()
            .filter(|domain| !there.contains(*domain))
            .cloned()
            .collect(),
        domains,
        override_moved: override_.is_some() && queries::find_override(conn, into)?.is_none(),
        override_,
        tag_moved: tag.is_some() && queries::find_tag(conn, into)?.is_none(),
        tag,
        survey: queries::find_survey(conn, from)?,
        segment: queries::find_segment(conn, from)?,
        changes: queries::list_changes(conn, from)?,
        told_given: told
            .iter()
            .filter(|item| !told_there.contains(*item))
            .cloned()
            .collect(),
        told,
        aliases: queries::list_aliases(conn, from)?
            .into_iter()
            .map(|alias| alias.external_id)
            .collect(),
        children: queries::list_children(conn, from)?
            .into_iter()
            .map(|child| child.id.0)
            .collect(),
        was_parent: parent == Some(from),
        company,
    })
}

/// The two may hold answers of one contact of the same instant: those that come stand behind.
fn move_answers(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> store::Result<()> {
    let moved = queries::list_answers(conn, from)?;
    let mut contacts: Vec<i64> = moved.iter().map(|((contact, ..), _)| *contact).collect();
    contacts.dedup();
    let there = queries::list_answers_of(conn, into, &contacts)?;
    let placed = rules::places(&moved, &there);
    // Hardly ever one: the same question, answered for both companies within the same microsecond.
    for (instant, seq, place) in &placed {
        queries::move_answer(conn, from, into, instant, *seq, *place)?;
    }
    queries::move_answers(conn, from, into)?;
    let now_at = |(instant, seq): (rules::Instant, i32)| {
        let other = placed.iter().find(|(of, before, _)| *of == instant && *before == seq);
        let place = other.map_or(seq, |(.., place)| *place);
        (instant, place, seq)
    };
    let rows: Vec<(rules::Instant, i32, i32)> = moved.into_iter().map(now_at).collect();
    queries::insert_moved_answers(conn, merge, into, &rows)
}

/// Rungs set by hand, domains, told sums, aliases, groups and earlier merges.
fn move_the_rest(
    conn: &mut Conn,
    now: NaiveDateTime,
    merge: MergeId,
    from: CompanyId,
    into: CompanyId,
    before: &Before,
    by: &str,
) -> store::Result<()> {
    if let Some(row) = before.override_.as_ref().filter(|_| before.override_moved) {
        queries::insert_override(conn, into, row)?;
    }
    if let Some(row) = before.tag.as_ref().filter(|_| before.tag_moved) {
        queries::insert_tag(conn, into, row)?;
    }
    queries::delete_override(conn, from)?;
    queries::delete_tag(conn, from)?;
    queries::delete_domains(conn, from, None)?;
    queries::insert_domains(conn, into, &before.domains_given)?;
    queries::delete_told(conn, from)?;
    queries::insert_told(conn, into, &before.told_given)?;
    queries::move_aliases(conn, from, into, None)?;
    queries::insert_alias(conn, now, &before.company.external_id, into, Some(merge), by)?;
    if before.was_parent {
        let grandparent = before.company.parent_id.filter(|parent| *parent != into.0);
        queries::set_parent(conn, into, grandparent.map(CompanyId))?;
    }
    queries::move_children(conn, from, into, None)?;
    queries::take_merges_along(conn, from, merge)
}

/// One address gets each step once, under however many names it was enrolled.
fn end_doubled_ways(conn: &mut Conn, now: NaiveDateTime, merge: MergeId, into: CompanyId) -> store::Result<()> {
    let ways = queries::list_ways(conn, &[into])?;
    let doubled = rules::doubled(&ways);
    let ids: Vec<EnrolmentId> = doubled.iter().map(|(way, _)| way.id).collect();
    for (way, survivor) in &doubled {
        let stood = Stood {
            next_at: way.next_at,
            survivor: survivor.id.0,
            survivor_step: survivor.next_step,
        };
        queries::insert_stood(conn, merge, way.id, stood.write()?)?;
    }
    queries::stop(conn, now, &ids, DOUBLED)
}
