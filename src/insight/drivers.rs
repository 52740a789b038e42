//! What drives customers: strategic, tactical, personal needs, by segment and tenure.
//!
//! A company's level is the mean of its scores on the needs of that level, as far as it has them;
//! each company counts once.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{ByTenure, Chosen, Filter, Sums, past, scores};
use crate::design::Design;
use crate::framework::{Code, Level};
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The levels that have a need, from the strategic to the personal.
    pub levels: Vec<LevelNeeds>,
    /// All companies, then the active segments in the framework's order, then those without one.
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LevelNeeds {
    pub level: Level,
    /// Their names, in the framework's order.
    pub needs: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub who: Who,
    /// By level, in the order of [`Figures::levels`].
    pub levels: Vec<Driver>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Everybody,
    Segment { code: Code, name: String },
    Unassigned,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// `None` where no company has a score on the level.
    pub overall: Option<Sample>,
    pub groups: ByTenure<Option<Sample>>,
}

/// In the order in which they are shown.
const LEVELS: [Level; 3] = [Level::Strategic, Level::Tactical, Level::Personal];

/// By segment (none: the companies without one), level and tenure: the companies' means.
pub(super) type Cells = BTreeMap<(Option<usize>, usize, Tenure), Sums>;

pub fn figures(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Figures> {
    let (levels, segments) = (places(design), scores::segments(conn, design)?);
    let mut cells = Cells::default();
    let mut own = vec![];
    scores::each(conn, design, &Chosen::new(design, today, filter), |company, figures| {
        own.clear();
        own.extend(figures.iter().map(|figure| Some(figure.as_ref()?.score)));
        let segment = segments.get(&company.id).copied();
        add(&mut cells, &levels, segment, company.tenure, &own);
    })?;
    Ok(fold(design, &cells))
}

/// As [`figures`], at the end of a past day.
pub fn figures_as_of(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<Figures> {
    let companies = past::companies(conn, design, day, filter)?;
    Ok(fold(design, &past::levels(design, &places(design), &companies)))
}

/// Adds a company's mean on each level that it has a score on.
pub(super) fn add(cells: &mut Cells, levels: &[usize], segment: Option<usize>, tenure: Tenure, scores: &[Option<f64>]) {
    for level in 0..LEVELS.len() {
        let of_level = levels.iter().zip(scores).filter(|(of, _)| **of == level);
        let (mut sum, mut n) = (0.0, 0);
        for score in of_level.filter_map(|(_, score)| *score) {
            sum += score;
            n += 1;
        }
        if n > 0 {
            cells
                .entry((segment, level, tenure))
                .or_default()
                .add(sum / f64::from(n));
        }
    }
}

fn level_needs(design: &Design, level: Level) -> Option<LevelNeeds> {
    let needs = design.framework.needs.iter().filter(|need| need.level == level);
    let needs: Vec<String> = needs.map(|need| need.name.clone()).collect();
    (!needs.is_empty()).then_some(LevelNeeds { level, needs })
}

/// Each need's level, by its place.
fn places(design: &Design) -> Vec<usize> {
    let place = |level| LEVELS.iter().position(|known| *known == level).unwrap_or(0);
    design.framework.needs.iter().map(|need| place(need.level)).collect()
}

fn fold(design: &Design, cells: &Cells) -> Figures {
    let levels: Vec<LevelNeeds> = LEVELS
        .into_iter()
        .filter_map(|level| level_needs(design, level))
        .collect();
    let driver = |level: Level, is_of: &dyn Fn(Option<usize>) -> bool| {
        let place = LEVELS.iter().position(|known| *known == level).unwrap_or(0);
        let total = |is_tenure: &dyn Fn(Tenure) -> bool| {
            let mut total = Sums::default();
            for ((segment, at, tenure), sums) in cells {
                if *at == place && is_tenure(*tenure) && is_of(*segment) {
                    total.join(sums);
                }
            }
            total.sample()
        };
        Driver {
            overall: total(&|_| true),
            groups: ByTenure::of(|tenure| total(&|of| of == tenure)),
        }
    };
    let group = |who: Who, is_of: &dyn Fn(Option<usize>) -> bool| Group {
        who,
        levels: levels.iter().map(|level| driver(level.level, is_of)).collect(),
    };
    let segments = design.framework.segments.iter().enumerate().map(|(place, segment)| {
        let who = Who::Segment {
            code: segment.code.clone(),
            name: segment.name.clone(),
        };
        group(who, &|of| of == Some(place))
    });
    let mut groups = vec![group(Who::Everybody, &|_| true)];
    groups.extend(segments);
    groups.push(group(Who::Unassigned, &|of| of.is_none()));
    Figures { groups, levels }
}
