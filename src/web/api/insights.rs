//! `/api/v1/insights/…`: the figures of the dashboard, in full precision.

use actix_web::web::{Data, Json, Query};
use chrono::NaiveDate;
use serde::Serialize;

use crate::clock::{Clock, rfc3339};
use crate::design::{self, Design};
use crate::insight::{self, ByTenure, Filter, NeedFigure, NeedFigures, SegmentFigure, SegmentFigures};
use crate::method::agreement::Icc;
use crate::method::compare::Sample;
use crate::method::overlay::ChiSquare;
use crate::store::Db;
use crate::web::dashboard;
use crate::web::error::{AppError, Fault};

type Parameters = Query<Vec<(String, String)>>;

/// `GET /api/v1/insights/needs`
pub async fn needs(db: Data<Db>, clock: Data<Clock>, parameters: Parameters) -> Result<Json<Needs>, AppError> {
    let today = clock.now().date();
    let (figures, icc) = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Ok::<_, AppError>(match asked(&parameters, &design, today)? {
                (Some(day), filter) => insight::needs_as_of(conn, &design, day, &filter)?,
                (None, filter) => insight::needs_and_agreement(conn, &design, today, &filter)?,
            })
        })
        .await?;
    Ok(Json(Needs::new(figures, icc)))
}

/// `GET /api/v1/insights/segments`
pub async fn segments(db: Data<Db>, clock: Data<Clock>, parameters: Parameters) -> Result<Json<Segments>, AppError> {
    let today = clock.now().date();
    let figures = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Ok::<_, AppError>(match asked(&parameters, &design, today)? {
                (Some(day), filter) => insight::segments_as_of(conn, &design, day, &filter)?,
                (None, filter) => insight::segments(conn, &design, today, &filter)?,
            })
        })
        .await?;
    Ok(Json(Segments::from(figures)))
}

/// `GET /api/v1/insights/overlay?by=behaviour`
pub async fn overlay(db: Data<Db>, clock: Data<Clock>, parameters: Parameters) -> Result<Json<Crossed>, AppError> {
    let today = clock.now().date();
    let (by, rest): (Vec<_>, Vec<_>) = parameters.into_inner().into_iter().partition(|(name, _)| name == "by");
    let [(_, attribute)] = by.as_slice() else {
        let message = "name the attribute once, as by=behaviour";
        return Err(AppError::Unprocessable(vec![Fault::new("by", message)]));
    };
    let attribute = attribute.clone();
    let found = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let filter = dashboard::filter(&rest, &design)?;
            Ok::<_, AppError>(insight::overlay(conn, &design, today, &filter, &attribute)?)
        })
        .await?;
    Ok(Json(Crossed {
        rows: found.rows,
        columns: found.columns,
        counts: found.counts,
        residuals: found.residuals,
        revenue: found.revenue,
        left_out: found.left_out,
    }))
}

#[derive(Serialize)]
pub struct Crossed {
    rows: Vec<String>,
    columns: Vec<String>,
    counts: Vec<Vec<u64>>,
    residuals: Vec<Vec<Option<f64>>>,
    revenue: Vec<Vec<f64>>,
    left_out: u64,
}

/// `GET /api/v1/insights/sales-tags`
pub async fn sales_tags(db: Data<Db>, clock: Data<Clock>, parameters: Parameters) -> Result<Json<Tags>, AppError> {
    let today = clock.now().date();
    let found = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let filter = dashboard::filter(&parameters, &design)?;
            Ok::<_, AppError>(insight::sales_tags(conn, &design, today, &filter)?)
        })
        .await?;
    Ok(Json(Tags {
        codes: found.codes,
        table: found.table,
        kappa: found.kappa,
        kappa_blind: found.kappa_blind,
    }))
}

#[derive(Serialize)]
pub struct Tags {
    codes: Vec<String>,
    table: Vec<Vec<u64>>,
    kappa: Option<f64>,
    kappa_blind: Option<f64>,
}

/// The past day that is asked for, if any, and the companies; or every fault.
fn asked(
    parameters: &[(String, String)],
    design: &Design,
    today: NaiveDate,
) -> Result<(Option<NaiveDate>, Filter), AppError> {
    let (days, rest): (Vec<_>, Vec<_>) = parameters.iter().partition(|(name, _)| name == "as_of");
    let day = match days.as_slice() {
        [] => Ok(None),
        [(_, text)] => past_day(text, today).map(Some),
        _ => Err(Fault::new("as_of", "was given twice")),
    };
    let rest = rest.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut faults: Vec<Fault> = day.as_ref().err().cloned().into_iter().collect();
    match (day, Filter::read(rest, &design.framework)) {
        (Ok(day), Ok(filter)) => Ok((day, filter)),
        (_, filter) => {
            let of_filter = filter.err().unwrap_or_default();
            faults.extend(
                of_filter
                    .into_iter()
                    .map(|fault| Fault::new(fault.parameter, fault.message)),
            );
            Err(AppError::Unprocessable(faults))
        }
    }
}

fn past_day(text: &str, today: NaiveDate) -> Result<NaiveDate, Fault> {
    let day: NaiveDate = text
        .parse()
        .map_err(|_| Fault::new("as_of", format!("{text:?} is not a day; write 2026-03-31")))?;
    if day > today {
        return Err(Fault::new("as_of", format!("{day} lies ahead; today is {today}, UTC")));
    }
    Ok(day)
}

#[derive(Serialize)]
pub struct Needs {
    needs: Vec<Need>,
    calibrated_at: Option<String>,
}

#[derive(Serialize)]
struct Need {
    code: String,
    overall: Group,
    groups: Groups<Group>,
    comparison: Option<Comparison>,
    why_none: Option<String>,
    icc1: Option<f64>,
    icc2: Option<f64>,
    calibration: Calibration,
}

/// A group of no company keeps its place: 0, and nothing to tell.
#[derive(Serialize)]
struct Group {
    n: u64,
    mean: Option<f64>,
    sd: Option<f64>,
}

#[derive(Serialize)]
struct Groups<T> {
    new: T,
    long_standing: T,
    unknown: T,
}

#[derive(Serialize)]
struct Comparison {
    difference: f64,
    low: f64,
    high: f64,
    p: Option<f64>,
    p_adjusted: Option<f64>,
    hedges_g: Option<f64>,
}

#[derive(Serialize)]
struct Calibration {
    sigma2: f64,
    omega2: f64,
    mu: f64,
    tau2: f64,
}

impl Needs {
    fn new(figures: NeedFigures, icc: Vec<Icc>) -> Needs {
        let needs = figures.needs.into_iter().zip(icc);
        Needs {
            needs: needs.map(|(figure, icc)| Need::new(figure, icc)).collect(),
            calibrated_at: figures.calibrated_at.map(rfc3339),
        }
    }
}

impl Need {
    fn new(figure: NeedFigure, icc: Icc) -> Need {
        let comparison = figure.comparison.as_ref().ok().map(|comparison| Comparison {
            difference: comparison.figures.difference,
            low: comparison.figures.low,
            high: comparison.figures.high,
            p: comparison.figures.p,
            p_adjusted: comparison.p_adjusted,
            hedges_g: comparison.figures.hedges_g,
        });
        Need {
            code: figure.code,
            overall: Group::from(figure.overall),
            groups: Groups::from(figure.groups),
            comparison,
            why_none: figure.comparison.err(),
            icc1: icc.icc1,
            icc2: icc.icc2,
            calibration: Calibration {
                sigma2: figure.calibration.sigma2,
                omega2: figure.calibration.omega2,
                mu: figure.calibration.mu,
                tau2: figure.calibration.tau2,
            },
        }
    }
}

impl From<Option<Sample>> for Group {
    fn from(sample: Option<Sample>) -> Group {
        Group {
            n: sample.map_or(0, |sample| sample.n),
            mean: sample.map(|sample| sample.mean),
            sd: sample.and_then(|sample| sample.sd),
        }
    }
}

impl<F, T: From<F>> From<ByTenure<F>> for Groups<T> {
    fn from(groups: ByTenure<F>) -> Groups<T> {
        Groups {
            new: groups.new.into(),
            long_standing: groups.long_standing.into(),
            unknown: groups.unknown.into(),
        }
    }
}

#[derive(Serialize)]
pub struct Segments {
    segments: Vec<Segment>,
    chi_square: Option<Independence>,
    unassigned: Vec<Unassigned>,
}

#[derive(Serialize)]
struct Segment {
    code: String,
    count: u64,
    share: Option<f64>,
    revenue: f64,
    groups: Groups<Part>,
    comparison: Option<Shares>,
}

#[derive(Serialize)]
struct Part {
    count: u64,
    share: Option<f64>,
}

#[derive(Serialize)]
struct Shares {
    difference: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct Independence {
    chi2: f64,
    df: u64,
    p: f64,
    cramers_v: f64,
    min_expected: f64,
}

#[derive(Serialize)]
struct Unassigned {
    reason: String,
    count: u64,
}

impl From<SegmentFigures> for Segments {
    fn from(figures: SegmentFigures) -> Segments {
        let unassigned = figures.unassigned.into_iter().map(|row| Unassigned {
            reason: row.reason,
            count: row.count,
        });
        Segments {
            segments: figures.segments.into_iter().map(Segment::from).collect(),
            chi_square: figures.chi_square.map(Independence::from),
            unassigned: unassigned.collect(),
        }
    }
}

impl From<SegmentFigure> for Segment {
    fn from(figure: SegmentFigure) -> Segment {
        Segment {
            code: figure.code,
            count: figure.count,
            share: figure.share,
            revenue: figure.revenue,
            groups: Groups::from(figure.groups),
            comparison: figure.comparison.map(|shares| Shares {
                difference: shares.difference,
                low: shares.low,
                high: shares.high,
            }),
        }
    }
}

impl From<insight::SegmentGroup> for Part {
    fn from(group: insight::SegmentGroup) -> Part {
        Part {
            count: group.count,
            share: group.share,
        }
    }
}

impl From<ChiSquare> for Independence {
    fn from(found: ChiSquare) -> Independence {
        Independence {
            chi2: found.chi2,
            df: found.df,
            p: found.p,
            cramers_v: found.cramers_v,
            min_expected: found.min_expected,
        }
    }
}
