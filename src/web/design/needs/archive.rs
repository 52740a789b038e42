//! A need left out of the framework: what hangs on it, and whether it goes with it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::clock::Clock;
use crate::config::Config;
use crate::framework::fault::Fault;
use crate::framework::references::{self, Reference};
use crate::framework::{Framework, Need, check};
use crate::ids::FrameworkId;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::design::typed;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;
use crate::{design, needs};

#[derive(Template)]
#[template(path = "design/needs/archive.html")]
pub struct Archive {
    need: Need,
    references: Vec<Reference>,
    /// Questions that would get a new version.
    questions: usize,
    /// Companies with a score on it.
    scored: i64,
    /// What would be wrong with the framework without it and all that refers to it.
    obstacles: Vec<Fault>,
    overtaken: Option<Vec<String>>,
    /// Sent without the tick that takes the references out, too.
    is_refused: bool,
    seen: FrameworkId,
}

impl Archive {
    fn load(conn: &mut Conn, code: &str) -> Result<Archive, AppError> {
        let design = design::current(conn)?;
        let need = design.framework.need(code).ok_or(AppError::NotFound)?.clone();
        Ok(Archive {
            references: references::of_need(&design.framework, code),
            questions: references::questions_loading(&design.framework, code).len(),
            scored: needs::count_scored_on(conn, code)?,
            obstacles: obstacles(&design.framework, |framework| references::remove_need(framework, code)),
            need,
            overtaken: None,
            is_refused: false,
            seen: design.id,
        })
    }
}

/// What would be wrong after a part was taken out.
pub fn obstacles(framework: &Framework, take_out: impl FnOnce(&mut Framework)) -> Vec<Fault> {
    let mut without = framework.clone();
    take_out(&mut without);
    let problems = check::check(&without).into_iter();
    let fault = |problem: crate::framework::fault::Problem| Fault {
        place: problem.place.to_string(),
        line: None,
        column: None,
        message: problem.message,
    };
    problems.map(fault).collect()
}

/// `GET /design/needs/{code}/archive`
pub async fn ask(code: Path<String>, _: Admin, db: Data<Db>) -> Result<Page<Archive>, AppError> {
    let code = code.into_inner();
    Ok(Page(db.read(move |conn| Archive::load(conn, &code)).await?))
}

/// `POST /design/needs/{code}/archive`
pub async fn create(
    request: HttpRequest,
    code: Path<String>,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let code = code.into_inner();
    let of = code.clone();
    let mut page = db.read(move |conn| Archive::load(conn, &of)).await?;
    let takes_all = form.text("references")? == "too";
    let newest = std::mem::replace(&mut page.seen, typed::seen(&form)?);
    if !page.obstacles.is_empty() || (!page.references.is_empty() && !takes_all) {
        page.is_refused = true;
        page.seen = newest;
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, by, seen) = (clock.now(), user.email, page.seen);
    match db
        .write(move |conn| change::remove_need(conn, now, &by, seen, &code))
        .await
    {
        Ok(_) => {
            let notice = format!("{} is archived. It can be brought back from here.", page.need.name);
            Ok(see_other_with_notice(&config, "/design/needs", &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}
