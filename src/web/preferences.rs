//! What a contact wants of our mail, behind a mailed link.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::clock::Clock;
use crate::respond::{self, Preferences, Wish};
use crate::store::Db;

use super::error::AppError;
use super::form::Form;
use super::page::Page;

#[derive(Template)]
#[template(path = "preferences/show.html")]
struct Show {
    preferences: Preferences,
    /// What the button just did.
    done: Option<&'static str>,
}

impl Show {
    /// Whether the contact may take it back: its own wish, not a bounce.
    fn is_own_wish(&self, why: &str) -> bool {
        why == crate::mail::suppression::UNSUBSCRIBED
    }
}

#[derive(Template)]
#[template(path = "preferences/unsubscribe.html")]
pub struct Unsubscribe {
    is_done: bool,
}

/// `GET /preferences/{token}`
pub async fn show(request: HttpRequest, db: Data<Db>, token: Path<String>) -> Result<HttpResponse, AppError> {
    page(&request, &db, token.into_inner(), None).await
}

/// `POST /preferences/{token}`
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, token) = (clock.now(), token.into_inner());
    let wish = Wish::parse(form.text("wish")?);
    let wish = wish.ok_or_else(|| AppError::BadRequest("Choose one of the buttons.".to_owned()))?;
    let given = token.clone();
    if !db.write(move |conn| respond::wish(conn, now, &given, wish)).await? {
        return Err(AppError::NotFound);
    }
    let done = match wish {
        Wish::StopDrip => "You get no more mails of this series.",
        Wish::StopAll => "You get no more mails from us.",
        Wish::ResumeDrip | Wish::ResumeAll => "You get our mails again.",
    };
    page(&request, &db, token, Some(done)).await
}

async fn page(
    request: &HttpRequest,
    db: &Db,
    token: String,
    done: Option<&'static str>,
) -> Result<HttpResponse, AppError> {
    let found = db.read(move |conn| respond::preferences(conn, &token)).await?;
    let preferences = found.ok_or(AppError::NotFound)?;
    Ok(Page(Show { preferences, done }).respond_to(request))
}

/// `GET /unsubscribe/{token}`: asks first, as programs that look at links open it, too.
pub async fn confirm(db: Data<Db>, token: Path<String>) -> Result<Page<Unsubscribe>, AppError> {
    let known = db.read(move |conn| respond::is_unsubscribe_link(conn, &token)).await?;
    known
        .then_some(Page(Unsubscribe { is_done: false }))
        .ok_or(AppError::NotFound)
}

/// `POST /unsubscribe/{token}`: from the page, or with one click from a mail program (RFC 8058),
/// whose body says nothing that the address does not.
pub async fn unsubscribe(db: Data<Db>, clock: Data<Clock>, token: Path<String>) -> Result<Page<Unsubscribe>, AppError> {
    let now = clock.now();
    let known = db
        .write(move |conn| respond::unsubscribe_all(conn, now, &token))
        .await?;
    known
        .then_some(Page(Unsubscribe { is_done: true }))
        .ok_or(AppError::NotFound)
}
