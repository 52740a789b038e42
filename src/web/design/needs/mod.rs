//! The needs by level: in how many questions and profiles each counts, and their order.

pub mod archive;
pub mod edit;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::order::{self, Do};
use super::{Tab, typed};
use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::archive::{self as kept, Archived};
use crate::design::{self, Design};
use crate::framework::{Code, Level, Need, references};
use crate::ids::FrameworkId;
use crate::needs::{self, Badge};
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{self, Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};
use crate::workshop::coding;

/// The levels in their order, with what each is about.
pub const LEVELS: [(Level, &str, &str); 3] = [
    (
        Level::Strategic,
        "Strategic",
        "what the company wants to become or to win",
    ),
    (Level::Tactical, "Tactical", "how the work gets done, day by day"),
    (
        Level::Personal,
        "Personal",
        "what the person gains, and what they put at risk",
    ),
];

#[derive(Template)]
#[template(path = "design/needs/index.html")]
pub struct Index {
    groups: Vec<Group>,
    /// All codes in the order shown.
    order: Vec<Code>,
    /// The order shown is not the one in force.
    is_moved: bool,
    overtaken: Option<Vec<String>>,
    archived: Vec<Archived<Need>>,
    is_admin: bool,
    seen: FrameworkId,
}

struct Group {
    name: &'static str,
    hint: &'static str,
    lines: Vec<Line>,
}

struct Line {
    need: Need,
    /// Its place in the framework's order.
    at: usize,
    /// The places of its neighbours on the page.
    above: Option<usize>,
    below: Option<usize>,
    questions: usize,
    profiles: usize,
    badge: Badge,
    /// Answers in own words that colleagues coded to it.
    coded: i64,
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
        let confirmed = needs::confirmed(conn, design)?;
        let coded = coding::counts_by_need(conn)?;
        let needs = order::sorted(framework.needs.clone(), &order, |need| &need.code);
        let moved = pressed.and_then(Do::moved);
        let group = |(level, name, hint): (Level, &'static str, &'static str)| {
            let places: Vec<usize> = (0..needs.len()).filter(|at| needs[*at].level == level).collect();
            let line = |(nth, at): (usize, &usize)| Line {
                need: needs[*at].clone(),
                at: *at,
                above: nth.checked_sub(1).map(|above| places[above]),
                below: places.get(nth + 1).copied(),
                questions: references::questions_loading(framework, &needs[*at].code).len(),
                profiles: references::profiles_weighing(framework, &needs[*at].code),
                badge: confirmed.badge(&needs[*at].code),
                coded: coded.get(&needs[*at].code).copied().unwrap_or(0),
                pressed: match moved {
                    Some((to, true)) if to == *at => Some(if nth > 0 { "up" } else { "down" }),
                    Some((to, false)) if to == *at => Some(if nth + 1 < places.len() { "down" } else { "up" }),
                    _ => None,
                },
            };
            Group {
                name,
                hint,
                lines: places.iter().enumerate().map(line).collect(),
            }
        };
        let groups = LEVELS.map(group).into_iter();
        Ok(Index {
            groups: groups.filter(|group| !group.lines.is_empty()).collect(),
            is_moved: needs != framework.needs,
            order: needs.into_iter().map(|need| need.code).collect(),
            overtaken: None,
            archived: kept::list(conn)?,
            is_admin: user.role.may(Role::Admin),
            seen: design.id,
        })
    }

    fn questions(&self, line: &Line) -> String {
        figures::counted(line.questions as i64, "question", "questions")
    }

    fn profiles(&self, line: &Line) -> String {
        figures::counted(line.profiles as i64, "profile", "profiles")
    }

    /// What keeps a need from telling anything.
    fn lack(&self, line: &Line) -> Option<&'static str> {
        match (line.questions, line.profiles) {
            (0, 0) => Some("not used yet"),
            (0, _) => Some("no question tells it"),
            (_, 0) => Some("in no profile"),
            _ => None,
        }
    }
}

/// `GET /design/needs`
pub async fn index(Analyst(user): Analyst, db: Data<Db>) -> Result<Page<Index>, AppError> {
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Index::load(conn, &design, Vec::new(), None, &user)
        })
        .await?;
    Ok(Page(page))
}

/// `POST /design/needs`: shows another order, or saves it.
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
            .write(move |conn| change::order_needs(conn, now, &by, seen, &order))
            .await;
        match saved {
            Ok(_) => return Ok(see_other_with_notice(&config, "/design/needs", "The order is saved.")),
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
