//! The same rows as the queries give, as they would have been at the end of a past day.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::drivers::Cells;
use super::queries::{self, CrossCount, EvidenceCount, ScoredNeed, SegmentCount};
use super::scores::{self, Totals};
use super::{Chosen, Filter, SegmentFigures, drivers, rules};
use crate::design::Design;
use crate::ids::ContactId;
use crate::method::calibrate::Calibration;
use crate::method::score::Score;
use crate::method::tenure::Tenure;
use crate::needs::{self, Figure, Past};
use crate::store::{self, Conn};

/// A company as it stood then.
pub struct Company {
    pub id: i64,
    pub tenure: Tenure,
    /// 0 where it is not known.
    pub revenue: f64,
    /// The one in effect then, maybe archived since.
    pub segment: Option<String>,
    /// `None` before its first scored answer.
    past: Option<Past>,
}

/// The companies of today that pass the filter by what they had then.
pub fn companies(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<Vec<Company>> {
    let end = end_of(day);
    // What has a history is compared below, in the state of that day.
    let lasting = Filter {
        segment: vec![],
        from: None,
        to: None,
        ..filter.clone()
    };
    let rows = queries::list_companies(conn, &Chosen::new(design, day, &lasting))?;
    let mut segments = queries::list_segments_until(conn, end)?;
    let scored = needs::scores_until(conn, design, end)?;
    let mut scored: HashMap<i64, Past> = scored.into_iter().map(|past| (past.company.0, past)).collect();
    let then = rows.into_iter().map(|row| Company {
        id: row.id,
        tenure: row.tenure,
        revenue: row.revenue.unwrap_or(0.0),
        segment: segments.remove(&row.id).flatten(),
        past: scored.remove(&row.id),
    });
    Ok(then.filter(|company| passes(company, filter)).collect())
}

/// The day's last microsecond.
pub fn end_of(day: NaiveDate) -> NaiveDateTime {
    let midnight = day.and_time(NaiveTime::MIN);
    midnight
        .checked_add_signed(TimeDelta::days(1) - TimeDelta::microseconds(1))
        .unwrap_or(midnight)
}

fn passes(company: &Company, filter: &Filter) -> bool {
    let in_segment = filter.segment.is_empty()
        || company
            .segment
            .as_ref()
            .is_some_and(|segment| filter.segment.contains(segment));
    let answered = company.past.as_ref().map(|past| past.tally.answered_at.date());
    let since = filter.from.is_none_or(|from| answered.is_some_and(|day| day >= from));
    let until = filter.to.is_none_or(|to| answered.is_some_and(|day| day <= to));
    in_segment && since && until
}

/// What the companies came to on each need, added up.
pub fn totals(design: &Design, companies: &[Company]) -> Totals {
    let mut totals = Totals::new(design);
    let mut figures = vec![];
    for company in companies {
        let Some(past) = &company.past else { continue };
        let (id, tenure) = (company.id, company.tenure);
        let tally = &past.tally;
        figures.clear();
        figures.extend((0..tally.scores.len()).map(|need| {
            Some(Figure {
                score: tally.scores[need].as_ref()?.value,
                // Nothing that is added up asks how sure a score was.
                se: f64::NAN,
                r_wg: tally.r_wg[need],
                group: tally.groups[need]?,
            })
        }));
        totals.add(scores::Company { id, tenure }, &figures);
    }
    totals
}

pub fn segment_figures(design: &Design, companies: &[Company]) -> SegmentFigures {
    let (counts, evidence) = (segment_counts(companies), unassigned_evidence(companies));
    let answered = companies.iter().filter(|company| company.past.is_some()).count() as i64;
    let scored = unassigned_needs(design, companies);
    rules::segment_figures(design, &counts, answered, &evidence, &scored)
}

/// By segment and value, of the companies that had a segment and have a value.
pub fn cross_counts(companies: &[Company], values: &HashMap<i64, String>) -> Vec<CrossCount> {
    let mut cells: BTreeMap<(&str, &str), CrossCount> = BTreeMap::new();
    for company in companies {
        let (Some(segment), Some(value)) = (&company.segment, values.get(&company.id)) else {
            continue;
        };
        let cell = cells.entry((segment, value)).or_insert_with(|| CrossCount {
            segment: segment.clone(),
            value: value.clone(),
            companies: 0,
            revenue: 0.0,
        });
        cell.companies += 1;
        cell.revenue += company.revenue;
    }
    cells.into_values().collect()
}

fn segment_counts(companies: &[Company]) -> Vec<SegmentCount> {
    let mut counts: BTreeMap<(Option<&str>, Tenure), SegmentCount> = BTreeMap::new();
    for company in companies {
        let key = (company.segment.as_deref(), company.tenure);
        let count = counts.entry(key).or_insert_with(|| SegmentCount {
            segment: company.segment.clone(),
            tenure: company.tenure,
            companies: 0,
            revenue: 0.0,
        });
        count.companies += 1;
        count.revenue += company.revenue;
    }
    counts.into_values().collect()
}

/// Each company's mean score on each level that it has one on; `levels`: by need in framework order.
pub fn levels(design: &Design, levels: &[usize], companies: &[Company]) -> Cells {
    let mut cells = Cells::default();
    for company in companies {
        let segment = company.segment.as_deref().and_then(|code| design.segment_index(code));
        let scores: Vec<Option<f64>> = (0..levels.len()).map(|place| company.score(place)).collect();
        drivers::add(&mut cells, levels, segment, company.tenure, &scores);
    }
    cells
}

pub fn unassigned_evidence(companies: &[Company]) -> Vec<EvidenceCount> {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    for company in unassigned(companies) {
        *counts.entry(i64::from(company.answers())).or_default() += 1;
    }
    let count = |(answers, companies)| EvidenceCount { answers, companies };
    counts.into_iter().map(count).collect()
}

fn unassigned_needs(design: &Design, companies: &[Company]) -> Vec<ScoredNeed> {
    let enough = design.framework.settings.min_scored_answers;
    let able = unassigned(companies).filter(|company| company.answers() >= enough);
    let needs = |company: &Company| {
        let id = company.id;
        let scored = |place: &usize| company.score(*place).is_some();
        let places: Vec<usize> = (0..design.framework.needs.len()).filter(scored).collect();
        places.into_iter().map(move |place| ScoredNeed {
            company_id: id,
            need: design.framework.needs[place].code.clone(),
        })
    };
    able.flat_map(needs).collect()
}

fn unassigned(companies: &[Company]) -> impl Iterator<Item = &Company> {
    companies.iter().filter(|company| company.segment.is_none())
}

impl Company {
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Its scored answers up to then.
    pub fn answers(&self) -> u32 {
        self.past.as_ref().map_or(0, |past| past.tally.answers)
    }

    /// On the need at this place of the framework.
    pub fn score(&self, need: usize) -> Option<f64> {
        Some(self.full_score(need)?.value)
    }

    /// With what says how sure it is.
    pub fn full_score(&self, need: usize) -> Option<&Score> {
        self.past.as_ref()?.tally.scores.get(need)?.as_ref()
    }

    /// How far its contacts agreed; `None` with fewer than two.
    pub fn r_wg(&self, need: usize) -> Option<f64> {
        *self.past.as_ref()?.tally.r_wg.get(need)?
    }

    /// The survey's segment then, by its place in the framework.
    pub fn survey(&self, design: &Design, calibrations: &[Calibration]) -> Option<usize> {
        self.past.as_ref()?.survey(design, calibrations)
    }

    /// Each contact's own scores then, by need in framework order.
    pub fn own_scores(&self) -> &[(ContactId, Vec<Option<f64>>)] {
        self.past.as_ref().map_or(&[], |past| &past.contacts)
    }

    /// Its contacts with a scored answer up to then.
    pub fn contacts(&self) -> u64 {
        self.past
            .as_ref()
            .map_or(0, |past| u64::from(past.tally.contacts_answered))
    }
}
