//! A question set as respondents see it: on a phone and on a desk, in each of its languages.
//!
//! The form stands in frames of this site, and records nothing: it is read from an address of the back
//! office, and a frame without leave to send forms cannot send it.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::config::{Config, SecretKey};
use crate::design;
use crate::drip::preview;
use crate::framework::QuestionSet;
use crate::mail::fields::Fields;
use crate::mail::letterhead::Letterhead;
use crate::respond;
use crate::store::Db;

use super::{Tab, language_name};
use crate::web::error::AppError;
use crate::web::headers;
use crate::web::page::Page;
use crate::web::session::Analyst;

#[derive(Template)]
#[template(path = "design/preview.html")]
pub struct Show {
    set: QuestionSet,
    language: String,
    /// Beside the one that the set is written in.
    languages: Vec<String>,
    /// As whom it is looked at, and who that is.
    contact: String,
    reader: Option<String>,
    /// Somebody was asked for whom nobody knows.
    is_unknown: bool,
    /// Which page of the form is shown, from 1, and how many there are.
    page: usize,
    pages: usize,
}

/// What the address says.
struct Asked {
    language: String,
    contact: String,
    /// From 1.
    page: usize,
}

impl Asked {
    fn read(parameters: &[(String, String)]) -> Asked {
        let value = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        Asked {
            language: value("language"),
            contact: value("contact"),
            page: value("page").parse::<usize>().unwrap_or(1).max(1),
        }
    }
}

/// `GET /design/question-sets/{code}/preview?language=&contact=`
pub async fn show(
    request: HttpRequest,
    _: Analyst,
    db: Data<Db>,
    code: Path<String>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let asked = Asked::read(&parameters);
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let set = design
                .framework
                .question_set(&code)
                .cloned()
                .ok_or(AppError::NotFound)?;
            let reader = preview::find_reader(conn, &asked.contact)?.map(|(reader, _)| reader);
            let languages = languages(&set);
            let pages = respond::preview::form(&set, None, Fields::default(), 0).map_or(0, |(_, pages)| pages);
            Ok::<_, AppError>(Show {
                language: Some(asked.language)
                    .filter(|tag| languages.contains(tag))
                    .unwrap_or_default(),
                languages,
                is_unknown: reader.is_none() && !asked.contact.is_empty(),
                reader: reader
                    .as_ref()
                    .map(|reader| format!("{} at {}", reader.name, reader.company_name)),
                contact: asked.contact,
                page: asked.page.min(pages.max(1)),
                pages,
                set,
            })
        })
        .await?;
    let mut response = Page(page).with(StatusCode::OK).respond_to(&request);
    let policy = HeaderValue::from_static(headers::WITH_FRAMES);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// `GET /design/question-sets/{code}/preview/form`: what stands in the frames.
pub async fn form(
    _: Analyst,
    db: Data<Db>,
    config: Data<Config>,
    key: Data<SecretKey>,
    code: Path<String>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let asked = Asked::read(&parameters);
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let form = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let reader = preview::find_reader(conn, &asked.contact)?.map(|(reader, _)| reader);
            let language = Some(asked.language.as_str()).filter(|language| !language.is_empty());
            let set = design.framework.question_set(&code).ok_or(AppError::NotFound)?;
            let fields = respond::preview::fields_of(conn, &letterhead, &design, reader.as_ref())?;
            Ok::<_, AppError>(respond::preview::form(set, language, fields, asked.page - 1))
        })
        .await?;
    let (form, _) = form.ok_or(AppError::NotFound)?;
    let show = crate::web::respond::Show::of("preview".to_owned(), form, false);
    let html = show.render().map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, headers::FRAMED_FORM))
        .body(html))
}

/// All in which a part of the set is written.
fn languages(set: &QuestionSet) -> Vec<String> {
    let of_questions = set.questions.iter().flat_map(|question| question.translations.keys());
    let all: BTreeSet<&String> = set.translations.keys().chain(of_questions).collect();
    all.into_iter().cloned().collect()
}

impl Show {
    fn frame(&self) -> String {
        let mut parameters = url::form_urlencoded::Serializer::new(String::new());
        parameters
            .append_pair("language", &self.language)
            .append_pair("contact", &self.contact)
            .append_pair("page", &self.page.to_string());
        format!(
            "/design/question-sets/{}/preview/form?{}",
            self.set.code,
            parameters.finish()
        )
    }

    /// The same preview, of another page of the form.
    fn page_href(&self, page: &usize) -> String {
        let mut parameters = url::form_urlencoded::Serializer::new(String::new());
        parameters
            .append_pair("language", &self.language)
            .append_pair("contact", &self.contact)
            .append_pair("page", &page.to_string());
        format!(
            "/design/question-sets/{}/preview?{}",
            self.set.code,
            parameters.finish()
        )
    }
}
