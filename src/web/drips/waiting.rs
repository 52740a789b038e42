//! What waits, why and until when: of one drip, or of all.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::design;
use crate::drip;
use crate::drip::queue::{self, Digest, MailRow, Reason, Wanted};
use crate::drip::state::{self, Standing, State};
use crate::framework::Framework;
use crate::store::Db;
use crate::text::figures;

use crate::web::companies::{asked_page, value};
use crate::web::error::AppError;
use crate::web::link;
use crate::web::page::Page;
use crate::web::session::Analyst;

/// Mails on a page.
const ROWS: i64 = 50;

#[derive(Template)]
#[template(path = "drips/waiting.html")]
pub struct Waiting {
    framework: Framework,
    /// The one drip that is looked at, and how it stands.
    drip: Option<(String, String, Standing)>,
    /// Why no mail of any drip leaves.
    paused: Option<String>,
    mails: Vec<MailRow>,
    digests: Vec<Digest>,
    total: i64,
    page: i64,
    reason: Option<Reason>,
    search: String,
    now: NaiveDateTime,
}

type Parameters = Query<Vec<(String, String)>>;

/// `GET /drips/{code}/waiting`
pub async fn of_drip(
    db: Data<Db>,
    clock: Data<Clock>,
    code: Path<String>,
    parameters: Parameters,
    _: Analyst,
) -> Result<Page<Waiting>, AppError> {
    load(&db, clock.now(), Some(code.into_inner()), &parameters).await
}

/// `GET /drips/outbox`
pub async fn of_all(
    db: Data<Db>,
    clock: Data<Clock>,
    parameters: Parameters,
    _: Analyst,
) -> Result<Page<Waiting>, AppError> {
    load(&db, clock.now(), None, &parameters).await
}

async fn load(
    db: &Db,
    now: NaiveDateTime,
    code: Option<String>,
    parameters: &[(String, String)],
) -> Result<Page<Waiting>, AppError> {
    let page = asked_page(parameters)?;
    let reason = Reason::parse(value(parameters, "reason"));
    let search = value(parameters, "search").trim().to_owned();
    let found = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let drip = match &code {
                None => None,
                Some(code) => {
                    let known = design.framework.drip(code).ok_or(AppError::NotFound)?;
                    let standing = state::standing(conn, code)?.ok_or(AppError::NotFound)?;
                    Some((code.clone(), known.name.clone(), standing))
                }
            };
            let wanted = Wanted {
                reason: reason.clone(),
                search: Some(search.clone()).filter(|search| !search.is_empty()),
                ..Wanted::waiting(code.as_deref())
            };
            Ok::<_, AppError>(Waiting {
                mails: queue::list_page(conn, &wanted, (page - 1).saturating_mul(ROWS), ROWS)?,
                total: queue::count(conn, &wanted)?,
                digests: queue::digest(conn, code.as_deref())?,
                paused: drip::sending_paused(conn)?,
                framework: design.framework.clone(),
                drip,
                page,
                reason,
                search,
                now,
            })
        })
        .await?;
    Ok(Page(found))
}

impl Waiting {
    fn path(&self) -> String {
        match &self.drip {
            Some((code, ..)) => format!("/drips/{code}/waiting"),
            None => "/drips/outbox".to_owned(),
        }
    }

    fn is_filtered(&self) -> bool {
        self.reason.is_some() || !self.search.is_empty()
    }

    fn is_chosen(&self, digest: &Digest) -> bool {
        self.reason.as_ref() == Some(&digest.reason)
    }

    fn drip_name(&self, code: &str) -> String {
        self.framework
            .drip(code)
            .map_or(code, |drip| drip.name.as_str())
            .to_owned()
    }

    fn turned(&self, page: i64) -> String {
        let page = page.to_string();
        let reason = self.reason.as_ref().map_or("", Reason::as_str);
        link::with(
            &self.path(),
            [
                ("reason", reason),
                ("search", self.search.as_str()),
                ("page", page.as_str()),
            ],
        )
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        (self.page.saturating_mul(ROWS) < self.total).then(|| self.turned(self.page + 1))
    }
}
