//! From companies to the table that a page shows of each attribute.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::queries::{CompanyRow, ImportedRow};
use super::{Column, Crossing, Crossings, MOST_VALUES, TENURE};
use crate::design::Design;
use crate::insight::attribute;
use crate::method::guess::guess;
use crate::method::overlay;
use crate::method::size::{SIZES, size};
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

/// Where a company stands, for what was imported about it.
struct Place {
    /// Among the segments; none where it has none, or one that was archived meanwhile.
    segment: Option<usize>,
    revenue: f64,
}

struct Counting {
    segments: usize,
    by_attribute: BTreeMap<String, Gathered>,
}

impl Counting {
    fn add(&mut self, attribute: &str, value: &str, place: &Place) {
        let segments = self.segments;
        let of_attribute = match self.by_attribute.get_mut(attribute) {
            Some(known) => known,
            None => self.by_attribute.entry(attribute.to_owned()).or_default(),
        };
        of_attribute.valued += 1;
        let Some(segment) = place.segment else { return };
        // Nearly all values are known already, and need no text of their own.
        let held = match of_attribute.values.get_mut(value) {
            Some(known) => known,
            None => of_attribute
                .values
                .entry(value.to_owned())
                .or_insert_with(|| Held::nothing(segments)),
        };
        held.counts[segment] += 1;
        held.revenue[segment] += place.revenue;
    }
}

/// Both lists run by the company's id.
pub fn crossings(design: &Design, companies: &[CompanyRow], imported: &[ImportedRow]) -> Crossings {
    let segments = design.framework.segments.len();
    let mut counting = Counting {
        segments,
        by_attribute: BTreeMap::new(),
    };
    let mut imported = imported.iter().peekable();
    let mut assigned = 0;
    for company in companies {
        let place = Place {
            segment: company.segment.as_ref().and_then(|code| design.segment_index(code)),
            revenue: company.revenue,
        };
        assigned += u64::from(place.segment.is_some());
        for (attribute, value) in own_values(company) {
            counting.add(attribute, value, &place);
        }
        while imported.next_if(|row| row.company < company.id).is_some() {}
        while let Some(row) = imported.next_if(|row| row.company == company.id) {
            // A name of ours always means ours.
            if !ORDER.contains(&row.name.as_str()) {
                counting.add(&row.name, &row.value, &place);
            }
        }
    }
    let order = |name: &str| ORDER.iter().position(|own| *own == name).unwrap_or(ORDER.len());
    let mut attributes: Vec<Crossing> = counting
        .by_attribute
        .into_iter()
        .map(|(name, gathered)| crossing(segments, name, gathered))
        .collect();
    // Imported ones come by name, as they were gathered.
    attributes.sort_by_key(|crossing| order(&crossing.attribute));
    Crossings {
        companies: companies.len() as u64,
        assigned,
        attributes,
    }
}

fn own_values(company: &CompanyRow) -> impl Iterator<Item = (&'static str, &str)> {
    let size = company.employees.map(|employees| size(Some(employees)));
    let values = [
        ("industry", company.industry.as_deref()),
        ("country", company.country.as_deref()),
        ("region", company.region.as_deref()),
        ("customer_type", company.customer_type.as_deref()),
        ("journey_stage", company.journey_stage.as_deref()),
        ("behaviour", company.behaviour.as_deref()),
        ("technology_level", company.technology_level.as_deref()),
        ("tier", Some(company.tier.as_str())),
        (attribute::EMPLOYEES, size),
        (TENURE, Some(company.tenure.as_str())),
    ];
    values.into_iter().filter_map(|(name, value)| Some((name, value?)))
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
