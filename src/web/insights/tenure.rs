//! Why they came, why they stay: new customers beside long-standing ones.

use std::sync::Arc;

use askama::Template;

use super::frame::{Asked, Desk, Frame, InsightPage, Shown, Tab};
use super::overview;
use super::table::{Cell, Column, Table};
use super::wording::{self, Block};
use crate::design::Design;
use crate::insight::chart::forest::{self, Difference, Forest};
use crate::insight::chart::quadrant::{self, Quadrant};
use crate::insight::chart::{self, IntervalChart};
use crate::insight::wording as counted;
use crate::insight::wording::{Met, MetFigure, Standing};
use crate::insight::{self, ByTenure, NeedFigure, NeedFigures, SegmentFigures, Verdict};
use crate::method::compare::Sample;
use crate::method::power;
use crate::method::tenure::Tenure;
use crate::needs::{self, Badge, Confirmed};
use crate::store::Conn;
use crate::text::figures as text;
use crate::web::error::AppError;
use crate::web::figures::{self, SegmentRow};
use crate::web::session::Analyst;

struct Figures {
    needs: NeedFigures,
    segments: SegmentFigures,
    confirmed: Confirmed,
}

#[derive(Template)]
#[template(path = "insights/tenure.html")]
pub struct Show {
    frame: Frame,
    /// What matters most to the new, and to the long-standing.
    came: Vec<Reason>,
    stay: Vec<Reason>,
    findings: Vec<Finding>,
    chart: Option<IntervalChart>,
    differences: Option<Forest>,
    needs: Table,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
    segment_differences: Option<Forest>,
    by_segment: Table,
    /// Answers are still being counted.
    is_counting: bool,
    quadrant: Option<Quadrant>,
    met_findings: Vec<MetFinding>,
    /// Some question asks how well a need is met.
    asks_for_met: bool,
    met: Table,
    sets: Vec<WordSet>,
    wording: Table,
}

/// A need and its mean in one group.
struct Reason {
    name: String,
    mean: String,
    interval: String,
    bar: f64,
}

struct Finding {
    name: String,
    badge: Badge,
    verdict: Verdict,
    words: String,
}

struct MetFinding {
    letter: String,
    name: String,
    /// One for each tenure that may be told of.
    words: Vec<(String, &'static str, String)>,
}

struct WordSet {
    title: String,
    blocks: Vec<Block>,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.needs, &self.by_segment, &self.met, &self.wording]
    }
}

/// `GET /insights/tenure`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let (mut frame, read) = desk.read(Tab::Tenure, &[], figures_of).await?;
    let said = desk
        .later(&mut frame, "wording", &[], |conn, design, asked| {
            Ok(counted::figures(
                conn,
                design,
                asked.today,
                asked.past(),
                &asked.filter,
            )?)
        })
        .await?;
    let said = said.as_deref();
    let met = said.map_or(&[][..], |said| &said.met);
    Ok(Shown(Show {
        came: reasons(&read.needs, Tenure::New),
        stay: reasons(&read.needs, Tenure::LongStanding),
        findings: read
            .needs
            .needs
            .iter()
            .map(|need| finding(need, &read.confirmed))
            .collect(),
        chart: figures::need_chart(&read.needs),
        differences: forest::forest(read.needs.needs.iter().map(need_difference)),
        needs: needs_table(&read.needs).under_chart(),
        segment_rows: figures::segment_rows(&read.segments),
        independence: figures::independence(&read.segments),
        segment_differences: forest::forest(read.segments.segments.iter().map(segment_difference)),
        by_segment: overview::by_segment(&frame, &read.segments),
        is_counting: said.is_none(),
        quadrant: quadrant::quadrant(&met.iter().map(quadrant_need).collect::<Vec<_>>()),
        met_findings: met.iter().enumerate().map(met_finding).collect(),
        asks_for_met: !crate::framework::met::pairs(&frame.design.framework).is_empty(),
        met: met_table(met).under_chart(),
        sets: said.map_or(vec![], word_sets),
        wording: wording::table(said),
        frame,
    }))
}

fn figures_of(conn: &mut Conn, design: &Arc<Design>, asked: &Asked) -> Result<Figures, AppError> {
    let confirmed = needs::confirmed(conn, design)?;
    let (day, filter) = (asked.day, &asked.filter);
    let (needs, segments) = match asked.past() {
        None => (
            insight::needs(conn, design, day, filter)?,
            insight::segments(conn, design, day, filter)?,
        ),
        Some(day) => (
            insight::needs_as_of(conn, design, day, filter)?.0,
            insight::segments_as_of(conn, design, day, filter)?,
        ),
    };
    Ok(Figures {
        needs,
        segments,
        confirmed,
    })
}

/// More reasons than these are no answer to "why".
const REASONS: usize = 5;

/// The needs that score highest in a group, the highest first.
fn reasons(found: &NeedFigures, tenure: Tenure) -> Vec<Reason> {
    let of_group = |need: &NeedFigure| Some((need.name.clone(), (*need.groups.get(tenure))?));
    let mut scored: Vec<(String, Sample)> = found.needs.iter().filter_map(of_group).collect();
    // Equal means keep the framework's order.
    scored.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
    scored.truncate(REASONS);
    let reason = |(name, sample): (String, Sample)| Reason {
        name,
        mean: text::number(sample.mean, 0),
        interval: sample.interval_95().map_or_else(
            || "one company".to_owned(),
            |(low, high)| {
                let (low, high) = (text::number(low.max(0.0), 0), text::number(high.min(100.0), 0));
                format!("{low} to {high}")
            },
        ),
        bar: chart::bar_percent(sample.mean, 100.0),
    };
    scored.into_iter().map(reason).collect()
}

/// The smallest true difference that these companies would have shown four times in five.
fn smallest_found(need: &NeedFigure) -> Option<f64> {
    power::smallest_found(need.groups.new.as_ref()?, need.groups.long_standing.as_ref()?)
}

fn finding(need: &NeedFigure, confirmed: &Confirmed) -> Finding {
    let (verdict, words) = match &need.comparison {
        Err(why) => (Verdict::CannotTell, format!("{why}.")),
        Ok(comparison) => {
            let found = comparison.figures;
            let verdict = Verdict::of_p(comparison.p_adjusted);
            let mean = |sample: Option<Sample>| sample.map_or_else(String::new, |s| text::number(s.mean, 0));
            let (new, long_standing) = (mean(need.groups.new), mean(need.groups.long_standing));
            let points = |x: f64| text::difference(x, 1);
            let off = format!(
                "{new} against {long_standing}, {} points, 95\u{202f}% {} to {}",
                points(found.difference),
                points(found.low),
                points(found.high)
            );
            let words = match verdict {
                Verdict::CannotTell => format!(
                    "with {}: {off}. {}",
                    figures::counted(companies(need), "company", "companies"),
                    shown_by(need)
                ),
                _ => format!(
                    "{} to {} customers: {off}, {}.",
                    "matters more",
                    if found.difference > 0.0 { "new" } else { "long-standing" },
                    size_word(found.hedges_g)
                ),
            };
            (verdict, words)
        }
    };
    Finding {
        name: need.name.clone(),
        badge: confirmed.badge(&need.code),
        verdict,
        words,
    }
}

fn companies(need: &NeedFigure) -> u64 {
    let n = |sample: Option<Sample>| sample.map_or(0, |sample| sample.n);
    n(need.groups.new) + n(need.groups.long_standing)
}

fn shown_by(need: &NeedFigure) -> String {
    match smallest_found(need) {
        Some(least) if least < 100.0 => format!(
            "So many would have shown a true difference of {} points, four times in five.",
            text::number(least, 0)
        ),
        Some(_) => "So few could hardly have shown any difference.".to_owned(),
        None => String::new(),
    }
}

/// Hedges' g in Cohen's (1988) words.
fn size_word(hedges_g: Option<f64>) -> String {
    let Some(g) = hedges_g else {
        return "a difference without any spread".to_owned();
    };
    let word = match g.abs() {
        0.8.. => "large",
        0.5.. => "medium",
        0.2.. => "small",
        _ => "very small",
    };
    format!("a {word} difference (g {})", text::number(g.abs(), 2))
}

fn need_difference(need: &NeedFigure) -> (String, Option<Difference>) {
    let found = need.comparison.as_ref().ok().map(|comparison| Difference {
        value: comparison.figures.difference,
        low: comparison.figures.low,
        high: comparison.figures.high,
        is_called: Verdict::of_p(comparison.p_adjusted) != Verdict::CannotTell,
    });
    (need.name.clone(), found)
}

fn segment_difference(segment: &insight::SegmentFigure) -> (String, Option<Difference>) {
    let found = segment.comparison.map(|shares| Difference {
        value: 100.0 * shares.difference,
        low: 100.0 * shares.low,
        high: 100.0 * shares.high,
        is_called: Verdict::of_interval(shares.low, shares.high) != Verdict::CannotTell,
    });
    (segment.name.clone(), found)
}

fn needs_table(found: &NeedFigures) -> Table {
    let mut columns = vec![Column::text("need", "Need")];
    for tenure in Tenure::ALL {
        let (code, word) = (tenure.as_str(), figures::tenure_word(tenure));
        columns.extend([
            Column::figure(format!("{code}_companies"), format!("{word}: companies")),
            Column::figure(format!("{code}_mean"), "mean"),
            Column::figure(format!("{code}_low"), "95 % from"),
            Column::figure(format!("{code}_high"), "to"),
            Column::figure(format!("{code}_sd"), "SD"),
        ]);
    }
    columns.extend([
        Column::figure("difference", "New less long-standing"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("hedges_g", "Hedges’ g"),
        Column::figure("p", "p"),
        Column::figure("p_adjusted", "p adjusted"),
        Column::text("verdict", "In a word"),
        Column::figure("smallest_found", "Would have shown"),
    ]);
    let row = |need: &NeedFigure| {
        let mut row = vec![Cell::text(&need.name)];
        for tenure in Tenure::ALL {
            row.extend(sample_cells(need.groups.get(tenure).as_ref()));
        }
        let comparison = need.comparison.as_ref().ok();
        let found = comparison.map(|comparison| comparison.figures);
        let adjusted = comparison.and_then(|comparison| comparison.p_adjusted);
        row.extend([
            Cell::difference(found.map(|found| found.difference), 1),
            Cell::difference(found.map(|found| found.low), 1),
            Cell::difference(found.map(|found| found.high), 1),
            Cell::number(found.and_then(|found| found.hedges_g), 2),
            Cell::number(found.and_then(|found| found.p), 3),
            Cell::number(adjusted, 3),
            Cell::text(verdict_word(Verdict::of_p(adjusted))),
            Cell::number(smallest_found(need), 1),
        ]);
        row
    };
    let note = "p is adjusted over the needs by Benjamini and Hochberg. Clear: p adjusted below 0.01; likely: below 0.05. \
                “Would have shown”: the smallest true difference that so many companies, spread like these, find \
                at the 5 % level four times in five (Bloom’s minimum detectable effect).";
    Table::new(
        "needs",
        "Needs of new and of long-standing customers",
        columns,
        found.needs.iter().map(row).collect(),
    )
    .note(note)
}

/// Companies, mean, interval and spread of a group.
pub fn sample_cells(sample: Option<&Sample>) -> Vec<Cell> {
    let interval = sample.and_then(Sample::interval_95);
    vec![
        Cell::Count(sample.map_or(0, |sample| sample.n)),
        Cell::number(sample.map(|sample| sample.mean), 1),
        Cell::number(interval.map(|(low, _)| low.max(0.0)), 1),
        Cell::number(interval.map(|(_, high)| high.min(100.0)), 1),
        Cell::number(sample.and_then(|sample| sample.sd), 1),
    ]
}

pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => "clear",
        Verdict::Likely => "likely",
        Verdict::CannotTell => "cannot tell",
    }
}

fn quadrant_need(figure: &MetFigure) -> quadrant::Need {
    let place = |met: &Met| (met.satisfaction.mean, met.importance.mean);
    quadrant::Need {
        name: figure.name.clone(),
        groups: ByTenure::of(|tenure| figure.groups.get(tenure).as_ref().map(place)),
    }
}

fn met_finding((place, figure): (usize, &MetFigure)) -> MetFinding {
    let words = Tenure::ALL.into_iter().filter_map(|tenure| {
        let met = (*figure.groups.get(tenure))?;
        let (badge, word) = standing_word(met.standing);
        let off = text::number(met.gap.mean.abs(), 0);
        let off = match met.gap.mean > 0.0 {
            true => format!("{off} points short"),
            false => format!("{off} points beyond"),
        };
        let figures = format!(
            "important {}, met {}, {off}, with {}",
            text::number(met.importance.mean, 0),
            text::number(met.satisfaction.mean, 0),
            figures::counted(met.gap.n, "company", "companies")
        );
        Some((
            figures::tenure_word(tenure).to_owned(),
            badge,
            format!("{word}: {figures}"),
        ))
    });
    MetFinding {
        letter: quadrant::letter(place),
        name: figure.name.clone(),
        words: words.collect(),
    }
}

/// The badge's class, and what it says.
fn standing_word(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Open => ("badge-warn", "matters more than it is met"),
        Standing::Satisfied => ("badge-done", "already satisfied"),
        Standing::MattersLittle => ("", "matters little"),
        Standing::CannotTell => ("", "cannot tell"),
    }
}

fn met_table(found: &[MetFigure]) -> Table {
    let columns = vec![
        Column::text("need", "Need"),
        Column::text("group", "Group"),
        Column::figure("companies", "Companies"),
        Column::figure("importance", "Importance"),
        Column::figure("importance_low", "95 % from"),
        Column::figure("importance_high", "to"),
        Column::figure("satisfaction", "Met"),
        Column::figure("satisfaction_low", "95 % from"),
        Column::figure("satisfaction_high", "to"),
        Column::figure("gap", "Importance less met"),
        Column::figure("gap_low", "95 % from"),
        Column::figure("gap_high", "to"),
        Column::text("standing", "In a word"),
    ];
    let row = |figure: &MetFigure, tenure: Tenure| {
        let mut row = vec![Cell::text(&figure.name), Cell::text(figures::tenure_word(tenure))];
        match figure.groups.get(tenure) {
            None => row.extend((0..10).map(|_| Cell::Hidden).chain([Cell::Missing])),
            Some(met) => {
                row.push(Cell::Count(met.gap.n));
                for sample in [&met.importance, &met.satisfaction] {
                    let interval = sample.interval_95();
                    row.extend([
                        Cell::number(sample.mean, 1),
                        Cell::number(interval.map(|(low, _)| low.max(0.0)), 1),
                        Cell::number(interval.map(|(_, high)| high.min(100.0)), 1),
                    ]);
                }
                let interval = met.gap.interval_95();
                row.extend([
                    Cell::difference(met.gap.mean, 1),
                    Cell::difference(interval.map(|(low, _)| low), 1),
                    Cell::difference(interval.map(|(_, high)| high), 1),
                    Cell::text(standing_word(met.standing).1),
                ]);
            }
        }
        row
    };
    let rows = found
        .iter()
        .flat_map(|figure| Tenure::ALL.map(|tenure| row(figure, tenure)));
    Table::new("met", "Importance and how well it is met", columns, rows.collect()).note(
        "Both from 0 to 100 of their scales, each company counted once: the mean of its contacts’ newest answers. \
         Only companies that said both.",
    )
}

fn word_sets(found: &counted::Figures) -> Vec<WordSet> {
    let set = |set: &counted::SetFigures| WordSet {
        title: set.title.clone(),
        blocks: wording::blocks(set),
    };
    found.sets.iter().map(set).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_difference_is_a_word() {
        assert_eq!(size_word(Some(-0.9)), "a large difference (g 0.90)");
        assert_eq!(size_word(Some(0.2)), "a small difference (g 0.20)");
        assert_eq!(size_word(None), "a difference without any spread");
    }
}
