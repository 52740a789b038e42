//! What users change of their own account.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::{self, PasswordFault, Passwords, Refusal, Verdict};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::Db;

use super::error::AppError;
use super::form::{Faults, Form};
use super::page::{Page, see_other};
use super::session::{self, Sales};
use super::throttle::Throttle;

#[derive(Template)]
#[template(path = "account/password.html")]
pub struct Password {
    faults: Faults,
}

/// `GET /account/password`
pub async fn edit_password(_: Sales) -> Page<Password> {
    Page(Password {
        faults: Faults::default(),
    })
}

/// `POST /account/password`: with the current one, so that an open screen is not enough.
pub async fn update_password(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    passwords: Data<Passwords>,
    throttle: Data<Throttle>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let refuse = |place: &str, why: &str| {
        let page = Password {
            faults: Faults::one(place, why),
        };
        Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
    };
    throttle
        .admit(now, &user.email, None)
        .map_err(|retry_after_seconds| AppError::TooMany { retry_after_seconds })?;
    let sought = user.email.clone();
    let found = db.read(move |conn| accounts::find_credentials(conn, &sought)).await?;
    let hashed = found.map(|found| found.hashed);
    match passwords.verify(form.text("current")?.to_owned(), hashed).await {
        Ok(Verdict::Right { .. }) => throttle.forgive(&user.email, None),
        Ok(Verdict::Wrong) | Err(PasswordFault::TooLong | PasswordFault::TooShort) => {
            return refuse("current", "That is not your current password.");
        }
        Err(fault @ PasswordFault::Unhashed) => return Err(AppError::internal(fault)),
    }
    let hashed = match passwords.hash(form.text("password")?.to_owned()).await {
        Ok(hashed) => hashed,
        Err(fault) => return refuse("password", &fault.to_string()),
    };
    let changed = db
        .write(move |conn| accounts::change_password(conn, now, &user.email, user.id, &hashed))
        .await;
    match changed {
        Ok(()) => {
            let mut response = see_other("/login");
            let spent = session::spent_cookie(&config);
            response.add_cookie(&spent).map_err(AppError::internal)?;
            Ok(response)
        }
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(refusal) => refuse("password", &refusal.to_string()),
    }
}
