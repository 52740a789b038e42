//! Contacts: the people whom drips ask. Who they are and where, never how they answered.

use actix_web::web::{Data, Query};
use askama::Template;

use crate::companies::contacts::{self, Listed};
use crate::companies::listing::{Stretch, Viewer};
use crate::store::{self, Db};

use super::companies::{asked_page, value};
use super::error::AppError;
use super::link;
use super::page::Page;
use super::session::Sales;

/// Contacts on a page.
const ROWS: i64 = 50;

#[derive(Template)]
#[template(path = "contacts/index.html")]
pub struct Index {
    contacts: Vec<Listed>,
    total: i64,
    page: i64,
    search: String,
}

/// `GET /contacts`
pub async fn index(db: Data<Db>, parameters: Query<Vec<(String, String)>>, _: Sales) -> Result<Page<Index>, AppError> {
    let page = asked_page(&parameters)?;
    let search = value(&parameters, "search").trim().to_owned();
    let index = db
        .read(move |conn| {
            let sought = Some(search.as_str()).filter(|search| !search.is_empty());
            Ok::<_, store::Error>(Index {
                contacts: contacts::list(conn, &Viewer::All, sought, Stretch::page(page, ROWS))?,
                total: contacts::count(conn, &Viewer::All, sought)?,
                page,
                search,
            })
        })
        .await?;
    Ok(Page(index))
}

impl Index {
    fn turned(&self, page: i64) -> String {
        let page = page.to_string();
        link::with("/contacts", [("search", self.search.as_str()), ("page", page.as_str())])
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        (self.page.saturating_mul(ROWS) < self.total).then(|| self.turned(self.page + 1))
    }

    fn company_href(&self, external_id: &str) -> String {
        format!("/companies/{}", link::part(external_id))
    }
}
