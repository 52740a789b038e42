//! What a supervisor asks: is the process there, and can it do its work?

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::store::{Db, migrate};

use super::IsAlive;

/// The worker of this process, where it runs one.
pub struct Worker(pub Option<IsAlive>);

/// `GET /healthz`
pub async fn process() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "process": "ok" }))
}

/// `GET /readyz`: 503 when the database, its schema or the worker is not as it should be.
pub async fn ready(db: Data<Db>, worker: Data<Worker>) -> HttpResponse {
    let schema = db.read(migrate::is_current).await;
    if let Err(error) = &schema {
        tracing::warn!(%error, "not ready");
    }
    let worker = worker.0.as_ref().map(|is_alive| is_alive());
    let ready = matches!(schema, Ok(true)) && worker != Some(false);
    let told = serde_json::json!({
        "database": if schema.is_ok() { "ok" } else { "unreachable" },
        "schema": match schema { Ok(true) => "ok", Ok(false) => "out of date", Err(_) => "unknown" },
        "worker": match worker { None => "none", Some(true) => "ok", Some(false) => "dead" },
    });
    let mut response = if ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response.json(told)
}
