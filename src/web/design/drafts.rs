//! Segments that may come into the framework: what they would change, before an admin puts them in force.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::segments::drawing::Drawing;
use super::{typed, words};
use crate::accounts::Role;
use crate::clock::Clock;
use crate::config::Config;
use crate::design::drafts::{self, Draft};
use crate::framework::{self, check};
use crate::ids::{DraftId, FrameworkId};
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};
use crate::{audit, design, needs};

/// With more companies than these, nobody waits for what would move.
const FEW_COMPANIES: usize = 5_000;

#[derive(Template)]
#[template(path = "design/draft_segments.html")]
pub struct Show {
    draft: Draft,
    drawings: Vec<(String, Drawing)>,
    changes: Vec<String>,
    moves: Option<String>,
    /// Why it cannot be put in force as it is.
    obstacles: Vec<String>,
    overtaken: Option<Vec<String>>,
    seen: FrameworkId,
    is_admin: bool,
}

impl Show {
    fn load(conn: &mut Conn, id: DraftId, is_admin: bool) -> Result<Show, AppError> {
        let draft = drafts::find(conn, id)?.ok_or(AppError::NotFound)?;
        let design = design::current(conn)?;
        let (with, alone) = drafts::with_segments(&design.framework, &draft.segments);
        let mut obstacles: Vec<String> = check::check(&with)
            .into_iter()
            .map(|problem| format!("{}: {}", problem.place, problem.message))
            .collect();
        let asks_all = |drip: String| {
            format!(
                "The drip “{drip}” asks only segments that would go, and would then ask everybody. Change whom it asks first."
            )
        };
        obstacles.extend(alone.into_iter().map(asks_all));
        let moves = match obstacles.is_empty() {
            true => needs::foresee(conn, &with, FEW_COMPANIES)?.map(|moves| words::moves(&with, &moves)),
            false => None,
        };
        let drawing = |segment: &framework::Segment| {
            let drawing = Drawing::of(&with, &segment.code, &segment.name, &segment.profile);
            (segment.name.clone(), drawing)
        };
        Ok(Show {
            drawings: with.segments.iter().map(drawing).collect(),
            changes: framework::diff::changes(&design.framework, &with),
            seen: design.id,
            overtaken: None,
            moves,
            obstacles,
            draft,
            is_admin,
        })
    }
}

/// `GET /design/drafts/{id}`
pub async fn show(id: Path<i64>, Analyst(user): Analyst, db: Data<Db>) -> Result<Page<Show>, AppError> {
    let (id, is_admin) = (DraftId(*id), user.role.may(Role::Admin));
    Ok(Page(db.read(move |conn| Show::load(conn, id, is_admin)).await?))
}

/// `POST /design/drafts/{id}`: puts it in force.
pub async fn put(
    request: HttpRequest,
    id: Path<i64>,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = DraftId(*id);
    let seen = typed::seen(&form)?;
    let mut page = db.read(move |conn| Show::load(conn, id, true)).await?;
    if !page.obstacles.is_empty() {
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, by) = (clock.now(), user.email);
    match db.write(move |conn| change::put_draft(conn, now, &by, seen, id)).await {
        Ok(None) => Err(AppError::NotFound),
        Ok(Some(changes)) => {
            let notice = format!(
                "In force, with {}. The framework before it stands in the history and can be put back.",
                figures::counted(changes.len() as i64, "change", "changes")
            );
            Ok(see_other_with_notice(&config, "/design/segments", &notice))
        }
        Err(Refusal::Overtaken(_, changes)) => {
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

/// `POST /design/drafts/{id}/removal`: throws it away; it can be made again from where it came.
pub async fn remove(
    id: Path<i64>,
    Analyst(user): Analyst,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (DraftId(*id), clock.now());
    let removed = db.write(move |conn| {
        let removed = drafts::remove(conn, id)?;
        if removed {
            audit::note(conn, now, &user.email, "draft.removed", &format!("draft {id}"), "")?;
        }
        Ok::<_, AppError>(removed)
    });
    match removed.await? {
        true => Ok(see_other_with_notice(
            &config,
            "/insights/discover",
            "The draft is gone.",
        )),
        false => Err(AppError::NotFound),
    }
}
