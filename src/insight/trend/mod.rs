//! Needs and segments over time (METHOD.md section 4, "as of"), and who drifts to another segment.
//!
//! A wave is the last day of a month or quarter; the last one is the day looked back from. Each wave
//! is what [`super::needs_as_of`] and [`super::segments_as_of`] give for that day: scores from the
//! answers dated up to then and held today, the segment from its history, tenure on that day. The
//! scores come from what `needs` keeps by months, so that nobody waits for all answers to be read.

mod drift;
mod queries;
mod totals;
mod waves;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use self::drift::Seen;
use self::queries::Traits;
use self::totals::{Segments, Standing, Totals};
use super::past::{self, end_of};
use super::{Chosen, Filter, NeedFigures, SegmentFigures, need_figures, rules, scores};
use crate::design::Design;
use crate::method::{month, tenure};
use crate::needs::{self, Months, Point, Unready};
use crate::store::{self, Conn};

pub use drift::{HORIZON_MONTHS, LEAST_POINTS, LOOK_BACK};
pub use waves::{Every, name as wave_name};

/// A reader waits until so many companies are worked out from their answers, which takes seconds.
const MOST_AT_ONCE: u64 = 20_000;

/// A month has so many days, on average.
const DAYS_A_MONTH: f64 = 365.25 / 12.0;

/// How far to look back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub every: Every,
    /// Waves before the day looked back from.
    pub waves: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Oldest first; those before the first answer and the first segment are left out.
    pub waves: Vec<Wave>,
    /// Whoever would be first in another segment stands first.
    pub drifting: Vec<Drifting>,
    /// Companies that were scored at enough waves to tell.
    pub judged: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Wave {
    /// At whose end.
    pub day: NaiveDate,
    /// The day looked back from: its month or quarter may still run.
    pub is_last: bool,
    pub needs: NeedFigures,
    pub segments: SegmentFigures,
}

/// A company on its way to another segment; how that is worked out, [`drift`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct Drifting {
    pub external_id: String,
    pub name: String,
    /// Codes.
    pub from: String,
    pub to: String,
    /// Of its own segment over the other, at each wave.
    pub leads: Vec<f64>,
    pub lead: f64,
    pub fall: f64,
    /// How much of the lead goes in a month.
    pub pace: f64,
    pub months: f64,
    /// The standard error of the lead.
    pub noise: f64,
}

impl Drifting {
    /// The lead fell by more than answers would differ by chance (95 %).
    pub fn is_clear(&self) -> bool {
        self.fall > 1.96 * self.noise
    }
}

/// A company at the day looked back from.
struct Present {
    id: i64,
    segment: usize,
    /// On the needs in play, with their standard errors.
    scores: Vec<(f64, f64)>,
}

/// The look back from the end of `day`; where too much has to be worked out first, how much.
pub fn trend(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    day: NaiveDate,
    span: Span,
    filter: &Filter,
) -> store::Result<Result<Trend, Unready>> {
    // The same rows serve every day, because a wave reads no further than itself.
    let until = month::number(today) - 1;
    let kept = match needs::list_months(conn, design, until, MOST_AT_ONCE)? {
        Ok(kept) => kept,
        Err(unready) => return Ok(Err(unready)),
    };
    let ends = waves::ends(day, span.every, span.waves);
    let mut waves = past_waves(conn, design, &ends, filter, &kept)?;
    let (last, present) = match day == today {
        true => present_wave(conn, design, today, filter)?,
        false => past_wave(conn, design, day, filter)?,
    };
    waves.push(last);
    let first = waves.iter().position(|wave| {
        let has_scores = wave.needs.needs.iter().any(|need| need.overall.is_some());
        has_scores || wave.segments.assigned.sum() > 0
    });
    waves.drain(..first.unwrap_or(waves.len()));
    let (drifting, judged) = drifting(conn, design, day, &ends, &kept, &present)?;
    Ok(Ok(Trend {
        waves,
        drifting,
        judged,
    }))
}

fn past_waves(
    conn: &mut Conn,
    design: &Design,
    ends: &[i32],
    filter: &Filter,
    kept: &[Months],
) -> store::Result<Vec<Wave>> {
    let days: Vec<NaiveDate> = ends.iter().map(|end| month::last_day(*end)).collect();
    let Some(newest) = days.last() else { return Ok(vec![]) };
    // What has a history is compared below, in the state of each wave.
    let lasting = Filter {
        segment: vec![],
        tenure: vec![],
        from: None,
        to: None,
        ..filter.clone()
    };
    let companies = queries::list_traits(conn, &Chosen::new(design, *newest, &lasting))?;
    let changes = queries::list_changes_until(conn, end_of(*newest))?;
    let threshold = design.framework.settings.tenure_threshold_months;
    let cutoffs: Vec<Option<NaiveDate>> = days.iter().map(|day| tenure::cutoff(*day, threshold)).collect();
    let mut segments = Segments::default();
    let wanted: Vec<usize> = filter.segment.iter().map(|code| segments.number(code)).collect();
    let mut totals = vec![Totals::default(); ends.len()];
    let (mut kept, mut changes) = (
        Walk::new(kept, |months| months.company.0),
        Walk::new(&changes, |change| change.0),
    );
    for company in &companies {
        let points = kept.of(company.id).first().map_or(&[][..], |months| &months.points);
        let own = changes.of(company.id);
        for (wave, end) in ends.iter().enumerate() {
            let point = point_at(points, *end);
            let code = segment_at(own, end_of(days[wave]));
            let standing = Standing {
                tenure: tenure_of(company, cutoffs[wave]),
                revenue: company.revenue.unwrap_or(0.0),
                segment: code.map(|code| segments.number(code)),
                is_answered: point.is_some_and(|point| point.answered_at.is_some()),
                scores: point.map_or(&[], |point| &point.scores),
            };
            let answered = point.and_then(|point| point.answered_at).map(|at| at.date());
            let passes = (wanted.is_empty() || standing.segment.is_some_and(|segment| wanted.contains(&segment)))
                && (filter.tenure.is_empty() || filter.tenure.contains(&standing.tenure))
                && filter.from.is_none_or(|from| answered.is_some_and(|day| day >= from))
                && filter.to.is_none_or(|to| answered.is_some_and(|day| day <= to));
            if passes {
                totals[wave].add(&standing);
            }
        }
    }
    let count = design.framework.needs.len();
    let calibrations = needs::calibrations(conn, design)?;
    let calibrated_at = needs::calibrated_at(conn)?;
    let mut waves = Vec::with_capacity(ends.len());
    for (day, totals) in days.into_iter().zip(&totals) {
        waves.push(Wave {
            day,
            is_last: false,
            needs: rules::need_figures(design, &totals.score_sums(count), &calibrations, calibrated_at),
            segments: rules::segment_figures(design, &totals.segment_counts(&segments), totals.answered, &[], &[]),
        });
    }
    Ok(waves)
}

fn tenure_of(company: &Traits, cutoff: Option<NaiveDate>) -> tenure::Tenure {
    match company.since {
        None => tenure::Tenure::Unknown,
        Some(since) if cutoff.is_some_and(|cutoff| since <= cutoff) => tenure::Tenure::LongStanding,
        Some(_) => tenure::Tenure::New,
    }
}

fn point_at(points: &[Point], end: i32) -> Option<&Point> {
    points[..points.partition_point(|point| point.month <= end)].last()
}

fn segment_at(changes: &[(i64, NaiveDateTime, Option<String>)], end: NaiveDateTime) -> Option<&str> {
    let until = changes.partition_point(|(_, at, _)| *at <= end);
    changes[..until].last().and_then(|(_, _, segment)| segment.as_deref())
}

/// A list in the order of ids, walked through beside another one.
struct Walk<'a, T> {
    rest: &'a [T],
    id: fn(&T) -> i64,
}

impl<'a, T> Walk<'a, T> {
    fn new(rest: &'a [T], id: fn(&T) -> i64) -> Walk<'a, T> {
        Walk { rest, id }
    }

    /// The entries of this id; ids have to be asked for in their order.
    fn of(&mut self, id: i64) -> &'a [T] {
        let from = self.rest.iter().position(|entry| (self.id)(entry) >= id);
        self.rest = &self.rest[from.unwrap_or(self.rest.len())..];
        let until = self.rest.iter().position(|entry| (self.id)(entry) != id);
        let (own, rest) = self.rest.split_at(until.unwrap_or(self.rest.len()));
        self.rest = rest;
        own
    }
}

fn present_wave(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
) -> store::Result<(Wave, Vec<Present>)> {
    let wave = Wave {
        day: today,
        is_last: true,
        needs: super::needs(conn, design, today, filter)?,
        segments: super::segments(conn, design, today, filter)?,
    };
    let surveyed = scores::surveyed(conn, design)?;
    let in_play = design.profiles.in_play();
    let mut present = vec![];
    scores::each(conn, design, &Chosen::new(design, today, filter), |company, figures| {
        let Some(segment) = surveyed.get(&company.id) else {
            return;
        };
        let score = |need: &usize| figures[*need].map(|figure| (figure.score, figure.se));
        present.extend(in_play.iter().map(score).collect::<Option<_>>().map(|scores| Present {
            id: company.id,
            segment: *segment,
            scores,
        }));
    })?;
    Ok((wave, present))
}

fn past_wave(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<(Wave, Vec<Present>)> {
    let companies = past::companies(conn, design, day, filter)?;
    let wave = Wave {
        day,
        is_last: true,
        needs: need_figures(
            conn,
            design,
            &rules::score_sums(design, &past::totals(design, &companies)),
        )?,
        segments: past::segment_figures(design, &companies),
    };
    let calibrations = needs::calibrations(conn, design)?;
    let in_play = design.profiles.in_play();
    let present = companies.iter().filter_map(|company| {
        let score = |need: &usize| {
            let score = company.full_score(*need)?;
            Some((score.value, score.se(&calibrations[*need])))
        };
        Some(Present {
            id: company.id,
            segment: design.segment_index(company.segment.as_deref()?)?,
            scores: in_play.iter().map(score).collect::<Option<_>>()?,
        })
    });
    Ok((wave, present.collect()))
}

/// The companies that drift, and how many could be judged.
fn drifting(
    conn: &mut Conn,
    design: &Design,
    day: NaiveDate,
    ends: &[i32],
    kept: &[Months],
    present: &[Present],
) -> store::Result<(Vec<Drifting>, u64)> {
    let ends = &ends[ends.len().saturating_sub(LOOK_BACK - 1)..];
    let before = |end: &i32| -((day - month::last_day(*end)).num_days() as f64) / DAYS_A_MONTH;
    let in_play = design.profiles.in_play();
    let code = |segment: usize| design.framework.segments[segment].code.clone();
    let mut kept = Walk::new(kept, |months| months.company.0);
    let (mut found, mut judged) = (HashMap::new(), 0);
    for company in present {
        let points = kept.of(company.id).first().map_or(&[][..], |months| &months.points);
        let seen = |end: &i32| {
            let scores = &point_at(points, *end)?.scores;
            let scores = in_play.iter().map(|need| *scores.get(*need)?).collect::<Option<_>>()?;
            Some(Seen {
                months: before(end),
                scores,
            })
        };
        let mut seen: Vec<Seen> = ends.iter().filter_map(seen).collect();
        seen.push(Seen {
            months: 0.0,
            scores: company.scores.iter().map(|(score, _)| *score).collect(),
        });
        judged += u64::from(seen.len() >= LEAST_POINTS);
        if let Some(drift) = drift::drift(&design.profiles, company.segment, &seen) {
            found.insert(company.id, (company, drift));
        }
    }
    if found.is_empty() {
        return Ok((vec![], judged));
    }
    let everyone = Filter::default();
    let mut drifting = Vec::with_capacity(found.len());
    for named in queries::list_names(conn, &Chosen::new(design, day, &everyone))? {
        let Some((company, drift)) = found.remove(&named.id) else {
            continue;
        };
        let se: Vec<f64> = company.scores.iter().map(|(_, se)| *se).collect();
        drifting.push(Drifting {
            external_id: named.external_id,
            name: named.name,
            from: code(company.segment),
            to: code(drift.to),
            lead: drift.lead(),
            fall: drift.fall(),
            pace: drift.pace,
            months: drift.months,
            noise: drift::noise(&design.profiles, company.segment, drift.to, &se),
            leads: drift.leads,
        });
    }
    drifting.sort_by(|a, b| {
        a.months
            .total_cmp(&b.months)
            .then_with(|| a.external_id.cmp(&b.external_id))
    });
    Ok((drifting, judged))
}
