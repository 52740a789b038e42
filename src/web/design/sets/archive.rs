//! A question set left out of the framework: who asks it, and what stays of it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::clock::Clock;
use crate::config::Config;
use crate::design;
use crate::design::tallies;
use crate::framework::fault::Fault;
use crate::framework::uses::{self, Use};
use crate::framework::{Code, QuestionSet};
use crate::ids::FrameworkId;
use crate::reframe::edit::Refusal;
use crate::reframe::sets as change;
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::design::needs::archive::obstacles;
use crate::web::design::typed;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;

#[derive(Template)]
#[template(path = "design/sets/archive.html")]
pub struct Archive {
    set: QuestionSet,
    /// The steps that ask it: as long as there are any, it stays.
    uses: Vec<Use>,
    /// Of all its questions and their versions; none: they were never counted.
    answers: Option<i64>,
    /// What would be wrong with the framework without it, beside what asks it.
    obstacles: Vec<Fault>,
    overtaken: Option<Vec<String>>,
    is_refused: bool,
    seen: FrameworkId,
}

impl Archive {
    fn load(conn: &mut Conn, code: &str) -> Result<Archive, AppError> {
        let design = design::current(conn)?;
        let set = design.framework.question_set(code).ok_or(AppError::NotFound)?.clone();
        let uses = uses::uses(&design.framework, code);
        let obstacles = match uses.is_empty() {
            true => obstacles(&design.framework, |framework| {
                framework.question_sets.retain(|known| known.code != code);
            }),
            false => Vec::new(),
        };
        Ok(Archive {
            answers: super::answers(&set, &tallies::list(conn)?),
            set,
            uses,
            obstacles,
            overtaken: None,
            is_refused: false,
            seen: design.id,
        })
    }

    fn can_go(&self) -> bool {
        self.uses.is_empty() && self.obstacles.is_empty()
    }
}

/// `GET /design/question-sets/{code}/archive`
pub async fn ask(code: Path<Code>, _: Admin, db: Data<Db>) -> Result<Page<Archive>, AppError> {
    let code = code.into_inner();
    Ok(Page(db.read(move |conn| Archive::load(conn, &code)).await?))
}

/// `POST /design/question-sets/{code}/archive`
pub async fn create(
    request: HttpRequest,
    code: Path<Code>,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let code = code.into_inner();
    let of = code.clone();
    let mut page = db.read(move |conn| Archive::load(conn, &of)).await?;
    if !page.can_go() {
        page.is_refused = true;
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    // Whatever came between this look and the change is refused there.
    page.seen = typed::seen(&form)?;
    let (now, by, seen) = (clock.now(), user.email, page.seen);
    match db.write(move |conn| change::remove(conn, now, &by, seen, &code)).await {
        Ok(_) => {
            let notice = format!("“{}” is archived. It can be brought back from here.", page.set.title);
            Ok(see_other_with_notice(&config, "/design/question-sets", &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}
