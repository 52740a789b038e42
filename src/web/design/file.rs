//! The framework's file: out, tried, and in.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::clock::Clock;
use crate::config::Config;
use crate::framework::fault::Fault;
use crate::framework::{self, Framework};
use crate::store::Db;
use crate::{design, reframe};

use crate::web::error::AppError;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};
use crate::web::upload::Upload;

/// The longest framework file.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;

/// `GET /design/framework.toml`
pub async fn toml(_: Analyst, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let stored = db.read(design::current).await?;
    let text = framework::write::toml(&stored.framework);
    Ok(file("application/toml", "framework.toml", text))
}

/// `GET /design/framework.json`
pub async fn json(_: Analyst, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let stored = db.read(design::current).await?;
    let text = framework::write::json(&stored.framework);
    Ok(file("application/json", "framework.json", text))
}

fn file(kind: &str, name: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(text)
}

#[derive(Template)]
#[template(path = "design/draft.html")]
pub struct Draft {
    faults: Vec<Fault>,
    changes: Vec<String>,
    /// The file, to be sent again when its changes are wanted.
    text: String,
}

/// `POST /design/draft`: what is wrong with a file, or what it would change.
pub async fn draft(request: HttpRequest, _: Admin, db: Data<Db>, upload: Upload) -> Result<HttpResponse, AppError> {
    let text = text(&upload)?;
    let draft = match read(&text) {
        Err(faults) => Draft::faulty(faults, text),
        Ok(framework) => {
            let stored = db.read(design::current).await?;
            Draft {
                faults: vec![],
                changes: framework::diff::changes(&stored.framework, &framework),
                text,
            }
        }
    };
    Ok(draft.respond(&request))
}

/// `POST /design/framework`: puts the file in force.
pub async fn update(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    upload: Upload,
) -> Result<HttpResponse, AppError> {
    let text = text(&upload)?;
    let framework = match read(&text) {
        Ok(framework) => framework,
        Err(faults) => return Ok(Draft::faulty(faults, text).respond(&request)),
    };
    let (now, by) = (clock.now(), user.email);
    let changes = db.write(move |conn| reframe::apply(conn, now, &by, &framework)).await?;
    let notice = match changes.len() {
        0 => "Nothing changed: that framework is in force already.".to_owned(),
        1 => "Applied one change.".to_owned(),
        n => format!("Applied {n} changes."),
    };
    Ok(see_other_with_notice(&config, "/design", &notice))
}

fn text(upload: &Upload) -> Result<String, AppError> {
    let text = match upload.text("file")? {
        None => upload.text("text")?,
        file => file,
    };
    // A browser sends a text that it was shown with line breaks of its own.
    text.map(|text| text.replace("\r\n", "\n"))
        .ok_or_else(|| AppError::BadRequest("Choose a file that is not empty.".to_owned()))
}

/// A JSON file begins with a brace; TOML never does.
fn read(text: &str) -> Result<Framework, Vec<Fault>> {
    if text.trim_start().starts_with('{') {
        framework::read::json(text)
    } else {
        framework::read::toml(text)
    }
}

impl Draft {
    fn faulty(faults: Vec<Fault>, text: String) -> Draft {
        Draft {
            faults,
            changes: vec![],
            text,
        }
    }

    fn respond(self, request: &HttpRequest) -> HttpResponse {
        let status = if self.faults.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Page(self).with(status).respond_to(request)
    }
}
