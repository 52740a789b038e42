//! What happened to one's companies, and what one has promised to do about them.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::{Days, NaiveDate};

use super::companies::{asked_page, segment_name, value};
use super::company;
use super::error::AppError;
use super::form::Form;
use super::link;
use super::page::{Page, see_other_with_notice};
use super::session::{Sales, Sight};
use crate::accounts::User;
use crate::clock::Clock;
use crate::companies::listing::{Stretch, Viewer};
use crate::config::Config;
use crate::design::{self, Design};
use crate::ids::AlertId;
use crate::plan::alerts::{self, Alert, Look, Pile, What};
use crate::plan::{self, Due};
use crate::store::{self, Conn, Db};
use crate::text::figures;

/// Alerts on a page.
const ROWS: i64 = 50;
/// Steps on a start page.
const STEPS: i64 = 8;
/// A step that is due within so many days is told before it is overdue.
const SOON_DAYS: u64 = 7;

/// What waits for a user: overdue and soon due steps, and alerts not seen yet. For start pages, by
/// `parts/agenda.html`, which shows the variable `agenda`.
pub struct Agenda {
    pub today: NaiveDate,
    /// Overdue or due within a week, the oldest first.
    pub steps: Vec<Due>,
    pub overdue: i64,
    /// Not seen yet.
    pub alerts: i64,
    /// More steps than are listed.
    pub more: i64,
}

impl Agenda {
    pub fn read(conn: &mut Conn, viewer: &Viewer, user: &User, today: NaiveDate) -> store::Result<Agenda> {
        let soon = today + Days::new(SOON_DAYS);
        let yesterday = today - Days::new(1);
        let steps = plan::list_due(conn, viewer, &user.email, soon, STEPS)?;
        let all = plan::count_due(conn, viewer, &user.email, soon)?;
        Ok(Agenda {
            today,
            overdue: plan::count_due(conn, viewer, &user.email, yesterday)?,
            alerts: alerts::count_new(conn, viewer, user.id)?,
            more: all - steps.len() as i64,
            steps,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.alerts == 0
    }

    pub fn href(&self, step: &Due) -> String {
        format!("{}/plan", company::href(&step.company))
    }

    pub fn is_overdue(&self, step: &Due) -> bool {
        step.due_on < self.today
    }
}

#[derive(Template)]
#[template(path = "alerts/index.html")]
pub struct Index {
    design: Arc<Design>,
    agenda: Agenda,
    alerts: Vec<Alert>,
    pile: Pile,
    total: i64,
    page: i64,
}

/// `GET /alerts`
pub async fn index(
    db: Data<Db>,
    clock: Data<Clock>,
    parameters: Query<Vec<(String, String)>>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Index>, AppError> {
    let today = clock.now().date();
    let page = asked_page(&parameters)?;
    let pile = match value(&parameters, "show") {
        "" => Pile::Open,
        "dismissed" => Pile::Dismissed,
        other => return Err(AppError::BadRequest(format!("There is no list of {other} alerts."))),
    };
    let index = db
        .read(move |conn| {
            Ok::<_, AppError>(Index {
                design: design::current(conn)?,
                agenda: Agenda::read(conn, &viewer, &user, today)?,
                alerts: alerts::list(conn, &viewer, user.id, pile, Stretch::page(page, ROWS))?,
                total: alerts::count(conn, &viewer, user.id, pile)?,
                pile,
                page,
            })
        })
        .await?;
    Ok(Page(index))
}

/// `POST /alerts`: all of them are seen.
pub async fn see_all(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let seen = db
        .write(move |conn| alerts::see_all(conn, now, &viewer, user.id))
        .await?;
    let notice = match seen {
        0 => "There was nothing new.".to_owned(),
        seen => format!("{} marked as seen.", figures::counted(seen as i64, "alert", "alerts")),
    };
    Ok(see_other_with_notice(&config, "/alerts", &notice))
}

/// `POST /alerts/{id}`: put away, or brought back.
pub async fn look(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), AlertId(id.into_inner()));
    let (look, path, notice) = match form.text("do")? {
        "dismiss" => (
            Look::Dismissed,
            "/alerts",
            "Put away. It stands under “Put away”, from where it can be brought back.",
        ),
        "bring_back" => (Look::Seen, "/alerts?show=dismissed", "Brought back."),
        _ => return Err(AppError::BadRequest("Press one of the buttons of the page.".to_owned())),
    };
    let found = db
        .write(move |conn| alerts::look(conn, now, &viewer, user.id, id, Some(look)))
        .await?;
    match found {
        true => Ok(see_other_with_notice(&config, path, notice)),
        false => Err(AppError::NotFound),
    }
}

/// What happened, in a sentence that needs no company's name.
pub fn sentence(design: &Design, alert: &Alert) -> String {
    match &alert.what {
        What::Segment { from, to } => {
            let from = from.as_deref().map_or("no segment", |code| segment_name(design, code));
            match to.as_deref() {
                Some(code) => format!("It went from {from} to {}.", segment_name(design, code)),
                None => format!("It left {from} and has no segment now."),
            }
        }
        What::Need { need, from, to, reach } => {
            let need = design
                .framework
                .need(need)
                .map_or(need.as_str(), |need| need.name.as_str());
            format!(
                "{need} {} from {} to {}: by {} points, more than its 95 % interval of ±{}.",
                if to > from { "rose" } else { "fell" },
                figures::number(from, 0),
                figures::number(to, 0),
                figures::number((to - from).abs(), 0),
                figures::number(reach, 0)
            )
        }
        What::Silence { since } => format!(
            "It is worth much and has fallen silent: nobody there has answered since {}.",
            figures::date(since.date())
        ),
    }
}

impl Index {
    fn sentence(&self, alert: &Alert) -> String {
        sentence(&self.design, alert)
    }

    fn is_new(&self, alert: &Alert) -> bool {
        alert.look.is_none()
    }

    fn kind(&self, alert: &Alert) -> &'static str {
        match alert.what {
            What::Segment { .. } => "Segment",
            What::Need { .. } => "Need",
            What::Silence { .. } => "Silence",
        }
    }

    fn is_dismissed(&self) -> bool {
        self.pile == Pile::Dismissed
    }

    fn turned(&self, page: i64) -> String {
        let show = if self.is_dismissed() { "dismissed" } else { "" };
        link::with("/alerts", [("show", show), ("page", page.to_string().as_str())])
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        (self.page.saturating_mul(ROWS) < self.total).then(|| self.turned(self.page + 1))
    }
}
