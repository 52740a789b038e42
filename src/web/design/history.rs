//! Every framework that was in force: what it changed, as it was, and put back in force.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;

use super::{Tab, typed};
use crate::accounts::Role;
use crate::clock::Clock;
use crate::config::Config;
use crate::design;
use crate::design::history::{self, Counts, Entry, Past, Stretch};
use crate::framework::{self, Framework, check};
use crate::ids::FrameworkId;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

/// Frameworks on one page.
const ROWS: usize = 25;
/// Sentences on a line of the list.
const TOLD: usize = 4;

#[derive(Deserialize)]
pub struct Place {
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "design/history/index.html")]
pub struct Index {
    stretch: Stretch,
    is_newest: bool,
    now: NaiveDateTime,
}

impl Index {
    fn newest(&self) -> Option<String> {
        (!self.is_newest).then(|| "/design/history".to_owned())
    }

    fn older(&self) -> Option<String> {
        let next = self.stretch.next;
        next.map(|next| format!("/design/history?before={next}"))
    }

    fn held(&self, of: &Counts) -> String {
        counts(of)
    }

    fn is_in_force(&self, nth: &usize) -> bool {
        self.is_newest && *nth == 0
    }

    /// The first sentences, and how many more there are.
    fn told<'e>(&self, entry: &'e Entry) -> (&'e [String], usize) {
        match &entry.changed {
            Some(changed) => {
                let told = &changed.sentences[..changed.sentences.len().min(TOLD)];
                (told, changed.count.saturating_sub(told.len()))
            }
            None => (&[], 0),
        }
    }
}

/// `6 needs, 4 segments, 3 question sets with 12 questions, 2 drips`
fn counts(counts: &Counts) -> String {
    let counted = |n: usize, one: &str, many: &str| figures::counted(n as i64, one, many);
    format!(
        "{}, {}, {} with {}, {}",
        counted(counts.needs, "need", "needs"),
        counted(counts.segments, "segment", "segments"),
        counted(counts.question_sets, "question set", "question sets"),
        counted(counts.questions, "question", "questions"),
        counted(counts.drips, "drip", "drips"),
    )
}

/// `GET /design/history`
pub async fn index(place: Query<Place>, _: Analyst, db: Data<Db>, clock: Data<Clock>) -> Result<Page<Index>, AppError> {
    let before = place.before.map(FrameworkId);
    let stretch = db.read(move |conn| history::list(conn, before, ROWS)).await?;
    Ok(Page(Index {
        stretch,
        is_newest: before.is_none(),
        now: clock.now(),
    }))
}

#[derive(Template)]
#[template(path = "design/history/show.html")]
pub struct Show {
    past: Past,
    /// Against the one before it, and what is different today.
    changes: Vec<String>,
    since: Vec<String>,
    is_admin: bool,
}

impl Show {
    fn is_in_force(&self) -> bool {
        self.past.after.is_none()
    }

    fn toml(&self) -> String {
        framework::write::toml(&self.past.framework)
    }

    fn counts(&self) -> String {
        counts(&Counts::of(&self.past.framework))
    }
}

/// `GET /design/history/{id}`
pub async fn show(id: Path<i64>, Analyst(user): Analyst, db: Data<Db>) -> Result<Page<Show>, AppError> {
    let id = FrameworkId(*id);
    let (past, today) = db.read(move |conn| find(conn, id)).await?;
    let nothing = Framework::default();
    let before = past.before.as_ref().map_or(&nothing, |(_, framework)| framework);
    Ok(Page(Show {
        changes: framework::diff::changes(before, &past.framework),
        since: framework::diff::changes(&past.framework, &today.framework),
        past,
        is_admin: user.role.may(Role::Admin),
    }))
}

fn find(conn: &mut Conn, id: FrameworkId) -> Result<(Past, std::sync::Arc<design::Design>), AppError> {
    let past = history::find(conn, id)?.ok_or(AppError::NotFound)?;
    Ok((past, design::current(conn)?))
}

/// `GET /design/history/{id}/framework.toml`
pub async fn toml(id: Path<i64>, _: Analyst, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let id = FrameworkId(*id);
    let (past, _) = db.read(move |conn| find(conn, id)).await?;
    let name = format!("framework-{}.toml", past.entry.at.format("%Y-%m-%d"));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/toml"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(framework::write::toml(&past.framework)))
}

#[derive(Template)]
#[template(path = "design/history/return.html")]
pub struct Return {
    past: Past,
    changes: Vec<String>,
    /// What would be wrong with it by today's rules.
    obstacles: Vec<String>,
    overtaken: Option<Vec<String>>,
    seen: FrameworkId,
}

impl Return {
    fn load(conn: &mut Conn, id: FrameworkId) -> Result<Return, AppError> {
        let (past, today) = find(conn, id)?;
        let problems = check::check(&past.framework).into_iter();
        let told = problems.map(|problem| format!("{}: {}", problem.place, problem.message));
        Ok(Return {
            changes: framework::diff::changes(&today.framework, &past.framework),
            obstacles: told.collect(),
            overtaken: None,
            seen: today.id,
            past,
        })
    }
}

/// `GET /design/history/{id}/return`
pub async fn ask(id: Path<i64>, _: Admin, db: Data<Db>) -> Result<Page<Return>, AppError> {
    let id = FrameworkId(*id);
    Ok(Page(db.read(move |conn| Return::load(conn, id)).await?))
}

/// `POST /design/history/{id}/return`: applies that framework anew.
pub async fn put_back(
    request: HttpRequest,
    id: Path<i64>,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = FrameworkId(*id);
    let seen = typed::seen(&form)?;
    let mut page = db.read(move |conn| Return::load(conn, id)).await?;
    if !page.obstacles.is_empty() {
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, by) = (clock.now(), user.email);
    match db.write(move |conn| change::put_back(conn, now, &by, seen, id)).await {
        Ok(None) => Err(AppError::NotFound),
        Ok(Some(changes)) => {
            let notice = match changes.len() {
                0 => "Nothing changed: it says the same as the one in force.".to_owned(),
                n => format!(
                    "In force again, with {}.",
                    figures::counted(n as i64, "change", "changes")
                ),
            };
            Ok(see_other_with_notice(&config, "/design/history", &notice))
        }
        Err(Refusal::Overtaken(_, changes)) => {
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}
