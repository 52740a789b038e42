//! Users: who may log in, and as what. For admins.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::{self, Passwords, Refusal, Role, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::UserId;
use crate::store::Db;

use super::error::AppError;
use super::form::{Faults, Form};
use super::page::{Page, see_other_with_notice};
use super::session::Admin;

/// Each role with what it may do.
pub const ROLES: &[(&str, &str)] = &[
    ("sales", "sales – reads companies and figures"),
    ("analyst", "analyst – also edits, imports and asks"),
    ("admin", "admin – also users, tokens and the audit log"),
];

#[derive(Template)]
#[template(path = "users/index.html")]
pub struct Index {
    users: Vec<User>,
}

impl Index {
    fn lead(&self, user: &User) -> Option<&str> {
        let lead = self.users.iter().find(|other| Some(other.id) == user.lead)?;
        Some(lead.email.as_str())
    }
}

#[derive(Template)]
#[template(path = "users/new.html")]
pub struct New {
    email: String,
    role: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "users/show.html")]
pub struct Show {
    user: User,
    /// Who could lead it, by address, and who does.
    colleagues: Vec<User>,
    lead: String,
    faults: Faults,
}

/// `GET /users`
pub async fn index(db: Data<Db>, _: Admin) -> Result<Page<Index>, AppError> {
    let users = db.read(accounts::list_users).await?;
    Ok(Page(Index { users }))
}

/// `GET /users/new`
pub async fn new(_: Admin) -> Page<New> {
    Page(New {
        email: String::new(),
        role: Role::Sales.as_str().to_owned(),
        faults: Faults::default(),
    })
}

/// `POST /users`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    passwords: Data<Passwords>,
    Admin(admin): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let (email, role) = (form.text("email")?.to_owned(), form.text("role")?.to_owned());
    let refuse = |place: &str, why: String| {
        let page = New {
            email: email.clone(),
            role: role.clone(),
            faults: Faults::one(place, why),
        };
        Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
    };
    let Some(parsed) = Role::parse(&role) else {
        return refuse("role", "Choose one of the roles.".to_owned());
    };
    let hashed = match passwords.hash(form.text("password")?.to_owned()).await {
        Ok(hashed) => hashed,
        Err(fault) => return refuse("password", fault.to_string()),
    };
    let given = email.clone();
    let added = db
        .write(move |conn| accounts::add_user(conn, now, &admin.email, &given, parsed, &hashed))
        .await;
    match added {
        Ok(_) => Ok(see_other_with_notice(
            &config,
            "/users",
            &format!("{email} may log in now."),
        )),
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(refusal) => refuse("email", refusal.to_string()),
    }
}

/// `GET /users/{id}`
pub async fn show(db: Data<Db>, id: Path<i64>, _: Admin) -> Result<Page<Show>, AppError> {
    Ok(Page(load(&db, UserId(*id), Faults::default()).await?))
}

/// `POST /users/{id}/role`
pub async fn change_role(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Admin(admin): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), UserId(*id));
    let Some(role) = Role::parse(form.text("role")?) else {
        return refuse(&request, &db, id, "role", "Choose one of the roles.").await;
    };
    let changed = db
        .write(move |conn| accounts::change_role(conn, now, &admin.email, id, role))
        .await;
    let notice = format!("The role is {} now.", role.as_str());
    answer(&request, &db, &config, id, "role", changed, &notice).await
}

/// `POST /users/{id}/lead`: an address, or nothing for nobody.
pub async fn change_lead(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Admin(admin): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), UserId(*id));
    let lead = form.text("lead")?.trim().to_owned();
    let notice = match lead.as_str() {
        "" => "Nobody leads this user any more.".to_owned(),
        lead => format!("{lead} sees this user’s companies now."),
    };
    let changed = db
        .write(move |conn| {
            let lead = Some(lead.as_str()).filter(|lead| !lead.is_empty());
            accounts::change_lead(conn, now, &admin.email, id, lead)
        })
        .await;
    answer(&request, &db, &config, id, "lead", changed, &notice).await
}

/// `POST /users/{id}/password`
pub async fn change_password(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    passwords: Data<Passwords>,
    id: Path<i64>,
    Admin(admin): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), UserId(*id));
    let hashed = match passwords.hash(form.text("password")?.to_owned()).await {
        Ok(hashed) => hashed,
        Err(fault) => return refuse(&request, &db, id, "password", &fault.to_string()).await,
    };
    let changed = db
        .write(move |conn| accounts::change_password(conn, now, &admin.email, id, &hashed))
        .await;
    answer(&request, &db, &config, id, "password", changed, "The password is set.").await
}

/// `POST /users/{id}/access`: on or off.
pub async fn change_access(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Admin(admin): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), UserId(*id));
    let (changed, notice) = match form.text("access")? {
        "on" => {
            let enable = move |conn: &mut _| accounts::enable_user(conn, now, &admin.email, id);
            (db.write(enable).await, "This user may log in again.")
        }
        "off" => {
            let disable = move |conn: &mut _| accounts::disable_user(conn, now, &admin.email, id);
            (db.write(disable).await, "This user cannot log in any more.")
        }
        _ => return refuse(&request, &db, id, "", "Choose on or off.").await,
    };
    answer(&request, &db, &config, id, "", changed, notice).await
}

async fn answer(
    request: &HttpRequest,
    db: &Db,
    config: &Config,
    id: UserId,
    place: &str,
    changed: Result<(), Refusal>,
    notice: &str,
) -> Result<HttpResponse, AppError> {
    match changed {
        Ok(()) => Ok(see_other_with_notice(config, &format!("/users/{id}"), notice)),
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::Unknown) => Err(AppError::NotFound),
        Err(refusal) => refuse(request, db, id, place, &refusal.to_string()).await,
    }
}

async fn refuse(request: &HttpRequest, db: &Db, id: UserId, place: &str, why: &str) -> Result<HttpResponse, AppError> {
    let page = load(db, id, Faults::one(place, why)).await?;
    Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(request))
}

async fn load(db: &Db, id: UserId, faults: Faults) -> Result<Show, AppError> {
    let users = db.read(accounts::list_users).await?;
    let (own, colleagues): (Vec<User>, Vec<User>) = users.into_iter().partition(|user| user.id == id);
    let user = own.into_iter().next().ok_or(AppError::NotFound)?;
    let lead = colleagues.iter().find(|other| Some(other.id) == user.lead);
    Ok(Show {
        lead: lead.map(|lead| lead.email.clone()).unwrap_or_default(),
        user,
        colleagues,
        faults,
    })
}
