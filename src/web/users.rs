//! Users: who may log in.

use actix_web::web::Data;
use askama::Template;

use crate::accounts::{self, User};
use crate::store::Db;

use super::error::AppError;
use super::page::Page;

#[derive(Template)]
#[template(path = "users/index.html")]
pub struct Index {
    users: Vec<User>,
}

/// `GET /users`
pub async fn index(db: Data<Db>) -> Result<Page<Index>, AppError> {
    let users = db.read(accounts::list_users).await?;
    Ok(Page(Index { users }))
}
