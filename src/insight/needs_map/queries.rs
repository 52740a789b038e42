//! One scan over the companies and one over their scores.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use crate::insight::Chosen;
use crate::insight::queries::{Value, load, passing, tenure};
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

/// A company's score on one need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ScoreRow {
    #[diesel(sql_type = BigInt)]
    pub company: i64,
    /// The need's place among those asked for.
    #[diesel(sql_type = BigInt)]
    pub place: i64,
    #[diesel(sql_type = Double)]
    pub score: f64,
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

/// A company's scores stand together, the companies in the order of their ids.
pub fn list_scores(conn: &mut Conn, chosen: &Chosen, needs: &[&str]) -> store::Result<Vec<ScoreRow>> {
    if needs.is_empty() {
        return Ok(vec![]);
    }
    let (passing, mut values) = passing(chosen);
    // A place is a number: 800,000 codes are not read into as many texts.
    let places: Vec<String> = needs
        .iter()
        .enumerate()
        .map(|(place, need)| {
            values.push(Value::Text((*need).to_owned()));
            format!("WHEN ${} THEN {place}", values.len())
        })
        .collect();
    // The filter comes first in the text, as SQLite counts names in the order of their first use.
    let (asked, join) = if passing.is_empty() {
        (String::new(), "")
    } else {
        let asked = format!("WITH asked AS (SELECT c.id AS id FROM companies c {passing}) ");
        (asked, "JOIN asked ON asked.id = s.company_id")
    };
    let text = format!(
        "{asked}SELECT s.company_id AS company, CAST(CASE s.need {places} ELSE -1 END AS BIGINT) AS place, \
         s.score AS score FROM company_needs s {join} ORDER BY s.company_id, s.need",
        places = places.join(" "),
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
