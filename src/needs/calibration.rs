//! The figures that the whole installation lends to each company (METHOD.md section 3).

use chrono::NaiveDateTime;

use super::tally::{self, Colleague};
use super::{CHUNK, queries};
use crate::design::Design;
use crate::ids::CompanyId;
use crate::method::calibrate::{Calibration, Pool};
use crate::method::score::{ContactSums, company_score};
use crate::store::{self, Conn};

/// Estimates the figures anew from all companies, a chunk at a time.
pub(super) fn estimate(conn: &mut Conn, design: &Design) -> store::Result<Vec<Calibration>> {
    let mut pools = vec![Pool::default(); design.framework.needs.len()];
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        for contacts in queries::list_colleagues(conn, design, &companies)?.values() {
            pools
                .iter_mut()
                .enumerate()
                .for_each(|(need, pool)| add_company(pool, need, contacts));
        }
        after = companies[companies.len() - 1];
    }
    Ok(pools.iter().map(Pool::calibrate).collect())
}

fn add_company(pool: &mut Pool, need: usize, contacts: &[Colleague]) {
    let parts = tally::parts(contacts, need);
    if let Some(score) = company_score(&parts) {
        let sums: Vec<ContactSums> = parts.into_iter().map(|(_, sums)| sums).collect();
        pool.add_company(&sums, &score);
    }
}

/// Puts the figures in use.
pub(super) fn replace(
    conn: &mut Conn,
    now: NaiveDateTime,
    design: &Design,
    figures: &[Calibration],
) -> store::Result<()> {
    let needs = design.framework.needs.iter().map(|need| need.code.as_str());
    queries::replace_calibrations(conn, now, &needs.zip(figures.iter().copied()).collect::<Vec<_>>())
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
