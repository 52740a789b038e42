//! Full passes over all companies: everything worked out anew, or only how sure each figure is.
//!
//! [`rescore`] does it in the caller's transaction. The `_in_steps` ways take one short transaction
//! for each chunk of companies, so that answers come in meanwhile; what an answer changes in a chunk
//! that is done or still to come is right either way, because each company is always worked out as
//! a whole.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::settle::settle;
use super::{CHUNK, Cause, calibration, lock, queries, recount_deals, tally};
use crate::answers;
use crate::design::{self, Design};
use crate::ids::{CompanyId, ContactId};
use crate::store::{self, Conn, Db, ScoresLock, lock_scores};

/// Works everything out anew from the raw answers, and calibrates.
pub fn rescore(conn: &mut Conn, now: NaiveDateTime, cause: &Cause) -> store::Result<()> {
    lock_scores(conn, ScoresLock::Exclusive)?;
    let design = design::current(conn)?;
    queries::delete_archived_needs(conn, &design)?;
    queries::delete_all_months(conn)?;
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        recount(conn, &design, &companies)?;
        after = last(&companies);
    }
    calibrate_with(conn, now, &design, cause)
}

/// Estimates the calibration anew and works out with it how sure each score and segment is.
pub fn calibrate(conn: &mut Conn, now: NaiveDateTime) -> store::Result<()> {
    lock_scores(conn, ScoresLock::Exclusive)?;
    let design = design::current(conn)?;
    calibrate_with(conn, now, &design, &Cause::new("calibration"))
}

fn calibrate_with(conn: &mut Conn, now: NaiveDateTime, design: &Design, cause: &Cause) -> store::Result<()> {
    let figures = calibration::estimate(conn, design)?;
    calibration::replace(conn, now, design, &figures)?;
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        settle(conn, now, design, &companies, cause)?;
        after = last(&companies);
    }
    Ok(())
}

/// As [`rescore`], a chunk at a time while answers come in; `note` hears how many companies are done.
pub fn rescore_in_steps(db: &Db, now: NaiveDateTime, cause: &Cause, mut note: impl FnMut(u64)) -> store::Result<()> {
    step_through(
        db,
        |conn, design, companies| {
            lock(conn, companies)?;
            queries::delete_months(conn, companies)?;
            recount(conn, design, companies)
        },
        &mut note,
    )?;
    calibrate_in_steps_with(db, now, cause, &mut note)
}

/// As [`calibrate`], a chunk at a time while answers come in.
pub fn calibrate_in_steps(db: &Db, now: NaiveDateTime) -> store::Result<()> {
    calibrate_in_steps_with(db, now, &Cause::new("calibration"), &mut |_| {})
}

fn calibrate_in_steps_with(db: &Db, now: NaiveDateTime, cause: &Cause, note: &mut dyn FnMut(u64)) -> store::Result<()> {
    let (design, figures) = db.read_now(|conn| {
        let design = design::current(conn)?;
        let figures = calibration::estimate(conn, &design)?;
        Ok::<_, store::Error>((design, figures))
    })?;
    let replaced = db.write_now(move |conn| {
        lock_scores(conn, ScoresLock::Exclusive)?;
        // A framework applied meanwhile has brought its own figures.
        let still_in_force = design::current(conn)?.id == design.id;
        if still_in_force {
            calibration::replace(conn, now, &design, &figures)?;
        }
        Ok::<_, store::Error>(still_in_force)
    })?;
    if !replaced {
        return Ok(());
    }
    let cause = cause.clone();
    step_through(
        db,
        move |conn, design, companies| {
            lock(conn, companies)?;
            settle(conn, now, design, companies, &cause)
        },
        note,
    )
}

/// Works out anew the companies whose figures stand unpacked, a chunk at a time; how many there were.
pub fn pack_in_steps(db: &Db, now: NaiveDateTime, is_stopped: impl Fn() -> bool) -> store::Result<usize> {
    let (mut after, mut packed) = (CompanyId(0), 0);
    while !is_stopped() {
        let due = db.read_now(move |conn| queries::next_unpacked(conn, after, CHUNK))?;
        let Some(reached) = due.last().copied() else { break };
        after = reached;
        packed += due.len();
        db.write_now(move |conn| {
            lock(conn, &due)?;
            let design = design::current(conn)?;
            settle(conn, now, &design, &due, &Cause::new("calibration"))
        })?;
    }
    Ok(packed)
}

/// Runs the step over all companies, each chunk in a transaction of its own.
fn step_through(
    db: &Db,
    step: impl Fn(&mut Conn, &Design, &[CompanyId]) -> store::Result<()> + Clone + Send + 'static,
    note: &mut dyn FnMut(u64),
) -> store::Result<()> {
    let mut after = CompanyId(0);
    let mut done = 0;
    loop {
        let step = step.clone();
        let chunk = db.write_now(move |conn| {
            let Some(companies) = queries::next_companies(conn, after, CHUNK)? else {
                return Ok(None);
            };
            let design = design::current(conn)?;
            step(conn, &design, &companies)?;
            Ok::<_, store::Error>(Some((last(&companies), companies.len() as u64)))
        })?;
        let Some((reached, count)) = chunk else { return Ok(()) };
        after = reached;
        done += count;
        note(done);
    }
}

/// Adds up the contacts of a chunk of companies from their raw answers; rewrites what came out otherwise.
pub(super) fn recount(conn: &mut Conn, design: &Design, companies: &[CompanyId]) -> store::Result<()> {
    let answers = answers::list_between(conn, companies[0], last(companies), None)?;
    let tallies = tally::contacts(design, &answers);
    let kept: BTreeMap<_, _> = queries::list_colleagues(conn, design, companies)?
        .into_iter()
        .flat_map(|(company, all)| all.into_iter().map(move |one| ((company, one.contact), one.tally)))
        .collect();
    let changed: BTreeSet<ContactId> = tallies
        .iter()
        .filter(|(key, tally)| kept.get(key) != Some(tally))
        .map(|(key, _)| key.1)
        .chain(kept.keys().filter(|key| !tallies.contains_key(key)).map(|key| key.1))
        .collect();
    let anew = tallies
        .iter()
        .filter(|(key, _)| changed.contains(&key.1))
        .map(|(key, tally)| (*key, tally));
    queries::replace_contacts(
        conn,
        design,
        companies,
        &changed.iter().copied().collect::<Vec<_>>(),
        anew,
    )?;
    recount_deals(conn, design, companies)
}

fn last(companies: &[CompanyId]) -> CompanyId {
    companies.last().copied().unwrap_or(CompanyId(0))
}
