//! The segments with their profiles drawn, how well they can be told apart, and their order.

pub mod archive;
mod draft;
pub(super) mod drawing;
pub mod edit;
pub(super) mod likeness;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use self::drawing::Drawing;
use self::likeness::Matrix;
use super::order::{self, Do};
use super::{Tab, typed};
use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::archive::{self as kept, Archived};
use crate::design::{self, Design};
use crate::framework::{Code, Segment};
use crate::ids::FrameworkId;
use crate::needs;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{self, Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

#[derive(Template)]
#[template(path = "design/segments/index.html")]
pub struct Index {
    lines: Vec<Line>,
    matrix: Option<Matrix>,
    is_moved: bool,
    overtaken: Option<Vec<String>>,
    archived: Vec<Archived<Segment>>,
    /// There are no needs that a profile could weigh.
    has_needs: bool,
    is_admin: bool,
    seen: FrameworkId,
}

struct Line {
    segment: Segment,
    drawing: Drawing,
    companies: i64,
    /// The button that was pressed last: `up` or `down`.
    pressed: Option<&'static str>,
}

impl Index {
    fn load(
        conn: &mut Conn,
        design: &Design,
        order: Vec<Code>,
        pressed: Option<Do>,
        user: &User,
    ) -> store::Result<Index> {
        let framework = &design.framework;
        let segments = order::sorted(framework.segments.clone(), &order, |segment| &segment.code);
        let companies: BTreeMap<Code, i64> = needs::count_by_segment(conn)?.into_iter().collect();
        let calibrations = needs::calibrations(conn, design)?;
        let is_moved = segments != framework.segments;
        let last = segments.len().saturating_sub(1);
        let moved = pressed.and_then(Do::moved);
        let line = |(at, segment): (usize, Segment)| Line {
            drawing: Drawing::of(framework, &segment.code, &segment.name, &segment.profile),
            companies: companies.get(&segment.code).copied().unwrap_or(0),
            pressed: match moved {
                Some((to, true)) if to == at => Some(if at > 0 { "up" } else { "down" }),
                Some((to, false)) if to == at => Some(if at < last { "down" } else { "up" }),
                _ => None,
            },
            segment,
        };
        Ok(Index {
            lines: segments.into_iter().enumerate().map(line).collect(),
            matrix: Matrix::of(framework, &calibrations),
            is_moved,
            overtaken: None,
            archived: kept::list(conn)?,
            has_needs: !framework.needs.is_empty(),
            is_admin: user.role.may(Role::Admin),
            seen: design.id,
        })
    }

    fn companies(&self, line: &Line) -> String {
        figures::counted(line.companies, "company", "companies")
    }
}

/// `GET /design/segments`
pub async fn index(Analyst(user): Analyst, db: Data<Db>) -> Result<Page<Index>, AppError> {
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Index::load(conn, &design, Vec::new(), None, &user)
        })
        .await?;
    Ok(Page(page))
}

/// `POST /design/segments`: shows another order, or saves it.
pub async fn reorder(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let seen = typed::seen(&form)?;
    let (order, pressed) = order::read(&form)?;
    let mut overtaken = None;
    if pressed == Do::Save {
        let (now, by, order) = (clock.now(), user.email.clone(), order.clone());
        let saved = db
            .write(move |conn| change::order_segments(conn, now, &by, seen, &order))
            .await;
        match saved {
            Ok(_) => {
                return Ok(see_other_with_notice(
                    &config,
                    "/design/segments",
                    "The order is saved.",
                ));
            }
            Err(Refusal::Overtaken(_, changes)) => overtaken = Some(changes),
            Err(Refusal::Store(error)) => return Err(error.into()),
        }
    }
    let mut page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Index::load(conn, &design, order, Some(pressed), &user)
        })
        .await?;
    let status = match overtaken {
        Some(_) => StatusCode::CONFLICT,
        None => {
            page.seen = seen;
            StatusCode::OK
        }
    };
    page.overtaken = overtaken;
    Ok(Page(page).with(status).respond_to(&request))
}
