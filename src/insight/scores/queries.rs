//! A row for each company.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};

use super::super::Chosen;
use super::super::queries::{load, passing, tenure};
use crate::method::tenure::Tenure;
use crate::store::schema::company_segments;
use crate::store::{self, Conn};

/// A company with a scored answer.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct PackedRow {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Nullable<Binary>)]
    pub scores: Option<Vec<u8>>,
}

/// In no order: sorting so many values takes SQLite longer than all else.
pub fn list_packed(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<PackedRow>> {
    let (passing, values) = passing(chosen);
    // Everybody's are read as they lie, each with its company; of some, the companies are found first.
    let from = match passing.is_empty() {
        true => "company_evidence e CROSS JOIN companies c WHERE c.id = e.company_id".to_owned(),
        false => format!("companies c JOIN company_evidence e ON e.company_id = c.id {passing}"),
    };
    let tenure = tenure(chosen);
    let text = format!("SELECT e.company_id AS company_id, {tenure} AS tenure, e.scores AS scores FROM {from}");
    load(conn, text, values)
}

/// A company's score on one need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ScoreRow {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Double)]
    pub score: f64,
    #[diesel(sql_type = Double)]
    pub se: f64,
    #[diesel(sql_type = Nullable<Double>)]
    pub r_wg: Option<f64>,
}

/// Of the companies that have nothing packed.
pub fn list_unpacked(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<ScoreRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.company_id AS company_id, s.need AS need, s.score AS score, s.se AS se, s.r_wg AS r_wg \
         FROM companies c JOIN company_evidence e ON e.company_id = c.id AND e.scores IS NULL \
         JOIN company_needs s ON s.company_id = c.id {passing} ORDER BY s.company_id, s.need"
    );
    load(conn, text, values)
}

/// A contact's own score on one need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct OwnScoreRow {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Double)]
    pub score: f64,
}

/// As [`list_unpacked`], of their contacts.
pub fn list_unpacked_contacts(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<OwnScoreRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.company_id AS company_id, s.need AS need, s.weighed / s.weight AS score \
         FROM companies c JOIN company_evidence e ON e.company_id = c.id AND e.scores IS NULL \
         JOIN contact_needs s ON s.company_id = c.id {passing} ORDER BY s.company_id, s.contact_id, s.need"
    );
    load(conn, text, values)
}

/// The segment in effect of each company that has one, segment by segment, as the index has them.
pub fn list_segments(conn: &mut Conn) -> store::Result<Vec<(i64, String)>> {
    company_segments::table
        .order((company_segments::segment, company_segments::company_id))
        .select((company_segments::company_id, company_segments::segment))
        .load(conn)
}

/// As [`list_segments`], of those that rest on the survey.
pub fn list_surveyed(conn: &mut Conn) -> store::Result<Vec<(i64, String)>> {
    company_segments::table
        .filter(company_segments::source.eq("survey"))
        .order((company_segments::segment, company_segments::company_id))
        .select((company_segments::company_id, company_segments::segment))
        .load(conn)
}
