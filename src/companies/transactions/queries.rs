use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rules::Facts;
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::store::schema::transactions;
use crate::store::{Conn, Error, Result, insert_rows, list_in_chunks};

#[derive(Queryable, Selectable)]
#[diesel(table_name = transactions)]
struct FactsRow {
    id: TransactionId,
    external_id: String,
    company_id: CompanyId,
    contact_id: Option<ContactId>,
    product: Option<String>,
    amount: Option<f64>,
    occurred_at: NaiveDateTime,
    needs: Option<String>,
    attributes: String,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = transactions, treat_none_as_null = true, treat_none_as_default_value = false)]
struct NewRow<'a> {
    external_id: &'a str,
    company_id: CompanyId,
    contact_id: Option<ContactId>,
    product: Option<&'a str>,
    amount: Option<f64>,
    occurred_at: NaiveDateTime,
    needs: Option<String>,
    attributes: String,
}

impl<'a> NewRow<'a> {
    fn of(facts: &'a Facts) -> Result<NewRow<'a>> {
        let attributes =
            serde_json::to_string(&facts.attributes).map_err(|error| Error::SerializationError(Box::new(error)))?;
        Ok(NewRow {
            external_id: &facts.external_id,
            company_id: facts.company,
            contact_id: facts.contact,
            product: facts.product.as_deref(),
            amount: facts.amount,
            occurred_at: facts.occurred_at,
            needs: (!facts.needs.is_empty()).then(|| facts.needs.join("|")),
            attributes,
        })
    }
}

/// The transactions with these external ids.
pub fn list_ids(conn: &mut Conn, external_ids: &[&str]) -> Result<Vec<TransactionId>> {
    list_in_chunks(external_ids, |chunk| {
        transactions::table
            .filter(transactions::external_id.eq_any(chunk.iter().copied()))
            .order(transactions::id)
            .select(transactions::id)
            .load(conn)
    })
}

/// All that is known about those of these transactions that are there, by external id.
pub fn list_facts(conn: &mut Conn, external_ids: &[&str]) -> Result<HashMap<String, (TransactionId, Facts)>> {
    let rows: Vec<FactsRow> = list_in_chunks(external_ids, |chunk| {
        transactions::table
            .filter(transactions::external_id.eq_any(chunk.iter().copied()))
            .select(FactsRow::as_select())
            .load(conn)
    })?;
    rows.into_iter().map(whole).collect()
}

fn whole(row: FactsRow) -> Result<(String, (TransactionId, Facts))> {
    let attributes =
        serde_json::from_str(&row.attributes).map_err(|error| Error::DeserializationError(Box::new(error)))?;
    let needs = row.needs.as_deref().unwrap_or_default();
    let facts = Facts {
        external_id: row.external_id.clone(),
        company: row.company_id,
        contact: row.contact_id,
        product: row.product,
        amount: row.amount,
        occurred_at: row.occurred_at,
        needs: needs
            .split('|')
            .filter(|need| !need.is_empty())
            .map(str::to_owned)
            .collect(),
        attributes,
    };
    Ok((row.external_id, (row.id, facts)))
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, facts: &[&Facts]) -> Result<()> {
    let mut rows = Vec::with_capacity(facts.len());
    for facts in facts {
        rows.push((NewRow::of(facts)?, transactions::arrived_at.eq(now)));
    }
    insert_rows!(conn, transactions::table, rows).map(|_| ())
}

pub fn update(conn: &mut Conn, id: TransactionId, facts: &Facts) -> Result<()> {
    diesel::update(transactions::table.filter(transactions::id.eq(id)))
        .set(NewRow::of(facts)?)
        .execute(conn)
        .map(|_| ())
}

/// A transaction as a list shows it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct Listed {
    pub external_id: String,
    pub product: Option<String>,
    pub amount: Option<f64>,
    pub occurred_at: NaiveDateTime,
    pub needs: Option<String>,
}

pub fn list_of_company(conn: &mut Conn, company: CompanyId, most: i64) -> Result<Vec<Listed>> {
    transactions::table
        .filter(transactions::company_id.eq(company))
        .order((transactions::occurred_at.desc(), transactions::id.desc()))
        .limit(most)
        .select(Listed::as_select())
        .load(conn)
}
