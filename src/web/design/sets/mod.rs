//! The question sets: what each asks, who asks it, how often it was answered, and their order.

pub mod archive;
mod draft;
pub mod edit;
mod impact;
mod line;
mod page;
mod pressed;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Deserialize;

use super::order::{self, Do};
use super::{Tab, typed};
use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::archive::{self as kept, Archived};
use crate::design::tallies::{self, Tally};
use crate::design::{self, Design};
use crate::framework::uses::{self, Use};
use crate::framework::{Code, QuestionSet};
use crate::ids::FrameworkId;
use crate::reframe::edit::Refusal;
use crate::reframe::sets as change;
use crate::store::{self, Conn, Db};
use crate::text::figures;
use crate::text::fold::search_key;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

/// A list of no more than these is seen at a glance.
const FEW: usize = 8;

#[derive(Template)]
#[template(path = "design/sets/index.html")]
pub struct Index {
    lines: Vec<Line>,
    /// All codes in the order shown.
    order: Vec<Code>,
    /// The order shown is not the one in force.
    is_moved: bool,
    /// What was searched for; then the order is not to be changed.
    search: String,
    has_search: bool,
    overtaken: Option<Vec<String>>,
    archived: Vec<Archived<QuestionSet>>,
    is_admin: bool,
    seen: FrameworkId,
}

struct Line {
    /// Its place in the order shown.
    at: usize,
    code: Code,
    title: String,
    questions: usize,
    /// The drips that ask it, each once: code and name.
    drips: Vec<(Code, String)>,
    /// None: they were never counted.
    answers: Option<i64>,
    /// Beside the one it is written in.
    languages: Vec<String>,
    is_last: bool,
    /// The button that was pressed last: `up` or `down`.
    pressed: Option<&'static str>,
}

impl Index {
    fn load(
        conn: &mut Conn,
        design: &Design,
        order: Vec<Code>,
        pressed: Option<Do>,
        search: &str,
        user: &User,
    ) -> store::Result<Index> {
        let framework = &design.framework;
        let tallies = tallies::list(conn)?;
        let sets = order::sorted(framework.question_sets.clone(), &order, |set| &set.code);
        let moved = pressed.and_then(Do::moved);
        let count = sets.len();
        let wanted = search_key(search);
        let lines = sets.iter().enumerate();
        let lines = lines.filter(|(_, set)| is_found(set, &wanted)).map(|(at, set)| Line {
            at,
            code: set.code.clone(),
            title: set.title.clone(),
            questions: set.questions.len(),
            drips: drips(uses::uses(framework, &set.code)),
            answers: answers(set, &tallies),
            languages: languages(set),
            is_last: at + 1 == count,
            pressed: match moved {
                Some((to, true)) if to == at => Some(if at > 0 { "up" } else { "down" }),
                Some((to, false)) if to == at => Some(if at + 1 < count { "down" } else { "up" }),
                _ => None,
            },
        });
        Ok(Index {
            lines: lines.collect(),
            is_moved: sets != framework.question_sets,
            order: sets.into_iter().map(|set| set.code).collect(),
            search: search.to_owned(),
            has_search: count > FEW || !search.is_empty(),
            overtaken: None,
            archived: kept::list(conn)?,
            is_admin: user.role.may(Role::Admin),
            seen: design.id,
        })
    }

    fn can_move(&self) -> bool {
        self.is_admin && self.search.is_empty()
    }
}

/// By title, code, or the words of a question.
fn is_found(set: &QuestionSet, wanted: &str) -> bool {
    let texts = set
        .questions
        .iter()
        .flat_map(|question| [&question.text, &question.code]);
    let mut texts = [&set.title, &set.code].into_iter().chain(texts);
    wanted.is_empty() || texts.any(|text| search_key(text).contains(wanted))
}

fn drips(uses: Vec<Use>) -> Vec<(Code, String)> {
    let mut drips: Vec<(Code, String)> = uses.into_iter().map(|used| (used.drip, used.name)).collect();
    // The steps of one drip stand together.
    drips.dedup();
    drips
}

/// How many answers the set's questions have, in all their versions.
fn answers(set: &QuestionSet, tallies: &BTreeMap<Code, Vec<Tally>>) -> Option<i64> {
    let of_set = set.questions.iter().filter_map(|question| tallies.get(&question.code));
    of_set.flatten().map(|tally| tally.answers).sum()
}

fn languages(set: &QuestionSet) -> Vec<String> {
    let of_questions = set.questions.iter().flat_map(|question| question.translations.keys());
    let all: BTreeSet<&String> = set.translations.keys().chain(of_questions).collect();
    all.into_iter().cloned().collect()
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    search: String,
}

/// `GET /design/question-sets`
pub async fn index(Analyst(user): Analyst, wanted: Query<Wanted>, db: Data<Db>) -> Result<Page<Index>, AppError> {
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Index::load(conn, &design, Vec::new(), None, wanted.search.trim(), &user)
        })
        .await?;
    Ok(Page(page))
}

/// `POST /design/question-sets`: moves a set on the page, or saves the order.
pub async fn reorder(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (order, pressed) = order::read(&form)?;
    let seen = typed::seen(&form)?;
    let shown = order.clone();
    let by = user.email.clone();
    let mut page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Index::load(conn, &design, shown, Some(pressed), "", &user)
        })
        .await?;
    let newest = std::mem::replace(&mut page.seen, seen);
    if pressed != Do::Save {
        return Ok(Page(page).with(StatusCode::OK).respond_to(&request));
    }
    let now = clock.now();
    match db.write(move |conn| change::order(conn, now, &by, seen, &order)).await {
        Ok(_) => Ok(see_other_with_notice(
            &config,
            "/design/question-sets",
            "The order is saved.",
        )),
        Err(Refusal::Overtaken(_, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}
