//! Companies by behaviour, with what they need.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use super::super::Chosen;
use super::super::queries::{Value, and, load, passing, tenure};
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct BehaviourCount {
    #[diesel(sql_type = Text)]
    pub behaviour: String,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
}

pub fn list_behaviours(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<BehaviourCount>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.behaviour AS behaviour, count(*) AS companies FROM companies c \
         {passing} {and} c.behaviour IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1",
        and = and(&passing),
    );
    load(conn, text, values)
}

/// A company whose behaviour says to leave it alone.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct AvoidedCompany {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub tier: String,
    #[diesel(sql_type = Nullable<Double>)]
    pub revenue: Option<f64>,
    #[diesel(sql_type = Text)]
    pub behaviour: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub owner: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub source: Option<String>,
}

#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct AvoidedScore {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Double)]
    pub score: f64,
    #[diesel(sql_type = Double)]
    pub se: f64,
}

/// The condition that the company `c` passes the filter and has one of these behaviours.
fn avoided(chosen: &Chosen, behaviours: &[String]) -> (String, Vec<Value>) {
    let (passing, mut values) = passing(chosen);
    let mut name = |behaviour: &String| {
        values.push(Value::Text(behaviour.clone()));
        format!("${}", values.len())
    };
    let named: Vec<String> = behaviours.iter().map(&mut name).collect();
    let among = match named.is_empty() {
        true => "1 = 0".to_owned(),
        false => format!("c.behaviour IN ({})", named.join(", ")),
    };
    (format!("{passing} {} {among}", and(&passing)), values)
}

/// By id.
pub fn list_avoided(conn: &mut Conn, chosen: &Chosen, behaviours: &[String]) -> store::Result<Vec<AvoidedCompany>> {
    let (avoided, values) = avoided(chosen, behaviours);
    let text = format!(
        "SELECT c.id AS id, c.external_id AS external_id, c.name AS name, c.tier AS tier, c.annual_revenue AS revenue, \
         c.behaviour AS behaviour, c.owner_email AS owner, {tenure} AS tenure, g.segment AS segment, g.source AS source \
         FROM companies c LEFT JOIN company_segments g ON g.company_id = c.id {avoided} ORDER BY c.id",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}

/// A company's needs stand together, by its id.
pub fn list_scores(conn: &mut Conn, chosen: &Chosen, behaviours: &[String]) -> store::Result<Vec<AvoidedScore>> {
    let (avoided, values) = avoided(chosen, behaviours);
    let text = format!(
        "SELECT s.company_id AS company_id, s.need AS need, s.score AS score, s.se AS se \
         FROM companies c JOIN company_needs s ON s.company_id = c.id {avoided} ORDER BY c.id, s.need"
    );
    load(conn, text, values)
}
