//! Companies on a map of their needs: near each other where their needs are alike in shape.
//!
//! The two directions in which companies differ most (`method::components`), over the companies that
//! have a score on every need in play; the others stand nowhere.

mod queries;
mod rules;

use std::collections::HashMap;

use chrono::NaiveDate;

pub use queries::Named;

use super::{ByTenure, Chosen, Filter, past, scores};
use crate::design::Design;
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

/// All companies that can be placed, or why there is no map.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedsMap {
    /// The names of the needs in play, in the framework's order.
    pub needs: Vec<String>,
    /// From left to right, and from bottom to top; the second may tell nothing.
    pub axes: Result<[Axis; 2], NoMap>,
    /// The greatest revenue first, unknown ones last; none without axes.
    pub points: Vec<Point>,
    /// By segment in the framework's order, then those without one.
    pub groups: Vec<Group>,
    /// Companies that pass the filter and lack a score on some need in play.
    pub left_out: u64,
}

/// Why there is nothing to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoMap {
    /// Fewer than two needs are in play.
    TooFewNeeds,
    /// Fewer than two companies have a score on every need in play.
    TooFewCompanies,
    /// The companies' needs all have the same shape.
    AllAlike,
}

/// A direction over the needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    /// Of all that companies' needs differ by, 0 to 1.
    pub share: f64,
    /// By need in play.
    pub loadings: Vec<f64>,
    /// The needs that grow towards its far end, strongest first, and those that grow the other way.
    pub more: Vec<usize>,
    pub less: Vec<usize>,
}

/// A company on the map: in points of score from the middle of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub company: i64,
    pub x: f64,
    pub y: f64,
    /// In the framework's order.
    pub segment: Option<usize>,
    pub tenure: Tenure,
    pub revenue: Option<f64>,
}

/// The companies of one segment, or of none.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub segment: Option<usize>,
    pub companies: ByTenure<u64>,
    pub revenue: f64,
    /// Where they stand on average; `None` without a company.
    pub middle: Option<(f64, f64)>,
}

/// With tenure as it is on the day `today`.
pub fn needs_map(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<NeedsMap> {
    let chosen = Chosen::new(design, today, filter);
    let in_play = design.profiles.in_play();
    let companies = queries::list_companies(conn, &chosen)?;
    let mut complete = rules::Complete::default();
    scores::each(conn, design, &chosen, |company, figures| {
        complete.add(company.id, in_play.iter().map(|need| Some(figures[*need]?.score)));
    })?;
    Ok(rules::needs_map(design, companies, &complete))
}

/// As [`needs_map`], at the end of a past day.
pub fn needs_map_as_of(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<NeedsMap> {
    let in_play = design.profiles.in_play();
    let mut complete = rules::Complete::default();
    let mut companies = vec![];
    for company in past::companies(conn, design, day, filter)? {
        complete.add(company.id(), in_play.iter().map(|need| company.score(*need)));
        companies.push(queries::CompanyRow {
            id: company.id(),
            tenure: company.tenure,
            revenue: Some(company.revenue).filter(|revenue| *revenue != 0.0),
            segment: company.segment,
        });
    }
    Ok(rules::needs_map(design, companies, &complete))
}

/// How these companies are called, in whichever order.
pub fn names(conn: &mut Conn, companies: &[i64]) -> store::Result<HashMap<i64, Named>> {
    let named = queries::list_names(conn, companies)?;
    Ok(named.into_iter().map(|named| (named.id, named)).collect())
}
