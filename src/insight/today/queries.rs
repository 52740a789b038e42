//! The only texts put into these statements are moments of our own making.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text, Timestamp};

use super::TierReach;
use crate::insight::Chosen;
use crate::insight::queries::{and, load, passing};
use crate::store::{self, Conn};

#[derive(QueryableByName)]
struct ReachRow {
    #[diesel(sql_type = Text)]
    tier: String,
    #[diesel(sql_type = BigInt)]
    companies: i64,
    #[diesel(sql_type = BigInt)]
    reached: i64,
    #[diesel(sql_type = Double)]
    revenue: f64,
    #[diesel(sql_type = Double)]
    revenue_reached: f64,
}

/// By tier: how many companies, and those with `enough` scored answers, the newest since that day.
pub fn list_reach(conn: &mut Conn, chosen: &Chosen, since: NaiveDate, enough: u32) -> store::Result<Vec<TierReach>> {
    let (passing, values) = passing(chosen);
    let reached = format!("e.answers >= {enough} AND e.answered_at >= '{}'", moment(since.into()));
    let text = format!(
        "SELECT c.tier AS tier, count(*) AS companies, count(CASE WHEN {reached} THEN 1 END) AS reached, \
         coalesce(sum(c.annual_revenue), 0e0) AS revenue, \
         coalesce(sum(CASE WHEN {reached} THEN c.annual_revenue END), 0e0) AS revenue_reached \
         FROM companies c LEFT JOIN company_evidence e ON e.company_id = c.id {passing} GROUP BY 1 ORDER BY 1"
    );
    let rows: Vec<ReachRow> = load(conn, text, values)?;
    let reach = |row: ReachRow| TierReach {
        tier: row.tier,
        companies: count(row.companies),
        reached: count(row.reached),
        revenue: row.revenue,
        revenue_reached: row.revenue_reached,
    };
    Ok(rows.into_iter().map(reach).collect())
}

#[derive(QueryableByName)]
struct Arrivals {
    #[diesel(sql_type = BigInt)]
    companies: i64,
    #[diesel(sql_type = BigInt)]
    answered: i64,
}

/// Companies made since then, and companies whose newest scored answer was given since then.
pub fn count_arrivals(conn: &mut Conn, chosen: &Chosen, since: NaiveDateTime) -> store::Result<(u64, u64)> {
    let (passing, values) = passing(chosen);
    let since = moment(since);
    let text = format!(
        "SELECT count(CASE WHEN c.created_at > '{since}' THEN 1 END) AS companies, \
         count(CASE WHEN e.answered_at > '{since}' THEN 1 END) AS answered \
         FROM companies c LEFT JOIN company_evidence e ON e.company_id = c.id {passing}"
    );
    let rows: Vec<Arrivals> = load(conn, text, values)?;
    Ok(rows
        .first()
        .map_or((0, 0), |row| (count(row.companies), count(row.answered))))
}

/// Companies whose segment turned since then.
#[derive(Debug, Default)]
pub struct Turns {
    pub gained: u64,
    pub moved: u64,
    pub lost: u64,
}

#[derive(QueryableByName)]
struct TurnRow {
    #[diesel(sql_type = BigInt)]
    gained: i64,
    #[diesel(sql_type = BigInt)]
    moved: i64,
    #[diesel(sql_type = BigInt)]
    lost: i64,
}

pub fn count_turns(conn: &mut Conn, chosen: &Chosen, since: NaiveDateTime) -> store::Result<Turns> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT count(DISTINCT CASE WHEN m.from_segment IS NULL THEN m.company_id END) AS gained, \
         count(DISTINCT CASE WHEN m.from_segment IS NOT NULL AND m.to_segment IS NOT NULL THEN m.company_id END) \
         AS moved, count(DISTINCT CASE WHEN m.to_segment IS NULL THEN m.company_id END) AS lost \
         FROM segment_changes m JOIN companies c ON c.id = m.company_id {passing} {and} {turned}",
        and = and(&passing),
        turned = turned(since),
    );
    let rows: Vec<TurnRow> = load(conn, text, values)?;
    Ok(rows.first().map_or_else(Turns::default, |row| Turns {
        gained: count(row.gained),
        moved: count(row.moved),
        lost: count(row.lost),
    }))
}

/// One company's turn to another segment.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Change {
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Timestamp)]
    pub at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    pub from_segment: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub to_segment: Option<String>,
    #[diesel(sql_type = Text)]
    pub source: String,
}

/// The last ones.
pub fn list_changes(conn: &mut Conn, chosen: &Chosen, since: NaiveDateTime, most: usize) -> store::Result<Vec<Change>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.external_id AS external_id, c.name AS name, m.at AS at, m.from_segment AS from_segment, \
         m.to_segment AS to_segment, m.source AS source \
         FROM segment_changes m JOIN companies c ON c.id = m.company_id {passing} {and} {turned} \
         ORDER BY m.at DESC, m.id DESC LIMIT {most}",
        and = and(&passing),
        turned = turned(since),
    );
    load(conn, text, values)
}

/// Another version of the framework may note a change in which the segment stays.
fn turned(since: NaiveDateTime) -> String {
    format!(
        "m.at > '{}' AND coalesce(m.from_segment, '') <> coalesce(m.to_segment, '')",
        moment(since)
    )
}

/// As both databases write and read it.
fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.f").to_string()
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}
