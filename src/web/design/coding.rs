//! Own words read and coded into needs, by keyboard alone where somebody likes that better.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::Tab;
use crate::clock::Clock;
use crate::config::Config;
use crate::design;
use crate::ids::CodingId;
use crate::needs::{self, Confirmed};
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::link;
use crate::web::page::{Page, see_other, see_other_with_notice};
use crate::web::session::Analyst;
use crate::workshop::Refusal;
use crate::workshop::coding::rules::Target;
use crate::workshop::coding::{self, Choice, Queue, Reading, Verdict, Wanted};

/// So many needs have a key of their own: 1 to 9, and 0 for the tenth.
const KEYS: usize = 10;

#[derive(Template)]
#[template(path = "design/coding.html")]
pub struct Coding {
    queue: Queue,
    wanted: Wanted,
    confirmed: Confirmed,
    min_group: u32,
    /// What was typed and could not be kept.
    typed: Option<Verdict>,
    fault: Option<String>,
}

/// `GET /design/coding`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    Analyst(user): Analyst,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Page<Coding>, AppError> {
    let (now, wanted) = (clock.now(), wanted(&parameters));
    let page = db
        .read(move |conn| Coding::load(conn, now, &user.email, wanted))
        .await?;
    Ok(Page(page))
}

/// `POST /design/coding`: one step on with what is in hand.
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, by, wanted) = (clock.now(), user.email.clone(), wanted(&form.0));
    let deed = Deed::parse(&form)?;
    let verdict = verdict(&form)?;
    let (back, sought, typed) = (path(&wanted), wanted.clone(), verdict.clone());
    let done = db
        .write(move |conn| {
            let design = design::current(conn)?;
            match deed {
                Deed::Next => {}
                Deed::Code(id) => coding::code(conn, now, &by, id, verdict, &design)?,
                Deed::Aside(id) => coding::set_aside(conn, now, &by, id)?,
                Deed::Stop(id) => return coding::put_back(conn, now, &by, id),
                Deed::Undo(id) => return coding::undo(conn, now, &by, id),
            }
            coding::take_next(conn, now, &by, &design, &sought)?;
            Ok(())
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&back)),
        Err(Refusal::Faulty(faults)) => {
            let mut page = db
                .read(move |conn| Coding::load(conn, now, &user.email, wanted))
                .await?;
            page.typed = Some(typed);
            page.fault = faults.into_iter().map(|(_, message)| message).next();
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::Ended) => {
            let notice = "The workshop has ended, so a new need has no place to go. Nothing was kept; code it without.";
            Ok(see_other_with_notice(&config, &back, notice))
        }
        Err(_) => {
            let notice = "That answer is not in your hand any more: after a quarter of an hour it goes back to the others. \
                          Nothing of this reading was kept.";
            Ok(see_other_with_notice(&config, &back, notice))
        }
    }
}

/// What a button does.
enum Deed {
    /// Takes the next one in hand.
    Next,
    Code(CodingId),
    Aside(CodingId),
    Stop(CodingId),
    Undo(CodingId),
}

impl Deed {
    fn parse(form: &Form) -> Result<Deed, AppError> {
        let unknown = || AppError::BadRequest("Press one of the buttons of the page.".to_owned());
        let (verb, id) = match form.text("do")?.split_once(':') {
            Some((verb, id)) => (verb, Some(CodingId(id.parse().map_err(|_| unknown())?))),
            None => (form.text("do")?, None),
        };
        match (verb, id) {
            ("next", _) => Ok(Deed::Next),
            ("code", Some(id)) => Ok(Deed::Code(id)),
            ("aside", Some(id)) => Ok(Deed::Aside(id)),
            ("stop", Some(id)) => Ok(Deed::Stop(id)),
            ("undo", Some(id)) => Ok(Deed::Undo(id)),
            _ => Err(unknown()),
        }
    }
}

fn verdict(form: &Form) -> Result<Verdict, AppError> {
    let ticked = form.0.iter().filter(|(name, _)| name == "need");
    Ok(Verdict {
        targets: ticked.map(|(_, value)| Target::parse(value)).collect(),
        new_need: form.text("new_need")?.trim().to_owned(),
    })
}

fn wanted(parameters: &[(String, String)]) -> Wanted {
    let value = |name: &str| {
        let found = parameters.iter().rev().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    };
    Wanted {
        question: Some(value("question"))
            .filter(|code| !code.is_empty())
            .map(str::to_owned),
        search: value("search").to_owned(),
        texts: value("texts") == "yes",
        second: value("second") == "yes",
    }
}

/// The page with the same things wanted.
fn path(wanted: &Wanted) -> String {
    let yes = |is: bool| if is { "yes" } else { "" };
    let parameters = [
        ("question", wanted.question.as_deref().unwrap_or_default()),
        ("search", wanted.search.as_str()),
        ("texts", yes(wanted.texts)),
        ("second", yes(wanted.second)),
    ];
    link::with(
        "/design/coding",
        parameters.into_iter().filter(|(_, value)| !value.is_empty()),
    )
}

impl Coding {
    fn load(conn: &mut Conn, now: chrono::NaiveDateTime, by: &str, wanted: Wanted) -> Result<Coding, AppError> {
        let design = design::current(conn)?;
        Ok(Coding {
            queue: coding::queue(conn, now, by, &design, &wanted)?,
            wanted,
            confirmed: needs::confirmed(conn, &design)?,
            min_group: design.framework.settings.min_group,
            typed: None,
            fault: None,
        })
    }

    /// What is ticked: as typed, else as it was read before.
    fn is_ticked(&self, reading: &Reading, choice: &Choice) -> bool {
        let ticked = self.typed.as_ref().map_or(&reading.codes, |typed| &typed.targets);
        ticked.contains(&choice.target)
    }

    fn new_need(&self) -> &str {
        self.typed.as_ref().map_or("", |typed| typed.new_need.as_str())
    }

    /// The key that ticks the choice at this place.
    fn key(&self, at: &usize) -> Option<usize> {
        (*at < KEYS).then_some((at + 1) % KEYS)
    }

    fn count(&self, choice: &Choice) -> i64 {
        self.queue.counts.get(&choice.target).copied().unwrap_or(0)
    }

    fn need_code(&self, choice: &Choice) -> Option<String> {
        match &choice.target {
            Target::Need(code) => Some(code.clone()),
            Target::Proposed(_) => None,
        }
    }

    fn names(&self, reading: &Reading) -> String {
        let chosen = self
            .queue
            .choices
            .iter()
            .filter(|choice| reading.codes.contains(&choice.target));
        let names: Vec<&str> = chosen.map(|choice| choice.name.as_str()).collect();
        match (reading.is_aside, names.is_empty()) {
            (true, _) => "set aside".to_owned(),
            (false, true) => "no need".to_owned(),
            (false, false) => names.join(", "),
        }
    }

    fn is_narrowed(&self) -> bool {
        self.wanted.question.is_some() || !self.wanted.search.is_empty()
    }
}
