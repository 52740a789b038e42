//! Segments across every attribute that companies have: which values hold more of a segment than
//! chance would give, and how well an attribute gives the segment away at all.
//!
//! All attributes are read together, for the ranking needs them all; [`super::overlay`] reads
//! a single one, with every value it has.

mod queries;
mod rules;

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Chosen, Filter, past};
use crate::design::Design;
use crate::method::guess::Guess;
use crate::method::overlay::ChiSquare;
use crate::store::{self, Conn};

/// A page shows so many values of an attribute, the most frequent; the rest stand together.
pub const MOST_VALUES: usize = 20;

/// The tenure of a company, which is no attribute of its row but is crossed as one.
pub const TENURE: &str = "tenure";

/// Every attribute that some company has a value of.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossings {
    /// All companies that pass the filter.
    pub companies: u64,
    /// Those with a segment.
    pub assigned: u64,
    /// Ours first, in their order, then the imported ones by name.
    pub attributes: Vec<Crossing>,
}

/// The segments across the values of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    pub attribute: String,
    /// Companies that have a value, with a segment or without.
    pub valued: u64,
    /// The different values of those with a segment.
    pub values: usize,
    /// Those shown. Bands and tiers keep their order, others come the most frequent first.
    pub columns: Vec<Column>,
    /// By segment in the framework's order, and by column; so are all that follow.
    pub counts: Vec<Vec<u64>>,
    pub revenue: Vec<Vec<f64>>,
    pub residuals: Vec<Vec<Option<f64>>>,
    /// How likely chance alone gives each residual, over all cells.
    pub ps: Vec<Vec<Option<f64>>>,
    pub chi_square: Option<ChiSquare>,
    pub guess: Option<Guess>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    Value(String),
    /// So many values that few companies have.
    Others(usize),
}

impl Crossings {
    pub fn of(&self, attribute: &str) -> Option<&Crossing> {
        self.attributes.iter().find(|crossing| crossing.attribute == attribute)
    }

    /// The attributes that give away most first: by the share of wrong guesses that they save, then
    /// by how strongly they hang together with the segment. Those that cannot be asked are left out.
    pub fn ranked(&self) -> Vec<(&Crossing, ChiSquare, Guess)> {
        let asked = self.attributes.iter();
        let mut asked: Vec<_> = asked
            .filter_map(|crossing| Some((crossing, crossing.chi_square?, crossing.guess?)))
            .collect();
        let saved = |guess: &Guess| guess.lambda.unwrap_or(0.0);
        asked.sort_by(|(_, chi_a, a), (_, chi_b, b)| {
            let by_guess = saved(b).total_cmp(&saved(a));
            by_guess.then(chi_b.cramers_v.total_cmp(&chi_a.cramers_v))
        });
        asked
    }
}

impl Crossing {
    /// Companies with a value and a segment.
    pub fn counted(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }
}

/// As [`crossings`], at the end of a past day: segments from their history and tenure on that day, the
/// other attributes as they are today, because these have no history.
pub fn crossings_as_of(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<Crossings> {
    let mut then: HashMap<i64, Option<String>> = past::companies(conn, design, day, filter)?
        .into_iter()
        .map(|company| (company.id(), company.segment))
        .collect();
    let everybody = Filter::default();
    let chosen = Chosen::new(design, day, &everybody);
    let mut companies = queries::list_companies(conn, &chosen)?;
    companies.retain_mut(|company| match then.remove(&company.id) {
        Some(segment) => {
            company.segment = segment;
            true
        }
        None => false,
    });
    let imported = queries::list_imported(conn, &chosen)?;
    Ok(rules::crossings(design, &companies, &imported))
}

/// Segments across each attribute, with tenure as it is on the day `today`.
pub fn crossings(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Crossings> {
    let chosen = Chosen::new(design, today, filter);
    let companies = queries::list_companies(conn, &chosen)?;
    let imported = queries::list_imported(conn, &chosen)?;
    Ok(rules::crossings(design, &companies, &imported))
}
