//! Contacts of one company added up by the database: a need is a row, however many they are.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text};

use super::super::queries::{Value, load};
use crate::ids::CompanyId;
use crate::store::schema::{companies, company_evidence, company_needs, contacts};
use crate::store::{self, Conn};

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

/// A company with scored contacts of both roles on a need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct RoleRow {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = BigInt)]
    pub contacts: i64,
    /// Of the other role.
    #[diesel(sql_type = BigInt)]
    pub others: i64,
    /// What the first role's contacts score the need higher.
    #[diesel(sql_type = Double)]
    pub gap: f64,
}

/// The contacts of either role; `true`: of the first.
pub fn list_of_roles(conn: &mut Conn, one: &str, other: &str) -> store::Result<HashMap<i64, bool>> {
    let rows: Vec<(i64, Option<String>)> = contacts::table
        .filter(contacts::role.eq_any([one, other]))
        .select((contacts::id, contacts::role))
        .load(conn)?;
    let is_one = |(contact, role): (i64, Option<String>)| (contact, role.as_deref() == Some(one));
    Ok(rows.into_iter().map(is_one).collect())
}

/// Of all companies, whatever is asked for: what a filter leaves out may give away what it lets through.
pub fn list_role_rows(conn: &mut Conn, one: &str, other: &str) -> store::Result<Vec<RoleRow>> {
    let text = "SELECT * FROM (SELECT s.company_id AS company_id, s.need AS need, \
         count(CASE WHEN p.role = $1 THEN 1 END) AS contacts, count(CASE WHEN p.role = $2 THEN 1 END) AS others, \
         avg(CASE WHEN p.role = $1 THEN s.weighed / s.weight END) \
         - avg(CASE WHEN p.role = $2 THEN s.weighed / s.weight END) AS gap \
         FROM contacts p JOIN contact_needs s ON s.contact_id = p.id \
         WHERE p.role IN ($1, $2) GROUP BY 1, 2) of_company \
         WHERE contacts > 0 AND others > 0 ORDER BY company_id, need";
    let values = vec![Value::Text(one.to_owned()), Value::Text(other.to_owned())];
    load(conn, text.to_owned(), values)
}
