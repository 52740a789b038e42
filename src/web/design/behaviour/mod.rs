//! How companies behave, told by rules: an ordered list, counted before it is put in force.

mod draft;

use std::borrow::Borrow;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use self::draft::{Do, Draft, stamp};
use super::Tab;
use super::typed::Faults;
use crate::accounts::Role;
use crate::behaviour::{self, Count, InForce, Progress, Refusal, Version, words};
use crate::clock::Clock;
use crate::config::Config;
use crate::method::behaviour::{self as method, Bound, First, Measure, Rule, Rules, Tally};
use crate::store::{self, Conn, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::link;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

#[derive(Template)]
#[template(path = "design/behaviour/edit.html")]
pub struct Edit {
    draft: Draft,
    faults: Faults,
    /// What the rules typed would come to, where they were counted.
    tally: Option<Tally>,
    /// Of the rules that were counted.
    previewed: String,
    in_force: InForce,
    /// How many companies have which behaviour now.
    counts: Vec<Count>,
    progress: Option<Progress>,
    versions: Vec<Version>,
    /// Rules that take nobody are to be put in force all the same, or were asked about.
    asks_anyway: bool,
    /// They were asked about, and nobody said so.
    lacks_anyway: bool,
    /// Rules were put in force while these were typed.
    is_overtaken: bool,
    /// The rules were changed after they were counted.
    is_recounted: bool,
    is_admin: bool,
    seen: i64,
    now: NaiveDateTime,
}

impl Edit {
    fn load(conn: &mut Conn, now: NaiveDateTime, is_admin: bool) -> store::Result<Edit> {
        let in_force = behaviour::current(conn)?;
        Ok(Edit {
            draft: Draft::of(&in_force.rules),
            faults: Faults::default(),
            tally: None,
            previewed: String::new(),
            counts: behaviour::list_counts(conn)?,
            progress: behaviour::progress(conn)?,
            versions: behaviour::list_versions(conn)?,
            asks_anyway: false,
            lacks_anyway: false,
            is_overtaken: false,
            is_recounted: false,
            seen: in_force.id,
            in_force,
            is_admin,
            now,
        })
    }

    async fn count(&mut self, db: &Db, rules: Rules, stamp: &str) -> Result<(), AppError> {
        let today = self.now.date();
        self.tally = Some(db.read(move |conn| behaviour::preview(conn, today, &rules)).await?);
        let idle = self.idle();
        self.previewed = format!("{stamp}.{idle}");
        self.asks_anyway = idle > 0;
        Ok(())
    }

    /// All of them, and what is not theirs.
    fn companies(&self) -> i64 {
        self.counts.iter().map(|count| count.companies).sum()
    }

    /// What the preview says of a rule: whom it takes, and who is taken twice.
    fn told(&self, at: &usize) -> Option<Told> {
        let (tally, at) = (self.tally.as_ref()?, *at);
        let (taken, twice) = (*tally.taken.get(at)?, *tally.twice.get(at)?);
        let companies = |n: u64| figures::counted(n as i64, "company", "companies");
        let is_idle = taken == 0 && tally.companies > 0;
        let words = match (taken, twice) {
            (0, 0) => "It matches no company today. Look at its figures, or take it out.".to_owned(),
            (0, twice) => format!(
                "It takes nobody: {} would match, but rules above take them first. Move it up, or take it out.",
                companies(twice)
            ),
            (taken, 0) => format!("It takes {}.", companies(taken)),
            (taken, twice) => format!(
                "It takes {}. {} would match too, but rules above take them first.",
                companies(taken),
                figures::count(twice as i64),
            ),
        };
        Some(Told { words, is_idle })
    }

    /// Of the counted rules, by name: companies that it takes, and that it would take too.
    fn lines(&self) -> Vec<(&str, i64, i64)> {
        let Some(tally) = &self.tally else { return vec![] };
        let figures = tally.taken.iter().zip(&tally.twice);
        let rules = self.draft.rules.iter().zip(figures);
        rules
            .map(|(rule, (taken, twice))| (rule.name.as_str(), *taken as i64, *twice as i64))
            .collect()
    }

    fn idle(&self) -> usize {
        let rules = 0..self.draft.rules.len();
        rules
            .filter(|at| self.told(at).is_some_and(|told| told.is_idle))
            .count()
    }

    fn share(&self, part: impl Borrow<i64>) -> String {
        let all = self.tally.as_ref().map_or(0, |tally| tally.companies);
        if all == 0 {
            return "–".to_owned();
        }
        figures::share(*part.borrow() as f64 / all as f64)
    }

    fn firsts(&self) -> [(First, &'static str, &'static str); 2] {
        [
            (
                First::Imported,
                "An imported behaviour stands",
                "The rules tell the rest: the companies whose import says nothing.",
            ),
            (
                First::Rules,
                "The rules come first",
                "An imported behaviour stands where no rule takes the company.",
            ),
        ]
    }

    fn first(&self) -> First {
        First::parse(&self.draft.first).unwrap_or_default()
    }

    fn done_percent(&self, progress: &Progress) -> i64 {
        progress.done * 100 / progress.companies.max(1)
    }

    fn filtered(&self, behaviour: &str) -> String {
        link::with("/companies", [("attribute.behaviour", behaviour)])
    }

    fn conditions(&self, rule: &Rule) -> String {
        rule.conditions
            .iter()
            .map(words::condition)
            .collect::<Vec<_>>()
            .join(" and ")
    }
}

struct Told {
    words: String,
    is_idle: bool,
}

/// `GET /design/behaviour`
pub async fn edit(Analyst(user): Analyst, db: Data<Db>, clock: Data<Clock>) -> Result<Page<Edit>, AppError> {
    let (now, is_admin) = (clock.now(), user.role.may(Role::Admin));
    Ok(Page(db.read(move |conn| Edit::load(conn, now, is_admin)).await?))
}

/// `POST /design/behaviour`: counts what was typed, or puts it in force.
pub async fn update(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let wanted = Do::parse(form.text("do")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    let now = clock.now();
    let mut page = db.read(move |conn| Edit::load(conn, now, true)).await?;
    page.seen = form.text("seen")?.parse().unwrap_or(0);
    page.draft = match wanted {
        Do::Ready => Draft::of(&method::ready()),
        Do::Return(version) => {
            let rules = db.read(move |conn| behaviour::find_version(conn, version)).await?;
            Draft::of(&rules.ok_or(AppError::NotFound)?)
        }
        _ => Draft::read(&form),
    };
    if !matches!(wanted, Do::Preview | Do::Apply | Do::Ready | Do::Return(_)) {
        wanted.change(&mut page.draft);
        return Ok(Page(page).respond_to(&request));
    }
    page.draft.drop_blank();
    let rules = match page.draft.checked() {
        Ok(rules) => rules,
        Err(faults) => {
            page.faults = faults;
            return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
        }
    };
    page.draft = Draft::of(&rules);
    // What was counted, and how many of its rules took nobody, the page said itself: where that is what
    // is to be put in force, nobody waits for the counts again.
    let stamp = stamp(&rules);
    let previewed = form.text("previewed")?;
    let is_counted = previewed.strip_prefix(&stamp).is_some_and(|rest| {
        let idle = rest.strip_prefix('.').and_then(|idle| idle.parse::<usize>().ok());
        idle.is_some_and(|idle| idle == 0 || form.text("anyway").is_ok_and(|ticked| ticked == "yes"))
    });
    if wanted == Do::Apply && is_counted {
        return apply(&request, &db, &config, &user.email, page, rules).await;
    }
    page.count(&db, rules, &stamp).await?;
    if wanted != Do::Apply {
        return Ok(Page(page).respond_to(&request));
    }
    page.is_recounted = !previewed.starts_with(&stamp);
    page.lacks_anyway = !page.is_recounted && page.asks_anyway;
    Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
}

async fn apply(
    request: &HttpRequest,
    db: &Data<Db>,
    config: &Config,
    by: &str,
    mut page: Edit,
    rules: Rules,
) -> Result<HttpResponse, AppError> {
    let (now, seen, by) = (page.now, page.seen, by.to_owned());
    let (counted, stamp) = (rules.clone(), stamp(&rules));
    let applied = db
        .write(move |conn| {
            let changes = behaviour::apply(conn, now, &by, seen, &rules)?;
            Ok::<_, Refusal>((changes, behaviour::hurry(conn, now)?))
        })
        .await;
    match applied {
        Ok((changes, left)) => {
            if left > 0 {
                go_on(db.clone(), now);
            }
            let notice = match (changes.is_empty(), left) {
                (true, _) => "Nothing was changed: these are the rules in force.".to_owned(),
                (_, 0) => "The rules are in force, and every company has been gone through.".to_owned(),
                (_, left) => format!(
                    "The rules are in force. {} are still to be gone through.",
                    figures::counted(left, "company", "companies")
                ),
            };
            Ok(see_other_with_notice(config, "/design/behaviour", &notice))
        }
        Err(Refusal::Overtaken(newest)) => {
            page.seen = newest.id;
            page.in_force = newest;
            page.is_overtaken = true;
            page.count(db, counted, &stamp).await?;
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(request))
        }
        Err(Refusal::Faulty(faults)) => {
            let message = faults.into_iter().map(|(place, message)| format!("{place}: {message}"));
            Err(AppError::BadRequest(message.collect::<Vec<_>>().join("; ")))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

/// Behind the page, a short transaction at a time. Where this process ends before, the worker goes on.
fn go_on(db: Data<Db>, now: NaiveDateTime) {
    actix_web::rt::spawn(async move {
        loop {
            match db.write(move |conn| behaviour::advance(conn, now)).await {
                Ok(Some(progress)) if progress.ended_at.is_none() => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(%error, "not all companies were gone through; the worker goes on");
                    return;
                }
            }
        }
    });
}
