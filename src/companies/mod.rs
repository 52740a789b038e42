//! Companies, their contacts, their transactions: what is known about our customers.
//!
//! Each is known to the outside by an `external_id`. Records come in batches (`record`, `rules`),
//! each field absent, blank or given; a batch is first planned, which finds every fault, and then
//! carried out. What follows from a change for scores and drips is above this room's head:
//! `import` sees to it, and is the way in for pages, API and commands alike.
//!
//! Answers, scores and segments are other rooms'; the lists here only show them.

pub mod contacts;
pub mod listing;
pub mod plan;
mod queries;
pub mod record;
pub mod rules;
pub mod transactions;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;

use self::plan::{Change, Counts, Plan};
use self::record::{Fault, Field};
use self::rules::{CompanyRecord, Facts};
use crate::ids::CompanyId;
use crate::method::tier::{self, Tier};
use crate::method::usage;
use crate::store::{self, Conn, marks};

/// Works out what these records, each with its number, would change. No external id may stand twice.
///
/// A record under another id of a company changes nothing: the company's own record tells what it is,
/// and a source that still names both companies of a merge would turn it to and fro.
pub fn plan(conn: &mut Conn, records: Vec<(usize, CompanyRecord)>) -> store::Result<Plan<CompanyId, Facts>> {
    let external_ids: Vec<&str> = records.iter().map(|(_, record)| record.external_id.as_str()).collect();
    let mut known = queries::list_facts(conn, &external_ids)?;
    let aliases = queries::list_aliases(conn, &external_ids)?;
    let is_usage_known = marks::find(conn, USAGE_UNTIL)?.is_some();
    let mut plan = Plan::empty();
    for (number, mut record) in records {
        record.attributes.retain(|name, _| !is_worked_out(name, is_usage_known));
        if aliases.contains_key(&record.external_id) {
            plan.keep();
            continue;
        }
        let before = known.remove(&record.external_id);
        let facts = before.as_ref().map(|(_, facts)| facts.clone());
        match rules::merge(facts, record) {
            Ok(after) => plan.add(before, after),
            Err(fault) => plan.refuse(number, [fault]),
        }
    }
    Ok(plan)
}

/// Where it is noted up to when anybody's usage is known.
pub const USAGE_UNTIL: &str = "usage_until";

/// How an export names the behaviour in effect, beside the imported one.
pub const BEHAVIOUR_IN_EFFECT: &str = "behaviour_in_effect";

/// What we work out ourselves is not taken in: whoever sends an export back means the rest of it.
fn is_worked_out(attribute: &str, is_usage_known: bool) -> bool {
    attribute == BEHAVIOUR_IN_EFFECT || (is_usage_known && usage::is_attribute(attribute))
}

/// What carrying out a plan led to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub counts: Counts,
    /// Tiers are to follow with [`retier`].
    pub revenues_changed: bool,
    /// Made or changed: their behaviour may be another one.
    pub companies: Vec<CompanyId>,
}

/// Makes and changes the companies of a plan without faults.
pub fn carry_out(conn: &mut Conn, now: NaiveDateTime, plan: &Plan<CompanyId, Facts>) -> store::Result<Outcome> {
    let new: Vec<&Facts> = plan.new.iter().collect();
    queries::insert(conn, now, &new)?;
    let external_ids: Vec<&str> = new.iter().map(|facts| facts.external_id.as_str()).collect();
    let ids = queries::list_ids(conn, &external_ids)?;
    let mut attributed = Vec::new();
    let mut domained = Vec::new();
    for facts in new {
        let Some(id) = ids.get(&facts.external_id).copied() else {
            continue;
        };
        attributed.extend((!facts.attributes.is_empty()).then_some((id, facts)));
        domained.extend((!facts.domains.is_empty()).then_some((id, facts)));
    }
    for change in &plan.changed {
        queries::update(conn, now, change.id, &change.after)?;
        attributed.extend((change.before.attributes != change.after.attributes).then_some((change.id, &change.after)));
        domained.extend((change.before.domains != change.after.domains).then_some((change.id, &change.after)));
    }
    queries::replace_attributes(conn, &attributed)?;
    queries::replace_domains(conn, &domained)?;
    let appears = |facts: &Facts| facts.annual_revenue.is_some();
    let moves = |change: &Change<_, Facts>| change.before.annual_revenue != change.after.annual_revenue;
    Ok(Outcome {
        counts: plan.counts(),
        companies: ids
            .values()
            .copied()
            .chain(plan.changed.iter().map(|change| change.id))
            .collect(),
        revenues_changed: plan.new.iter().any(appears) || plan.changed.iter().any(moves),
    })
}

/// All that is known about those of these companies that are there, by external id.
pub fn list_facts(conn: &mut Conn, external_ids: &[&str]) -> store::Result<HashMap<String, (CompanyId, Facts)>> {
    queries::list_facts(conn, external_ids)
}

/// Which of these external ids are there, and as what: with whether it is another one than its own.
pub fn list_ids(conn: &mut Conn, external_ids: &[&str]) -> store::Result<HashMap<String, (CompanyId, bool)>> {
    let aliases = queries::list_aliases(conn, external_ids)?;
    let ids = queries::list_ids(conn, external_ids)?;
    let is_alias = |(name, id): (String, CompanyId)| {
        let is_alias = aliases.contains_key(&name);
        (name, (id, is_alias))
    };
    Ok(ids.into_iter().map(is_alias).collect())
}

/// All that is known about a company.
pub fn facts_of(conn: &mut Conn, external_id: &str) -> store::Result<Option<Facts>> {
    Ok(queries::list_facts(conn, &[external_id])?
        .remove(external_id)
        .map(|(_, facts)| facts))
}

/// Gives every company its tier anew. One company's revenue may move another's tier.
pub fn retier(conn: &mut Conn) -> store::Result<()> {
    let rows = queries::list_revenues(conn)?;
    let revenues: Vec<(&str, Option<f64>)> = rows
        .iter()
        .map(|row| (row.external_id.as_str(), row.annual_revenue))
        .collect();
    let mut moved: BTreeMap<Tier, Vec<CompanyId>> = BTreeMap::new();
    for (row, tier) in rows.iter().zip(tier::pareto(&revenues)) {
        if tier.as_str() != row.tier {
            moved.entry(tier).or_default().push(row.id);
        }
    }
    for (tier, ids) in moved {
        queries::set_tier(conn, &ids, tier.as_str())?;
    }
    Ok(())
}

/// The ids of the companies that records name, and a fault for each name that nobody has.
fn named<'a>(
    conn: &mut Conn,
    field: &str,
    named: impl Iterator<Item = (usize, &'a Field<String>)> + Clone,
    faults: &mut Vec<(usize, Fault)>,
) -> store::Result<HashMap<String, CompanyId>> {
    let external_ids: Vec<&str> = named
        .clone()
        .filter_map(|(_, name)| name.value().map(String::as_str))
        .collect();
    let ids = queries::list_ids(conn, &external_ids)?;
    for (number, name) in named {
        if let Some(name) = name.value().filter(|name| !ids.contains_key(*name)) {
            faults.push((
                number,
                Fault::of(field, format!("names {name}, which is no company here")),
            ));
        }
    }
    Ok(ids)
}

/// The id that a field stands for; an unknown one was told as a fault already.
fn resolved<T: Copy>(field: &Field<String>, ids: &HashMap<String, T>) -> Field<T> {
    match field {
        Field::Absent => Field::Absent,
        Field::Blank => Field::Blank,
        Field::Value(name) => ids.get(name).map_or(Field::Absent, |id| Field::Value(*id)),
    }
}
