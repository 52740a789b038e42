//! `/api/v1/companies/{external_id}/merge`: one company merged into another, and back.

use actix_web::web::{Data, Json, Path};
use serde::Deserialize;

use super::companies::{self, Company};
use super::{ApiAnalyst, ApiJson};
use crate::clock::Clock;
use crate::companies::listing::{self, Viewer};
use crate::design;
use crate::identity::{self, Refusal};
use crate::store::{Conn, Db};
use crate::web::error::{AppError, Fault};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Into {
    into: String,
}

/// `POST /api/v1/companies/{external_id}/merge`: the company that has everything now.
pub async fn create(
    ApiAnalyst(token): ApiAnalyst,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    ApiJson(body): ApiJson<Into>,
) -> Result<Json<Company>, AppError> {
    let (now, by) = (clock.now(), token.actor());
    let company = db
        .write(move |conn| {
            known(conn, &external_id)?;
            identity::merge(conn, now, &external_id, body.into.trim(), &by).map_err(refused)?;
            read(conn, body.into.trim(), now.date())
        })
        .await?;
    Ok(Json(company))
}

/// `DELETE /api/v1/companies/{external_id}/merge`: undoes the merge of the company that had this id,
/// and shows it again.
pub async fn delete(
    ApiAnalyst(token): ApiAnalyst,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
) -> Result<Json<Company>, AppError> {
    let (now, by) = (clock.now(), token.actor());
    let company = db
        .write(move |conn| {
            let merge = identity::find_standing(conn, &external_id)?.ok_or(AppError::NotFound)?;
            identity::undo(conn, now, merge.id, &by).map_err(refused)?;
            read(conn, &external_id, now.date())
        })
        .await?;
    Ok(Json(company))
}

fn known(conn: &mut Conn, external_id: &str) -> Result<(), AppError> {
    let found = listing::find(conn, &Viewer::All, external_id)?;
    found.map(|_| ()).ok_or(AppError::NotFound)
}

fn read(conn: &mut Conn, external_id: &str, today: chrono::NaiveDate) -> Result<Company, AppError> {
    let design = design::current(conn)?;
    companies::read(conn, &Viewer::All, &design, external_id, today)
}

fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::Store(error) => error.into(),
        Refusal::UnknownMerge => AppError::NotFound,
        refusal @ (Refusal::Later(_) | Refusal::UndoneAlready | Refusal::Taken(_)) => {
            AppError::Conflict(refusal.to_string())
        }
        refusal => AppError::Unprocessable(vec![Fault::new("into", refusal.to_string())]),
    }
}
