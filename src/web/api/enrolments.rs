//! `/api/v1/drips/{code}`: who goes through a drip, and whether it sends.

use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};

use crate::accounts::Role;
use crate::audit;
use crate::clock::Clock;
use crate::drip::calm::calm_drip;
use crate::drip::overview::{self, Overview, Reach};
use crate::drip::state;
use crate::drip::{self, Refusal, Skipped, Who};
use crate::framework::Trigger;
use crate::store::Db;
use crate::web::api::{ApiAnalyst, ApiJson};
use crate::web::drips::refused;
use crate::web::drips::standing::may_switch;
use crate::web::error::{AppError, Fault};

/// How many contacts one call may name.
const MOST: usize = 10_000;

/// `{"contacts":[id…]}` or `{"audience":true}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    contacts: Option<Vec<String>>,
    audience: Option<bool>,
}

#[derive(Serialize)]
pub struct Enrolled {
    enrolled: usize,
    skipped: Vec<Left>,
}

#[derive(Serialize)]
pub struct Left {
    contact: String,
    reason: &'static str,
}

/// A drip as it stands.
#[derive(Serialize)]
pub struct Drip {
    code: String,
    name: String,
    trigger: Trigger,
    state: &'static str,
    cause: Option<String>,
    enrolled: i64,
    active: i64,
    steps: Vec<Step>,
}

#[derive(Serialize)]
pub struct Step {
    sent: i64,
    answered: i64,
    waiting: i64,
    failed: i64,
}

/// `POST /api/v1/drips/{code}/enrolments`
pub async fn create(
    ApiAnalyst(token): ApiAnalyst,
    db: Data<Db>,
    clock: Data<Clock>,
    code: Path<String>,
    ApiJson(wanted): ApiJson<Wanted>,
) -> Result<Json<Enrolled>, AppError> {
    let who = who(wanted).map_err(|fault| AppError::Unprocessable(vec![fault]))?;
    let now = clock.now();
    let enrolled = db
        .write(move |conn| {
            let enrolled = drip::enrol(conn, now, &code, &who)?;
            let detail = format!("{} enrolled, {} skipped", enrolled.enrolled, enrolled.skipped.len());
            audit::note(conn, now, &token.actor(), "drip enrolment", &code, &detail)?;
            Ok::<_, Refusal>(enrolled)
        })
        .await
        .map_err(refused)?;
    let left = |skipped: Skipped| Left {
        contact: skipped.contact,
        reason: skipped.reason.as_str(),
    };
    Ok(Json(Enrolled {
        enrolled: enrolled.enrolled,
        skipped: enrolled.skipped.into_iter().map(left).collect(),
    }))
}

/// `POST /api/v1/drips/{code}/pause`
pub async fn pause(
    ApiAnalyst(token): ApiAnalyst,
    db: Data<Db>,
    clock: Data<Clock>,
    code: Path<String>,
) -> Result<Json<Drip>, AppError> {
    switch(&db, &clock, token.role, token.actor(), code.into_inner(), false).await
}

/// `POST /api/v1/drips/{code}/resume`
pub async fn resume(
    ApiAnalyst(token): ApiAnalyst,
    db: Data<Db>,
    clock: Data<Clock>,
    code: Path<String>,
) -> Result<Json<Drip>, AppError> {
    switch(&db, &clock, token.role, token.actor(), code.into_inner(), true).await
}

async fn switch(
    db: &Db,
    clock: &Clock,
    role: Role,
    by: String,
    code: String,
    on: bool,
) -> Result<Json<Drip>, AppError> {
    let (now, drip) = (clock.now(), code.clone());
    let found = db
        .write(move |conn| {
            let standing = state::standing(conn, &code)?.ok_or(AppError::NotFound)?;
            may_switch(standing.state, role, on)?;
            drip::switch(conn, now, &by, &code, on)?;
            let reach = Reach::of(conn, &code)?;
            Ok::<_, AppError>(overview::find(conn, &code, &reach)?)
        })
        .await?;
    if !on {
        calm_drip(db, &drip).await;
    }
    found.map(|overview| Json(Drip::of(overview))).ok_or(AppError::NotFound)
}

fn who(wanted: Wanted) -> Result<Who, Fault> {
    match (wanted.contacts, wanted.audience) {
        (Some(contacts), None | Some(false)) if contacts.len() > MOST => Err(Fault::new(
            "contacts",
            format!(
                "{} contacts are too many for one call: send at most {MOST}",
                contacts.len()
            ),
        )),
        (Some(contacts), None | Some(false)) => Ok(Who::Contacts(contacts)),
        (None, Some(true)) => Ok(Who::Audience),
        _ => Err(Fault::new("body", "give either \"contacts\" or \"audience\": true")),
    }
}

impl Drip {
    fn of(overview: Overview) -> Drip {
        let steps = overview.steps.iter().map(|step| Step {
            sent: step.sent,
            answered: step.answered,
            waiting: step.waiting,
            failed: step.failed,
        });
        Drip {
            steps: steps.collect(),
            code: overview.drip.code,
            name: overview.drip.name,
            trigger: overview.drip.trigger,
            state: overview.standing.state.as_str(),
            cause: overview.standing.cause,
            enrolled: overview.enrolled,
            active: overview.active,
        }
    }
}
