//! Facts about this installation as a whole: a name, a value, since when.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::marks;
use super::{Conn, Result, on_each_backend};

/// No mail leaves; the value says why.
pub const SENDING_PAUSED: &str = "sending_paused";
/// The demo's data are in.
pub const DEMO_SEEDED: &str = "demo_seeded";

pub fn find(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    marks::table.find(name).select(marks::value).first(conn).optional()
}

pub fn set(conn: &mut Conn, now: NaiveDateTime, name: &str, value: &str) -> Result<()> {
    let row = (marks::name.eq(name), marks::value.eq(value), marks::at.eq(now));
    on_each_backend!(conn, c => diesel::insert_into(marks::table)
        .values(row)
        .on_conflict(marks::name)
        .do_update()
        .set((marks::value.eq(value), marks::at.eq(now)))
        .execute(c))
    .map(|_| ())
}

pub fn clear(conn: &mut Conn, name: &str) -> Result<bool> {
    Ok(diesel::delete(marks::table.find(name)).execute(conn)? > 0)
}
