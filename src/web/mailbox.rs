//! The mailbox: mails that were captured because no mail server is set. For admins.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::mail::captured::{self, CapturedRow, Opened};
use crate::store::Db;
use crate::text::figures;

use super::error::AppError;
use super::page::Page;
use super::respond::{Word, linked};
use super::session::Admin;

const MAILS: i64 = 50;

#[derive(Template)]
#[template(path = "mailbox/index.html")]
pub struct Index {
    mails: Vec<CapturedRow>,
    total: i64,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "mailbox/show.html")]
pub struct Show {
    mail: CapturedRow,
    headers: Vec<(String, String)>,
    text: Vec<Word>,
    /// The form that the mail asks to fill in.
    form: Option<String>,
}

#[derive(Deserialize)]
pub struct Place {
    #[serde(default)]
    from: i64,
}

/// `GET /mailbox`
pub async fn index(db: Data<Db>, place: Query<Place>, _: Admin) -> Result<Page<Index>, AppError> {
    let from = place.from.max(0);
    let (mails, total) = db.read(move |conn| captured::list(conn, from, MAILS)).await?;
    let more = from + (mails.len() as i64) < total;
    Ok(Page(Index {
        mails,
        total,
        first: (from > 0).then(|| "/mailbox".to_owned()),
        next: more.then(|| format!("/mailbox?from={}", from + MAILS)),
    }))
}

/// `GET /mailbox/{id}`
pub async fn show(db: Data<Db>, id: Path<i64>, _: Admin) -> Result<Page<Show>, AppError> {
    let found = db.read(move |conn| captured::open(conn, *id)).await?;
    let Opened { mail, headers, text } = found.ok_or(AppError::NotFound)?;
    let text = linked(&text);
    let form = text.iter().find_map(|word| match word {
        // An option's own link ticks it in advance; the plain one opens the form.
        Word::Link(url) if url.contains("/r/") => Some(url.split('?').next().unwrap_or(url).to_owned()),
        _ => None,
    });
    Ok(Page(Show {
        mail,
        headers,
        text,
        form,
    }))
}
