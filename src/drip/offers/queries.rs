use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::store::{self, Conn};

#[derive(QueryableByName)]
struct ValueRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// The most frequent values of every attribute that companies and contacts have, at most so many each.
///
/// Written out, because the typed builder knows no windows: all attributes in one pass.
const VALUES: &str = "SELECT name, value FROM (\
    SELECT name, value, ROW_NUMBER() OVER (PARTITION BY name ORDER BY sum(n) DESC, value) AS nth FROM (\
    SELECT 'industry' AS name, industry AS value, count(*) AS n FROM companies GROUP BY industry \
    UNION ALL SELECT 'country', country, count(*) FROM companies GROUP BY country \
    UNION ALL SELECT 'region', region, count(*) FROM companies GROUP BY region \
    UNION ALL SELECT 'behaviour', behaviour, count(*) FROM companies GROUP BY behaviour \
    UNION ALL SELECT 'customer_type', customer_type, count(*) FROM companies GROUP BY customer_type \
    UNION ALL SELECT 'journey_stage', journey_stage, count(*) FROM companies GROUP BY journey_stage \
    UNION ALL SELECT 'technology_level', technology_level, count(*) FROM companies GROUP BY technology_level \
    UNION ALL SELECT 'role', role, count(*) FROM contacts GROUP BY role \
    UNION ALL SELECT 'language', language, count(*) FROM contacts GROUP BY language \
    UNION ALL SELECT name, value, count(*) FROM company_attributes GROUP BY name, value \
    UNION ALL SELECT name, value, count(*) FROM contact_attributes GROUP BY name, value\
    ) counted WHERE value IS NOT NULL AND value <> '' GROUP BY name, value\
    ) numbered WHERE nth <= $1 ORDER BY name, nth, value";

pub fn list_values(conn: &mut Conn, most: i64) -> store::Result<Vec<(String, String)>> {
    let rows: Vec<ValueRow> = diesel::sql_query(VALUES).bind::<BigInt, _>(most).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}
