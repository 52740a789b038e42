//! `/api/v1/companies`: how companies stand.

use actix_web::web::{Data, Json, Path, Query};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::{Clock, rfc3339};
use crate::companies::listing::{self, Listed, Order, Stretch, Viewer};
use crate::design::{self, Design};
use crate::ids::CompanyId;
use crate::method::tenure::{Tenure, tenure};
use crate::needs::{self, CompanyNeedRow, SegmentChangeRow, Standing};
use crate::store::{Conn, Db};
use crate::web::error::{AppError, Fault};
use crate::web::filter;
use crate::web::session::Sight;

type Parameters = Query<Vec<(String, String)>>;

/// Companies in one answer.
const USUAL: i64 = 50;
const MOST: i64 = 500;

/// `GET /api/v1/companies`
pub async fn index(
    db: Data<Db>,
    clock: Data<Clock>,
    Sight(viewer): Sight,
    parameters: Parameters,
) -> Result<Json<List<Company>>, AppError> {
    let today = clock.now().date();
    let (stretch, others) = stretch(parameters.into_inner(), &viewer)?;
    let list = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let filter = filter::read(&others, &design, today).map_err(AppError::Unprocessable)?;
            // One more than asked for tells whether there is a next stretch.
            let asked = Stretch {
                most: stretch.most + 1,
                ..stretch
            };
            let mut listed = listing::list(conn, &viewer, &filter, Order::Id, asked)?;
            let more = listed.len() as i64 > stretch.most;
            listed.truncate(stretch.most as usize);
            let next = listed
                .last()
                .filter(|_| more)
                .map(|last| cursor(&viewer, stretch, last));
            let ids: Vec<CompanyId> = listed.iter().map(|company| company.id).collect();
            let standings = needs::list_standings(conn, &design, &ids)?;
            let both = listed.into_iter().zip(standings);
            let of = |(company, standing): (Listed, Standing)| {
                let tenure = tenure_of(&design, &company, today);
                Company::new(company, standing, tenure)
            };
            Ok::<_, AppError>(List {
                items: both.map(of).collect(),
                next,
            })
        })
        .await?;
    Ok(Json(list))
}

/// `GET /api/v1/companies/{external_id}`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    Sight(viewer): Sight,
    external_id: Path<String>,
) -> Result<Json<Company>, AppError> {
    let today = clock.now().date();
    let company = db
        .read(move |conn| {
            let design = design::current(conn)?;
            read(conn, &viewer, &design, &external_id, today)
        })
        .await?;
    Ok(Json(company))
}

/// The company as it stands.
pub(super) fn read(
    conn: &mut Conn,
    viewer: &Viewer,
    design: &Design,
    external_id: &str,
    today: NaiveDate,
) -> Result<Company, AppError> {
    let company = listing::find(conn, viewer, external_id)?.ok_or(AppError::NotFound)?;
    let standing = needs::list_standings(conn, design, &[company.id])?.pop();
    let tenure = tenure_of(design, &company, today);
    Ok(Company::new(company, standing.unwrap_or_default(), tenure))
}

/// `GET /api/v1/companies/{external_id}/history`
pub async fn history(
    db: Data<Db>,
    Sight(viewer): Sight,
    external_id: Path<String>,
) -> Result<Json<List<Change>>, AppError> {
    let changes = db
        .read(move |conn| {
            let company = listing::find(conn, &viewer, &external_id)?.ok_or(AppError::NotFound)?;
            Ok::<_, AppError>(needs::list_changes(conn, company.id)?)
        })
        .await?;
    Ok(Json(List {
        items: changes.into_iter().map(Change::from).collect(),
        next: None,
    }))
}

/// `cursor` and `limit`; the other parameters choose the companies.
fn stretch(parameters: Vec<(String, String)>, viewer: &Viewer) -> Result<(Stretch, Vec<(String, String)>), AppError> {
    let mut stretch = Stretch::after(0, USUAL);
    let mut others = Vec::new();
    let mut faults = Vec::new();
    for (name, value) in parameters {
        match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=MOST).contains(&limit) => stretch.most = limit,
                _ => faults.push(Fault::new(name, format!("is not a number from 1 to {MOST}"))),
            },
            "cursor" => match value.parse() {
                Ok(after) if after > 0 && viewer.is_narrowed() => stretch.skip = after,
                Ok(after) if after > 0 => stretch.after = after,
                _ => faults.push(Fault::new(name, "is not a cursor that this call gave")),
            },
            _ => others.push((name, value)),
        }
    }
    if faults.is_empty() {
        Ok((stretch, others))
    } else {
        Err(AppError::Unprocessable(faults))
    }
}

/// Where the next stretch begins. A key's number tells how many companies there are; whoever does not
/// see them all counts its own.
fn cursor(viewer: &Viewer, stretch: Stretch, last: &Listed) -> String {
    match viewer.is_narrowed() {
        true => stretch.skip.saturating_add(stretch.most).to_string(),
        false => last.id.to_string(),
    }
}

fn tenure_of(design: &Design, company: &Listed, today: NaiveDate) -> Tenure {
    let threshold = design.framework.settings.tenure_threshold_months;
    tenure(company.customer_since, today, threshold)
}

/// A stretch of a list; `next` asks for the one after it.
#[derive(Serialize)]
pub struct List<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Serialize)]
pub struct Company {
    external_id: String,
    name: String,
    tenure: &'static str,
    tier: String,
    answers: i32,
    contacts_answered: i32,
    /// By code, in the framework's order.
    needs: Map<String, Value>,
    segment: Option<Segment>,
    why_none: Option<String>,
}

#[derive(Serialize)]
struct Need {
    score: f64,
    n: i32,
    n_eff: f64,
    se: f64,
    r_wg: Option<f64>,
}

#[derive(Serialize)]
struct Segment {
    code: String,
    source: String,
    fits: Option<Value>,
    runner_up: Option<String>,
    margin: Option<f64>,
    confidence: Option<f64>,
    since: Option<String>,
}

impl Company {
    fn new(company: Listed, standing: Standing, tenure: Tenure) -> Company {
        let segment = Segment::of(&standing);
        let needs = standing.needs.into_iter().map(|row| {
            let code = row.need.clone();
            (code, serde_json::json!(Need::from(row)))
        });
        Company {
            external_id: company.external_id,
            name: company.name,
            tenure: tenure.as_str(),
            tier: company.tier,
            answers: standing.answers,
            contacts_answered: standing.contacts_answered,
            needs: needs.collect(),
            segment,
            why_none: standing.why_none,
        }
    }
}

impl From<CompanyNeedRow> for Need {
    fn from(row: CompanyNeedRow) -> Need {
        Need {
            score: row.score,
            n: row.n,
            n_eff: row.n_eff,
            se: row.se,
            r_wg: row.r_wg,
        }
    }
}

impl Segment {
    fn of(standing: &Standing) -> Option<Segment> {
        let rungs = &standing.rungs;
        let survey = standing.survey();
        Some(Segment {
            code: rungs.segment.clone()?,
            source: rungs.source.clone()?,
            fits: survey
                .and_then(|rungs| rungs.fits.as_deref())
                .and_then(|fits| serde_json::from_str(fits).ok()),
            runner_up: survey.and_then(|rungs| rungs.runner_up.clone()),
            margin: survey.and_then(|rungs| rungs.margin),
            confidence: survey.and_then(|rungs| rungs.confidence),
            since: rungs.since.map(rfc3339),
        })
    }
}

/// One change of a company's segment.
#[derive(Serialize)]
pub struct Change {
    at: String,
    from: Option<String>,
    to: Option<String>,
    source: String,
    by: String,
    why: String,
}

impl From<SegmentChangeRow> for Change {
    fn from(row: SegmentChangeRow) -> Change {
        Change {
            at: rfc3339(row.at),
            from: row.from_segment,
            to: row.to_segment,
            source: row.source,
            by: row.made_by,
            why: row.why,
        }
    }
}
