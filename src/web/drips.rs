//! Drips: how each stands, who goes through it, what waits and why. For analysts and admins.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::Role;
use crate::audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::drip::calm::calm_drip;
use crate::drip::overview::{self, Overview, Waiting};
use crate::drip::state::State;
use crate::drip::{self, Enrolled, Refusal, Who};
use crate::framework::{Step, StepContent, Trigger};
use crate::store::{self, Db};
use crate::text::figures;

use super::error::AppError;
use super::form::{Faults, Form};
use super::page::{Page, see_other_with_notice};
use super::session::{Admin, Analyst};

/// Waiting mails on the page.
const WAITING: i64 = 50;

#[derive(Template)]
#[template(path = "drips/index.html")]
pub struct Index {
    drips: Vec<Overview>,
    /// Why no mail of any drip leaves.
    paused: Option<String>,
    may_resume: bool,
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
    waiting: Vec<Waiting>,
    typed: String,
    faults: Faults,
    /// Who was left out at the last enrolment.
    enrolled: Option<Enrolled>,
}

fn trigger(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Manual => "enrolled by hand",
        Trigger::Audience => "whoever matches, looked at daily",
        Trigger::Transaction => "a new transaction",
    }
}

fn subject(step: &Step) -> &str {
    match &step.content {
        StepContent::Questions { letter, .. } | StepContent::Adaptive { letter, .. } => &letter.subject,
        StepContent::Message { message } => message
            .get("default")
            .or(message.values().next())
            .map_or("", |letter| &letter.subject),
    }
}

fn content(step: &Step) -> String {
    match &step.content {
        StepContent::Questions { question_set, .. } => format!("questions: {question_set}"),
        StepContent::Adaptive { adaptive, .. } => {
            format!(
                "{} of: {}",
                figures::counted(i64::from(adaptive.ask), "question", "questions"),
                adaptive.pool.join(", ")
            )
        }
        StepContent::Message { message } if message.len() > 1 => "a message, by segment".to_owned(),
        StepContent::Message { .. } => "a message".to_owned(),
    }
}

/// `GET /drips`
pub async fn index(db: Data<Db>, Analyst(user): Analyst) -> Result<Page<Index>, AppError> {
    let (drips, paused) = db
        .read(|conn| Ok::<_, store::Error>((overview::list(conn)?, drip::sending_paused(conn)?)))
        .await?;
    Ok(Page(Index {
        drips,
        paused,
        may_resume: user.role.may(Role::Admin),
    }))
}

/// `DELETE` of the pause of all sending, as a form posts it: `POST /drips/pause/end`.
pub async fn resume_sending(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    Admin(user): Admin,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    db.write(move |conn| drip::resume_sending(conn, now, &user.email))
        .await?;
    Ok(see_other_with_notice(&config, "/drips", "Mail leaves from now on."))
}

/// `GET /drips/{code}`
pub async fn show(
    request: HttpRequest,
    db: Data<Db>,
    code: Path<String>,
    _: Analyst,
) -> Result<HttpResponse, AppError> {
    let page = load(&db, &code, String::new(), Faults::default(), None).await?;
    Ok(Page(page).respond_to(&request))
}

/// `POST /drips/{code}/enrolments`
pub async fn enrol(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let typed = form.text("contacts")?.to_owned();
    let who = match form.text("who")? {
        "audience" => Who::Audience,
        _ => Who::Contacts(external_ids(&typed)),
    };
    if who == Who::Contacts(Vec::new()) {
        let faults = Faults::one("contacts", "Name at least one contact by its external id.");
        let page = load(&db, &code, typed, faults, None).await?;
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, drip) = (clock.now(), code.clone());
    let enrolled = db
        .write(move |conn| {
            let enrolled = drip::enrol(conn, now, &drip, &who)?;
            let detail = format!("{} enrolled, {} skipped", enrolled.enrolled, enrolled.skipped.len());
            audit::note(conn, now, &user.email, "drip enrolment", &drip, &detail)?;
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
    let page = load(&db, &code, typed, Faults::default(), Some(enrolled)).await?;
    Ok(Page(page).respond_to(&request))
}

/// `POST /drips/{code}/state`: on or paused.
pub async fn switch(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let on = match form.text("state")? {
        "on" => true,
        "paused" => false,
        _ => return Err(AppError::BadRequest("Choose on or paused.".to_owned())),
    };
    let (now, drip) = (clock.now(), code.clone());
    let known = db
        .write(move |conn| drip::switch(conn, now, &user.email, &drip, on))
        .await?;
    if !known {
        return Err(AppError::NotFound);
    }
    if !on {
        calm_drip(&db, &code).await;
    }
    let notice = if on {
        "The drip sends from now on."
    } else {
        "Nothing of this drip leaves until it is resumed."
    };
    Ok(see_other_with_notice(&config, &format!("/drips/{code}"), notice))
}

/// As people paste them: one a line, or apart by commas or spaces.
fn external_ids(typed: &str) -> Vec<String> {
    let parts = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

async fn load(
    db: &Db,
    code: &str,
    typed: String,
    faults: Faults,
    enrolled: Option<Enrolled>,
) -> Result<Show, AppError> {
    let code = code.to_owned();
    let found = db
        .read(move |conn| {
            let Some(overview) = overview::find(conn, &code)? else {
                return Ok(None);
            };
            let waiting = overview::list_waiting(conn, &code, WAITING)?;
            Ok::<_, AppError>(Some((overview, waiting)))
        })
        .await?;
    let (overview, waiting) = found.ok_or(AppError::NotFound)?;
    Ok(Show {
        overview,
        waiting,
        typed,
        faults,
        enrolled,
    })
}

pub(super) fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::UnknownDrip => AppError::NotFound,
        Refusal::Stopped => AppError::Conflict("The drip is stopped: nobody can be enrolled.".to_owned()),
        Refusal::Store(error) => error.into(),
    }
}
