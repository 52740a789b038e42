//! `/api/v1/insights/funnel?drip=code`: what became of each step of a drip.

use actix_web::web::{Data, Json, Query};
use serde::Serialize;

use crate::clock::Clock;
use crate::design;
use crate::insight::ByTenure;
use crate::insight::funnel::{self, FunnelStep};
use crate::store::Db;
use crate::web::dashboard;
use crate::web::error::{AppError, Fault};

#[derive(Serialize)]
pub struct Funnel {
    drip: String,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    /// From 1.
    step: i32,
    sent: Figure,
    delivered: Figure,
    bounced: Figure,
    opened: Figure,
    answered: Figure,
    unsubscribed: Figure,
}

#[derive(Serialize)]
struct Figure {
    total: u64,
    new: u64,
    long_standing: u64,
    unknown: u64,
}

impl From<ByTenure<u64>> for Figure {
    fn from(figure: ByTenure<u64>) -> Figure {
        Figure {
            total: figure.sum(),
            new: figure.new,
            long_standing: figure.long_standing,
            unknown: figure.unknown,
        }
    }
}

impl From<FunnelStep> for Step {
    fn from(step: FunnelStep) -> Step {
        Step {
            step: step.step,
            sent: step.sent.into(),
            delivered: step.delivered.into(),
            bounced: step.bounced.into(),
            opened: step.opened.into(),
            answered: step.answered.into(),
            unsubscribed: step.unsubscribed.into(),
        }
    }
}

/// `GET /api/v1/insights/funnel`, with the filters of all insights.
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Json<Funnel>, AppError> {
    let today = clock.now().date();
    let (named, rest): (Vec<_>, Vec<_>) = parameters
        .into_inner()
        .into_iter()
        .partition(|(name, _)| name == "drip");
    let [(_, code)] = named.as_slice() else {
        let message = "name the drip once, as drip=code";
        return Err(AppError::Unprocessable(vec![Fault::new("drip", message)]));
    };
    let code = code.clone();
    let funnel = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let filter = dashboard::filter(&rest, &design)?;
            let drip = design.framework.drip(&code).ok_or(AppError::NotFound)?;
            let steps = funnel::funnel(conn, &design, today, &filter, drip)?;
            Ok::<_, AppError>(Funnel {
                steps: steps.into_iter().map(Step::from).collect(),
                drip: code,
            })
        })
        .await?;
    Ok(Json(funnel))
}
