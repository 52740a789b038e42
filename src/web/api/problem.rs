//! Errors as RFC 9457 writes them: `application/problem+json`, with every fault and its place.

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::web::error::AppError;

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    place: &'a str,
    message: &'a str,
}

/// The error as a problem; `number` finds it in the log.
pub fn response(error: &AppError, number: Option<&str>) -> HttpResponse {
    let status = error.status_code();
    let (_, detail) = error.words();
    let problem = Problem {
        // No page describes the types of problems, so the type is the status (RFC 9457 section 4.2.1).
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: &detail,
        number,
        errors: error
            .faults()
            .iter()
            .map(|fault| Item {
                place: &fault.place,
                message: &fault.message,
            })
            .collect(),
    };
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/problem+json"))
        .body(serde_json::to_vec(&problem).unwrap_or_default())
}
