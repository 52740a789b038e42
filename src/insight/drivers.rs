//! What drives customers: strategic, tactical, personal needs, by segment and tenure.
//!
//! A company's level is the mean of its scores on the needs of that level, as far as it has them;
//! each company counts once.

pub(super) mod queries;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use self::queries::DriverSums;
use super::{ByTenure, Chosen, Filter, Sums, past};
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

pub fn figures(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Figures> {
    let rows = match design.framework.needs.is_empty() {
        true => vec![],
        false => queries::list_sums(conn, &Chosen::new(design, today, filter), &places(design))?,
    };
    Ok(fold(design, &rows))
}

/// As [`figures`], at the end of a past day.
pub fn figures_as_of(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<Figures> {
    let companies = past::companies(conn, design, day, filter)?;
    let levels: Vec<i64> = places(design).into_iter().map(|(_, level)| level).collect();
    Ok(fold(design, &past::driver_sums(&levels, &companies)))
}

fn level_needs(design: &Design, level: Level) -> Option<LevelNeeds> {
    let needs = design.framework.needs.iter().filter(|need| need.level == level);
    let needs: Vec<String> = needs.map(|need| need.name.clone()).collect();
    (!needs.is_empty()).then_some(LevelNeeds { level, needs })
}

/// Each need's code, with the place of its level.
fn places(design: &Design) -> Vec<(&str, i64)> {
    let place = |level| LEVELS.iter().position(|known| *known == level).unwrap_or(0) as i64;
    let needs = design.framework.needs.iter();
    needs.map(|need| (need.code.as_str(), place(need.level))).collect()
}

fn fold(design: &Design, rows: &[DriverSums]) -> Figures {
    let levels: Vec<LevelNeeds> = LEVELS
        .into_iter()
        .filter_map(|level| level_needs(design, level))
        .collect();
    // A segment that was archived is no segment to the reader.
    let known = |row: &DriverSums| row.segment.as_deref().and_then(|code| design.segment_index(code));
    let mut cells: BTreeMap<(Option<usize>, i64, Tenure), Sums> = BTreeMap::new();
    for row in rows {
        let cell = cells.entry((known(row), row.level, row.tenure)).or_default();
        cell.join(&row.sums());
    }
    let driver = |level: Level, is_of: &dyn Fn(Option<usize>) -> bool| {
        let place = LEVELS.iter().position(|known| *known == level).unwrap_or(0) as i64;
        let total = |is_tenure: &dyn Fn(Tenure) -> bool| {
            let mut total = Sums::default();
            for ((segment, at, tenure), sums) in &cells {
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
