//! Files in and files out: CSV taken with all its faults told, the runs so far, downloads.

use actix_multipart::{Multipart, MultipartError};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use futures_util::StreamExt;

use crate::accounts::Role;
use crate::audit;
use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::export;
use crate::import::{self, Counts, FileRefusal, Run, What};
use crate::store::Db;
use crate::text::csv::{CsvFaults, Limits};
use crate::text::fold;

use super::error::AppError;
use super::form::Form;
use super::page::{Page, see_other_with_notice};
use super::session::Analyst;

/// A file that a browser sends.
const MOST_BYTES: usize = 5 * 1024 * 1024;
const MOST_FIELD_BYTES: usize = 1024;
/// Runs on the page.
const RUNS: usize = 20;

#[derive(Template)]
#[template(path = "imports/index.html")]
pub struct Index {
    runs: Vec<Run>,
    role: Role,
    what: Option<What>,
    /// What the last try came to, where it is not told by the runs.
    tried: Option<Tried>,
}

/// What became of a file that was not kept.
enum Tried {
    Faulty { name: String, faults: CsvFaults },
    DryRun { name: String, counts: Counts },
    Missing,
}

impl Index {
    fn is_chosen(&self, what: &What) -> bool {
        self.what == Some(*what)
    }

    fn exports(&self) -> Vec<export::What> {
        // Single answers are for admins alone: `min_group` guards them everywhere else.
        let mine = |what: &export::What| *what != export::What::Answers || self.role.may(Role::Admin);
        export::What::ALL.into_iter().filter(mine).collect()
    }
}

/// `GET /imports`
pub async fn index(db: Data<Db>, Analyst(user): Analyst) -> Result<Page<Index>, AppError> {
    page(&db, user.role, None, None).await
}

async fn page(db: &Db, role: Role, what: Option<What>, tried: Option<Tried>) -> Result<Page<Index>, AppError> {
    let runs = db.read(|conn| import::list_runs(conn, RUNS)).await?;
    Ok(Page(Index {
        runs,
        role,
        what,
        tried,
    }))
}

/// `POST /imports`: takes the file, or shows every fault.
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    Analyst(user): Analyst,
    parts: Multipart,
) -> Result<HttpResponse, AppError> {
    let upload = read(parts).await?;
    let (Some(what), false) = (upload.what, upload.bytes.is_empty()) else {
        let page = page(&db, user.role, upload.what, Some(Tried::Missing)).await?;
        return Ok(page.with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    };
    let (now, actor, name) = (clock.now(), user.email.clone(), upload.name.clone());
    let taken = db
        .write(move |conn| {
            let file = import::File {
                what,
                name: &upload.name,
                bytes: &upload.bytes,
                limits: Limits::UPLOAD,
                dry_run: upload.dry_run,
            };
            import::csv(conn, now, &actor, &key, &file)
        })
        .await;
    let (tried, status) = match taken {
        Ok(counts) => {
            let notice = format!("{name}: {}.", words(&counts));
            return Ok(see_other_with_notice(&config, "/imports", &notice));
        }
        Err(FileRefusal::Store(error)) => return Err(error.into()),
        Err(FileRefusal::DryRun(counts)) => (Tried::DryRun { name, counts }, StatusCode::OK),
        Err(FileRefusal::Faulty(faults)) => (Tried::Faulty { name, faults }, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let page = page(&db, user.role, Some(what), Some(tried)).await?;
    Ok(page.with(status).respond_to(&request))
}

/// `3 created, 1 updated, 0 unchanged`
fn words(counts: &Counts) -> String {
    let Counts {
        created,
        updated,
        unchanged,
    } = counts;
    format!("{created} created, {updated} updated, {unchanged} unchanged")
}

#[derive(Default)]
struct Upload {
    what: Option<What>,
    dry_run: bool,
    /// As the sender calls it: shown and noted, never opened.
    name: String,
    bytes: Bytes,
}

async fn read(mut parts: Multipart) -> Result<Upload, AppError> {
    let mut upload = Upload::default();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(refused)?;
        let field = part.name().unwrap_or_default().to_owned();
        let sent_as = part.content_disposition().and_then(|said| said.get_filename());
        let name = sent_as.map(|name| fold::line(name, 200).unwrap_or_default());
        let most = if field == "file" { MOST_BYTES } else { MOST_FIELD_BYTES };
        let mut bytes = BytesMut::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(refused)?;
            if bytes.len() + chunk.len() > most {
                return Err(AppError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        match field.as_str() {
            "what" => upload.what = std::str::from_utf8(&bytes).ok().and_then(What::parse),
            "dry_run" => upload.dry_run = true,
            "file" => {
                upload.name = name
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| "file".to_owned());
                upload.bytes = bytes.freeze();
            }
            _ => {}
        }
    }
    Ok(upload)
}

fn refused(error: MultipartError) -> AppError {
    match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible => {
            AppError::UnsupportedMedia("Send the file as multipart/form-data.".to_owned())
        }
        error => AppError::BadRequest(format!("The file did not arrive whole: {error}.")),
    }
}

/// `POST /exports`: a file to download. No GET, because it is noted who took it.
pub async fn export(
    db: Data<Db>,
    clock: Data<Clock>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let what = export::What::parse(form.text("what")?);
    let format = export::Format::parse(form.text("format")?);
    let (Some(what), Some(format)) = (what, format) else {
        return Err(AppError::BadRequest(
            "Choose what to export, as .csv or .xlsx.".to_owned(),
        ));
    };
    if what == export::What::Answers && !user.role.may(Role::Admin) {
        return Err(AppError::Forbidden(
            "Single answers are exported by admins alone.".to_owned(),
        ));
    }
    let now = clock.now();
    let (rows, bytes) = db
        .read(move |conn| {
            let mut bytes = Vec::new();
            let rows = export::write(conn, now, what, format, &mut bytes)?;
            Ok::<_, export::Refusal>((rows, bytes))
        })
        .await
        .map_err(not_exported)?;
    db.write(move |conn| {
        let detail = format!("{rows} rows as {}", format.as_str());
        audit::note(
            conn,
            now,
            &user.email,
            &format!("{}.export", what.as_str()),
            "",
            &detail,
        )
    })
    .await?;
    let name = format!("{}-{}.{}", what.as_str(), now.date(), format.as_str());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}

fn not_exported(refusal: export::Refusal) -> AppError {
    match refusal {
        export::Refusal::Store(error) => error.into(),
        export::Refusal::TooManyRows => AppError::BadRequest(format!("{refusal}.")),
        refusal => AppError::internal(refusal),
    }
}
