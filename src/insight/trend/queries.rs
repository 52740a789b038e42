//! What a look back reads, each list in the order of the companies' ids.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Double, Nullable, Text};

use super::super::Chosen;
use super::super::queries::{load, passing};
use crate::store::schema::segment_changes;
use crate::store::{self, Conn};

/// What a company has without a history of its own.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Traits {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<Date>)]
    pub since: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Double>)]
    pub revenue: Option<f64>,
}

pub fn list_traits(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<Traits>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.id AS id, c.customer_since AS since, c.annual_revenue AS revenue FROM companies c {passing} \
         ORDER BY c.id"
    );
    load(conn, text, values)
}

/// A company's changes of segment stand together, oldest first.
pub fn list_changes_until(
    conn: &mut Conn,
    until: NaiveDateTime,
) -> store::Result<Vec<(i64, NaiveDateTime, Option<String>)>> {
    segment_changes::table
        .filter(segment_changes::at.le(until))
        .order((segment_changes::company_id, segment_changes::at, segment_changes::id))
        .select((
            segment_changes::company_id,
            segment_changes::at,
            segment_changes::to_segment,
        ))
        .load(conn)
}

/// What companies are called.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Named {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
}

pub fn list_names(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<Named>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.id AS id, c.external_id AS external_id, c.name AS name FROM companies c {passing} ORDER BY c.id"
    );
    load(conn, text, values)
}
