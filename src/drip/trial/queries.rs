use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::ContactId;
use crate::mail::token::Purpose;
use crate::store::schema::test_links;
use crate::store::{self, Conn, on_each_backend};

/// A link of a test mail.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = test_links)]
pub struct LinkRow {
    pub drip: String,
    /// From 0.
    pub step: i32,
    pub contact_id: ContactId,
}

pub fn insert_links(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    drip: &str,
    step: i32,
    contact: ContactId,
    hashes: &[(Purpose, String)],
) -> store::Result<usize> {
    let rows: Vec<_> = hashes
        .iter()
        .map(|(purpose, hash)| {
            (
                test_links::hash.eq(hash),
                test_links::purpose.eq(purpose.as_str()),
                test_links::drip.eq(drip),
                test_links::step.eq(step),
                test_links::contact_id.eq(contact),
                test_links::made_by.eq(by),
                test_links::made_at.eq(now),
            )
        })
        .collect();
    on_each_backend!(conn, c => diesel::insert_into(test_links::table).values(rows).execute(c))
}

pub fn delete_links_before(conn: &mut Conn, before: NaiveDateTime) -> store::Result<usize> {
    diesel::delete(test_links::table.filter(test_links::made_at.lt(before))).execute(conn)
}

pub fn find_link(
    conn: &mut Conn,
    made_after: NaiveDateTime,
    purpose: Purpose,
    hash: &str,
) -> store::Result<Option<LinkRow>> {
    test_links::table
        .find(hash)
        .filter(test_links::purpose.eq(purpose.as_str()))
        .filter(test_links::made_at.ge(made_after))
        .select(LinkRow::as_select())
        .first(conn)
        .optional()
}
