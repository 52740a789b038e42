//! A test mail to oneself.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};

use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::drip::trial::{self, Refusal};
use crate::mail::letterhead::Letterhead;
use crate::mail::transport::Server;
use crate::store::Db;

use crate::web::error::AppError;
use crate::web::form::{Faults, Form};
use crate::web::kept::Kept;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;

/// What was typed into the form.
#[derive(Debug, Default)]
pub struct Asked {
    /// From 1.
    pub step: String,
    pub contact: String,
    pub faults: Faults,
}

/// Somebody waits for the page: a server that takes longer is told of as slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// `POST /drips/{code}/trials`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    kept: Data<Kept>,
    code: Path<String>,
    Admin(user): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let mut asked = Asked {
        step: form.text("step")?.to_owned(),
        contact: form.text("contact")?.to_owned(),
        faults: Faults::default(),
    };
    let step: Option<i32> = asked.step.parse().ok().filter(|step| *step >= 1);
    let step = step.ok_or_else(|| AppError::BadRequest("Choose a step.".to_owned()))?;
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let (drip, to, contact) = (code.clone(), user.email.clone(), asked.contact.clone());
    let prepared = db
        .write(move |conn| trial::prepare(conn, now, &letterhead, &to, &drip, step - 1, &contact))
        .await;
    let fault = match prepared {
        Ok(prepared) => match trial::hand_over(&db, now, server(&config).as_ref(), prepared).await? {
            Ok(()) => {
                let to_mailbox = if config.smtp.is_none() {
                    " It is in the mailbox."
                } else {
                    ""
                };
                let notice = format!("A test mail went to {}.{to_mailbox}", user.email);
                return Ok(see_other_with_notice(&config, &format!("/drips/{code}"), &notice));
            }
            Err(why) => ("", format!("The test mail could not be sent: {why}.")),
        },
        Err(Refusal::UnknownDrip) => return Err(AppError::NotFound),
        Err(Refusal::UnknownStep) => (
            "step",
            "The drip has no such step with a letter for this contact.".to_owned(),
        ),
        Err(Refusal::UnknownContact) => {
            let advice = "Nobody of that id, name or address belongs to a company.";
            ("contact", advice.to_owned())
        }
        Err(Refusal::Blank(fields)) => {
            let fields = fields.join(", ");
            let advice =
                format!("The letter would be held back: {fields} is blank for this contact and has no fallback.");
            ("contact", advice)
        }
        Err(Refusal::Suppressed(why)) => {
            let address = &user.email;
            (
                "",
                format!("{address} gets no mail of this drip any more ({why}), no test mail either."),
            )
        }
        Err(Refusal::Unsendable(why)) => ("", format!("The test mail cannot be sent: {why}.")),
        Err(Refusal::Store(error)) => return Err(error.into()),
    };
    asked.faults = Faults::one(fault.0, fault.1);
    let mut page = super::load(&db, &kept, now, &code, user).await?;
    page.trial = asked;
    Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
}

fn server(config: &Config) -> Option<Server> {
    let smtp = config.smtp.clone()?;
    let mut timeouts = config.smtp_timeouts;
    for phase in [
        &mut timeouts.greeting,
        &mut timeouts.mail,
        &mut timeouts.rcpt,
        &mut timeouts.data,
        &mut timeouts.block,
        &mut timeouts.dot,
    ] {
        *phase = PATIENCE.min(*phase);
    }
    Some(Server { smtp, timeouts })
}
