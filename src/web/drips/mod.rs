//! Drips: how each stands, who goes through it, what waits and why. Analysts read; admins write,
//! start and stop.

mod draft;
pub mod edit;
pub mod preview;
pub mod standing;
mod timeline;
pub mod trial;
pub mod troubles;
pub mod waiting;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use crate::accounts::{Role, User};
use crate::audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::design;
use crate::drip::overview::{self, Overview, Reach};
use crate::drip::queue::{self, Digest};
use crate::drip::state::State;
use crate::drip::{self, Enrolled, Refusal, Who};
use crate::framework::{Framework, Step, StepContent, Trigger};
use crate::insight::funnel::{self, FunnelStep};
use crate::insight::{ByTenure, Filter};
use crate::store::{self, Conn, Db};
use crate::text::figures;

use self::timeline::Timeline;
use self::troubles::Troubles;
use super::error::AppError;
use super::form::{Faults, Form};
use super::kept::{Found, Kept, Key};
use super::page::{Page, see_other_with_notice};
use super::session::Analyst;
use super::{link, words};

#[derive(Template)]
#[template(path = "drips/index.html")]
pub struct Index {
    drips: Vec<Overview>,
    /// When what was sent and answered was counted, where that was before the request.
    counted_at: Option<String>,
    /// Why no mail of any drip leaves.
    paused: Option<String>,
    is_admin: bool,
}

impl Index {
    fn waiting(&self) -> i64 {
        self.drips.iter().map(Overview::waiting).sum()
    }
}

#[derive(Template)]
#[template(path = "drips/show.html")]
struct Show {
    overview: Overview,
    framework: Framework,
    timeline: Timeline,
    funnel: Vec<FunnelStep>,
    /// When the figures of its steps were counted, where that was before the request.
    counted_at: Option<String>,
    troubles: Troubles,
    digests: Vec<Digest>,
    /// Contacts whose next step has a date, and the first of those dates.
    upcoming: (i64, Option<NaiveDateTime>),
    now: NaiveDateTime,
    is_admin: bool,
    user: String,
    typed: String,
    faults: Faults,
    /// Who was left out at the last enrolment.
    enrolled: Option<Enrolled>,
    trial: trial::Asked,
}

impl Show {
    /// What a step is, in a sentence.
    fn sentence(&self, step: &Step, nth: &usize) -> String {
        words::step(&self.framework, step, nth)
    }

    fn waiting(&self) -> i64 {
        self.digests.iter().map(|digest| digest.count).sum()
    }

    /// The figures of a step, each with its name; those that a message does not have are left out.
    fn figures_of<'f>(&self, step: &'f FunnelStep) -> Vec<(&'static str, &'f ByTenure<u64>)> {
        let mut figures = vec![("Sent", &step.sent), ("Delivered", &step.delivered)];
        if step.asks {
            figures.extend([("Opened", &step.opened), ("Answered", &step.answered)]);
        }
        figures.extend([("Bounced", &step.bounced), ("Unsubscribed", &step.unsubscribed)]);
        figures
    }

    /// Percent of the longest line.
    fn percent(&self, n: &u64) -> f64 {
        let most = self.funnel.iter().map(|step| step.sent.sum()).max().unwrap_or(0);
        match most {
            0 => 0.0,
            most => (*n as f64 / most as f64 * 10_000.0).round() / 100.0,
        }
    }

    fn has_funnel(&self) -> bool {
        self.funnel.iter().any(|step| step.sent.sum() + step.bounced.sum() > 0)
    }

    fn trigger(&self) -> String {
        words::trigger(&self.overview.drip)
    }

    fn company_href(&self, external_id: &str) -> String {
        format!("/companies/{}", link::part(external_id))
    }

    fn waiting_href(&self, digest: &Digest) -> String {
        let path = format!("/drips/{}/waiting", self.overview.drip.code);
        link::with(&path, [("reason", digest.reason.as_str())])
    }
}

fn trigger(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Manual => "enrolled by hand",
        Trigger::Audience => "whoever matches, looked at daily",
        Trigger::Transaction => "a new transaction",
    }
}

/// How a drip's state looks.
fn badge(state: &State) -> &'static str {
    match state {
        State::On => "badge badge-done",
        State::Paused => "badge badge-warn",
        State::Stopped => "badge",
    }
}

/// `GET /drips`
pub async fn index(
    db: Data<Db>,
    clock: Data<Clock>,
    kept: Data<Kept>,
    Analyst(user): Analyst,
) -> Result<Page<Index>, AppError> {
    let now = clock.now();
    let key = key("/drips", Vec::new(), now);
    let Found {
        figures: reach,
        read_at,
    } = kept.get(&db, now, key, |conn| Ok(Reach::of_all(conn)?)).await?;
    let (drips, paused) = db
        .read(move |conn| Ok::<_, store::Error>((overview::list(conn, &reach)?, drip::sending_paused(conn)?)))
        .await?;
    Ok(Page(Index {
        drips,
        counted_at: read_at.map(figures::date_time),
        paused,
        is_admin: user.role.may(Role::Admin),
    }))
}

fn key(what: &'static str, parameters: Vec<(String, String)>, now: NaiveDateTime) -> Key {
    Key {
        what,
        parameters,
        owners: None,
        today: now.date(),
    }
}

/// `GET /drips/{code}`
pub async fn show(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    kept: Data<Kept>,
    code: Path<String>,
    Analyst(user): Analyst,
) -> Result<HttpResponse, AppError> {
    let page = load(&db, &kept, clock.now(), &code, user).await?;
    Ok(Page(page).respond_to(&request))
}

/// `POST /drips/{code}/enrolments`
pub async fn enrol(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    kept: Data<Kept>,
    code: Path<String>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let typed = form.text("contacts")?.to_owned();
    let who = match form.text("who")? {
        "audience" => Who::Audience,
        _ => Who::Contacts(external_ids(&typed)),
    };
    let now = clock.now();
    if who == Who::Contacts(Vec::new()) {
        let mut page = load(&db, &kept, now, &code, user).await?;
        page.typed = typed;
        page.faults = Faults::one("contacts", "Name at least one contact by its external id.");
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (drip, by) = (code.clone(), user.email.clone());
    let enrolled = db
        .write(move |conn| {
            let enrolled = drip::enrol(conn, now, &drip, &who)?;
            let detail = format!("{} enrolled, {} skipped", enrolled.enrolled, enrolled.skipped.len());
            audit::note(conn, now, &by, "drip enrolment", &drip, &detail)?;
            Ok::<_, Refusal>(enrolled)
        })
        .await
        .map_err(refused)?;
    if enrolled.skipped.is_empty() {
        let count = figures::counted(enrolled.enrolled as i64, "contact", "contacts");
        return Ok(see_other_with_notice(
            &config,
            &format!("/drips/{code}"),
            &format!("{count} enrolled."),
        ));
    }
    let mut page = load(&db, &kept, now, &code, user).await?;
    page.typed = typed;
    page.enrolled = Some(enrolled);
    Ok(Page(page).respond_to(&request))
}

/// As people paste them: one a line, or apart by commas or spaces.
fn external_ids(typed: &str) -> Vec<String> {
    let parts = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// What became of a drip's mails, step by step.
struct Course {
    reach: Reach,
    funnel: Vec<FunnelStep>,
}

fn course(conn: &mut Conn, now: NaiveDateTime, code: &str) -> Result<Course, AppError> {
    let design = design::current(conn)?;
    let drip = design.framework.drip(code).ok_or(AppError::NotFound)?;
    Ok(Course {
        reach: Reach::of(conn, code)?,
        funnel: funnel::funnel(conn, &design, now.date(), &Filter::default(), drip)?,
    })
}

async fn load(db: &Db, kept: &Kept, now: NaiveDateTime, code: &str, user: User) -> Result<Show, AppError> {
    let code = code.to_owned();
    let key = key("/drips/{code}", vec![("code".to_owned(), code.clone())], now);
    let of = code.clone();
    let Found {
        figures: course,
        read_at,
    } = kept.get(db, now, key, move |conn| course(conn, now, &of)).await?;
    db.read(move |conn| {
        let design = design::current(conn)?;
        let overview = overview::find(conn, &code, &course.reach)?.ok_or(AppError::NotFound)?;
        // A step that was added since they were counted has no figures yet.
        let is_whole = course.funnel.len() == overview.drip.steps.len();
        let funnel = match is_whole {
            true => course.funnel.clone(),
            false => funnel::funnel(conn, &design, now.date(), &Filter::default(), &overview.drip)?,
        };
        Ok(Show {
            timeline: Timeline::of(&overview.drip),
            funnel,
            counted_at: read_at.map(figures::date_time),
            troubles: Troubles::load(conn, now, &code)?,
            digests: queue::digest(conn, Some(&code))?,
            upcoming: queue::upcoming(conn, &code)?,
            framework: design.framework.clone(),
            overview,
            now,
            is_admin: user.role.may(Role::Admin),
            user: user.email,
            typed: String::new(),
            faults: Faults::default(),
            enrolled: None,
            trial: trial::Asked::default(),
        })
    })
    .await
}

pub(super) fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::UnknownDrip => AppError::NotFound,
        Refusal::Stopped => AppError::Conflict("The drip is stopped: nobody can be enrolled.".to_owned()),
        Refusal::Store(error) => error.into(),
    }
}

/// What a step's mail is called; of a message, what most get.
fn subject(step: &Step) -> &str {
    match &step.content {
        StepContent::Questions { letter, .. } | StepContent::Adaptive { letter, .. } => &letter.subject,
        StepContent::Message { message } => message
            .get("default")
            .or(message.values().next())
            .map_or("", |letter| &letter.subject),
    }
}
