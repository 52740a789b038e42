//! Worth, touches, wishes and purchases of companies, added up by the database.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use super::super::Chosen;
use super::super::queries::{Value, and, load, passing, tenure};
use super::{MOST, WISH};
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

/// Companies of one tier, one segment or none, and one tenure.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Worth {
    #[diesel(sql_type = Text)]
    pub tier: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
    #[diesel(sql_type = Double)]
    pub revenue: f64,
}

pub fn list_worth(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<Worth>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.tier AS tier, g.segment AS segment, {tenure} AS tenure, count(*) AS companies, \
         coalesce(sum(c.annual_revenue), 0e0) AS revenue \
         FROM companies c LEFT JOIN company_segments g ON g.company_id = c.id \
         {passing} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}

/// How often companies of one tier and one segment, or none, were touched in one way.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Touched {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub tier: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub touches: i64,
}

/// A mail that waited for its server longer than this counts no more.
const SLOWEST_DAYS: u64 = 14;

/// From the first day to the end of the last one. A mail is found by when it was due, for which there
/// is an index: that is never after it was sent. The join is a product, which SQLite takes in the order
/// given: it would else walk through all mails that there are.
pub fn list_touches(conn: &mut Conn, chosen: &Chosen, from: NaiveDate, to: NaiveDate) -> store::Result<Vec<Touched>> {
    let (passing, mut values) = passing(chosen);
    let mut at = |day: NaiveDate| {
        values.push(Value::At(day.and_time(NaiveTime::MIN)));
        format!("${}", values.len())
    };
    let (due, sent, occurred) = (at(from - Days::new(SLOWEST_DAYS)), at(from), at(from));
    let end = at(to + Days::new(1));
    // The filter stands first: SQLite counts names in the order of their first use.
    let text = format!(
        "WITH passing AS (SELECT c.id AS id, c.tier AS tier FROM companies c {passing}), touched AS ( \
         SELECT 'mail' AS kind, o.company_id AS company_id, count(*) AS n FROM drips d CROSS JOIN outbox o \
         WHERE o.drip = d.code AND o.state = 'sent' AND o.due_at >= {due} AND o.sent_at >= {sent} GROUP BY o.company_id \
         UNION ALL SELECT 'deal', t.company_id, count(*) FROM transactions t \
         WHERE t.needs IS NOT NULL AND t.needs <> '' AND t.occurred_at >= {occurred} AND t.occurred_at < {end} GROUP BY t.company_id \
         UNION ALL SELECT 'conversation', v.company_id, count(*) FROM conversations v \
         WHERE v.held_on >= '{from}' AND v.held_on <= '{to}' GROUP BY v.company_id) \
         SELECT h.kind AS kind, p.tier AS tier, g.segment AS segment, CAST(sum(h.n) AS BIGINT) AS touches \
         FROM touched h JOIN passing p ON p.id = h.company_id LEFT JOIN company_segments g ON g.company_id = h.company_id \
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        from = from.format("%Y-%m-%d"),
        to = to.format("%Y-%m-%d"),
    );
    load(conn, text, values)
}

#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CandidateRow {
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Double>)]
    pub revenue: Option<f64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub owner: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Double)]
    pub score: f64,
    #[diesel(sql_type = Double)]
    pub se: f64,
}

/// One more than are shown, so that it is known whether there are more.
pub fn list_candidates(conn: &mut Conn, chosen: &Chosen, need: &str) -> store::Result<Vec<CandidateRow>> {
    let (passing, mut values) = passing(chosen);
    values.push(Value::Text(need.to_owned()));
    let text = format!(
        "SELECT c.external_id AS external_id, c.name AS name, c.annual_revenue AS revenue, c.owner_email AS owner, \
         {tenure} AS tenure, g.segment AS segment, s.score AS score, s.se AS se \
         FROM companies c JOIN company_needs s ON s.company_id = c.id LEFT JOIN company_segments g ON g.company_id = c.id \
         {passing} {and} c.tier = 'A' AND s.score >= {WISH:.1} AND s.need = ${place} \
         ORDER BY s.score DESC, c.id LIMIT {most}",
        tenure = tenure(chosen),
        and = and(&passing),
        place = values.len(),
        most = MOST + 1,
    );
    load(conn, text, values)
}

/// Two periods, one after the other.
pub struct Span {
    pub earlier_from: NaiveDateTime,
    pub later_from: NaiveDateTime,
    pub until: NaiveDateTime,
}

/// What companies of one segment, or none, and one tenure bought in two periods.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Bought {
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    /// Those with a revenue in the earlier period, and of these those with one in the later.
    #[diesel(sql_type = BigInt)]
    pub earlier: i64,
    #[diesel(sql_type = BigInt)]
    pub stayed: i64,
    /// What the former brought, then and later.
    #[diesel(sql_type = Double)]
    pub earlier_revenue: f64,
    #[diesel(sql_type = Double)]
    pub later_revenue: f64,
    /// Those with a revenue in the later period alone, and how much.
    #[diesel(sql_type = BigInt)]
    pub begun: i64,
    #[diesel(sql_type = Double)]
    pub begun_revenue: f64,
}

/// Transactions are added up by company in the order of an index that holds all that is asked.
pub fn list_loyalty(conn: &mut Conn, chosen: &Chosen, span: &Span) -> store::Result<Vec<Bought>> {
    let (passing, mut values) = passing(chosen);
    let mut at = |at: NaiveDateTime| {
        values.push(Value::At(at));
        format!("${}", values.len())
    };
    let (border, start, end) = (at(span.later_from), at(span.earlier_from), at(span.until));
    let text = format!(
        "WITH passing AS (SELECT c.id AS id, {tenure} AS tenure FROM companies c {passing}), worth AS ( \
         SELECT t.company_id AS company_id, \
         coalesce(sum(CASE WHEN t.occurred_at < {border} THEN t.amount END), 0e0) AS earlier, \
         coalesce(sum(CASE WHEN t.occurred_at >= {border} THEN t.amount END), 0e0) AS later \
         FROM transactions t WHERE t.occurred_at >= {start} AND t.occurred_at < {end} AND t.amount IS NOT NULL \
         GROUP BY t.company_id) \
         SELECT g.segment AS segment, p.tenure AS tenure, \
         count(CASE WHEN w.earlier > 0 THEN 1 END) AS earlier, \
         count(CASE WHEN w.earlier > 0 AND w.later > 0 THEN 1 END) AS stayed, \
         coalesce(sum(CASE WHEN w.earlier > 0 THEN w.earlier END), 0e0) AS earlier_revenue, \
         coalesce(sum(CASE WHEN w.earlier > 0 THEN w.later END), 0e0) AS later_revenue, \
         count(CASE WHEN w.earlier <= 0 AND w.later > 0 THEN 1 END) AS begun, \
         coalesce(sum(CASE WHEN w.earlier <= 0 AND w.later > 0 THEN w.later END), 0e0) AS begun_revenue \
         FROM worth w JOIN passing p ON p.id = w.company_id LEFT JOIN company_segments g ON g.company_id = w.company_id \
         GROUP BY 1, 2 ORDER BY 1, 2",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}
