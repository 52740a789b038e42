//! A segment written and edited: its profile is drawn as it is typed, with a word before two segments
//! grow too alike. Without JavaScript the button "Draw again" does it.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Deserialize;

use super::draft::Draft;
use super::drawing::Drawing;
use super::likeness::{self, Warning};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, Design, archive};
use crate::framework::{Framework, Need, Segment};
use crate::ids::FrameworkId;
use crate::method::calibrate::Calibration;
use crate::needs;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::Db;
use crate::text::code;
use crate::web::design::typed::{self, Faults};
use crate::web::design::words;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;
use crate::web::{headers, words as said};

/// With more companies than these, nobody waits for what would move.
const FEW_COMPANIES: usize = 5_000;

#[derive(Template)]
#[template(path = "design/segments/edit.html")]
pub struct Edit {
    /// Which segment is edited; none: a new one.
    code: Option<String>,
    draft: Draft,
    /// The new one is an archived one brought back: its code stays.
    is_back: bool,
    faults: Faults,
    overtaken: Option<Vec<String>>,
    needs: Vec<Need>,
    drawing: Drawing,
    warnings: Vec<Warning>,
    is_flat: bool,
    /// Which companies would move, once somebody asked.
    moves: Option<String>,
    seen: FrameworkId,
}

impl Edit {
    fn new(design: &Design, calibrations: &[Calibration], code: Option<String>, draft: Draft) -> Edit {
        let framework = &design.framework;
        let at = code.as_ref().and_then(|code| framework.segment_position(code));
        let at = at.unwrap_or(framework.segments.len());
        let profile = draft.guessed();
        let name = if draft.name.trim().is_empty() {
            "the new segment"
        } else {
            draft.name.trim()
        };
        Edit {
            drawing: Drawing::of(framework, "draft", name, &profile),
            warnings: likeness::warnings(framework, at, &profile, calibrations),
            is_flat: likeness::is_flat(framework, at, &profile),
            needs: framework.needs.clone(),
            is_back: false,
            faults: Faults::default(),
            overtaken: None,
            moves: None,
            seen: design.id,
            code,
            draft,
        }
    }

    /// The page's script asks this site for the drawing.
    fn respond(self, request: &HttpRequest, status: StatusCode) -> HttpResponse {
        let mut response = Page(self).with(status).respond_to(request);
        let policy = HeaderValue::from_static(headers::WITH_FRAMES);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        response
    }

    fn path(&self) -> String {
        match &self.code {
            Some(code) => format!("/design/segments/{code}/edit"),
            None => "/design/segments/new".to_owned(),
        }
    }

    fn heading(&self) -> String {
        match (&self.code, self.is_back) {
            (Some(_), _) => format!("Edit {}", self.draft.name),
            (None, true) => format!("Bring back {}", self.draft.name),
            (None, false) => "New segment".to_owned(),
        }
    }

    fn field(&self, need: &Need) -> String {
        format!("profile.{}", need.code)
    }
}

/// What a new one begins as.
#[derive(Deserialize)]
pub struct Begin {
    from: Option<String>,
    archived: Option<String>,
}

/// `GET /design/segments/new`
pub async fn new(request: HttpRequest, begin: Query<Begin>, _: Admin, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let begin = begin.into_inner();
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let (mut draft, mut is_back) = (Draft::default(), false);
            if let Some(code) = &begin.from {
                let segment = design.framework.segment(code).ok_or(AppError::NotFound)?;
                draft = Draft::of_segment(segment);
                draft.code = code::free(code, |code| design.framework.segment(code).is_some());
                draft.name = format!("{} (copy)", segment.name);
            }
            if let Some(code) = &begin.archived {
                let mut segment = archive::find::<Segment>(conn, code)?.ok_or(AppError::NotFound)?.part;
                // A need that was archived since has no weight any more.
                segment.profile.retain(|need, _| design.framework.need(need).is_some());
                (draft, is_back) = (Draft::of_segment(&segment), true);
            }
            let calibrations = needs::calibrations(conn, &design)?;
            let mut page = Edit::new(&design, &calibrations, None, draft);
            page.is_back = is_back;
            Ok::<_, AppError>(page)
        })
        .await?;
    Ok(page.respond(&request, StatusCode::OK))
}

/// `GET /design/segments/{code}/edit`
pub async fn edit(request: HttpRequest, code: Path<String>, _: Admin, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let segment = design.framework.segment(&code).ok_or(AppError::NotFound)?;
            let draft = Draft::of_segment(segment);
            let calibrations = needs::calibrations(conn, &design)?;
            Ok::<_, AppError>(Edit::new(&design, &calibrations, Some(code.into_inner()), draft))
        })
        .await?;
    Ok(page.respond(&request, StatusCode::OK))
}

/// `POST /design/segments/new`
pub async fn create(
    request: HttpRequest,
    admin: Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    take(request, admin, db, clock, config, None, form).await
}

/// `POST /design/segments/{code}/edit`
pub async fn update(
    request: HttpRequest,
    admin: Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    take(request, admin, db, clock, config, Some(code.into_inner()), form).await
}

/// What a button of the form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Do {
    Save,
    /// Shows the page again, with the companies that would move.
    Look,
    /// The page's script draws anew while somebody types.
    Draw,
}

impl Do {
    fn parse(text: &str) -> Option<Do> {
        match text {
            "save" => Some(Do::Save),
            "look" => Some(Do::Look),
            "draw" => Some(Do::Draw),
            _ => None,
        }
    }
}

async fn take(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Option<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let wanted = Do::parse(form.text("do")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    let seen = typed::seen(&form)?;
    let mut draft = Draft::read(&form)?;
    if let Some(code) = &code {
        draft.code = code.clone();
    }
    let typed = draft.clone();
    let (mut page, design) = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let calibrations = needs::calibrations(conn, &design)?;
            Ok::<_, AppError>((Edit::new(&design, &calibrations, code, typed), design))
        })
        .await?;
    page.is_back = form.text("is_back")? == "yes";
    page.seen = seen;
    if page.code.is_some() && design.framework.segment(&draft.code).is_none() {
        let gone = "Another admin has archived this segment meanwhile. Bring it back from the list of segments.";
        return Err(AppError::Conflict(gone.to_owned()));
    }
    let checked = draft.checked(&design.framework, page.code.is_none());
    match (wanted, checked) {
        (Do::Draw, _) => Ok(page.respond(&request, StatusCode::OK)),
        (Do::Look, Err(_)) => {
            page.moves = Some("Which companies would move is worked out once nothing is wrong any more.".to_owned());
            Ok(page.respond(&request, StatusCode::OK))
        }
        (Do::Look, Ok((framework, _))) => {
            page.moves = Some(foreseen(&db, framework).await?);
            Ok(page.respond(&request, StatusCode::OK))
        }
        (Do::Save, Err(faults)) => {
            page.faults = faults;
            Ok(page.respond(&request, StatusCode::UNPROCESSABLE_ENTITY))
        }
        (Do::Save, Ok((_, segment))) => {
            let (now, by) = (clock.now(), user.email);
            let saved = db
                .write(move |conn| change::put_segment(conn, now, &by, seen, segment))
                .await;
            match saved {
                Ok(changes) => {
                    let notice = words::saved(&changes);
                    Ok(see_other_with_notice(&config, "/design/segments", &notice))
                }
                Err(Refusal::Overtaken(newest, changes)) => {
                    page.seen = newest;
                    page.overtaken = Some(changes);
                    Ok(page.respond(&request, StatusCode::CONFLICT))
                }
                Err(Refusal::Store(error)) => Err(error.into()),
            }
        }
    }
}

async fn foreseen(db: &Db, framework: Framework) -> Result<String, AppError> {
    let (moves, framework) = db
        .read(move |conn| {
            let moves = needs::foresee(conn, &framework, FEW_COMPANIES)?;
            Ok::<_, AppError>((moves, framework))
        })
        .await?;
    Ok(match moves {
        Some(moves) => format!("Saved so: {}", words::moves(&framework, &moves)),
        None => "Saving works every company’s segment out anew.".to_owned(),
    })
}
