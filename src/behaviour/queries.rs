use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{case_when, count, count_star, max, sum};
use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::{InForce, Version};
use crate::ids::CompanyId;
use crate::method::behaviour::Rules;
use crate::store::schema::{behaviour_rules, behaviour_runs, companies, transactions};
use crate::store::{Conn, Error, ROWS_PER_INSERT, Result, list_in_chunks};

/// What of a company its behaviour hangs on.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct CompanyRow {
    pub id: CompanyId,
    pub customer_since: Option<NaiveDate>,
    pub annual_revenue: Option<f64>,
    pub behaviour: Option<String>,
    pub behaviour_given: Option<String>,
    pub behaviour_found: Option<String>,
}

pub fn list_companies(conn: &mut Conn, ids: &[CompanyId]) -> Result<Vec<CompanyRow>> {
    list_in_chunks(ids, |chunk| {
        companies::table
            .filter(companies::id.eq_any(chunk))
            .order(companies::id)
            .select(CompanyRow::as_select())
            .load(conn)
    })
}

/// The companies after the one with this id.
pub fn next_companies(conn: &mut Conn, after: CompanyId, most: i64) -> Result<Vec<CompanyRow>> {
    companies::table
        .filter(companies::id.gt(after))
        .order(companies::id)
        .limit(most)
        .select(CompanyRow::as_select())
        .load(conn)
}

pub fn next_ids(conn: &mut Conn, after: CompanyId, most: i64) -> Result<Vec<CompanyId>> {
    companies::table
        .filter(companies::id.gt(after))
        .order(companies::id)
        .limit(most)
        .select(companies::id)
        .load(conn)
}

/// By the behaviour in effect: companies, and those whose imported one it is.
pub fn list_counts(conn: &mut Conn) -> Result<Vec<(Option<String>, i64, i64)>> {
    let is_given = companies::behaviour.eq(companies::behaviour_given);
    companies::table
        .group_by(companies::behaviour)
        .order(companies::behaviour)
        .select((
            companies::behaviour,
            count_star(),
            count(case_when(is_given.assume_not_null(), 1.into_sql::<Integer>())),
        ))
        .load(conn)
}

pub fn count_companies(conn: &mut Conn) -> Result<i64> {
    companies::table.count().get_result(conn)
}

/// What a company bought in all; a credit note is an amount below 0, and no purchase.
#[derive(Debug, Clone, Queryable)]
pub struct Total {
    pub company_id: CompanyId,
    pub purchases: i64,
    pub amount: Option<f64>,
    pub last: Option<NaiveDateTime>,
}

/// Up to a time, that one left out.
pub fn list_totals(conn: &mut Conn, ids: &[CompanyId], end: NaiveDateTime) -> Result<Vec<Total>> {
    list_in_chunks(ids, |chunk| {
        let is_one = || {
            transactions::amount
                .is_null()
                .or(transactions::amount.ge(0.0).assume_not_null())
        };
        transactions::table
            .filter(transactions::company_id.eq_any(chunk))
            .filter(transactions::occurred_at.lt(end))
            .group_by(transactions::company_id)
            .order(transactions::company_id)
            .select((
                transactions::company_id,
                count(case_when(is_one(), 1.into_sql::<Integer>())),
                sum(transactions::amount),
                max(case_when(is_one(), transactions::occurred_at)),
            ))
            .load(conn)
    })
}

/// When, and for how much.
pub fn list_purchases(
    conn: &mut Conn,
    ids: &[CompanyId],
    begin: NaiveDateTime,
    end: NaiveDateTime,
) -> Result<Vec<(CompanyId, NaiveDateTime, Option<f64>)>> {
    list_in_chunks(ids, |chunk| {
        transactions::table
            .filter(transactions::company_id.eq_any(chunk))
            .filter(transactions::occurred_at.ge(begin))
            .filter(transactions::occurred_at.lt(end))
            .select((
                transactions::company_id,
                transactions::occurred_at,
                transactions::amount,
            ))
            .load(conn)
    })
}

pub fn set_behaviour(conn: &mut Conn, ids: &[CompanyId], found: Option<&str>, in_effect: Option<&str>) -> Result<()> {
    for chunk in ids.chunks(ROWS_PER_INSERT) {
        diesel::update(companies::table.filter(companies::id.eq_any(chunk)))
            .set((companies::behaviour_found.eq(found), companies::behaviour.eq(in_effect)))
            .execute(conn)?;
    }
    Ok(())
}

fn read(document: &str) -> Result<Rules> {
    serde_json::from_str(document).map_err(|error| Error::DeserializationError(Box::new(error)))
}

pub fn find_newest(conn: &mut Conn) -> Result<InForce> {
    let newest: Option<(i64, String)> = behaviour_rules::table
        .order(behaviour_rules::id.desc())
        .select((behaviour_rules::id, behaviour_rules::document))
        .first(conn)
        .optional()?;
    newest.map_or(Ok(InForce::default()), |(id, document)| {
        Ok(InForce {
            id,
            rules: read(&document)?,
        })
    })
}

pub fn find_rules(conn: &mut Conn, id: i64) -> Result<Option<Rules>> {
    let document: Option<String> = behaviour_rules::table
        .find(id)
        .select(behaviour_rules::document)
        .first(conn)
        .optional()?;
    document.map(|document| read(&document)).transpose()
}

/// Newest first.
pub fn list_versions(conn: &mut Conn, most: i64) -> Result<Vec<Version>> {
    let rows: Vec<(i64, NaiveDateTime, String, String)> = behaviour_rules::table
        .order(behaviour_rules::id.desc())
        .limit(most)
        .select((
            behaviour_rules::id,
            behaviour_rules::made_at,
            behaviour_rules::made_by,
            behaviour_rules::changes,
        ))
        .load(conn)?;
    let version = |(id, at, by, changes)| Version { id, at, by, changes };
    Ok(rows.into_iter().map(version).collect())
}

pub fn insert_rules(conn: &mut Conn, now: NaiveDateTime, by: &str, rules: &Rules, changes: &str) -> Result<()> {
    let document = serde_json::to_string(rules).map_err(|error| Error::SerializationError(Box::new(error)))?;
    diesel::insert_into(behaviour_rules::table)
        .values((
            behaviour_rules::document.eq(document),
            behaviour_rules::changes.eq(changes),
            behaviour_rules::made_by.eq(by),
            behaviour_rules::made_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

/// One going through all companies.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = behaviour_runs)]
pub struct RunRow {
    pub id: i64,
    pub rules_id: Option<i64>,
    pub on_day: NaiveDate,
    pub usage_until: Option<NaiveDateTime>,
    pub after_id: i64,
    pub companies: i64,
    pub done: i64,
    pub changed: i64,
    pub began_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
}

pub fn find_last_run(conn: &mut Conn) -> Result<Option<RunRow>> {
    behaviour_runs::table
        .order(behaviour_runs::id.desc())
        .select(RunRow::as_select())
        .first(conn)
        .optional()
}

pub fn find_open_run(conn: &mut Conn) -> Result<Option<RunRow>> {
    Ok(find_last_run(conn)?.filter(|run| run.ended_at.is_none()))
}

pub struct NewRun {
    pub rules_id: Option<i64>,
    pub on_day: NaiveDate,
    pub usage_until: Option<NaiveDateTime>,
    pub companies: i64,
}

/// One a day: those before the last ones tell nobody anything.
const KEPT_RUNS: i64 = 30;

pub fn begin_run(conn: &mut Conn, now: NaiveDateTime, new: &NewRun) -> Result<()> {
    diesel::update(behaviour_runs::table.filter(behaviour_runs::ended_at.is_null()))
        .set(behaviour_runs::ended_at.eq(now))
        .execute(conn)?;
    let oldest_kept: Option<i64> = behaviour_runs::table
        .order(behaviour_runs::id.desc())
        .offset(KEPT_RUNS)
        .limit(1)
        .select(behaviour_runs::id)
        .first(conn)
        .optional()?;
    if let Some(last) = oldest_kept {
        diesel::delete(behaviour_runs::table.filter(behaviour_runs::id.le(last))).execute(conn)?;
    }
    diesel::insert_into(behaviour_runs::table)
        .values((
            behaviour_runs::rules_id.eq(new.rules_id),
            behaviour_runs::on_day.eq(new.on_day),
            behaviour_runs::usage_until.eq(new.usage_until),
            behaviour_runs::after_id.eq(0),
            behaviour_runs::companies.eq(new.companies),
            behaviour_runs::done.eq(0),
            behaviour_runs::changed.eq(0),
            behaviour_runs::began_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn update_run(conn: &mut Conn, run: &RunRow) -> Result<()> {
    diesel::update(behaviour_runs::table.find(run.id))
        .set((
            behaviour_runs::after_id.eq(run.after_id),
            behaviour_runs::done.eq(run.done),
            behaviour_runs::changed.eq(run.changed),
            behaviour_runs::ended_at.eq(run.ended_at),
        ))
        .execute(conn)
        .map(|_| ())
}
