//! Contacts of one company added up by the database: a need is a row, however many they are.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text};

use super::super::Chosen;
use super::super::queries::{Count, Value, and, load, passing};
use super::rules::Band;
use crate::ids::CompanyId;
use crate::store::schema::{companies, company_evidence, company_needs};
use crate::store::{self, Conn};

/// The companies with two scored contacts or more on one need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct GroupSumsRow {
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
    #[diesel(sql_type = Double)]
    pub contacts: f64,
    #[diesel(sql_type = Double)]
    pub contacts_squared: f64,
    /// Σ contacts · (mean − 50)
    #[diesel(sql_type = Double)]
    pub sum: f64,
    /// Σ contacts · (mean − 50)²
    #[diesel(sql_type = Double)]
    pub squares: f64,
    #[diesel(sql_type = Double)]
    pub within: f64,
    /// Of the companies' means.
    #[diesel(sql_type = Double)]
    pub least: f64,
    #[diesel(sql_type = Double)]
    pub greatest: f64,
}

pub fn list_group_sums(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<GroupSumsRow>> {
    let (passing, values) = passing(chosen);
    // Scores lie about 50: sums about there keep the squares right. What is left of equal ones is rounding.
    let text = format!(
        "SELECT need, count(*) AS companies, sum(n) AS contacts, sum(n * n) AS contacts_squared, \
         sum(n * mean) AS sum, sum(n * mean * mean) AS squares, \
         sum(CASE WHEN greatest - least > 1e-9 THEN squares - n * mean * mean ELSE 0e0 END) AS within, \
         min(mean) AS least, max(mean) AS greatest \
         FROM (SELECT s.company_id AS company_id, s.need AS need, CAST(count(*) AS DOUBLE PRECISION) AS n, \
         avg(s.weighed / s.weight - 50) AS mean, \
         sum((s.weighed / s.weight - 50) * (s.weighed / s.weight - 50)) AS squares, \
         min(s.weighed / s.weight) AS least, max(s.weighed / s.weight) AS greatest \
         FROM contact_needs s {join} {passing} GROUP BY 1, 2 HAVING count(*) >= 2) of_company \
         GROUP BY 1 ORDER BY 1",
        join = join(&passing),
    );
    load(conn, text, values)
}

fn join(passing: &str) -> &'static str {
    if passing.is_empty() {
        ""
    } else {
        "JOIN companies c ON c.id = s.company_id"
    }
}

/// How many companies agree so far on a need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct BandRow {
    #[diesel(sql_type = Text)]
    pub need: String,
    /// The place in [`Band::ALL`].
    #[diesel(sql_type = BigInt)]
    pub band: i64,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
}

pub fn list_bands(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<BandRow>> {
    let (passing, values) = passing(chosen);
    let when = |(place, band): (usize, &Band)| format!("WHEN s.r_wg <= {:?} THEN {place} ", band.most());
    let whens: String = Band::ALL.iter().enumerate().map(when).collect();
    let text = format!(
        "SELECT s.need AS need, CAST(CASE {whens}ELSE {last} END AS BIGINT) AS band, count(*) AS companies \
         FROM company_needs s {join} {passing} {and} s.r_wg IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
        last = Band::ALL.len() - 1,
        join = join(&passing),
        and = and(&passing),
    );
    load(conn, text, values)
}

pub fn count_companies(conn: &mut Conn, chosen: &Chosen) -> store::Result<i64> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT count(DISTINCT s.company_id) AS n FROM company_needs s {join} {passing} {and} s.r_wg IS NOT NULL",
        join = join(&passing),
        and = and(&passing),
    );
    let counts: Vec<Count> = load(conn, text, values)?;
    Ok(counts.iter().map(|count| count.n).sum())
}

#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct DisagreeingRow {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Double)]
    pub r_wg: f64,
}

/// The companies whose contacts agree least first, at most so many.
pub fn list_disagreeing(conn: &mut Conn, chosen: &Chosen, limit: i64) -> store::Result<Vec<DisagreeingRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.company_id AS company_id, avg(s.r_wg) AS r_wg FROM company_needs s {join} \
         {passing} {and} s.r_wg IS NOT NULL GROUP BY 1 ORDER BY 2, 1 LIMIT {limit}",
        join = join(&passing),
        and = and(&passing),
    );
    load(conn, text, values)
}

/// Each with how many of its contacts are scored.
pub fn list_names(conn: &mut Conn, ids: &[CompanyId]) -> store::Result<Vec<(i64, String, String, Option<i32>)>> {
    companies::table
        .left_join(company_evidence::table)
        .filter(companies::id.eq_any(ids))
        .order(companies::id)
        .select((
            companies::id,
            companies::external_id,
            companies::name,
            company_evidence::contacts_answered.nullable(),
        ))
        .load(conn)
}

/// A company's needs stand together.
pub fn list_r_wg(conn: &mut Conn, ids: &[CompanyId]) -> store::Result<Vec<(i64, String, Option<f64>)>> {
    company_needs::table
        .filter(company_needs::company_id.eq_any(ids))
        .order((company_needs::company_id, company_needs::need))
        .select((company_needs::company_id, company_needs::need, company_needs::r_wg))
        .load(conn)
}

/// The companies that have scored contacts of both roles on a need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct RoleSumsRow {
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
    #[diesel(sql_type = BigInt)]
    pub contacts: i64,
    /// Of the other role.
    #[diesel(sql_type = BigInt)]
    pub others: i64,
    /// Σ of the differences.
    #[diesel(sql_type = Double)]
    pub sum: f64,
    #[diesel(sql_type = Double)]
    pub squares: f64,
    #[diesel(sql_type = Double)]
    pub least: f64,
    #[diesel(sql_type = Double)]
    pub greatest: f64,
}

pub fn list_role_sums(conn: &mut Conn, chosen: &Chosen, one: &str, other: &str) -> store::Result<Vec<RoleSumsRow>> {
    let (passing, mut values) = passing(chosen);
    // Named last, and first used after the filter: SQLite counts names in the order of their first use.
    let mut name = |role: &str| {
        values.push(Value::Text(role.to_owned()));
        format!("${}", values.len())
    };
    let (one, other) = (name(one), name(other));
    let text = format!(
        "WITH passing AS (SELECT c.id AS id FROM companies c {passing}) \
         SELECT need, count(*) AS companies, CAST(sum(contacts) AS BIGINT) AS contacts, \
         CAST(sum(others) AS BIGINT) AS others, sum(gap) AS sum, sum(gap * gap) AS squares, \
         min(gap) AS least, max(gap) AS greatest \
         FROM (SELECT s.company_id AS company_id, s.need AS need, \
         count(CASE WHEN p.role = {one} THEN 1 END) AS contacts, \
         count(CASE WHEN p.role = {other} THEN 1 END) AS others, \
         avg(CASE WHEN p.role = {one} THEN s.weighed / s.weight END) \
         - avg(CASE WHEN p.role = {other} THEN s.weighed / s.weight END) AS gap \
         FROM contacts p JOIN contact_needs s ON s.contact_id = p.id JOIN passing ON passing.id = s.company_id \
         WHERE p.role IN ({one}, {other}) GROUP BY 1, 2) of_company \
         WHERE contacts > 0 AND others > 0 GROUP BY 1 ORDER BY 1",
    );
    load(conn, text, values)
}
