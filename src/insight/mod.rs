//! Figures for dashboards, always split into new, long-standing and unknown (METHOD.md section 5).
//!
//! Everything is read from stored rows; only a past day goes back to answers. What the segments and
//! scores are is `needs`' to say, the arithmetic is `method`'s; how a figure is shown is `web`'s,
//! which finds in [`chart`] where each mark stands.

pub mod agreement;
pub mod attribute;
pub mod chart;
pub mod company;
pub mod crossing;
pub mod crowd;
mod cuts;
pub mod discover;
pub mod drivers;
pub mod filter;
pub mod funnel;
pub mod giveback;
pub mod needs_map;
pub mod prospects;
pub mod today;
pub mod value;
pub mod views;
mod past;
mod queries;
mod rules;
mod scores;
mod sums;
pub mod tags;
pub mod wording;
pub mod trend;

use chrono::{NaiveDate, NaiveDateTime};

pub use filter::Filter;
pub use past::Company as PastCompany;
pub use rules::Verdict;
pub use sums::Sums;

use crate::design::Design;
use crate::framework::Level;
use crate::method::agreement::Icc;
use crate::method::calibrate::Calibration;
use crate::method::compare::{Comparison, Sample, ShareComparison};
use crate::method::overlay::ChiSquare;
use crate::method::tenure::{self, Tenure};
use crate::needs;
use crate::store::{self, Conn};

/// One value for each tenure.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ByTenure<T> {
    pub new: T,
    pub long_standing: T,
    pub unknown: T,
}

impl ByTenure<u64> {
    pub fn sum(&self) -> u64 {
        self.new + self.long_standing + self.unknown
    }
}

impl<T> ByTenure<T> {
    pub fn of(make: impl Fn(Tenure) -> T) -> ByTenure<T> {
        ByTenure {
            new: make(Tenure::New),
            long_standing: make(Tenure::LongStanding),
            unknown: make(Tenure::Unknown),
        }
    }

    pub fn get(&self, tenure: Tenure) -> &T {
        match tenure {
            Tenure::New => &self.new,
            Tenure::LongStanding => &self.long_standing,
            Tenure::Unknown => &self.unknown,
        }
    }

    pub fn get_mut(&mut self, tenure: Tenure) -> &mut T {
        match tenure {
            Tenure::New => &mut self.new,
            Tenure::LongStanding => &mut self.long_standing,
            Tenure::Unknown => &mut self.unknown,
        }
    }
}

/// The need scores of the companies that pass a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedFigures {
    /// The active needs, in the framework's order.
    pub needs: Vec<NeedFigure>,
    /// `None`: the calibrations are still the priors.
    pub calibrated_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NeedFigure {
    pub code: String,
    pub name: String,
    pub level: Level,
    /// Over the companies with a score, each counted once; `None` where there is none.
    pub overall: Option<Sample>,
    pub groups: ByTenure<Option<Sample>>,
    /// New less long-standing, or why there is nothing to compare.
    pub comparison: Result<NeedComparison, String>,
    pub calibration: Calibration,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeedComparison {
    pub figures: Comparison,
    /// p over all the needs compared (Benjamini–Hochberg).
    pub p_adjusted: Option<f64>,
}

/// The segments in effect of the companies that pass a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentFigures {
    /// The active segments, in the framework's order; on a past day then the archived ones that it had.
    pub segments: Vec<SegmentFigure>,
    /// How many companies have a segment.
    pub assigned: ByTenure<u64>,
    /// Over segments × {new, long-standing}.
    pub chi_square: Option<ChiSquare>,
    /// The most frequent reason first.
    pub unassigned: Vec<Unassigned>,
    /// All companies that pass the filter.
    pub companies: ByTenure<u64>,
    /// Those of them with at least one scored answer.
    pub answered: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SegmentFigure {
    pub code: String,
    pub name: String,
    pub count: u64,
    /// Of all assigned companies, 0 to 1; `None` where none is assigned.
    pub share: Option<f64>,
    /// Annual revenue of its companies, as far as it is known.
    pub revenue: f64,
    pub groups: ByTenure<SegmentGroup>,
    /// The share among the new less that among the long-standing.
    pub comparison: Option<ShareComparison>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SegmentGroup {
    pub count: u64,
    /// Of the assigned companies of the group, 0 to 1; `None` where none is assigned.
    pub share: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unassigned {
    pub reason: String,
    pub count: u64,
}

/// Each need's scores, with tenure as it is on the day `today`.
pub fn needs(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<NeedFigures> {
    needs_and_agreement(conn, design, today, filter).map(|(figures, _)| figures)
}

/// As [`needs`] and [`agreement()`], in one pass.
pub fn needs_and_agreement(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
) -> store::Result<(NeedFigures, Vec<Icc>)> {
    let totals = scores::totals(conn, design, &Chosen::new(design, today, filter))?;
    let figures = need_figures(conn, design, &rules::score_sums(design, &totals))?;
    Ok((figures, totals.icc()))
}

/// The companies by segment, with tenure as it is on the day `today`.
pub fn segments(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<SegmentFigures> {
    let chosen = Chosen::new(design, today, filter);
    let counts = queries::list_segment_counts(conn, &chosen)?;
    let unassigned = queries::list_unassigned(conn, &chosen)?;
    let unpacked = match unassigned.iter().any(|row| row.scores.is_none()) {
        true => queries::list_unassigned_needs(conn, &chosen)?,
        false => vec![],
    };
    let evidence = rules::unassigned_evidence(&counts, &unassigned);
    let lacking = rules::unassigned_needs(design, &unassigned, unpacked)?;
    let answered = queries::count_answered(conn, &chosen)?;
    Ok(rules::segment_figures(design, &counts, answered, &evidence, &lacking))
}

/// As [`needs_and_agreement`], at the end of a past day: scores from the answers dated up to then and held today.
pub fn needs_as_of(
    conn: &mut Conn,
    design: &Design,
    day: NaiveDate,
    filter: &Filter,
) -> store::Result<(NeedFigures, Vec<Icc>)> {
    let past = past::companies(conn, design, day, filter)?;
    let totals = past::totals(design, &past);
    let figures = need_figures(conn, design, &rules::score_sums(design, &totals))?;
    Ok((figures, totals.icc()))
}

fn need_figures(conn: &mut Conn, design: &Design, sums: &rules::ScoreSums) -> store::Result<NeedFigures> {
    let calibrations = needs::calibrations(conn, design)?;
    let calibrated_at = needs::calibrated_at(conn)?;
    Ok(rules::need_figures(design, sums, &calibrations, calibrated_at))
}

/// As [`segments`], at the end of a past day: segments from their history.
pub fn segments_as_of(
    conn: &mut Conn,
    design: &Design,
    day: NaiveDate,
    filter: &Filter,
) -> store::Result<SegmentFigures> {
    let past = past::companies(conn, design, day, filter)?;
    Ok(past::segment_figures(design, &past))
}

/// The companies at the end of a past day, with what they had then: for every other figure of that day.
pub fn companies_as_of(
    conn: &mut Conn,
    design: &Design,
    day: NaiveDate,
    filter: &Filter,
) -> store::Result<Vec<PastCompany>> {
    past::companies(conn, design, day, filter)
}

/// As [`overlay`], at the end of a past day: segments from their history, attributes as they are today,
/// because these have none.
pub fn overlay_as_of(
    conn: &mut Conn,
    design: &Design,
    day: NaiveDate,
    filter: &Filter,
    attribute: &str,
) -> store::Result<Overlay> {
    let past = past::companies(conn, design, day, filter)?;
    let values = queries::list_values_by_company(conn, &Chosen::new(design, day, &Filter::default()), attribute)?;
    let cells = past::cross_counts(&past, &values);
    Ok(rules::overlay(design, &cells, past.len() as i64))
}

/// Segments across the values of an attribute (METHOD.md section 7).
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// The active segments, in the framework's order.
    pub rows: Vec<String>,
    /// The values present, sorted.
    pub columns: Vec<String>,
    pub counts: Vec<Vec<u64>>,
    pub residuals: Vec<Vec<Option<f64>>>,
    pub revenue: Vec<Vec<f64>>,
    /// Companies without a segment or without a value.
    pub left_out: u64,
}

pub fn overlay(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
    attribute: &str,
) -> store::Result<Overlay> {
    let chosen = Chosen::new(design, today, filter);
    let cells = queries::list_cross_counts(conn, &chosen, attribute)?;
    let companies = queries::count_companies(conn, &chosen)?;
    Ok(rules::overlay(design, &cells, companies))
}

/// Sales tags against the survey, over the companies that have both (METHOD.md section 7).
#[derive(Debug, Clone, PartialEq)]
pub struct TagFigures {
    pub codes: Vec<String>,
    /// Rows the tag, columns the survey.
    pub table: Vec<Vec<u64>>,
    pub kappa: Option<f64>,
    /// Over the tags given before their author could see the survey's result.
    pub kappa_blind: Option<f64>,
}

pub fn sales_tags(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<TagFigures> {
    let chosen = Chosen::new(design, today, filter);
    Ok(rules::tag_figures(design, &queries::list_tag_counts(conn, &chosen)?))
}

/// All companies there are, whoever asks.
pub fn count_companies(conn: &mut Conn) -> store::Result<i64> {
    queries::count_all(conn)
}

/// An attribute that companies can be chosen by, with the values that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub values: Vec<String>,
    /// There are more values than are listed.
    pub is_cut: bool,
}

/// More values than these nobody chooses from.
const VALUES: usize = 60;

/// What companies can be chosen by: their columns, the bands of employees, whatever was imported.
/// Whoever sees the companies of some owners alone is offered what these have.
pub fn attributes(conn: &mut Conn, owners: Option<&[String]>) -> store::Result<Vec<Attribute>> {
    let (columns, imported) = match owners {
        None => (
            queries::list_column_values(conn)?,
            queries::list_attribute_values(conn, VALUES + 1)?,
        ),
        Some(owners) => (
            queries::list_column_values_of(conn, owners)?,
            queries::list_attribute_values_of(conn, owners)?,
        ),
    };
    Ok(rules::attributes(&columns, &imported, VALUES))
}

/// What a new installation needs before it has figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstSteps {
    pub has_framework: bool,
    pub has_contacts: bool,
    pub has_enrolments: bool,
}

pub fn first_steps(conn: &mut Conn, design: &Design) -> store::Result<FirstSteps> {
    Ok(FirstSteps {
        has_framework: !design.framework.needs.is_empty(),
        has_contacts: queries::has_contacts(conn)?,
        has_enrolments: queries::has_enrolments(conn)?,
    })
}

/// The companies asked for, on a day.
struct Chosen<'a> {
    filter: &'a Filter,
    /// Customers since this day or longer are long-standing; `None`: nobody is.
    cutoff: Option<NaiveDate>,
}

impl<'a> Chosen<'a> {
    fn new(design: &Design, today: NaiveDate, filter: &'a Filter) -> Chosen<'a> {
        Chosen {
            filter,
            cutoff: tenure::cutoff(today, design.framework.settings.tenure_threshold_months),
        }
    }
}
