//! Every attribute crossed with the segment, in one statement.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use super::TENURE;
use crate::insight::queries::{load, passing, tenure};
use crate::insight::{Chosen, attribute};
use crate::store::{self, Conn};

/// Companies of one segment, or none, that have one value of an attribute.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Cell {
    #[diesel(sql_type = Text)]
    pub attribute: String,
    #[diesel(sql_type = Text)]
    pub value: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
    #[diesel(sql_type = Double)]
    pub revenue: f64,
}

/// The companies are read once, then counted by each attribute; every company has a tenure.
pub fn list_cells(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<Cell>> {
    let (passing, values) = passing(chosen);
    let sizes = attribute::expression(attribute::EMPLOYEES).unwrap_or_default();
    let own: Vec<&str> = attribute::COLUMNS
        .into_iter()
        .chain([attribute::EMPLOYEES, TENURE])
        .collect();
    let count = |name: &&str| {
        format!(
            "SELECT CAST('{name}' AS TEXT) AS attribute, {name} AS value, segment AS segment, count(*) AS companies, \
             coalesce(sum(revenue), 0e0) AS revenue FROM asked WHERE {name} IS NOT NULL GROUP BY {name}, segment"
        )
    };
    let counts: Vec<String> = own.iter().map(count).collect();
    let named: Vec<String> = own.iter().map(|name| format!("'{name}'")).collect();
    let text = format!(
        "WITH asked AS MATERIALIZED (SELECT c.id AS id, g.segment AS segment, c.annual_revenue AS revenue, {columns}, \
         CASE WHEN c.employees IS NULL THEN NULL ELSE {sizes} END AS {employees}, {tenure} AS {TENURE} \
         FROM companies c LEFT JOIN company_segments g ON g.company_id = c.id {passing}) \
         {counts} UNION ALL \
         SELECT a.name AS attribute, a.value AS value, p.segment AS segment, count(*) AS companies, \
         coalesce(sum(p.revenue), 0e0) AS revenue \
         FROM asked p JOIN company_attributes a ON a.company_id = p.id \
         WHERE a.name NOT IN ({named}) GROUP BY a.name, a.value, p.segment",
        columns = attribute::COLUMNS
            .map(|column| format!("c.{column} AS {column}"))
            .join(", "),
        employees = attribute::EMPLOYEES,
        tenure = tenure(chosen),
        counts = counts.join(" UNION ALL "),
        named = named.join(", "),
    );
    load(conn, text, values)
}
