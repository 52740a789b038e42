//! A drip started, paused, resumed, stopped. What would leave is told before it does.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::NaiveDateTime;

use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::drip;
use crate::drip::forecast::{self, Forecast};
use crate::drip::overview::{self, Overview, Reach};
use crate::drip::state::{self, State};
use crate::framework::Trigger;
use crate::store::Db;
use crate::text::figures;

use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

#[derive(Template)]
#[template(path = "drips/start.html")]
pub struct Start {
    overview: Overview,
    forecast: Forecast,
    may_start: bool,
    now: NaiveDateTime,
}

#[derive(Template)]
#[template(path = "drips/stop.html")]
pub struct Stop {
    overview: Overview,
}

impl Start {
    /// Begun anew, not gone on with.
    fn is_new(&self) -> bool {
        self.overview.enrolled == 0 || self.overview.standing.state == State::Stopped
    }

    /// What happens to mails that should have left long ago.
    fn spread(&self) -> Option<String> {
        let late = self.forecast.late as i64;
        let mails = figures::counted(late, "mail is", "mails are");
        match late {
            0 => None,
            1..=1440 => Some(format!("{mails} more than a day late: they leave at one a minute.")),
            _ => Some(format!(
                "{mails} more than a day late: they leave evenly spread over 24 hours."
            )),
        }
    }
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

/// `GET /drips/{code}/start`: what switching it on would send, and the button that does.
pub async fn start(
    db: Data<Db>,
    clock: Data<Clock>,
    code: Path<String>,
    Analyst(user): Analyst,
) -> Result<Page<Start>, AppError> {
    let now = clock.now();
    let page = db
        .read(move |conn| {
            // What was sent and answered is not told here, and not counted.
            let overview = overview::find(conn, &code, &Reach::default())?.ok_or(AppError::NotFound)?;
            let may_start = overview.standing.state != State::Stopped || user.role.may(Role::Admin);
            Ok::<_, AppError>(Start {
                forecast: forecast::forecast(conn, now, &code)?.ok_or(AppError::NotFound)?,
                overview,
                may_start,
                now,
            })
        })
        .await?;
    Ok(Page(page))
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
    db.write(move |conn| {
        let standing = state::standing(conn, &drip)?.ok_or(AppError::NotFound)?;
        may_switch(standing.state, user.role, on)?;
        drip::switch(conn, now, &user.email, &drip, on)?;
        Ok::<_, AppError>(())
    })
    .await?;
    let notice = if on {
        "The drip sends from now on."
    } else {
        "Nothing of this drip leaves until it is resumed."
    };
    Ok(see_other_with_notice(&config, &format!("/drips/{code}"), notice))
}

/// A stopped drip is no paused one: only an admin begins it anew.
pub fn may_switch(state: State, role: Role, on: bool) -> Result<(), AppError> {
    match state {
        State::Stopped if !on => Err(AppError::Conflict(
            "The drip is stopped: there is nothing to pause.".to_owned(),
        )),
        State::Stopped if !role.may(Role::Admin) => Err(AppError::Forbidden(
            "The drip was stopped. An admin can start it again.".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// `GET /drips/{code}/stop`: asks first.
pub async fn ask_to_stop(db: Data<Db>, code: Path<String>, _: Admin) -> Result<Page<Stop>, AppError> {
    let overview = db
        .read(move |conn| overview::find(conn, &code, &Reach::default()))
        .await?;
    Ok(Page(Stop {
        overview: overview.ok_or(AppError::NotFound)?,
    }))
}

/// `POST /drips/{code}/stop`
pub async fn stop(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    Admin(User { email, .. }): Admin,
) -> Result<HttpResponse, AppError> {
    let (now, drip) = (clock.now(), code.clone());
    let stopped = db.write(move |conn| drip::stop(conn, now, &email, &drip)).await?;
    let stopped = stopped.ok_or(AppError::NotFound)?;
    let notice = format!(
        "Stopped: {} ended, {} cancelled.",
        figures::counted(stopped.enrolments as i64, "enrolment", "enrolments"),
        figures::counted(stopped.mails as i64, "mail", "mails"),
    );
    Ok(see_other_with_notice(&config, &format!("/drips/{code}"), &notice))
}
