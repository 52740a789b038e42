//! `/api/v1/framework`: the framework as JSON or TOML.

use actix_web::http::header::{ACCEPT, CONTENT_TYPE, ContentType};
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::clock::Clock;
use crate::framework::{self, Framework};
use crate::store::Db;
use crate::web::api::ApiAdmin;
use crate::web::error::{AppError, Fault};
use crate::web::{body, design};
use crate::{design as stored, reframe};

pub const TOML: &str = "application/toml";

/// `GET /api/v1/framework`: JSON, or TOML where the caller accepts that alone.
pub async fn show(request: HttpRequest, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let stored = db.read(stored::current).await?;
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    Ok(match accepted {
        Some(accepted) if accepted.contains(TOML) => response
            .insert_header((CONTENT_TYPE, TOML))
            .body(framework::write::toml(&stored.framework)),
        _ => response
            .insert_header(ContentType::json())
            .body(framework::write::json(&stored.framework)),
    })
}

#[derive(Serialize)]
pub struct Applied {
    changes: Vec<String>,
}

/// `PUT /api/v1/framework`: applies it, or lists every fault with its place.
pub async fn update(
    ApiAdmin(token): ApiAdmin,
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    payload: Payload,
) -> Result<Json<Applied>, AppError> {
    let bytes = body::read(&mut payload.into_inner(), design::file::MOST_BYTES).await?;
    let framework = read(&request, &bytes)?;
    let (now, by) = (clock.now(), format!("api:{}", token.name));
    let changes = db.write(move |conn| reframe::apply(conn, now, &by, &framework)).await?;
    Ok(Json(Applied { changes }))
}

fn read(request: &HttpRequest, bytes: &[u8]) -> Result<Framework, AppError> {
    let media = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let text = std::str::from_utf8(bytes).map_err(|_| AppError::BadRequest("The body is not UTF-8 text.".into()))?;
    let read = match media.to_ascii_lowercase().as_str() {
        TOML => framework::read::toml(text),
        "application/json" => framework::read::json(text),
        _ => {
            let advice = "Send the framework as application/json or application/toml.";
            return Err(AppError::UnsupportedMedia(advice.to_owned()));
        }
    };
    read.map_err(|faults| AppError::Unprocessable(faults.iter().map(fault).collect()))
}

/// A framework's fault as every other: its line goes with its place.
fn fault(fault: &framework::fault::Fault) -> Fault {
    let line = fault.line.map(|line| match fault.column {
        Some(column) => format!("line {line}, column {column}"),
        None => format!("line {line}"),
    });
    let parts: Vec<&str> = line
        .as_deref()
        .into_iter()
        .chain([fault.place.as_str()])
        .filter(|part| !part.is_empty())
        .collect();
    Fault::new(parts.join(": "), fault.message.as_str())
}
