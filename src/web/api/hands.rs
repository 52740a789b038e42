//! `/api/v1/companies/{external_id}/override` and `/sales-tag`: a segment set by hand.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;

use super::companies::{self, Company};
use super::{ApiAnalyst, ApiJson, ApiSales};
use crate::audit;
use crate::clock::Clock;
use crate::companies::listing::{self, Viewer};
use crate::design::{self, Design};
use crate::needs::{self, Hand};
use crate::store::Db;
use crate::web::error::{AppError, Fault};
use crate::web::session::Sight;

/// The longest reason, in characters.
const LONGEST: usize = 2_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    segment: String,
    reason: String,
}

impl Tag {
    fn faults(&self, design: &Design) -> Vec<Fault> {
        let mut faults = Vec::new();
        if design.segment_index(&self.segment).is_none() {
            let known: Vec<&str> = design.framework.segments.iter().map(|s| s.code.as_str()).collect();
            let message = format!("there is no segment {:?}; there are {}", self.segment, known.join(", "));
            faults.push(Fault::new("segment", message));
        }
        match self.reason.trim().chars().count() {
            0 => faults.push(Fault::new("reason", "say why, for those who read it later")),
            length if length > LONGEST => {
                let message = format!("has {length} characters; at most {LONGEST} are kept");
                faults.push(Fault::new("reason", message));
            }
            _ => {}
        }
        faults
    }
}

/// Which rung a call is about.
#[derive(Clone, Copy)]
enum Rung {
    Override,
    SalesTag,
}

impl Rung {
    fn set(self) -> &'static str {
        match self {
            Rung::Override => "segment.overridden",
            Rung::SalesTag => "segment.tagged",
        }
    }

    fn cleared(self) -> &'static str {
        match self {
            Rung::Override => "segment.override cleared",
            Rung::SalesTag => "segment.tag cleared",
        }
    }
}

/// `PUT /api/v1/companies/{external_id}/override`
pub async fn put_override(
    ApiAnalyst(token): ApiAnalyst,
    Sight(viewer): Sight,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    ApiJson(tag): ApiJson<Tag>,
) -> Result<Json<Company>, AppError> {
    put(Rung::Override, token.actor(), viewer, &db, &clock, external_id, tag).await
}

/// `DELETE /api/v1/companies/{external_id}/override`
pub async fn delete_override(
    ApiAnalyst(token): ApiAnalyst,
    Sight(viewer): Sight,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
) -> Result<Json<Company>, AppError> {
    delete(Rung::Override, token.actor(), viewer, &db, &clock, external_id).await
}

/// `PUT /api/v1/companies/{external_id}/sales-tag`
pub async fn put_sales_tag(
    ApiSales(token): ApiSales,
    Sight(viewer): Sight,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    ApiJson(tag): ApiJson<Tag>,
) -> Result<Json<Company>, AppError> {
    put(Rung::SalesTag, token.actor(), viewer, &db, &clock, external_id, tag).await
}

/// `DELETE /api/v1/companies/{external_id}/sales-tag`
pub async fn delete_sales_tag(
    ApiSales(token): ApiSales,
    Sight(viewer): Sight,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
) -> Result<Json<Company>, AppError> {
    delete(Rung::SalesTag, token.actor(), viewer, &db, &clock, external_id).await
}

async fn put(
    rung: Rung,
    by: String,
    viewer: Viewer,
    db: &Db,
    clock: &Clock,
    external_id: Path<String>,
    tag: Tag,
) -> Result<Json<Company>, AppError> {
    let now = clock.now();
    let company = db
        .write(move |conn| {
            let design = design::current(conn)?;
            let company = listing::find(conn, &viewer, &external_id)?.ok_or(AppError::NotFound)?;
            let faults = tag.faults(&design);
            if !faults.is_empty() {
                return Err(AppError::Unprocessable(faults));
            }
            let hand = match rung {
                Rung::Override => Hand::Override,
                // Whoever asks by the API can read the survey's result there, if there is one.
                Rung::SalesTag => Hand::SalesTag {
                    blind: needs::tagging::is_blind(conn, company.id)?,
                },
            };
            needs::set_by_hand(conn, now, company.id, hand, &tag.segment, tag.reason.trim(), &by)?;
            audit::note(conn, now, &by, rung.set(), &external_id, &tag.segment)?;
            companies::read(conn, &viewer, &design, &external_id, now.date())
        })
        .await?;
    Ok(Json(company))
}

/// Taking away what is not there changes nothing.
async fn delete(
    rung: Rung,
    by: String,
    viewer: Viewer,
    db: &Db,
    clock: &Clock,
    external_id: Path<String>,
) -> Result<Json<Company>, AppError> {
    let now = clock.now();
    let company = db
        .write(move |conn| {
            let design = design::current(conn)?;
            let company = listing::find(conn, &viewer, &external_id)?.ok_or(AppError::NotFound)?;
            let hand = match rung {
                Rung::Override => Hand::Override,
                Rung::SalesTag => Hand::SalesTag { blind: false },
            };
            if needs::clear_by_hand(conn, now, company.id, hand, &by)? {
                audit::note(conn, now, &by, rung.cleared(), &external_id, "")?;
            }
            companies::read(conn, &viewer, &design, &external_id, now.date())
        })
        .await?;
    Ok(Json(company))
}
