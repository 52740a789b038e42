//! A company's plan: what is wanted of it, and the steps that lead there.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::{Subject, goal_word};
use crate::accounts::User;
use crate::clock::Clock;
use crate::companies::listing::{self, Viewer};
use crate::config::Config;
use crate::design;
use crate::ids::PlanStepId;
use crate::plan::rules::Typed;
use crate::plan::{self, Goal, Refusal, State, Step};
use crate::store::{self, Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::{Faults, Form};
use crate::web::link;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Sales, Sight};

/// A step taken from the playbook is due in so many days, if nobody says otherwise.
const USUAL_DAYS: u64 = 14;

#[derive(Template)]
#[template(path = "companies/plan.html")]
pub struct Show {
    subject: Subject,
    owners: Vec<String>,
    /// What the form of a step holds.
    typed: Typed,
    /// Which step the form changes; none: a new one.
    step: Option<PlanStepId>,
    faults: Faults,
}

/// `GET /companies/{external_id}/plan`: `action` fills the form with a line of the playbook, `step`
/// with a step that is to be changed.
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    parameters: Query<Vec<(String, String)>>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Show>, AppError> {
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let mut page = Show::read(conn, now, &viewer, &user, &external_id)?;
            let asked = |name: &str| {
                let found = parameters.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone())
            };
            if let Some(id) = asked("step") {
                let id = id.parse().map(PlanStepId).map_err(|_| AppError::NotFound)?;
                let step = page.step(id).ok_or(AppError::NotFound)?.clone();
                page.typed = Typed::of(&step);
                page.owners = plan::list_owners(conn, &user, &page.subject.company, Some(&step))?;
                page.step = Some(id);
            } else if let Some(action) = asked("action") {
                page.typed.action = action;
            }
            Ok::<_, AppError>(page)
        })
        .await?;
    Ok(Page(page))
}

/// `POST /companies/{external_id}/plan`: sets the goal.
pub async fn set_goal(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    external_id: Path<String>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, path) = (clock.now(), plan_href(&external_id));
    let goal = match form.text("goal")? {
        "" => None,
        text => Some(Goal::parse(text).ok_or_else(|| AppError::BadRequest(format!("There is no goal {text}.")))?),
    };
    db.write(move |conn| {
        let company = listing::find(conn, &viewer, &external_id)?.ok_or(AppError::NotFound)?;
        plan::set_goal(conn, now, &user.email, &company, goal)?;
        Ok::<_, AppError>(())
    })
    .await?;
    let notice = goal.map_or("The goal is taken away.".to_owned(), |goal| {
        format!("The goal: {}.", goal_word(&goal).to_lowercase())
    });
    Ok(see_other_with_notice(&config, &path, &notice))
}

/// `POST /companies/{external_id}/plan/steps`: a new step, or one that is changed.
pub async fn put_step(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    external_id: Path<String>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, path) = (clock.now(), plan_href(&external_id));
    let typed = Typed {
        action: form.text("action")?.to_owned(),
        need: form.text("need")?.to_owned(),
        owner: form.text("owner")?.to_owned(),
        due_on: form.text("due_on")?.to_owned(),
    };
    let step = match form.text("step")? {
        "" => None,
        id => Some(id.parse().map(PlanStepId).map_err(|_| AppError::NotFound)?),
    };
    let (put, seen, by, sought) = (typed.clone(), viewer.clone(), user.clone(), external_id.clone());
    let kept = db
        .write(move |conn| {
            let design = design::current(conn)?;
            let company = listing::find(conn, &seen, &sought)?.ok_or(Refusal::Unknown)?;
            plan::put_step(conn, now, &by, &design, &company, step, &put)
        })
        .await;
    match kept {
        Ok(()) => {
            let notice = if step.is_some() {
                "The step is changed."
            } else {
                "The step is in the plan."
            };
            Ok(see_other_with_notice(&config, &path, notice))
        }
        Err(Refusal::Faulty(faults)) => {
            let mut page = db
                .read(move |conn| Show::read(conn, now, &viewer, &user, &external_id))
                .await?;
            (page.typed, page.step) = (typed, step);
            for (field, message) in faults {
                page.faults.0.extend(Faults::one(field, message).0);
            }
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /companies/{external_id}/plan/steps/{id}`: done, dropped, or open again.
pub async fn end_step(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    path: Path<(String, i64)>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (external_id, id) = path.into_inner();
    let (now, path) = (clock.now(), plan_href(&external_id));
    let state = State::parse(form.text("state")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    let step = db
        .write(move |conn| {
            let company = listing::find(conn, &viewer, &external_id)?.ok_or(Refusal::Unknown)?;
            plan::end_step(conn, now, &user.email, &company, PlanStepId(id), state)
        })
        .await?;
    let notice = match state {
        State::Done => format!("Done: {}.", step.action),
        State::Dropped => format!("Dropped: {}. It can be taken up again below.", step.action),
        State::Open => format!("Open again: {}.", step.action),
    };
    Ok(see_other_with_notice(&config, &path, &notice))
}

fn plan_href(external_id: &str) -> String {
    format!("{}/plan", super::href(external_id))
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> AppError {
        match refusal {
            // Told at its field before it comes so far.
            Refusal::Faulty(faults) => AppError::Unprocessable(
                faults
                    .into_iter()
                    .map(|(field, message)| crate::web::error::Fault::new(field, message))
                    .collect(),
            ),
            Refusal::Unknown => AppError::NotFound,
            Refusal::Store(error) => error.into(),
        }
    }
}

impl Show {
    fn read(
        conn: &mut Conn,
        now: chrono::NaiveDateTime,
        viewer: &Viewer,
        user: &User,
        external_id: &str,
    ) -> Result<Show, AppError> {
        let subject = Subject::read(conn, now, viewer, external_id)?;
        let owners: store::Result<Vec<String>> = plan::list_owners(conn, user, &subject.company, None);
        let top = subject
            .card
            .survey
            .as_ref()
            .and_then(|survey| Some(survey.top().first()?.code.clone()));
        Ok(Show {
            owners: owners?,
            typed: Typed {
                need: top.unwrap_or_default(),
                owner: user.email.clone(),
                due_on: (subject.today() + chrono::Days::new(USUAL_DAYS)).to_string(),
                ..Typed::default()
            },
            step: None,
            faults: Faults::default(),
            subject,
        })
    }

    fn step(&self, id: PlanStepId) -> Option<&Step> {
        self.subject.plan.steps.iter().find(|step| step.id == id)
    }

    fn href(&self) -> String {
        plan_href(&self.subject.company.external_id)
    }

    fn of_state(&self, is_open: bool) -> Vec<&Step> {
        let steps = self.subject.plan.steps.iter();
        steps.filter(|step| step.is_open() == is_open).collect()
    }

    /// The playbook's actions that no step holds yet, each with the address that puts it into the form.
    fn offers(&self) -> Vec<(&str, String)> {
        let actions = self
            .subject
            .segment()
            .map(|segment| segment.actions.as_slice())
            .unwrap_or_default();
        let taken = |action: &str| self.subject.plan.steps.iter().any(|step| step.action == action);
        actions
            .iter()
            .filter(|action| !taken(action))
            .map(|action| {
                let href = link::with(&self.href(), [("action", action.as_str())]);
                (action.as_str(), format!("{href}#step"))
            })
            .collect()
    }

    fn change_href(&self, step: &Step) -> String {
        format!("{}?step={}#step", self.href(), step.id)
    }

    /// How it ended, in words.
    fn ended(&self, step: &Step) -> String {
        let word = if step.state == State::Done { "Done" } else { "Dropped" };
        match &step.ended {
            Some((by, at)) => format!("{word} on {} by {by}", figures::date(at.date())),
            None => word.to_owned(),
        }
    }

    fn is_goal(&self, goal: &Goal) -> bool {
        self.subject.plan.goal == Some(*goal)
    }
}
