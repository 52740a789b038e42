//! `/api/v1/insights/discover`: segments found in the data.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Query};
use serde::Serialize;

use crate::clock::{Clock, rfc3339};
use crate::design;
use crate::insight::discover;
use crate::method::discover::Candidate;
use crate::store::Db;
use crate::web::dashboard;
use crate::web::discoveries::Discoveries;
use crate::web::error::AppError;

#[derive(Serialize)]
pub struct Discovery {
    suggested_k: Option<usize>,
    candidates: Vec<Found>,
    companies: usize,
    computed_at: String,
}

#[derive(Serialize)]
struct Found {
    k: usize,
    silhouette: f64,
    stability: f64,
    /// Companies by segment, the largest first.
    sizes: Vec<usize>,
    /// By segment: a weight of 0–100 for each need in play.
    profiles: Vec<BTreeMap<String, f64>>,
}

impl Found {
    fn new(candidate: &Candidate, needs: &[String]) -> Found {
        let named = |profile: Vec<f64>| needs.iter().cloned().zip(profile).collect();
        Found {
            k: candidate.k,
            silhouette: candidate.silhouette,
            stability: candidate.stability,
            sizes: candidate.sizes.clone(),
            profiles: candidate.profiles().into_iter().map(named).collect(),
        }
    }
}

/// `GET /api/v1/insights/discover`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    discoveries: Data<Discoveries>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Json<Discovery>, AppError> {
    let now = clock.now();
    let (of, scores) = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let filter = dashboard::filter(&parameters, &design)?;
            let today = now.date();
            let scores = discover::scores(conn, &design, today, today, &filter)?;
            Ok::<_, AppError>(((design.id, filter, today), scores))
        })
        .await?;
    let found = discoveries.get(of, scores, now).await?;
    Ok(Json(Discovery {
        suggested_k: found.suggested_k,
        candidates: found.candidates.iter().map(|c| Found::new(c, &found.needs)).collect(),
        companies: found.companies,
        computed_at: rfc3339(found.computed_at),
    }))
}
