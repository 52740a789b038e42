//! The SQL of strikes.

use diesel::prelude::*;

use super::Tally;
use crate::store::schema::strikes;
use crate::store::{self, Conn, on_each_backend};

pub fn find(conn: &mut Conn, email_key: &str) -> store::Result<Option<Tally>> {
    let row = strikes::table
        .find(email_key)
        .select((strikes::score, strikes::counted_on, strikes::doubtful_on))
        .first(conn)
        .optional()?;
    Ok(row.map(|(score, counted_on, doubtful_on)| Tally {
        score,
        counted_on,
        doubtful_on,
    }))
}

pub fn replace(conn: &mut Conn, email_key: &str, tally: &Tally) -> store::Result<usize> {
    let values = (
        strikes::score.eq(tally.score),
        strikes::counted_on.eq(tally.counted_on),
        strikes::doubtful_on.eq(tally.doubtful_on),
    );
    on_each_backend!(conn, c => diesel::insert_into(strikes::table)
        .values((strikes::email_key.eq(email_key), values))
        .on_conflict(strikes::email_key)
        .do_update()
        .set(values)
        .execute(c))
}

pub fn delete(conn: &mut Conn, email_key: &str) -> store::Result<usize> {
    diesel::delete(strikes::table.find(email_key)).execute(conn)
}
