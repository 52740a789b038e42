//! A segment left out of the framework: who is in it, which drips know it, and whether that goes with it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::clock::Clock;
use crate::config::Config;
use crate::framework::Segment;
use crate::framework::fault::Fault;
use crate::framework::references::{self, Reference};
use crate::ids::FrameworkId;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::design::needs::archive::obstacles;
use crate::web::design::{typed, words};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;
use crate::{design, needs};

/// With more companies than these, nobody waits for what would move.
const FEW_COMPANIES: usize = 5_000;

#[derive(Template)]
#[template(path = "design/segments/archive.html")]
pub struct Archive {
    segment: Segment,
    references: Vec<Reference>,
    companies: i64,
    overrides: i64,
    sales_tags: i64,
    moves: Option<String>,
    /// Drips that ask nobody else: without it they would ask everybody.
    alone: Vec<String>,
    obstacles: Vec<Fault>,
    overtaken: Option<Vec<String>>,
    is_refused: bool,
    seen: FrameworkId,
}

impl Archive {
    fn load(conn: &mut Conn, code: &str) -> Result<Archive, AppError> {
        let design = design::current(conn)?;
        let framework = &design.framework;
        let segment = framework.segment(code).ok_or(AppError::NotFound)?.clone();
        let (overrides, sales_tags) = needs::count_marked(conn, code)?;
        let companies = needs::count_by_segment(conn)?;
        let companies = companies.iter().find(|(segment, _)| segment == code);
        let obstacles = obstacles(framework, |framework| references::remove_segment(framework, code));
        let mut moves = None;
        if obstacles.is_empty() {
            let mut without = framework.clone();
            references::remove_segment(&mut without, code);
            moves = needs::foresee(conn, &without, FEW_COMPANIES)?.map(|moves| words::moves(framework, &moves));
        }
        Ok(Archive {
            references: references::of_segment(framework, code),
            companies: companies.map_or(0, |(_, count)| *count),
            overrides,
            sales_tags,
            moves,
            alone: references::left_asking_all(framework, code)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            obstacles,
            segment,
            overtaken: None,
            is_refused: false,
            seen: design.id,
        })
    }
}

/// `GET /design/segments/{code}/archive`
pub async fn ask(code: Path<String>, _: Admin, db: Data<Db>) -> Result<Page<Archive>, AppError> {
    let code = code.into_inner();
    Ok(Page(db.read(move |conn| Archive::load(conn, &code)).await?))
}

/// `POST /design/segments/{code}/archive`
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
    let is_named = !page.references.is_empty() && !takes_all;
    if !page.obstacles.is_empty() || !page.alone.is_empty() || is_named {
        page.is_refused = true;
        page.seen = newest;
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, by, seen) = (clock.now(), user.email, page.seen);
    match db
        .write(move |conn| change::remove_segment(conn, now, &by, seen, &code))
        .await
    {
        Ok(_) => {
            let notice = format!("{} is archived. It can be brought back from here.", page.segment.name);
            Ok(see_other_with_notice(&config, "/design/segments", &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}
