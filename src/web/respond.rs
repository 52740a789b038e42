//! The pages behind a mailed link: the form, its thanks, its closing, the mail itself.
//!
//! They set no cookie, need no script and carry a style sheet of their own, small enough for a
//! phone at the edge of its network.

use std::borrow::Borrow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, RETRY_AFTER};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::token;
use crate::phrases::{self, Language};
use crate::respond::control::Control;
use crate::respond::{self, Form as Asked, Heading, Next, Opened, PageNumber, Refusal, Visits, sitting};
use crate::store::{Db, is_unavailable};

use super::assets;
use super::error::AppError;
use super::form::Form;
use super::giveback;
use super::language;
use super::page::{Page, see_other};
use super::session;
use super::sheets::Sheets;

/// HTML that `text::markdown` has cleaned.
pub struct Html(pub String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// A page of a form. Without a place to send it to, it is only looked at.
#[derive(Template)]
#[template(path = "respond/show.html")]
pub(super) struct Show {
    /// Where it is posted to.
    action: String,
    form: Asked,
    intro: Option<Html>,
    /// Answered otherwise in the meantime.
    is_stale: bool,
    /// The attributes of our own words among those of another language.
    own: Html,
}

#[derive(Template)]
#[template(path = "respond/closed.html")]
struct Closed {
    language: Language,
    heading: Heading,
    until: String,
}

/// What was typed, to be sent once more.
#[derive(Template)]
#[template(path = "respond/later.html")]
struct Later {
    language: Language,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "respond/view.html")]
pub struct View {
    subject: String,
    text: Vec<Word>,
    tag: String,
}

impl View {
    pub fn of(written: Written) -> View {
        View {
            text: linked(&written.text),
            subject: written.subject,
            tag: written.language,
        }
    }
}

/// A piece of a mail's text; an address becomes a link.
pub enum Word {
    Plain(String),
    Link(String),
}

impl Show {
    pub(super) fn of(action: String, mut form: Asked, is_stale: bool) -> Show {
        Show {
            action,
            intro: form.intro.take().map(Html),
            own: Html(phrases::foreign(form.language, &form.tag)),
            form,
            is_stale,
        }
    }

    fn say(&self, key: &str) -> String {
        self.form.language.say(key)
    }

    /// How far it is: a number, from 1, of how many.
    fn counted(&self, key: &str, n: impl Borrow<usize>, all: impl Borrow<usize>) -> String {
        let values = [("n", (*n.borrow()).into()), ("all", (*all.borrow()).into())];
        self.form.language.say_with(key, &values)
    }

    fn rank(&self, places: &[String]) -> String {
        self.form.language.say_with("form-rank", &[("n", places.len().into())])
    }

    fn share_out(&self, total: impl Borrow<u32>) -> String {
        self.form
            .language
            .say_with("form-share", &[("total", (*total.borrow()).into())])
    }

    fn asks(&self) -> String {
        let values = [
            ("sender", self.form.sender.as_str().into()),
            ("company", self.form.heading.company.as_str().into()),
        ];
        self.form.language.say_with("form-asks", &values)
    }

    fn end(&self, point: &str, words: &str) -> String {
        let values = [("n", point.into()), ("words", words.into())];
        self.form.language.say_with("form-end", &values)
    }

    /// The words with a hole for the script to fill.
    fn pattern(&self, key: &str) -> String {
        self.form.language.say_with(key, &[("n", "#".into())])
    }

    /// What leads on: to another page, or to the end.
    fn onward(&self) -> String {
        let is_last = self.form.page.is_none_or(|page| page.is_last);
        self.say(if is_last { "form-send" } else { "form-continue" })
    }

    /// The script that makes the page quicker. With its style sheet in it, a page is two requests:
    /// its own, and that of its script.
    fn script(&self) -> Option<String> {
        let controls = || self.form.questions.iter().map(|asked| &asked.control);
        if self.pages().is_some() || controls().any(Control::is_composed) {
            return Some(assets::url(assets::WHOLE));
        }
        let needs_keys = controls().any(|control| !matches!(control, Control::Text { .. }));
        needs_keys.then(|| assets::url("respond.js"))
    }

    fn leads_back(&self) -> bool {
        self.form.page.is_some_and(|page| page.has_before)
    }

    /// Whether there is more than this page, and where it stands.
    fn pages(&self) -> Option<PageNumber> {
        self.form.page.filter(|page| page.of > 1)
    }
}

/// `GET /r/{token}`; `?{question}={option}` ticks an answer in advance.
pub async fn show(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    token: Path<String>,
) -> Result<HttpResponse, AppError> {
    let (now, token) = (clock.now(), plain(token));
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let ticked: Vec<(String, String)> = url::form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let (given, sender) = (token.clone(), letterhead.clone());
    let opened = db
        .look_up(move |conn| respond::open(conn, now, &sender, &given, &ticked))
        .await?;
    opened_page(&request, &db, now, letterhead, token, opened).await
}

/// `POST /r/{token}`: saves the answers, or shows the form again with what is wrong.
pub async fn save(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    visits: Data<Visits>,
    token: Path<String>,
    Form(fields): Form,
) -> Result<HttpResponse, AppError> {
    let (now, token) = (clock.now(), plain(token));
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let (given, typed) = (token.clone(), fields.clone());
    let recorded = db
        .write(move |conn| respond::record(conn, now, &letterhead, &visits, &given, &fields))
        .await;
    Ok(match recorded {
        Ok(Next::Thanks) => see_other(&format!("/r/{token}/thanks")),
        Ok(Next::Page(page)) => see_other(&format!("/r/{token}?{page}")),
        Err(Refusal::Faulty(form)) => Page(Show::of(path(&token), *form, false))
            .with(StatusCode::UNPROCESSABLE_ENTITY)
            .respond_to(&request),
        Err(Refusal::Stale(form)) => Page(Show::of(path(&token), *form, true))
            .with(StatusCode::CONFLICT)
            .respond_to(&request),
        Err(Refusal::Closed(heading, closed_at)) => closed(&request, heading, closed_at),
        Err(Refusal::Unknown) => return Err(AppError::NotFound),
        Err(Refusal::Twice(name)) => {
            return Err(AppError::BadRequest(format!("The field {name} was sent twice.")));
        }
        Err(Refusal::Store(error)) if is_unavailable(&error) => {
            tracing::error!(%error, "answers could not be saved");
            later(&request, typed)
        }
        Err(Refusal::Store(error)) => return Err(error.into()),
    })
}

/// `GET /r/{token}/thanks`
pub async fn thanks(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    token: Path<String>,
) -> Result<HttpResponse, AppError> {
    let (now, token) = (clock.now(), plain(token));
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let (given, sender) = (token.clone(), letterhead.clone());
    let opened = db.read(move |conn| respond::thanks(conn, now, &sender, &given)).await?;
    opened_page(&request, &db, now, letterhead, token, opened).await
}

/// `GET /view/{token}`: the mail in the browser.
pub async fn view(
    db: Data<Db>,
    config: Data<Config>,
    key: Data<SecretKey>,
    token: Path<String>,
) -> Result<Page<View>, AppError> {
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let written = db.read(move |conn| respond::view(conn, &letterhead, &token)).await?;
    let written = written.ok_or(AppError::NotFound)?;
    Ok(Page(View::of(written)))
}

async fn opened_page(
    request: &HttpRequest,
    db: &Db,
    now: NaiveDateTime,
    letterhead: Letterhead,
    token: String,
    opened: Opened,
) -> Result<HttpResponse, AppError> {
    Ok(match opened {
        Opened::Untouched(untouched) => {
            let sheets: &Data<Sheets> = session::data(request)?;
            let page = sheets.page(*untouched, &path(&token))?;
            HttpResponse::Ok().insert_header(ContentType::html()).body(page)
        }
        Opened::Form(form) => Page(Show::of(path(&token), *form, false)).respond_to(request),
        Opened::Thanks(heading) => giveback::thanks(request, db, now, letterhead, token, heading).await?,
        Opened::Closed(heading, closed_at) => closed(request, heading, closed_at),
        Opened::Unknown => return Err(AppError::NotFound),
    })
}

/// The token without what a mail program added to the link: it goes into the page's own addresses.
fn plain(given: Path<String>) -> String {
    token::read(&given).unwrap_or_else(|| given.into_inner())
}

/// Where the form of that link goes.
pub(super) fn path(token: &str) -> String {
    format!("/r/{token}")
}

fn closed(request: &HttpRequest, heading: Heading, closed_at: NaiveDateTime) -> HttpResponse {
    let language = language::of(heading.language.as_deref(), request);
    // To the minute, and in which zone: who comes a moment late sees that it was a moment.
    let date = format!("{}, {} UTC", language.date(closed_at.date()), closed_at.format("%H:%M"));
    let values = [
        ("company", heading.company.as_str().into()),
        ("date", date.as_str().into()),
    ];
    let key = if heading.company.is_empty() {
        "closed-until"
    } else {
        "closed-until-about"
    };
    let until = language.say_with(key, &values);
    Page(Closed {
        language,
        heading,
        until,
    })
    .with(StatusCode::GONE)
    .respond_to(request)
}

fn later(request: &HttpRequest, fields: Vec<(String, String)>) -> HttpResponse {
    // The database cannot be asked for the contact's language.
    let language = language::of_browser(request);
    let mut response = Page(Later { language, fields })
        .with(StatusCode::SERVICE_UNAVAILABLE)
        .respond_to(request);
    let seconds = actix_web::http::header::HeaderValue::from_static("5");
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

/// The text with its web addresses set apart.
pub fn linked(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(start) = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let end = rest[start..].find(|c: char| c.is_whitespace() || "<>\"".contains(c));
        let end = end.map_or(rest.len(), |end| start + end);
        // What ends a sentence is no part of the address.
        let end = start
            + rest[start..end]
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')'])
                .len();
        words.push(Word::Plain(rest[..start].to_owned()));
        words.push(Word::Link(rest[start..end].to_owned()));
        rest = &rest[end..];
    }
    words.push(Word::Plain(rest.to_owned()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_link_without_the_stop_behind_it() {
        let words = linked("See https://a.test/x?y=1, or (http://b.test/).\nBye: https://");
        let shown: Vec<String> = words
            .into_iter()
            .map(|word| match word {
                Word::Plain(text) => text,
                Word::Link(url) => format!("<{url}>"),
            })
            .collect();
        let shown = shown.concat();
        assert!(
            shown.starts_with("See <https://a.test/x?y=1>, or (<http://b.test/>).\nBye: "),
            "{shown}"
        );
    }
}
