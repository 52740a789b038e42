//! Ready question sets: looked at, and started from.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::Role;
use crate::clock::Clock;
use crate::config::Config;
use crate::design;
use crate::framework::check;
use crate::framework::{Code, Framework, Need, Question};
use crate::ids::FrameworkId;
use crate::library::adopt::{self, Choice};
use crate::library::{self, Entry};
use crate::reframe::edit::{self, Refusal};
use crate::store::Db;

use super::Tab;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};
use crate::web::words;

#[derive(Template)]
#[template(path = "design/library/index.html")]
pub struct Index {
    entries: &'static [Entry],
    /// The sets of the framework, so that nobody starts from one twice unawares.
    framework: Framework,
}

/// `GET /design/library`
pub async fn index(_: Analyst, db: Data<Db>) -> Result<Page<Index>, AppError> {
    let stored = db.read(design::current).await?;
    Ok(Page(Index {
        entries: library::entries(),
        framework: stored.framework.clone(),
    }))
}

impl Index {
    fn is_there(&self, entry: &Entry) -> bool {
        is_there(&self.framework, entry)
    }
}

fn is_there(framework: &Framework, entry: &Entry) -> bool {
    framework.question_set(entry.code()).is_some()
}

/// "Two questions, under a minute".
fn in_short(entry: &Entry) -> String {
    let questions = match entry.set.questions.len() {
        1 => "One question",
        2 => "Two questions",
        3 => "Three questions",
        _ => "Some questions",
    };
    let time = match library::seconds(&entry.set.questions) {
        0..=30 => "half a minute",
        31..=60 => "under a minute",
        _ => "a minute and a half",
    };
    format!("{questions}, {time}")
}

#[derive(Template)]
#[template(path = "design/library/show.html")]
pub struct Show {
    entry: &'static Entry,
    /// The set with its needs, in which its loadings can be named.
    own: Framework,
    framework: Framework,
    seen: FrameworkId,
    choices: BTreeMap<Code, Choice>,
    can_start: bool,
    faults: Vec<String>,
    overtaken: Option<Vec<String>>,
}

/// `GET /design/library/{code}`
pub async fn show(Analyst(user): Analyst, db: Data<Db>, code: Path<String>) -> Result<Page<Show>, AppError> {
    let entry = library::find(&code).ok_or(AppError::NotFound)?;
    let stored = db.read(design::current).await?;
    let choices = adopt::usual(&stored.framework, entry);
    Ok(Page(Show {
        own: entry.framework(),
        entry,
        framework: stored.framework.clone(),
        seen: stored.id,
        choices,
        can_start: user.role.may(Role::Admin),
        faults: Vec::new(),
        overtaken: None,
    }))
}

/// `POST /design/library/{code}`: adds the set, and the needs it is to bring.
pub async fn start(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let entry = library::find(&code).ok_or(AppError::NotFound)?;
    let seen = form.text("seen")?.parse().map(FrameworkId).unwrap_or(FrameworkId(0));
    let stored = db.read(design::current).await?;
    let mut page = Show {
        own: entry.framework(),
        entry,
        framework: stored.framework.clone(),
        seen,
        choices: adopt::usual(&stored.framework, entry),
        can_start: true,
        faults: Vec::new(),
        overtaken: None,
    };
    for need in &entry.needs {
        let chosen = form.text(&field(&need.code))?;
        match choice(chosen, &stored.framework) {
            Some(choice) => _ = page.choices.insert(need.code.clone(), choice),
            None if chosen.is_empty() => {}
            None => page.faults.push(format!(
                "{}: there is no need “{chosen}” any more; choose again",
                need.name
            )),
        }
    }
    let mut tried = stored.framework.clone();
    let made = adopt::adopt(&mut tried, entry, &page.choices);
    page.faults.extend(
        check::check(&tried)
            .into_iter()
            .map(|problem| format!("{}: {}", problem.place, problem.message)),
    );
    if !page.faults.is_empty() {
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, by, choices) = (clock.now(), user.email, page.choices.clone());
    let added = db.write(move |conn| {
        edit::change(conn, now, &by, seen, |framework| {
            adopt::adopt(framework, entry, &choices);
        })
    });
    match added.await {
        Ok(_) => {
            let notice = format!(
                "“{}” is among your question sets. Make it yours: change words and loadings as you like.",
                entry.set.title
            );
            Ok(see_other_with_notice(
                &config,
                &format!("/design/question-sets/{made}/edit"),
                &notice,
            ))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

/// The name of the field that says what becomes of a need.
fn field(need: &str) -> String {
    format!("need.{need}")
}

/// `add`, `leave`, or `use:` with a need of ours.
fn choice(text: &str, framework: &Framework) -> Option<Choice> {
    match text {
        "add" => Some(Choice::Add),
        "leave" => Some(Choice::Leave),
        text => {
            let ours = text.strip_prefix("use:")?;
            framework.need(ours).map(|_| Choice::Use(ours.to_owned()))
        }
    }
}

impl Show {
    fn is_there(&self) -> bool {
        is_there(&self.framework, self.entry)
    }

    /// What can become of the library's need: the value, its words, and whether it is chosen.
    fn offers(&self, need: &Need) -> Vec<(String, String, bool)> {
        let chosen = self.choices.get(&need.code);
        let mut offers = Vec::new();
        if self.framework.need(&need.code).is_none() {
            offers.push((
                "add".to_owned(),
                format!("Add {}", need.name),
                chosen == Some(&Choice::Add),
            ));
        }
        for ours in &self.framework.needs {
            let is_chosen = chosen == Some(&Choice::Use(ours.code.clone()));
            offers.push((
                format!("use:{}", ours.code),
                format!("Use our {}", ours.name),
                is_chosen,
            ));
        }
        offers.push((
            "leave".to_owned(),
            "Leave it out".to_owned(),
            chosen == Some(&Choice::Leave),
        ));
        offers
    }

    fn reason(&self, question: &Question) -> Option<&str> {
        self.entry
            .loading_of(&question.code)
            .map(|loading| loading.reason.as_str())
    }

    fn languages(&self) -> String {
        let names = self.entry.languages().into_iter().map(super::language_name);
        format!("English, {}", names.collect::<Vec<_>>().join(", "))
    }
}
