//! Answers that are not told yet, and the sums that are.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::rules::{Item, Sums};
use crate::ids::{CompanyId, VersionId};
use crate::store::schema::{answers, companies, giveback_companies, giveback_sums};
use crate::store::{self, Conn, ROWS_PER_INSERT, on_each_backend};

/// What tells whose kin a company is.
#[derive(Debug, Clone, Queryable)]
pub struct CompanyRow {
    pub id: i64,
    pub industry: Option<String>,
    pub customer_since: Option<NaiveDate>,
}

pub fn list_companies(conn: &mut Conn) -> store::Result<Vec<CompanyRow>> {
    companies::table
        .order(companies::id)
        .select((companies::id, companies::industry, companies::customer_since))
        .load(conn)
}

pub fn find_company(conn: &mut Conn, company: CompanyId) -> store::Result<Option<CompanyRow>> {
    companies::table
        .find(company)
        .select((companies::id, companies::industry, companies::customer_since))
        .first(conn)
        .optional()
}

/// An answer whose company's voice on the item is not in the sums.
#[derive(Debug, Clone, Queryable)]
pub struct Waiting {
    pub company_id: i64,
    pub contact_id: i64,
    pub version_id: i64,
    pub row_code: String,
    pub value: String,
    pub recorded_at: NaiveDateTime,
}

/// Of a range of companies, to these versions: a company's side by side, a contact's answers to an
/// item one after the other, the oldest first.
pub fn list_waiting(
    conn: &mut Conn,
    first: CompanyId,
    last: CompanyId,
    versions: &[VersionId],
) -> store::Result<Vec<Waiting>> {
    let told = giveback_companies::table.filter(
        giveback_companies::company_id
            .eq(answers::company_id)
            .and(giveback_companies::version_id.eq(answers::version_id))
            .and(giveback_companies::row_code.eq(answers::row_code)),
    );
    answers::table
        .filter(answers::company_id.between(first, last))
        .filter(answers::version_id.eq_any(versions))
        .filter(not(answers::suspect))
        .filter(not(exists(told)))
        .order((
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select((
            answers::company_id,
            answers::contact_id,
            answers::version_id,
            answers::row_code,
            answers::value,
            answers::recorded_at,
        ))
        .load(conn)
}

/// Fails where one of them is there already.
pub fn insert_companies(conn: &mut Conn, item: &Item, told: &[CompanyId]) -> store::Result<()> {
    for chunk in told.chunks(ROWS_PER_INSERT) {
        let row = |company: &CompanyId| {
            (
                giveback_companies::company_id.eq(company.0),
                giveback_companies::version_id.eq(item.0.0),
                giveback_companies::row_code.eq(item.1.as_str()),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(giveback_companies::table).values(&rows).execute(c))?;
    }
    Ok(())
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = giveback_sums, treat_none_as_default_value = false)]
pub struct SumsRow {
    pub version_id: i64,
    pub row_code: String,
    pub kin: String,
    pub companies: i64,
    pub respondents: i64,
    pub voices: String,
    pub renewed_at: NaiveDateTime,
}

impl SumsRow {
    pub fn item(&self) -> Item {
        (VersionId(self.version_id), self.row_code.clone())
    }

    /// Our own JSON that does not read is a damaged database, not an empty answer.
    pub fn sums(&self) -> store::Result<Sums> {
        let voices =
            serde_json::from_str(&self.voices).map_err(|error| store::Error::DeserializationError(Box::new(error)))?;
        Ok(Sums {
            companies: self.companies.unsigned_abs(),
            respondents: self.respondents.unsigned_abs(),
            voices,
        })
    }
}

/// Of these versions, item by item.
pub fn list_sums(conn: &mut Conn, versions: &[VersionId]) -> store::Result<Vec<SumsRow>> {
    giveback_sums::table
        .filter(giveback_sums::version_id.eq_any(versions))
        .order((giveback_sums::version_id, giveback_sums::row_code, giveback_sums::kin))
        .select(SumsRow::as_select())
        .load(conn)
}

/// Puts each in place of the former one of its item and kin.
pub fn replace_sums(conn: &mut Conn, rows: &[SumsRow]) -> store::Result<()> {
    for rows in rows.chunks(ROWS_PER_INSERT) {
        on_each_backend!(conn, c => diesel::insert_into(giveback_sums::table)
            .values(rows)
            .on_conflict((giveback_sums::version_id, giveback_sums::row_code, giveback_sums::kin))
            .do_update()
            .set((
                giveback_sums::companies.eq(excluded(giveback_sums::companies)),
                giveback_sums::respondents.eq(excluded(giveback_sums::respondents)),
                giveback_sums::voices.eq(excluded(giveback_sums::voices)),
                giveback_sums::renewed_at.eq(excluded(giveback_sums::renewed_at)),
            ))
            .execute(c))?;
    }
    Ok(())
}
