//! Companies as they stand, whatever their needs.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use crate::insight::Chosen;
use crate::insight::queries::{load, passing, tenure};
use crate::method::tenure::Tenure;
use crate::store::schema::companies;
use crate::store::{self, Conn};

/// A company, wherever its needs place it.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CompanyRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Nullable<Double>)]
    pub revenue: Option<f64>,
}

/// How a company is called.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct Named {
    pub id: i64,
    pub external_id: String,
    pub name: String,
}

/// More keys than these are not named one by one: all companies are read then.
const KEYS: usize = 5_000;

pub fn list_companies(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<CompanyRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.id AS id, g.segment AS segment, {tenure} AS tenure, c.annual_revenue AS revenue \
         FROM companies c LEFT JOIN company_segments g ON g.company_id = c.id {passing} ORDER BY c.id",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}

pub fn list_names(conn: &mut Conn, keys: &[i64]) -> store::Result<Vec<Named>> {
    let all = companies::table.select(Named::as_select()).order(companies::id);
    if keys.len() > KEYS {
        all.load(conn)
    } else {
        all.filter(companies::id.eq_any(keys)).load(conn)
    }
}
