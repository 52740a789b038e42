use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use diesel::upsert::excluded;

use crate::ids::CompanyId;
use crate::method::usage::{Periods, Use};
use crate::store::schema::{company_attributes, company_usage, usage_features};
use crate::store::sets::{Given, Value};
use crate::store::{Conn, MultiBackend, ROWS_PER_INSERT, Result, list_in_chunks, on_each_backend};

/// So many uses of a feature by a company at a time.
#[derive(Debug, Clone, PartialEq, Insertable)]
#[diesel(table_name = company_usage, treat_none_as_default_value = false)]
pub struct Row {
    pub company_id: CompanyId,
    pub feature: String,
    pub at: NaiveDateTime,
    pub given_as: String,
    pub uses: i64,
}

pub fn list_features(conn: &mut Conn) -> Result<Vec<String>> {
    usage_features::table
        .order(usage_features::feature)
        .select(usage_features::feature)
        .load(conn)
}

pub fn insert_features(conn: &mut Conn, features: &BTreeSet<String>) -> Result<()> {
    let rows: Vec<_> = features
        .iter()
        .map(|feature| usage_features::feature.eq(feature))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    on_each_backend!(conn, c => diesel::insert_into(usage_features::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .execute(c))
    .map(|_| ())
}

/// Which of these are there already, and which with the same count, by their numbers from 1.
pub fn list_there(conn: &mut Conn, rows: &[Row]) -> Result<(BTreeSet<i64>, BTreeSet<i64>)> {
    // Below 0: with the same count.
    const THERE: &str = "SELECT CASE WHEN u.uses = given.uses THEN -given.nth ELSE given.nth END AS nth FROM given \
        JOIN company_usage u ON u.company_id = given.company_id AND u.feature = given.feature AND u.at = given.at \
        AND u.given_as = given.given_as WHERE given.nth > 0";
    let (mut there, mut same) = (BTreeSet::new(), BTreeSet::new());
    for (chunk, first) in rows.chunks(ROWS_PER_INSERT).zip((1..).step_by(ROWS_PER_INSERT)) {
        let values = (first..).zip(chunk).map(|(nth, row)| {
            [
                Value::Id(nth),
                Value::Id(row.company_id.0),
                Value::Text(&row.feature),
                Value::Time(row.at),
                Value::Text(&row.given_as),
                Value::Id(row.uses),
            ]
        });
        let given = Given::new("nth, company_id, feature, at, given_as, uses", values);
        let found = given.load_ids(conn, THERE, &[])?;
        same.extend(found.iter().filter(|nth| **nth < 0).map(|nth| -nth));
        there.extend(found.iter().map(|nth| nth.abs()));
    }
    Ok((there, same))
}

/// Each in place of the one with its key.
pub fn replace(conn: &mut Conn, rows: &[&Row]) -> Result<()> {
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let chunk: Vec<Row> = chunk.iter().map(|row| (*row).clone()).collect();
        on_each_backend!(conn, c => diesel::insert_into(company_usage::table)
            .values(&chunk)
            .on_conflict((
                company_usage::company_id,
                company_usage::feature,
                company_usage::at,
                company_usage::given_as,
            ))
            .do_update()
            .set(company_usage::uses.eq(excluded(company_usage::uses)))
            .execute(c))?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct UseRow {
    #[diesel(sql_type = BigInt)]
    company_id: CompanyId,
    #[diesel(sql_type = Text)]
    feature: String,
    #[diesel(sql_type = BigInt)]
    now: i64,
    #[diesel(sql_type = BigInt)]
    before: i64,
    #[diesel(sql_type = Timestamp)]
    first: NaiveDateTime,
    #[diesel(sql_type = Timestamp)]
    last: NaiveDateTime,
}

/// Of each of these companies, each feature that it ever used. A count of 0 is no use.
///
/// Written out, because the sums of one database are of another type than those of the other.
pub fn list_uses(conn: &mut Conn, companies: &[CompanyId], periods: Periods) -> Result<Vec<(CompanyId, Use)>> {
    let rows: Vec<UseRow> = list_in_chunks(companies, |chunk| {
        let mut values: Vec<i64> = chunk.iter().map(|company| company.0).collect();
        values.resize(values.len().next_power_of_two(), 0);
        let places: Vec<String> = (0..values.len()).map(|nth| format!("${}", nth + 4)).collect();
        let text = format!(
            "SELECT company_id, feature, \
             CAST(coalesce(sum(CASE WHEN at > $1 AND at <= $2 THEN uses END), 0) AS BIGINT) AS now, \
             CAST(coalesce(sum(CASE WHEN at > $3 AND at <= $1 THEN uses END), 0) AS BIGINT) AS before, \
             min(at) AS first, max(at) AS last FROM company_usage \
             WHERE company_id IN ({}) AND uses > 0 GROUP BY company_id, feature ORDER BY company_id, feature",
            places.join(", ")
        );
        let query = diesel::sql_query(text).into_boxed::<MultiBackend>();
        let query = query
            .bind::<Timestamp, _>(periods.now)
            .bind::<Timestamp, _>(periods.until)
            .bind::<Timestamp, _>(periods.before);
        let query = values
            .into_iter()
            .fold(query, |query, value| query.bind::<BigInt, _>(value));
        query.load(conn)
    })?;
    let whole = |row: UseRow| {
        let one = Use {
            feature: row.feature,
            now: row.now,
            before: row.before,
            first: row.first,
            last: row.last,
        };
        (row.company_id, one)
    };
    Ok(rows.into_iter().map(whole).collect())
}

pub fn list_since(conn: &mut Conn, company: CompanyId, after: NaiveDateTime) -> Result<Vec<(NaiveDateTime, i64)>> {
    company_usage::table
        .filter(company_usage::company_id.eq(company))
        .filter(company_usage::at.gt(after))
        .select((company_usage::at, company_usage::uses))
        .load(conn)
}

/// What is worked out of them.
pub fn list_attributes(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<(CompanyId, String, String)>> {
    list_in_chunks(companies, |chunk| {
        company_attributes::table
            .filter(company_attributes::company_id.eq_any(chunk))
            .filter(company_attributes::worked_out)
            .select((
                company_attributes::company_id,
                company_attributes::name,
                company_attributes::value,
            ))
            .load(conn)
    })
}

/// One of the same name that was imported gives way.
pub fn replace_attributes(
    conn: &mut Conn,
    companies: &[CompanyId],
    rows: &[(CompanyId, String, String)],
) -> Result<()> {
    for chunk in companies.chunks(ROWS_PER_INSERT) {
        diesel::delete(company_attributes::table)
            .filter(company_attributes::company_id.eq_any(chunk))
            .filter(company_attributes::worked_out)
            .execute(conn)?;
    }
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(company, name, value)| {
                (
                    company_attributes::company_id.eq(*company),
                    company_attributes::name.eq(name),
                    company_attributes::value.eq(value),
                    company_attributes::worked_out.eq(true),
                )
            })
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(company_attributes::table)
            .values(&rows)
            .on_conflict((company_attributes::company_id, company_attributes::name))
            .do_update()
            .set((
                company_attributes::value.eq(excluded(company_attributes::value)),
                company_attributes::worked_out.eq(true),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Those of the company that were given under one name are given under another one.
pub fn rename(conn: &mut Conn, company: CompanyId, from: &str, to: &str) -> Result<()> {
    diesel::update(company_usage::table)
        .filter(company_usage::company_id.eq(company))
        .filter(company_usage::given_as.eq(from))
        .set(company_usage::given_as.eq(to))
        .execute(conn)
        .map(|_| ())
}

/// Of rows that would meet once `from`'s are `into`'s, those of `into` go: a row for the same key takes
/// the place of the former one.
pub fn delete_twins(conn: &mut Conn, from: CompanyId, into: CompanyId) -> Result<()> {
    let statement = "DELETE FROM company_usage WHERE company_id = $1 AND EXISTS (SELECT 1 FROM company_usage f \
        WHERE f.company_id = $2 AND f.feature = company_usage.feature AND f.at = company_usage.at \
        AND f.given_as = company_usage.given_as)";
    let query = diesel::sql_query(statement).into_boxed::<MultiBackend>();
    let query = query.bind::<BigInt, _>(into.0).bind::<BigInt, _>(from.0);
    query.execute(conn).map(|_| ())
}

/// Of the one company to the other: all, or those given under some names.
pub fn move_all(conn: &mut Conn, from: CompanyId, into: CompanyId, names: Option<&[String]>) -> Result<()> {
    let of_it = diesel::update(company_usage::table).filter(company_usage::company_id.eq(from));
    match names {
        None => of_it.set(company_usage::company_id.eq(into.0)).execute(conn),
        Some(names) => of_it
            .filter(company_usage::given_as.eq_any(names))
            .set(company_usage::company_id.eq(into.0))
            .execute(conn),
    }
    .map(|_| ())
}
