//! All figures in full: for analysts who want the numbers behind the dashboard, today or on a past day.

use std::sync::Arc;

use askama::Template;

use super::frame::{Asked, Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use crate::design::Design;
use crate::insight::chart::IntervalChart;
use crate::insight::{self, NeedFigures, SegmentFigures, Verdict};
use crate::method::agreement::Icc;
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;
use crate::needs::{self, Confirmed};
use crate::store::Conn;
use crate::text::figures as text;
use crate::web::error::AppError;
use crate::web::figures::{self, NeedRow, SegmentRow};
use crate::web::session::Analyst;

struct Figures {
    needs: NeedFigures,
    icc: Vec<Icc>,
    segments: SegmentFigures,
    confirmed: Confirmed,
}

#[derive(Template)]
#[template(path = "insights/overview.html")]
pub struct Show {
    frame: Frame,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
    chart: Option<IntervalChart>,
    need_rows: Vec<NeedRow>,
    calibrated_at: Option<String>,
    by_segment: Table,
    scores: Table,
    spreads: Table,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.by_segment, &self.scores, &self.spreads]
    }
}

/// `GET /insights`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let (frame, read) = desk.read(Tab::Overview, &[], figures_of).await?;
    Ok(Shown(Show {
        segment_rows: figures::segment_rows(&read.segments),
        independence: figures::independence(&read.segments),
        chart: figures::need_chart(&read.needs),
        need_rows: figures::need_rows(&read.needs, &read.confirmed),
        calibrated_at: read.needs.calibrated_at.map(text::date_time),
        by_segment: by_segment(&frame, &read.segments),
        scores: scores(&read.needs).under_chart(),
        spreads: spreads(&read.needs, &read.icc),
        frame,
    }))
}

fn figures_of(conn: &mut Conn, design: &Arc<Design>, asked: &Asked) -> Result<Figures, AppError> {
    let confirmed = needs::confirmed(conn, design)?;
    let (day, filter) = (asked.day, &asked.filter);
    let ((needs, icc), segments) = match asked.past() {
        None => {
            let needs = insight::needs_and_agreement(conn, design, day, filter)?;
            (needs, insight::segments(conn, design, day, filter)?)
        }
        Some(day) => {
            let needs = insight::needs_as_of(conn, design, day, filter)?;
            (needs, insight::segments_as_of(conn, design, day, filter)?)
        }
    };
    Ok(Figures {
        needs,
        icc,
        segments,
        confirmed,
    })
}

/// Companies by segment, with the shares by tenure and their difference.
pub fn by_segment(frame: &Frame, found: &SegmentFigures) -> Table {
    let mut columns = vec![
        Column::text("segment", "Segment"),
        Column::figure("companies", "Companies"),
        Column::figure("share", "Share"),
        Column::figure("revenue", "Revenue"),
    ];
    for tenure in Tenure::ALL {
        let word = figures::tenure_word(tenure);
        columns.push(Column::figure(
            format!("companies_{}", tenure.as_str()),
            format!("{word}: companies"),
        ));
        columns.push(Column::figure(format!("share_{}", tenure.as_str()), "share"));
    }
    columns.extend([
        Column::figure("difference", "New less long-standing"),
        Column::figure("low", "from"),
        Column::figure("high", "to"),
    ]);
    let row = |figure: &insight::SegmentFigure| {
        let companies = frame.companies(&[("segment", &figure.code)]);
        let mut row = vec![
            Cell::text(&figure.name),
            Cell::Count(figure.count).linked(companies),
            Cell::share(figure.share),
            Cell::Money(figure.revenue),
        ];
        for tenure in Tenure::ALL {
            let group = figure.groups.get(tenure);
            row.extend([Cell::Count(group.count), Cell::share(group.share)]);
        }
        let shares = figure.comparison;
        row.extend([
            Cell::difference(shares.map(|shares| shares.difference), 2),
            Cell::difference(shares.map(|shares| shares.low), 2),
            Cell::difference(shares.map(|shares| shares.high), 2),
        ]);
        row
    };
    Table::new(
        "segments",
        "Companies by segment",
        columns,
        found.segments.iter().map(row).collect(),
    )
    .under_chart()
}

/// Mean score of each need by group, with its interval.
pub fn scores(found: &NeedFigures) -> Table {
    let columns = vec![
        Column::text("need", "Need"),
        Column::text("group", "Group"),
        Column::figure("companies", "Companies"),
        Column::figure("mean", "Mean"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("sd", "SD"),
    ];
    let row = |need: &insight::NeedFigure, group: &str, sample: Option<&Sample>| {
        let interval = sample.and_then(Sample::interval_95);
        vec![
            Cell::text(&need.name),
            Cell::text(group),
            Cell::Count(sample.map_or(0, |sample| sample.n)),
            Cell::number(sample.map(|sample| sample.mean), 1),
            Cell::number(interval.map(|(low, _)| low.max(0.0)), 1),
            Cell::number(interval.map(|(_, high)| high.min(100.0)), 1),
            Cell::number(sample.and_then(|sample| sample.sd), 1),
        ]
    };
    let rows = found.needs.iter().flat_map(|need| {
        let groups = Tenure::ALL.map(|tenure| {
            let sample = need.groups.get(tenure).as_ref();
            row(need, figures::tenure_word(tenure), sample)
        });
        [row(need, "all", need.overall.as_ref())].into_iter().chain(groups)
    });
    Table::new("needs", "Mean score of each need", columns, rows.collect())
}

/// New against long-standing for each need, and how sure that is in a word.
pub fn differences(found: &NeedFigures) -> Table {
    let columns = vec![
        Column::text("need", "Need"),
        Column::text("verdict", "How sure"),
        Column::figure("difference", "New less long-standing"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("p_adjusted", "p adjusted"),
    ];
    let row = |need: &insight::NeedFigure| {
        let compared = need.comparison.as_ref().ok();
        let figures = compared.map(|compared| compared.figures);
        let verdict = match (&need.comparison, compared.and_then(|compared| compared.p_adjusted)) {
            (Err(why), _) => why.clone(),
            (Ok(_), p) => verdict_word(Verdict::of_p(p)).to_owned(),
        };
        vec![
            Cell::text(&need.name),
            Cell::text(verdict),
            Cell::difference(figures.map(|found| found.difference), 1),
            Cell::difference(figures.map(|found| found.low), 1),
            Cell::difference(figures.map(|found| found.high), 1),
            Cell::number(compared.and_then(|found| found.p_adjusted), 3),
        ]
    };
    let rows = found.needs.iter().map(row).collect();
    Table::new("differences", "New against long-standing", columns, rows)
}

/// As the badge says it.
fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => "clear",
        Verdict::Likely => "likely",
        Verdict::CannotTell => "cannot tell",
    }
}

/// What stands behind a need's difference, and behind its scores.
fn spreads(found: &NeedFigures, icc: &[Icc]) -> Table {
    let columns = vec![
        Column::text("need", "Need"),
        Column::figure("difference", "New less long-standing"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("p", "p"),
        Column::figure("p_adjusted", "p adjusted"),
        Column::figure("hedges_g", "Hedges’ g"),
        Column::figure("icc1", "ICC(1)"),
        Column::figure("icc2", "ICC(2)"),
        Column::figure("sd_within", "SD within"),
        Column::figure("sd_between", "SD between"),
    ];
    let row = |(need, icc): (&insight::NeedFigure, &Icc)| {
        let compared = need.comparison.as_ref().ok();
        let figures = compared.map(|compared| compared.figures);
        vec![
            Cell::text(&need.name),
            Cell::difference(figures.map(|found| found.difference), 1),
            Cell::difference(figures.map(|found| found.low), 1),
            Cell::difference(figures.map(|found| found.high), 1),
            Cell::number(figures.and_then(|found| found.p), 3),
            Cell::number(compared.and_then(|found| found.p_adjusted), 3),
            Cell::number(figures.and_then(|found| found.hedges_g), 2),
            Cell::number(icc.icc1, 2),
            Cell::number(icc.icc2, 2),
            Cell::number(need.calibration.sigma2.sqrt(), 1),
            Cell::number(need.calibration.tau2.sqrt(), 1),
        ]
    };
    let rows = found.needs.iter().zip(icc).map(row).collect();
    Table::new("sure", "Differences and spreads of the needs", columns, rows)
}
