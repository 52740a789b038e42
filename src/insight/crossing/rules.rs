//! From counted cells to the table that a page shows of each attribute.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::queries::Cell;
use super::{Column, Crossing, Crossings, MOST_VALUES, TENURE};
use crate::design::Design;
use crate::insight::attribute;
use crate::method::guess::guess;
use crate::method::overlay;
use crate::method::size::SIZES;
use crate::method::tenure::Tenure;
use crate::method::tier::Tier;

/// Ours, in the order in which they are offered.
const ORDER: [&str; 10] = [
    "behaviour",
    "tier",
    TENURE,
    "industry",
    "country",
    "region",
    attribute::EMPLOYEES,
    "technology_level",
    "customer_type",
    "journey_stage",
];

/// What one value holds.
#[derive(Debug, Clone)]
struct Held {
    counts: Vec<u64>,
    revenue: Vec<f64>,
}

impl Held {
    fn nothing(segments: usize) -> Held {
        Held {
            counts: vec![0; segments],
            revenue: vec![0.0; segments],
        }
    }

    fn sum(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn add(&mut self, other: &Held) {
        self.counts
            .iter_mut()
            .zip(&other.counts)
            .for_each(|(sum, count)| *sum += count);
        self.revenue
            .iter_mut()
            .zip(&other.revenue)
            .for_each(|(sum, part)| *sum += part);
    }
}

/// The values of one attribute, and how many companies have any.
#[derive(Debug, Default)]
struct Gathered {
    valued: u64,
    values: BTreeMap<String, Held>,
}

pub fn crossings(design: &Design, cells: Vec<Cell>) -> Crossings {
    let segments = design.framework.segments.len();
    let mut gathered: BTreeMap<String, Gathered> = BTreeMap::new();
    for cell in cells {
        let companies = u64::try_from(cell.companies).unwrap_or(0);
        let of_attribute = gathered.entry(cell.attribute).or_default();
        of_attribute.valued += companies;
        // A segment that was archived meanwhile is none.
        let Some(segment) = cell.segment.and_then(|code| design.segment_index(&code)) else {
            continue;
        };
        let held = of_attribute.values.entry(cell.value);
        let held = held.or_insert_with(|| Held::nothing(segments));
        held.counts[segment] += companies;
        held.revenue[segment] += cell.revenue;
    }
    let everyone = gathered.get(TENURE);
    let (companies, assigned) = everyone.map_or((0, 0), |all| (all.valued, all.values.values().map(Held::sum).sum()));
    let place = |name: &str| ORDER.iter().position(|own| *own == name).unwrap_or(ORDER.len());
    let mut attributes: Vec<Crossing> = gathered
        .into_iter()
        .map(|(name, gathered)| crossing(segments, name, gathered))
        .collect();
    // Imported ones come by name, as they were gathered.
    attributes.sort_by_key(|crossing| place(&crossing.attribute));
    Crossings {
        companies,
        assigned,
        attributes,
    }
}

fn crossing(segments: usize, attribute: String, gathered: Gathered) -> Crossing {
    let values = gathered.values.len();
    let mut held: Vec<(String, Held)> = gathered.values.into_iter().collect();
    held.sort_by_key(|(_, held)| Reverse(held.sum()));
    let rest = held.split_off(held.len().min(MOST_VALUES));
    if let Some(order) = own_order(&attribute) {
        held.sort_by_key(|(value, _)| order.iter().position(|known| known == value).unwrap_or(order.len()));
    }
    let mut columns: Vec<Column> = held.iter().map(|(value, _)| Column::Value(value.clone())).collect();
    let mut shown: Vec<Held> = held.into_iter().map(|(_, held)| held).collect();
    if !rest.is_empty() {
        let mut others = Held::nothing(segments);
        rest.iter().for_each(|(_, held)| others.add(held));
        columns.push(Column::Others(rest.len()));
        shown.push(others);
    }
    let counts: Vec<Vec<u64>> = (0..segments)
        .map(|segment| shown.iter().map(|held| held.counts[segment]).collect())
        .collect();
    let residuals = overlay::adjusted_residuals(&counts);
    Crossing {
        attribute,
        valued: gathered.valued,
        values,
        columns,
        revenue: (0..segments)
            .map(|segment| shown.iter().map(|held| held.revenue[segment]).collect())
            .collect(),
        ps: overlay::residual_ps(&residuals),
        chi_square: overlay::chi_square(&counts),
        guess: guess(&counts),
        residuals,
        counts,
    }
}

/// The order that the values of some attributes have by themselves.
fn own_order(attribute: &str) -> Option<Vec<&'static str>> {
    match attribute {
        "tier" => Some(Tier::ALL.iter().map(|tier| tier.as_str()).collect()),
        TENURE => Some(Tenure::ALL.iter().map(|tenure| tenure.as_str()).collect()),
        attribute::EMPLOYEES => Some(SIZES.iter().map(|(name, _)| *name).collect()),
        _ => None,
    }
}
