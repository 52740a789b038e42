//! The audit log, newest first.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::audit::{self, Stretch};
use crate::store::Db;

use super::error::AppError;
use super::page::Page;
use super::session::Admin;

const ROWS: usize = 50;

#[derive(Deserialize)]
pub struct Place {
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "audit/index.html")]
pub struct Index {
    log: Stretch,
    is_newest: bool,
}

impl Index {
    fn newest(&self) -> Option<String> {
        (!self.is_newest).then(|| "/audit".to_owned())
    }

    fn older(&self) -> Option<String> {
        self.log.next.map(|next| format!("/audit?before={next}"))
    }
}

/// `GET /audit`
pub async fn index(db: Data<Db>, place: Query<Place>, _: Admin) -> Result<Page<Index>, AppError> {
    let before = place.before;
    let log = db.read(move |conn| audit::list(conn, before, ROWS)).await?;
    Ok(Page(Index {
        log,
        is_newest: before.is_none(),
    }))
}
