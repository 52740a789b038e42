//! Companies with the columns by which they are taken in, and one for each attribute.

use std::collections::BTreeMap;

use super::sheet::{Cell, Sheet};
use super::{Refusal, each_stretch, queries};
use crate::behaviour;
use crate::companies::rules::{COLUMNS, Facts};
use crate::companies::{self, BEHAVIOUR_IN_EFFECT};
use crate::store::Conn;

pub fn fill(conn: &mut Conn, sheet: &mut dyn Sheet) -> Result<u64, Refusal> {
    let attributes = queries::list_attribute_names(conn)?;
    // Beside the imported behaviour stands the one in effect, as soon as rules may make another of it.
    let has_rules = behaviour::current(conn)?.id > 0;
    let names = COLUMNS.iter().copied().chain(attributes.iter().map(String::as_str));
    let names = names.chain(has_rules.then_some(BEHAVIOUR_IN_EFFECT));
    sheet.row(&names.map(Cell::text).collect::<Vec<_>>())?;
    let mut rows = 0;
    each_stretch(conn, |conn, listed| {
        let external_ids: Vec<&str> = listed.iter().map(|company| company.external_id.as_str()).collect();
        let known = companies::list_facts(conn, &external_ids)?;
        let (Some(first), Some(last)) = (listed.first(), listed.last()) else {
            return Ok(());
        };
        let mut worked_out = queries::list_worked_out(conn, first.id, last.id)?;
        for (id, facts) in external_ids.iter().filter_map(|external_id| known.get(*external_id)) {
            let found = worked_out.attributes.remove(id).unwrap_or_default();
            let mut cells = row(facts, &attributes, &found);
            if has_rules {
                cells.push(Cell::text_if_any(worked_out.behaviour.get(id).map(String::as_str)));
            }
            sheet.row(&cells)?;
            rows += 1;
        }
        Ok(())
    })?;
    Ok(rows)
}

/// In the order of [`COLUMNS`].
fn row<'a>(facts: &'a Facts, attributes: &[String], found: &'a BTreeMap<String, String>) -> Vec<Cell<'a>> {
    let mut cells = vec![
        Cell::text(&facts.external_id),
        Cell::text(&facts.name),
        Cell::day_if_any(facts.customer_since),
        Cell::text_if_any(facts.industry.as_deref()),
        Cell::text_if_any(facts.country.as_deref()),
        Cell::text_if_any(facts.region.as_deref()),
        facts.employees.map_or(Cell::Empty, Cell::Whole),
        Cell::number_if_any(facts.annual_revenue),
        Cell::text_if_any(facts.customer_type.as_ref().map(|kind| kind.as_str())),
        Cell::text_if_any(facts.journey_stage.as_deref()),
        Cell::text_if_any(facts.behaviour.as_deref()),
        Cell::text_if_any(facts.technology_level.as_deref()),
        Cell::text_if_any(facts.time_zone.as_deref()),
        Cell::text_if_any(facts.owner_email.as_deref()),
        Cell::Text(facts.domains.join("|").into()),
    ];
    let value = |name: &String| facts.attributes.get(name).or_else(|| found.get(name));
    cells.extend(
        attributes
            .iter()
            .map(|name| Cell::text_if_any(value(name).map(String::as_str))),
    );
    cells
}
