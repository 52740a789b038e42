//! Transactions: purchases, coded with the needs behind them where somebody knows.

mod queries;
pub mod rules;

use std::collections::HashMap;

use chrono::NaiveDateTime;

use self::rules::{Facts, Named, TransactionRecord};
use super::plan::{Counts, Plan};
use super::record::Fault;
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::store::{self, Conn};

pub use queries::Listed;

/// What carrying out a plan led to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub counts: Counts,
    pub arrived: Vec<TransactionId>,
    /// Whose coded deals are others now.
    pub deals_changed: Vec<CompanyId>,
    /// Who bought more, less or at another time than before.
    pub companies: Vec<CompanyId>,
}

/// Works out what these records, each with its number, would change. No external id may stand twice.
pub fn plan(conn: &mut Conn, records: Vec<(usize, TransactionRecord)>) -> store::Result<Plan<TransactionId, Facts>> {
    let external_ids: Vec<&str> = records.iter().map(|(_, record)| record.external_id.as_str()).collect();
    let mut known = queries::list_facts(conn, &external_ids)?;
    let mut plan = Plan::empty();
    let companies = records.iter().map(|(number, record)| (*number, &record.company));
    let companies = super::named(conn, "company_external_id", companies, &mut plan.faults)?;
    let contacts = contacts(conn, &records, &mut plan.faults)?;
    for (number, record) in records {
        let unknown = |name: Option<&String>, known: bool| name.is_some() && !known;
        let company = super::resolved(&record.company, &companies);
        let contact = super::resolved(&record.contact, &contacts);
        if unknown(record.company.value(), company.value().is_some())
            || unknown(record.contact.value(), contact.value().is_some())
        {
            continue;
        }
        let before = known.remove(&record.external_id);
        let facts = before.as_ref().map(|(_, facts)| facts.clone());
        match rules::merge(facts, record, company, contact) {
            Ok(after) => plan.add(before, after),
            Err(faults) => plan.refuse(number, faults),
        }
    }
    Ok(plan)
}

/// Makes and changes the transactions of a plan without faults.
pub fn carry_out(conn: &mut Conn, now: NaiveDateTime, plan: &Plan<TransactionId, Facts>) -> store::Result<Outcome> {
    let new: Vec<&Facts> = plan.new.iter().collect();
    queries::insert(conn, now, &new)?;
    let external_ids: Vec<&str> = new.iter().map(|facts| facts.external_id.as_str()).collect();
    let arrived = queries::list_ids(conn, &external_ids)?;
    let coded = new.iter().filter(|facts| !facts.needs.is_empty());
    let mut deals_changed: Vec<CompanyId> = coded.map(|facts| facts.company).collect();
    let mut companies: Vec<CompanyId> = new.iter().map(|facts| facts.company).collect();
    for change in &plan.changed {
        companies.extend([change.before.company, change.after.company]);
        queries::update(conn, change.id, &change.after)?;
        let deal = |facts: &Facts| (facts.company, facts.needs.clone());
        if deal(&change.before) != deal(&change.after) {
            deals_changed.extend([change.before.company, change.after.company]);
        }
    }
    deals_changed.sort_unstable();
    deals_changed.dedup();
    Ok(Outcome {
        counts: plan.counts(),
        arrived,
        deals_changed,
        companies,
    })
}

/// A company's transactions, newest first.
pub fn list_of_company(conn: &mut Conn, company: CompanyId, most: usize) -> store::Result<Vec<Listed>> {
    queries::list_of_company(conn, company, most as i64)
}

/// The contacts that records name, and a fault for each name that nobody has.
fn contacts(
    conn: &mut Conn,
    records: &[(usize, TransactionRecord)],
    faults: &mut Vec<(usize, Fault)>,
) -> store::Result<HashMap<String, Named>> {
    let external_ids: Vec<&str> = records
        .iter()
        .filter_map(|(_, record)| record.contact.value().map(String::as_str))
        .collect();
    let found = super::contacts::list_with_companies(conn, &external_ids)?;
    for (number, record) in records {
        if let Some(name) = record.contact.value().filter(|name| !found.contains_key(*name)) {
            let reason = format!("names {name}, which is no contact here");
            faults.push((*number, Fault::of("contact_external_id", reason)));
        }
    }
    let named = |(contact, company): (ContactId, Option<CompanyId>)| Named { contact, company };
    Ok(found.into_iter().map(|(name, at)| (name, named(at))).collect())
}
