//! Companies' past by months as rows.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::ids::{CompanyId, ContactId};
use crate::store::schema::{answers, companies, company_months};
use crate::store::{Conn, ROWS_PER_INSERT, Result, insert_rows};

#[derive(Insertable)]
#[diesel(table_name = company_months)]
struct MonthsRow<'a> {
    company_id: i64,
    rule: &'a str,
    until: i32,
    points: &'a str,
}

/// What is kept by this rule up to this month.
pub fn list_months(conn: &mut Conn, rule: &str, until: i32) -> Result<Vec<(CompanyId, String)>> {
    company_months::table
        .filter(company_months::rule.eq(rule))
        .filter(company_months::until.eq(until))
        .order(company_months::company_id)
        .select((company_months::company_id, company_months::points))
        .load(conn)
}

/// The next companies of which it is not kept, in the order of their ids.
pub fn next_due_months(
    conn: &mut Conn,
    rule: &str,
    until: i32,
    after: CompanyId,
    count: i64,
) -> Result<Vec<CompanyId>> {
    let kept = company_months::table
        .filter(company_months::company_id.eq(companies::id))
        .filter(company_months::rule.eq(rule))
        .filter(company_months::until.eq(until));
    companies::table
        .filter(companies::id.gt(after))
        .filter(not(exists(kept)))
        .order(companies::id)
        .limit(count)
        .select(companies::id)
        .load(conn)
}

pub fn count_due_months(conn: &mut Conn, rule: &str, until: i32) -> Result<u64> {
    let kept: i64 = company_months::table
        .filter(company_months::rule.eq(rule))
        .filter(company_months::until.eq(until))
        .count()
        .get_result(conn)?;
    Ok(count_companies(conn)?.saturating_sub(u64::try_from(kept).unwrap_or(0)))
}

pub fn count_companies(conn: &mut Conn) -> Result<u64> {
    let all: i64 = companies::table.count().get_result(conn)?;
    Ok(u64::try_from(all).unwrap_or(0))
}

pub fn replace_months(
    conn: &mut Conn,
    companies: &[CompanyId],
    rule: &str,
    until: i32,
    points: &[(CompanyId, String)],
) -> Result<()> {
    delete_months(conn, companies)?;
    let rows: Vec<MonthsRow> = points
        .iter()
        .map(|(company, points)| MonthsRow {
            company_id: company.0,
            rule,
            until,
            points,
        })
        .collect();
    insert_rows!(conn, company_months::table, rows)?;
    Ok(())
}

pub fn delete_months(conn: &mut Conn, companies: &[CompanyId]) -> Result<()> {
    for companies in companies.chunks(ROWS_PER_INSERT) {
        diesel::delete(company_months::table.filter(company_months::company_id.eq_any(companies))).execute(conn)?;
    }
    Ok(())
}

/// Of every company for which these contacts ever answered, scored or not.
pub fn delete_months_of_contacts(conn: &mut Conn, contacts: &[ContactId]) -> Result<()> {
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let answered = answers::table
            .filter(answers::contact_id.eq_any(contacts))
            .select(answers::company_id);
        diesel::delete(company_months::table.filter(company_months::company_id.eq_any(answered))).execute(conn)?;
    }
    Ok(())
}

pub fn delete_all_months(conn: &mut Conn) -> Result<()> {
    diesel::delete(company_months::table).execute(conn).map(|_| ())
}
