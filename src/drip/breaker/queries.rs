//! The SQL of the breakers.

use diesel::prelude::*;

use super::Counts;
use crate::store::schema::drips;
use crate::store::{self, Conn, on_each_backend};

pub fn find(conn: &mut Conn, drip: &str) -> store::Result<Option<Counts>> {
    let row = drips::table
        .find(drip)
        .select((drips::sent, drips::hard_bounces, drips::complaints))
        .first(conn)
        .optional()?;
    Ok(row.map(counts))
}

/// The counts with these on top; `None` for a drip that was never switched.
pub fn add(conn: &mut Conn, drip: &str, more: Counts) -> store::Result<Option<Counts>> {
    let row = on_each_backend!(conn, c => diesel::update(drips::table.find(drip))
        .set((
            drips::sent.eq(drips::sent + more.sent),
            drips::hard_bounces.eq(drips::hard_bounces + more.hard_bounces),
            drips::complaints.eq(drips::complaints + more.complaints),
        ))
        .returning((drips::sent, drips::hard_bounces, drips::complaints))
        .get_result(c)
        .optional())?;
    Ok(row.map(counts))
}

/// Of a drip that is not on.
pub fn reset(conn: &mut Conn, drip: &str) -> store::Result<usize> {
    diesel::update(drips::table.find(drip))
        .filter(drips::state.ne("on"))
        .set((drips::sent.eq(0), drips::hard_bounces.eq(0), drips::complaints.eq(0)))
        .execute(conn)
}

fn counts((sent, hard_bounces, complaints): (i64, i64, i64)) -> Counts {
    Counts {
        sent,
        hard_bounces,
        complaints,
    }
}
