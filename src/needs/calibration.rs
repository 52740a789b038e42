//! The figures that the whole installation lends to each company (METHOD.md section 3).

use chrono::NaiveDateTime;

use super::{CHUNK, Cause, queries, settle};
use crate::design::{self, Design};
use crate::ids::CompanyId;
use crate::method::calibrate::{Calibration, Pool};
use crate::method::score::{ContactSums, company_score};
use crate::store::{self, Conn, ScoresLock, lock_scores};

/// Estimates the figures anew and works out with them how sure each score and segment is.
pub fn calibrate(conn: &mut Conn, now: NaiveDateTime) -> store::Result<()> {
    lock_scores(conn, ScoresLock::Exclusive)?;
    let design = design::current(conn)?;
    calibrate_with(conn, now, &design, &Cause::new("calibration"))
}

/// The caller holds the exclusive lock.
pub(super) fn calibrate_with(conn: &mut Conn, now: NaiveDateTime, design: &Design, cause: &Cause) -> store::Result<()> {
    let mut pools = vec![Pool::default(); design.framework.needs.len()];
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        for contacts in queries::list_contact_tallies(conn, design, &companies)?.values() {
            for (need, pool) in pools.iter_mut().enumerate() {
                let parts: Vec<(f64, ContactSums)> = contacts
                    .iter()
                    .filter_map(|(weight, tally)| Some((*weight, tally.sums[need]?)))
                    .collect();
                if let Some(score) = company_score(&parts) {
                    let sums: Vec<ContactSums> = parts.into_iter().map(|(_, sums)| sums).collect();
                    pool.add_company(&sums, &score);
                }
            }
        }
        after = companies[companies.len() - 1];
    }
    let figures = design
        .framework
        .needs
        .iter()
        .zip(&pools)
        .map(|(need, pool)| (need.code.as_str(), pool.calibrate()));
    queries::replace_calibrations(conn, now, &figures.collect::<Vec<_>>())?;
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        settle::settle(conn, now, design, &companies, cause)?;
        after = companies[companies.len() - 1];
    }
    Ok(())
}

/// The figures in use, by need in framework order; the priors where none were estimated yet.
pub fn calibrations(conn: &mut Conn, design: &Design) -> store::Result<Vec<Calibration>> {
    let stored = queries::list_calibrations(conn)?;
    let of = |need: &str| stored.iter().find(|row| row.need == need).map(|row| row.figures());
    let needs = design.framework.needs.iter();
    Ok(needs
        .map(|need| of(&need.code).unwrap_or_else(Calibration::prior))
        .collect())
}

/// When the figures in use were estimated; `None` before the first time.
pub fn calibrated_at(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    Ok(queries::list_calibrations(conn)?
        .iter()
        .map(|row| row.calibrated_at)
        .max())
}
