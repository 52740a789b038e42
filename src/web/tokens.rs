//! Tokens of the API: made, shown once, revoked. For admins.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::token::{self, ApiToken};
use crate::accounts::{Refusal, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::ApiTokenId;
use crate::store::Db;

use super::error::AppError;
use super::form::{Faults, Form};
use super::page::{Page, see_other_with_notice};
use super::session::Admin;

#[derive(Template)]
#[template(path = "tokens/index.html")]
pub struct Index {
    tokens: Vec<ApiToken>,
    /// The token just made.
    secret: Option<String>,
    name: String,
    role: String,
    rep: String,
    faults: Faults,
}

impl Index {
    async fn load(db: &Db) -> Result<Index, AppError> {
        Ok(Index {
            tokens: db.read(token::list).await?,
            secret: None,
            name: String::new(),
            role: Role::Sales.as_str().to_owned(),
            rep: String::new(),
            faults: Faults::default(),
        })
    }
}

/// `GET /tokens`
pub async fn index(db: Data<Db>, _: Admin) -> Result<Page<Index>, AppError> {
    Ok(Page(Index::load(&db).await?))
}

/// `POST /tokens`: the answer shows the token; nothing redirects, as nothing keeps it.
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    Admin(admin): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let (name, role) = (form.text("name")?.to_owned(), form.text("role")?.to_owned());
    let rep = form.text("rep")?.trim().to_owned();
    let made = match Role::parse(&role) {
        Some(role) => {
            let (name, rep) = (name.clone(), rep.clone());
            let add = move |conn: &mut _| token::add_for(conn, now, &admin.email, &name, role, Some(&rep));
            match db.write(add).await {
                Ok(secret) => Ok(secret),
                Err(Refusal::Store(error)) => return Err(error.into()),
                Err(refusal @ Refusal::UnknownRep) => Err(Faults::one("rep", refusal.to_string())),
                Err(refusal) => Err(Faults::one("name", refusal.to_string())),
            }
        }
        None => Err(Faults::one("role", "Choose one of the roles.")),
    };
    let page = Index::load(&db).await?;
    let (page, status) = match made {
        Ok(secret) => {
            let secret = Some(secret);
            (Index { secret, ..page }, StatusCode::CREATED)
        }
        Err(faults) => (
            Index {
                name,
                role,
                rep,
                faults,
                ..page
            },
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    };
    Ok(Page(page).with(status).respond_to(&request))
}

/// `POST /tokens/{id}/revocation`
pub async fn revoke(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Admin(admin): Admin,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), ApiTokenId(*id));
    let revoked = db.write(move |conn| token::revoke(conn, now, &admin.email, id)).await;
    match revoked {
        Ok(()) => Ok(see_other_with_notice(
            &config,
            "/tokens",
            "The token opens nothing any more.",
        )),
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(_) => Err(AppError::NotFound),
    }
}
