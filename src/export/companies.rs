//! Companies with the columns by which they are taken in, and one for each attribute.

use super::sheet::{Cell, Sheet};
use super::{Refusal, each_stretch, queries};
use crate::companies;
use crate::companies::rules::{COLUMNS, Facts};
use crate::store::Conn;

pub fn fill(conn: &mut Conn, sheet: &mut dyn Sheet) -> Result<u64, Refusal> {
    let attributes = queries::list_attribute_names(conn)?;
    let names = COLUMNS.iter().copied().chain(attributes.iter().map(String::as_str));
    sheet.row(&names.map(Cell::text).collect::<Vec<_>>())?;
    let mut rows = 0;
    each_stretch(conn, |conn, listed| {
        let external_ids: Vec<&str> = listed.iter().map(|company| company.external_id.as_str()).collect();
        let known = companies::list_facts(conn, &external_ids)?;
        for (_, facts) in external_ids.iter().filter_map(|external_id| known.get(*external_id)) {
            sheet.row(&row(facts, &attributes))?;
            rows += 1;
        }
        Ok(())
    })?;
    Ok(rows)
}

/// In the order of [`COLUMNS`].
fn row<'a>(facts: &'a Facts, attributes: &[String]) -> Vec<Cell<'a>> {
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
    cells.extend(
        attributes
            .iter()
            .map(|name| Cell::text_if_any(facts.attributes.get(name).map(String::as_str))),
    );
    cells
}
