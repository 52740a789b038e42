//! `/api/v1/contacts`: who somebody is, whether mail may go there, and which drips are under way.

use actix_web::web::{Data, Json, Path};
use serde::Serialize;

use crate::companies::contacts::{self, Listed};
use crate::companies::listing::Viewer;
use crate::drip;
use crate::mail::suppression;
use crate::store::Db;
use crate::text::fold;
use crate::web::error::AppError;

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
    state: String,
}

/// `GET /api/v1/contacts/{external_id}`
pub async fn show(db: Data<Db>, external_id: Path<String>) -> Result<Json<Contact>, AppError> {
    let contact = db
        .read(move |conn| {
            let contact = contacts::find(conn, &Viewer::All, &external_id)?.ok_or(AppError::NotFound)?;
            let key = fold::email(&contact.email).map(|email| email.folded());
            let suppressed = match key {
                Some(key) => suppression::list(conn, &key)?,
                None => Vec::new(),
            };
            let enrolments = drip::queries::list_of_contact(conn, contact.id)?;
            Ok::<_, AppError>(Contact::new(contact, suppressed, enrolments))
        })
        .await?;
    Ok(Json(contact))
}

impl Contact {
    fn new(
        contact: Listed,
        suppressed: Vec<(String, String)>,
        enrolments: Vec<drip::queries::EnrolmentRow>,
    ) -> Contact {
        // A drip's code names what is stopped; without one it is everything.
        let suppressed = suppressed
            .into_iter()
            .find_map(|(drip, reason)| drip.is_empty().then_some(reason));
        let enrolments = enrolments.into_iter().map(|row| Enrolment {
            drip: row.drip,
            step: row.next_step,
            state: row.state,
        });
        Contact {
            external_id: contact.external_id,
            company: contact.company,
            email: contact.email,
            role: contact.role,
            language: contact.language,
            unsubscribed: suppressed.as_deref() == Some(suppression::UNSUBSCRIBED),
            suppressed,
            enrolments: enrolments.collect(),
        }
    }
}
