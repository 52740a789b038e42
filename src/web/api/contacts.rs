//! `/api/v1/contacts`: who somebody is, whether mail may go there, and which drips are under way;
//! all that is held about it; its removal.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, web::Json};
use serde::Serialize;

use super::held::Held;
use super::{ApiAdmin, ApiAnalyst};
use crate::clock::Clock;
use crate::companies::contacts::{self, Listed};
use crate::companies::listing::Viewer;
use crate::config::SecretKey;
use crate::mail::suppression;
use crate::privacy::{self, EnrolmentRow, Who};
use crate::store::Db;
use crate::web::erasure;
use crate::web::error::AppError;
use crate::web::session::Sight;

#[derive(Serialize)]
pub struct Contact {
    external_id: String,
    /// The company's external id.
    company: Option<String>,
    email: String,
    role: Option<String>,
    language: Option<String>,
    /// By the contact's own wish, from everything.
    unsubscribed: bool,
    /// Why no mail goes there at all.
    suppressed: Option<String>,
    enrolments: Vec<Enrolment>,
}

#[derive(Serialize)]
struct Enrolment {
    drip: String,
    /// The newest step that was made, from 1; 0: none yet.
    step: i32,
    /// `active`, `finished` or `stopped`.
    state: String,
}

/// `GET /api/v1/contacts/{external_id}`
pub async fn show(db: Data<Db>, Sight(viewer): Sight, external_id: Path<String>) -> Result<Json<Contact>, AppError> {
    let contact = db
        .read(move |conn| {
            let contact = contacts::find(conn, &viewer, &external_id)?.ok_or(AppError::NotFound)?;
            let enrolments = privacy::enrolments(conn, contact.id)?;
            Ok::<_, AppError>(Contact::new(contact, enrolments))
        })
        .await?;
    Ok(Json(contact))
}

/// `DELETE /api/v1/contacts/{external_id}`
pub async fn delete(
    db: Data<Db>,
    clock: Data<Clock>,
    key: Data<SecretKey>,
    external_id: Path<String>,
    ApiAdmin(token): ApiAdmin,
) -> Result<HttpResponse, AppError> {
    let contact = db
        .read(move |conn| privacy::find(conn, &Viewer::All, &external_id))
        .await?;
    let who = Who::Contact(contact.ok_or(AppError::NotFound)?);
    match erasure::erase(&db, &clock, &key, token.actor(), who).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(AppError::NotFound),
    }
}

/// `GET /api/v1/contacts/{external_id}/export`
pub async fn export(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    ApiAnalyst(token): ApiAnalyst,
) -> Result<HttpResponse, AppError> {
    hand_out(&request, &db, &clock, token.actor(), external_id.into_inner()).await
}

/// All that is held, as a file, and the fact that it was handed out in the audit log.
pub async fn hand_out(
    request: &HttpRequest,
    db: &Db,
    clock: &Clock,
    by: String,
    external_id: String,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let found = db
        .read(move |conn| {
            let Some(contact) = privacy::find(conn, &Viewer::All, &external_id)? else {
                return Ok(None);
            };
            privacy::held(conn, contact)
        })
        .await
        .map_err(|error: crate::store::Error| AppError::from(error))?;
    let held = found.ok_or(AppError::NotFound)?;
    if *request.method() == Method::GET {
        let contact = held.person.id;
        db.write(move |conn| privacy::note_export(conn, now, &by, contact))
            .await?;
    }
    let name = format!("contact-{}.json", held.person.id);
    let text = serde_json::to_string_pretty(&Held::of(held)).map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name)],
        })
        .body(text))
}

impl Contact {
    fn new(contact: Listed, enrolments: Vec<EnrolmentRow>) -> Contact {
        let enrolments = enrolments.into_iter().map(|row| Enrolment {
            drip: row.drip,
            step: row.step,
            state: row.state,
        });
        Contact {
            external_id: contact.external_id,
            company: contact.company,
            email: contact.email,
            role: contact.role,
            language: contact.language,
            unsubscribed: contact.suppressed.as_deref() == Some(suppression::UNSUBSCRIBED),
            suppressed: contact.suppressed,
            enrolments: enrolments.collect(),
        }
    }
}
