//! Views: pages of figures with their filter, under a name.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use super::frame::Tab;
use crate::accounts::User;
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::ViewId;
use crate::insight::views::{self, NewView, Refusal, View};
use crate::store::Db;
use crate::web::error::{AppError, Fault};
use crate::web::form::Form;
use crate::web::page::{Page, see_other, see_other_with_notice};
use crate::web::session::Sales;

#[derive(Template)]
#[template(path = "insights/views.html")]
pub struct Index {
    user: User,
    own: Vec<View>,
    shared: Vec<View>,
    removed: Vec<View>,
}

impl Index {
    /// The name of the page that a view is of.
    fn page_of(&self, view: &View) -> &'static str {
        tab(&view.page).map_or("Page", Tab::label)
    }

    fn may_change(&self, view: &View) -> bool {
        view.user_id == self.user.id || self.user.role == crate::accounts::Role::Admin
    }
}

/// `GET /insights/views`
pub async fn index(Sales(user): Sales, db: Data<Db>, clock: Data<Clock>) -> Result<Page<Index>, AppError> {
    let now = clock.now();
    let id = user.id;
    let (all, removed) = db
        .read(move |conn| Ok::<_, AppError>((views::list(conn, id)?, views::list_removed(conn, now, id)?)))
        .await?;
    let (own, shared) = all.into_iter().partition(|view| view.user_id == user.id);
    Ok(Page(Index {
        own,
        shared,
        removed,
        user,
    }))
}

/// `GET /insights/views/{id}`: the address that always leads to the view.
pub async fn open(Sales(user): Sales, db: Data<Db>, id: Path<i64>) -> Result<HttpResponse, AppError> {
    let id = ViewId(id.into_inner());
    let view = db
        .read(move |conn| Ok::<_, AppError>(views::find(conn, user.id, id)?))
        .await?;
    let view = view.ok_or(AppError::NotFound)?;
    Ok(see_other(&href(&view)))
}

/// `POST /insights/views`
pub async fn create(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let page = tab(form.text("page")?).ok_or_else(|| AppError::BadRequest("There is no such page.".to_owned()))?;
    let new = NewView {
        name: form.text("name")?.to_owned(),
        page: page.href().to_owned(),
        query: form.text("query")?.trim_start_matches('?').to_owned(),
        is_shared: !form.text("shared")?.is_empty(),
    };
    let now = clock.now();
    let back = format!("{}?{}", new.page, new.query);
    let name = new.name.trim().to_owned();
    db.write(move |conn| views::add(conn, now, &user, &new).map_err(refused))
        .await?;
    let notice = format!("Kept as “{name}”.");
    Ok(see_other_with_notice(&config, back.trim_end_matches('?'), &notice))
}

/// `POST /insights/views/{id}`: another name, shared or not.
pub async fn update(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), ViewId(id.into_inner()));
    let (name, is_shared) = (form.text("name")?.to_owned(), !form.text("shared")?.is_empty());
    db.write(move |conn| views::change(conn, now, &user, id, &name, is_shared).map_err(refused))
        .await?;
    Ok(see_other_with_notice(&config, VIEWS, "The view is changed."))
}

/// `POST /insights/views/{id}/removal`
pub async fn remove(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), ViewId(id.into_inner()));
    let view = db
        .write(move |conn| views::remove(conn, now, &user, id).map_err(refused))
        .await?;
    let notice = format!("“{}” is deleted. You can put it back below for 30 days.", view.name);
    Ok(see_other_with_notice(&config, VIEWS, &notice))
}

/// `POST /insights/views/{id}/return`
pub async fn put_back(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), ViewId(id.into_inner()));
    let view = db
        .write(move |conn| views::put_back(conn, now, &user, id).map_err(refused))
        .await?;
    Ok(see_other_with_notice(
        &config,
        VIEWS,
        &format!("“{}” is back.", view.name),
    ))
}

const VIEWS: &str = "/insights/views";

/// The page with what the view asks of it.
pub fn href(view: &View) -> String {
    match view.query.as_str() {
        "" => view.page.clone(),
        query => format!("{}?{query}", view.page),
    }
}

fn tab(page: &str) -> Option<Tab> {
    let all = Tab::ALL.into_iter().chain([Tab::Dashboard, Tab::Prospects]);
    all.into_iter().find(|tab| tab.href() == page)
}

fn refused(refusal: Refusal) -> AppError {
    let fault = |message: &str| AppError::Unprocessable(vec![Fault::new("name", message)]);
    match refusal {
        Refusal::Unknown => AppError::NotFound,
        Refusal::UnfitName => fault("give it a name of 1 to 80 characters"),
        Refusal::TakenName => fault("you have a view of that name already: choose another name"),
        Refusal::TooLong => fault("this filter is too long to be kept: choose fewer values"),
        Refusal::Store(error) => error.into(),
    }
}
