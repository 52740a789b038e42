//! All figures in full: for analysts who want the numbers behind the dashboard, today or on a past day.

use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use crate::clock::Clock;
use crate::companies::listing::{self, Column};
use crate::design;
use crate::insight::chart::IntervalChart;
use crate::insight::{self, NeedFigure, NeedFigures, Verdict};
use crate::method::agreement::Icc;
use crate::needs::{self, Badge, Confirmed};
use crate::store::Db;
use crate::text::figures as text;

use super::dashboard;
use super::error::{AppError, Fault};
use super::figures::{self, FilterForm, NeedRow, SegmentRow};
use super::page::Page;
use super::session::Analyst;

#[derive(Template)]
#[template(path = "insights/index.html")]
pub struct Index {
    day: NaiveDate,
    today: NaiveDate,
    form: FilterForm,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
    chart: Option<IntervalChart>,
    need_rows: Vec<NeedRow>,
    details: Vec<Detail>,
    calibrated_at: Option<String>,
}

/// What stands behind a need's difference, and behind its scores.
struct Detail {
    name: String,
    badge: Badge,
    difference: String,
    verdict: Verdict,
    p: String,
    p_adjusted: String,
    hedges_g: String,
    icc1: String,
    icc2: String,
    within: String,
    between: String,
}

/// `GET /insights`
pub async fn index(
    _: Analyst,
    db: Data<Db>,
    clock: Data<Clock>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Page<Index>, AppError> {
    let today = clock.now().date();
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let (days, rest): (Vec<_>, Vec<_>) = parameters
                .into_inner()
                .into_iter()
                .partition(|(name, _)| name == "as_of");
            let day = past_day(&days, today)?;
            let filter = dashboard::filter(&rest, &design)?;
            let industries = listing::list_values(conn, &listing::Viewer::All, Column::Industry)?;
            let countries = listing::list_values(conn, &listing::Viewer::All, Column::Country)?;
            let confirmed = needs::confirmed(conn, &design)?;
            let ((needs, icc), segments) = if day == today {
                let needs = insight::needs(conn, &design, today, &filter)?;
                let icc = insight::agreement(conn, &design, today, &filter)?;
                ((needs, icc), insight::segments(conn, &design, today, &filter)?)
            } else {
                let needs = insight::needs_as_of(conn, &design, day, &filter)?;
                (needs, insight::segments_as_of(conn, &design, day, &filter)?)
            };
            Ok::<_, AppError>(Index {
                day,
                today,
                form: FilterForm::new(&design, &filter, &industries, &countries),
                segment_rows: figures::segment_rows(&segments),
                independence: figures::independence(&segments),
                chart: figures::need_chart(&needs),
                need_rows: figures::need_rows(&needs, &confirmed),
                details: details(&needs, &icc, &confirmed),
                calibrated_at: needs.calibrated_at.map(text::date_time),
            })
        })
        .await?;
    Ok(Page(page))
}

/// The last day named; today when none is.
fn past_day(days: &[(String, String)], today: NaiveDate) -> Result<NaiveDate, AppError> {
    let Some((_, text)) = days.iter().rev().find(|(_, text)| !text.is_empty()) else {
        return Ok(today);
    };
    let day = text.parse().ok().filter(|day| *day <= today);
    day.ok_or_else(|| {
        let message = format!("{text:?} is not a day up to today; write 2026-03-31");
        AppError::Unprocessable(vec![Fault::new("as_of", message)])
    })
}

fn details(needs: &NeedFigures, icc: &[Icc], confirmed: &Confirmed) -> Vec<Detail> {
    let rows = figures::need_rows(needs, confirmed);
    let needs = needs.needs.iter().zip(rows).zip(icc);
    needs.map(|((figure, row), icc)| detail(figure, row, icc)).collect()
}

fn detail(figure: &NeedFigure, row: NeedRow, icc: &Icc) -> Detail {
    let or_dash = |x: Option<f64>, decimals: usize| x.map_or_else(|| "–".to_owned(), |x| text::number(x, decimals));
    let comparison = figure.comparison.as_ref().ok();
    Detail {
        name: row.name,
        badge: row.badge,
        difference: row.difference,
        verdict: row.verdict,
        p: or_dash(comparison.and_then(|c| c.figures.p), 3),
        p_adjusted: or_dash(comparison.and_then(|c| c.p_adjusted), 3),
        hedges_g: or_dash(comparison.and_then(|c| c.figures.hedges_g), 2),
        icc1: or_dash(icc.icc1, 2),
        icc2: or_dash(icc.icc2, 2),
        within: text::number(figure.calibration.sigma2.sqrt(), 1),
        between: text::number(figure.calibration.tau2.sqrt(), 1),
    }
}
