//! Companies counted by what sales says and what the survey says.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use crate::insight::Chosen;
use crate::insight::queries::{load, passing};
use crate::store::schema::sales_tags;
use crate::store::{self, Conn};

/// Companies that one person tagged alike.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct TagRow {
    #[diesel(sql_type = Text)]
    pub rep: String,
    #[diesel(sql_type = Text)]
    pub tag: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub survey: Option<String>,
    #[diesel(sql_type = Bool)]
    pub blind: bool,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
}

/// Companies whose deals say the same.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct DealRow {
    #[diesel(sql_type = Text)]
    pub deals: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub survey: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
}

pub fn list_tags(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<TagRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT t.made_by AS rep, t.segment AS tag, v.segment AS survey, t.blind AS blind, count(*) AS companies \
         FROM sales_tags t JOIN companies c ON c.id = t.company_id \
         LEFT JOIN survey_segments v ON v.company_id = t.company_id \
         {passing} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    );
    load(conn, text, values)
}

pub fn list_deals(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<DealRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT d.segment AS deals, v.segment AS survey, count(*) AS companies \
         FROM deal_segments d JOIN companies c ON c.id = d.company_id \
         LEFT JOIN survey_segments v ON v.company_id = d.company_id \
         {passing} GROUP BY 1, 2 ORDER BY 1, 2",
    );
    load(conn, text, values)
}

/// The tags given by then, each with its company and no segment by survey yet.
pub fn list_tags_until(conn: &mut Conn, until: NaiveDateTime) -> store::Result<Vec<(i64, TagRow)>> {
    let rows: Vec<(i64, String, String, bool)> = sales_tags::table
        .filter(sales_tags::made_at.le(until))
        .order((sales_tags::made_by, sales_tags::company_id))
        .select((
            sales_tags::company_id,
            sales_tags::made_by,
            sales_tags::segment,
            sales_tags::blind,
        ))
        .load(conn)?;
    let row = |(company, rep, tag, blind)| {
        let row = TagRow {
            rep,
            tag,
            survey: None,
            blind,
            companies: 1,
        };
        (company, row)
    };
    Ok(rows.into_iter().map(row).collect())
}
