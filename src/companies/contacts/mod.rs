//! Contacts: the people at a company whom drips ask.

mod queries;
pub mod rules;

use std::collections::HashMap;

use chrono::NaiveDateTime;

use self::rules::{ContactRecord, Facts};
use super::listing::{Stretch, Viewer};
use super::plan::{Counts, Plan};
use crate::ids::{CompanyId, ContactId};
use crate::store::{self, Conn};

pub use queries::{Listed, list_ids, list_with_companies};

/// What carrying out a plan led to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub counts: Counts,
    /// Whose answers weigh otherwise now.
    pub role_changed: Vec<ContactId>,
}

/// Works out what these records, each with its number, would change. No external id may stand twice.
pub fn plan(conn: &mut Conn, records: Vec<(usize, ContactRecord)>) -> store::Result<Plan<ContactId, Facts>> {
    let external_ids: Vec<&str> = records.iter().map(|(_, record)| record.external_id.as_str()).collect();
    let mut known = queries::list_facts(conn, &external_ids)?;
    let mut plan = Plan::empty();
    let companies = records.iter().map(|(number, record)| (*number, &record.company));
    let ids = super::named(conn, "company_external_id", companies, &mut plan.faults)?;
    let mut merged = Vec::with_capacity(records.len());
    for (number, record) in records {
        let before = known.remove(&record.external_id);
        let facts = before.as_ref().map(|(_, facts)| facts.clone());
        let company = super::resolved(&record.company, &ids);
        match rules::merge(facts, record, company) {
            Ok(after) => merged.push((before, after)),
            Err(fault) => plan.refuse(number, [fault]),
        }
    }
    let owners = owners(
        conn,
        merged.iter().filter_map(|(_, after)| rules::searched_domain(after)),
    )?;
    for (before, mut after) in merged {
        let found = rules::searched_domain(&after).and_then(|domain| owners.get(domain).copied());
        after.company = after.company.or(found);
        plan.add(before, after);
    }
    Ok(plan)
}

/// Makes and changes the contacts of a plan without faults.
pub fn carry_out(conn: &mut Conn, now: NaiveDateTime, plan: &Plan<ContactId, Facts>) -> store::Result<Outcome> {
    let new: Vec<&Facts> = plan.new.iter().collect();
    queries::insert(conn, now, &new)?;
    let attributed: Vec<&Facts> = new.into_iter().filter(|facts| !facts.attributes.is_empty()).collect();
    let external_ids: Vec<&str> = attributed.iter().map(|facts| facts.external_id.as_str()).collect();
    let ids = queries::list_ids(conn, &external_ids)?;
    let mut attributed: Vec<(ContactId, &Facts)> = attributed
        .into_iter()
        .filter_map(|facts| Some((*ids.get(&facts.external_id)?, facts)))
        .collect();
    let mut role_changed = Vec::new();
    for change in &plan.changed {
        queries::update(conn, now, change.id, &change.after)?;
        attributed.extend((change.before.attributes != change.after.attributes).then_some((change.id, &change.after)));
        role_changed.extend((change.before.role != change.after.role).then_some(change.id));
    }
    queries::replace_attributes(conn, &attributed)?;
    Ok(Outcome {
        counts: plan.counts(),
        role_changed,
    })
}

/// The contacts of a page by name; `search` is a part of name or address, or the whole external id.
pub fn list(conn: &mut Conn, viewer: &Viewer, search: Option<&str>, stretch: Stretch) -> store::Result<Vec<Listed>> {
    queries::list(conn, viewer, search, stretch)
}

/// The one with this external id, unless it is none of the viewer's business.
pub fn find(conn: &mut Conn, viewer: &Viewer, external_id: &str) -> store::Result<Option<Listed>> {
    queries::find(conn, viewer, external_id)
}

/// How many are found in all.
pub fn count(conn: &mut Conn, viewer: &Viewer, search: Option<&str>) -> store::Result<i64> {
    queries::count(conn, viewer, search)
}

/// How many contacts have each language, as it was imported; `None`: none is known.
pub fn count_by_language(conn: &mut Conn) -> store::Result<Vec<(Option<String>, i64)>> {
    queries::count_by_language(conn)
}

/// A company's contacts by name.
pub fn list_of_company(conn: &mut Conn, company: CompanyId) -> store::Result<Vec<Listed>> {
    queries::list_of_company(conn, company)
}

/// The one company that owns each domain; a domain of two companies tells neither.
fn owners<'a>(conn: &mut Conn, domains: impl Iterator<Item = &'a str>) -> store::Result<HashMap<String, CompanyId>> {
    let mut domains: Vec<&str> = domains.collect();
    domains.sort_unstable();
    domains.dedup();
    let mut owners: HashMap<String, Vec<CompanyId>> = HashMap::new();
    for (domain, company) in super::queries::list_owners_of_domains(conn, &domains)? {
        owners.entry(domain).or_default().push(company);
    }
    let alone = |(domain, companies): (String, Vec<CompanyId>)| match companies[..] {
        [company] => Some((domain, company)),
        _ => None,
    };
    Ok(owners.into_iter().filter_map(alone).collect())
}
