//! The companies' levels, added up by segment and tenure.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};

use super::super::queries::{Value, load, passing, tenure};
use super::super::{Chosen, Sums};
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct DriverSums {
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = BigInt)]
    pub level: i64,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    #[diesel(sql_type = Double)]
    pub sum: f64,
    #[diesel(sql_type = Double)]
    pub squares: f64,
    #[diesel(sql_type = Double)]
    pub least: f64,
    #[diesel(sql_type = Double)]
    pub greatest: f64,
}

impl DriverSums {
    /// Of a single company.
    pub fn of_one(segment: Option<String>, tenure: Tenure, level: i64, score: f64) -> DriverSums {
        let mut sums = Sums::default();
        sums.add(score);
        DriverSums {
            segment,
            tenure,
            level,
            n: 1,
            sum: sums.sum,
            squares: sums.squares,
            least: score,
            greatest: score,
        }
    }

    pub fn sums(&self) -> Sums {
        Sums {
            n: self.n.unsigned_abs(),
            sum: self.sum,
            squares: self.squares,
            least: self.least,
            greatest: self.greatest,
        }
    }
}

/// `levels`: each need's code with the place of its level.
pub fn list_sums(conn: &mut Conn, chosen: &Chosen, levels: &[(&str, i64)]) -> store::Result<Vec<DriverSums>> {
    let (passing, mut values) = passing(chosen);
    let mut name = |need: &str| {
        values.push(Value::Text(need.to_owned()));
        format!("${}", values.len())
    };
    // A need that is not among them is an archived one.
    let whens: String = levels
        .iter()
        .map(|(need, level)| format!("WHEN {} THEN {level} ", name(need)))
        .collect();
    // The filter stands first: SQLite counts names in the order of their first use.
    let text = format!(
        "WITH passing AS (SELECT c.id AS id, {tenure} AS tenure FROM companies c {passing}), \
         of_company AS (SELECT s.company_id AS company_id, p.tenure AS tenure, \
         CAST(CASE s.need {whens}END AS BIGINT) AS level, avg(s.score) AS score \
         FROM company_needs s JOIN passing p ON p.id = s.company_id GROUP BY 1, 2, 3) \
         SELECT g.segment AS segment, o.tenure AS tenure, o.level AS level, count(*) AS n, \
         sum(o.score - 50) AS sum, sum((o.score - 50) * (o.score - 50)) AS squares, \
         min(o.score) AS least, max(o.score) AS greatest \
         FROM of_company o LEFT JOIN company_segments g ON g.company_id = o.company_id \
         WHERE o.level IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}
