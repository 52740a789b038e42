//! What each company is told apart by, a row each.
//!
//! Counting is the database's work elsewhere; here it would sort all companies anew for each of a dozen
//! attributes, which takes six times as long as reading them once and counting by hand.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use crate::insight::Chosen;
use crate::insight::queries::{load, passing, tenure};
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

/// A company's segment, if any, and its own attributes.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CompanyRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Double)]
    pub revenue: f64,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub employees: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub industry: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub region: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_type: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub journey_stage: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub behaviour: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub technology_level: Option<String>,
    #[diesel(sql_type = Text)]
    pub tier: String,
}

/// What was imported about a company.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ImportedRow {
    #[diesel(sql_type = BigInt)]
    pub company: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub value: String,
}

pub fn list_companies(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<CompanyRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.id AS id, g.segment AS segment, coalesce(c.annual_revenue, 0e0) AS revenue, {tenure} AS tenure, \
         c.employees AS employees, c.industry AS industry, c.country AS country, c.region AS region, \
         c.customer_type AS customer_type, c.journey_stage AS journey_stage, c.behaviour AS behaviour, \
         c.technology_level AS technology_level, c.tier AS tier \
         FROM companies c LEFT JOIN company_segments g ON g.company_id = c.id {passing} ORDER BY c.id",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}

/// A company's attributes stand together.
pub fn list_imported(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<ImportedRow>> {
    let (passing, values) = passing(chosen);
    let join = if passing.is_empty() {
        ""
    } else {
        "JOIN companies c ON c.id = a.company_id"
    };
    let text = format!(
        "SELECT a.company_id AS company, a.name AS name, a.value AS value \
         FROM company_attributes a {join} {passing} ORDER BY a.company_id, a.name",
    );
    load(conn, text, values)
}
