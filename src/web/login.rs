//! Logging in and out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Deserialize;

use crate::accounts::{self, PasswordFault, Passwords, Verdict, session as sessions};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::Db;

use super::error::AppError;
use super::form::Form;
use super::page::{Page, see_other};
use super::throttle::Throttle;
use super::{routes, session};

/// The same words whether the address is unknown, the password wrong or the account shut.
const WRONG: &str = "That address and password do not go together.";

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "login/new.html")]
pub struct New {
    email: String,
    next: String,
    fault: Option<String>,
}

impl New {
    /// Which of the two is wrong is never told.
    const NO_FAULT: Option<&'static str> = None;
}

/// `GET /login`
pub async fn new(request: HttpRequest, wanted: Query<Wanted>) -> Result<HttpResponse, AppError> {
    let next = wanted.next.as_deref().and_then(known_page).unwrap_or("/");
    if session::viewer(&request).await?.is_some() {
        return Ok(see_other(next));
    }
    let page = New {
        email: String::new(),
        next: next.to_owned(),
        fault: None,
    };
    Ok(Page(page).respond_to(&request))
}

/// `POST /login`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    passwords: Data<Passwords>,
    throttle: Data<Throttle>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let (email, password, next) = (form.text("email")?, form.text("password")?, form.text("next")?);
    let next = known_page(next).unwrap_or("/");
    let address = request.peer_addr().map(|peer| peer.ip());
    throttle
        .admit(now, email, address)
        .map_err(|retry_after_seconds| AppError::TooMany { retry_after_seconds })?;
    let refuse = |fault: &str| {
        tracing::warn!("a log-in was refused");
        let page = New {
            email: email.to_owned(),
            next: next.to_owned(),
            fault: Some(fault.to_owned()),
        };
        Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
    };

    let sought = email.to_owned();
    let found = db.read(move |conn| accounts::find_credentials(conn, &sought)).await?;
    let (user, hashed) = match found {
        Some(found) => (Some(found.user), Some(found.hashed)),
        None => (None, None),
    };
    let rehashed = match passwords.verify(password.to_owned(), hashed).await {
        Ok(Verdict::Right { rehashed }) => rehashed,
        Ok(Verdict::Wrong) => return refuse(WRONG),
        Err(fault @ PasswordFault::Unhashed) => return Err(AppError::internal(fault)),
        Err(fault) => return refuse(&fault.to_string()),
    };
    let Some(user) = user else {
        return refuse(WRONG);
    };
    let begun = db
        .write(move |conn| sessions::log_in(conn, now, user.id, rehashed.as_ref()))
        .await?;
    let Some(token) = begun else {
        return refuse(WRONG);
    };
    throttle.forgive(email, address);
    let mut response = see_other(next);
    response
        .add_cookie(&session::cookie(&config, &token))
        .map_err(AppError::internal)?;
    Ok(response)
}

/// `POST /logout`
pub async fn delete(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    if let Some(token) = session::token(&request) {
        db.write(move |conn| sessions::log_out(conn, now, &token)).await?;
    }
    let mut response = see_other("/login");
    response
        .add_cookie(&session::spent_cookie(&config))
        .map_err(AppError::internal)?;
    Ok(response)
}

/// Only a page of ours: whatever else stands there leads elsewhere.
fn known_page(next: &str) -> Option<&str> {
    let path = next.split('?').next().unwrap_or_default();
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_plain && routes::role_of_page(path).is_some()).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_log_in_only_pages_of_ours_come_next() {
        assert_eq!(known_page("/users"), Some("/users"));
        assert_eq!(known_page("/audit?before=7"), Some("/audit?before=7"));
        for next in [
            "",
            "//e.test",
            "/\\e.test",
            "https:e.test",
            "https://e.test/users",
            "/%09/e.test",
            "@e.test",
            "/users\r\nX: y",
            "/login",
            "/static/app.css",
            "/nowhere",
        ] {
            assert_eq!(known_page(next), None, "{next}");
        }
    }
}
