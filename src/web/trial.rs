//! The pages behind a test mail's links: those that the contact would see, under a banner that says
//! what they are. Whatever is posted is thanked for and forgotten.
//!
//! They stand in where the page itself knows the token not ([`super::session::gate`]). Preferences and
//! unsubscribing know a test mail's link by themselves.

use std::any::Any;

use actix_web::http::header::ContentType;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::mail::letterhead::Letterhead;
use crate::respond::{sitting, trial};
use crate::store::Db;

use super::error::AppError;
use super::giveback::Thanks;
use super::page::see_other;
use super::respond::{self, Show, View};
use super::session::data;

/// What `respond/layout.html` looks for to show the banner.
pub struct Banner;

impl askama::Values for Banner {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == "trial").then_some(self as &dyn Any)
    }
}

fn page(template: &impl Template) -> Result<HttpResponse, AppError> {
    let html = template.render_with_values(&Banner).map_err(AppError::internal)?;
    Ok(HttpResponse::build(StatusCode::OK)
        .insert_header(ContentType::html())
        .body(html))
}

/// What stands at this mailed address, if it is a test mail's; a failure is logged and told as a page.
pub async fn stand_in(request: &HttpRequest) -> Option<HttpResponse> {
    match look_up(request).await {
        Ok(page) => page,
        Err(error) => Some(HttpResponse::from_error(error)),
    }
}

async fn look_up(request: &HttpRequest) -> Result<Option<HttpResponse>, AppError> {
    let token = request.match_info().get("token").unwrap_or_default().to_owned();
    let is_posted = *request.method() == Method::POST;
    match request.path().split('/').nth(1) {
        Some("r") => form(request, token, is_posted).await,
        Some("view") => view(request, token).await,
        _ => Ok(None),
    }
}

/// The form; its thanks where the address says so. What is posted is not even read.
async fn form(request: &HttpRequest, token: String, is_posted: bool) -> Result<Option<HttpResponse>, AppError> {
    let (now, letterhead) = (now(request)?, letterhead(request)?);
    let ticked: Vec<(String, String)> = url::form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let given = token.clone();
    let form = data::<Db>(request)?
        .read(move |conn| trial::form(conn, now, &letterhead, &given, &ticked))
        .await?;
    let Some((form, next)) = form else { return Ok(None) };
    let path = respond::path(&token);
    if is_posted {
        let next = next.map_or(format!("{path}/thanks"), |page| format!("{path}?{page}"));
        return Ok(Some(see_other(&next)));
    }
    if request.path().ends_with("/thanks") {
        return page(&Thanks::plain(form.heading)).map(Some);
    }
    // What is posted is not read: the address says which page it comes from.
    let number = form.page.map_or(1, |page| page.number);
    let action = format!("{path}?{}={number}", sitting::PAGE);
    page(&Show::of(action, form, false)).map(Some)
}

async fn view(request: &HttpRequest, token: String) -> Result<Option<HttpResponse>, AppError> {
    let (now, letterhead) = (now(request)?, letterhead(request)?);
    let written = data::<Db>(request)?
        .read(move |conn| trial::view(conn, now, &letterhead, &token))
        .await?;
    let Some(written) = written else { return Ok(None) };
    page(&View::of(written)).map(Some)
}

fn now(request: &HttpRequest) -> Result<NaiveDateTime, AppError> {
    Ok(data::<Clock>(request)?.now())
}

fn letterhead(request: &HttpRequest) -> Result<Letterhead, AppError> {
    let key = data::<SecretKey>(request)?;
    Ok(Letterhead::new(data::<Config>(request)?, SecretKey::clone(key)))
}
