//! Sales tags and coded deals by keyboard: one company, or one deal, after the other.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::User;
use crate::clock::Clock;
use crate::companies::listing::{self, Listed, Viewer};
use crate::config::Config;
use crate::design::{self, Design};
use crate::framework::{Level, Need};
use crate::needs::tagging::{self, Card, DealRow, Faults as Found, Refusal, Tag};
use crate::store::{self, Conn, Db};

use super::companies::value;
use super::error::{AppError, Fault};
use super::form::{Faults, Form};
use super::link;
use super::page::{Page, see_other, see_other_with_notice};
use super::session::{Sales, Sight};

/// Choices that have a key of their own: the digits from 1, and 0 for the tenth.
const KEYS: usize = 10;

/// How sure a rep is: the figure, the words, the key.
pub const SURENESS: [(i32, &str, &str); 3] = [(1, "a guess", "g"), (2, "rather sure", "f"), (3, "certain", "c")];

/// What is looked at, in the address: how many were skipped, whether only one's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    skip: i64,
    mine: bool,
    /// What was done last, and can be undone.
    last: String,
}

impl Place {
    fn read(fields: &[(String, String)]) -> Place {
        Place {
            skip: value(fields, "skip").parse().unwrap_or(0).max(0),
            mine: !value(fields, "mine").is_empty(),
            last: value(fields, "last").to_owned(),
        }
    }

    fn viewer(&self, viewer: Viewer, user: &User) -> Viewer {
        match self.mine {
            true => Viewer::own(user),
            false => viewer,
        }
    }

    /// What waits next at this place, and how much waits. Whoever has skipped to the end begins anew
    /// with what was skipped.
    fn next<T>(
        &mut self,
        mut look: impl FnMut(i64) -> store::Result<(i64, Option<T>)>,
    ) -> store::Result<(i64, Option<T>)> {
        let (waiting, found) = look(self.skip)?;
        if found.is_none() && self.skip > 0 && waiting > 0 {
            self.skip = 0;
            return look(0);
        }
        Ok((waiting, found))
    }

    fn path(&self, page: &str) -> String {
        let skip = match self.skip {
            0 => String::new(),
            skip => skip.to_string(),
        };
        let mine = if self.mine { "yes" } else { "" };
        link::with(
            page,
            [("skip", skip.as_str()), ("mine", mine), ("last", self.last.as_str())],
        )
    }
}

/// The key that chooses what stands at this place.
pub fn key(at: &usize) -> Option<usize> {
    (*at < KEYS).then_some((at + 1) % KEYS)
}

fn faults(found: Found) -> Faults {
    Faults(
        found
            .into_iter()
            .map(|(place, message)| Fault::new(place, message))
            .collect(),
    )
}

#[derive(Template)]
#[template(path = "companies/tagging.html")]
pub struct Tagging {
    design: std::sync::Arc<Design>,
    place: Place,
    waiting: i64,
    card: Option<Card>,
    /// What it was tagged as a moment ago.
    typed: Tag,
    may_narrow: bool,
    faults: Faults,
}

/// `GET /companies/tagging`
pub async fn show(
    db: Data<Db>,
    parameters: Query<Vec<(String, String)>>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Tagging>, AppError> {
    let place = Place::read(&parameters);
    let page = db.read(move |conn| load(conn, viewer, &user, place)).await?;
    Ok(Page(page))
}

fn load(conn: &mut Conn, viewer: Viewer, user: &User, mut place: Place) -> Result<Tagging, AppError> {
    let may_narrow = viewer != Viewer::own(user);
    let viewer = place.viewer(viewer, user);
    let (waiting, card) = place.next(|skip| tagging::next(conn, &viewer, skip))?;
    Ok(Tagging {
        design: design::current(conn)?,
        place,
        waiting,
        card,
        typed: Tag {
            sureness: Some(2),
            ..Tag::default()
        },
        may_narrow,
        faults: Faults::default(),
    })
}

fn tag_of(form: &Form) -> Result<Tag, AppError> {
    let sureness = form.text("sureness")?;
    Ok(Tag {
        segment: form.text("segment")?.to_owned(),
        // What is no number is none of the three.
        sureness: (!sureness.is_empty()).then(|| sureness.parse().unwrap_or(0)),
        reason: form.text("reason")?.trim().to_owned(),
    })
}

/// `POST /companies/tagging`: tags and goes on, skips, goes back, or undoes the last one.
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    const PAGE: &str = "/companies/tagging";
    let (now, mut place) = (clock.now(), Place::read(&form.0));
    match form.text("do")? {
        "skip" => place.skip += 1,
        "back" => place.skip = (place.skip - 1).max(0),
        "undo" => {
            let last = std::mem::take(&mut place.last);
            let done = db
                .write(move |conn| tagging::untag(conn, now, &viewer, &last, &user.email))
                .await;
            match done {
                Ok(_) => {}
                Err(Refusal::Store(error)) => return Err(error.into()),
                Err(_) => return Err(AppError::NotFound),
            }
        }
        "tag" => {
            let (tag, company) = (tag_of(&form)?, form.text("company")?.to_owned());
            let (given, tagged, by, sight) = (tag.clone(), company.clone(), user.email.clone(), viewer.clone());
            let done = db
                .write(move |conn| tagging::tag(conn, now, &sight, &[tagged], &given, &by))
                .await;
            match done {
                Ok(_) => place.last = company,
                Err(Refusal::Store(error)) => return Err(error.into()),
                Err(Refusal::Unknown) => return Err(AppError::NotFound),
                Err(Refusal::Faulty(found)) => {
                    let mut page = db.read(move |conn| load(conn, viewer, &user, place)).await?;
                    page.typed = tag;
                    page.faults = faults(found);
                    return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
                }
            }
        }
        _ => return Err(AppError::BadRequest("Press one of the buttons of the page.".to_owned())),
    }
    Ok(see_other(&place.path(PAGE)))
}

#[derive(Template)]
#[template(path = "companies/tagging_chosen.html")]
pub struct Chosen {
    design: std::sync::Arc<Design>,
    companies: Vec<Listed>,
    typed: Tag,
    faults: Faults,
}

/// Companies tagged at once.
const MOST: usize = 200;

/// `GET /companies/tagging/chosen?company=…&company=…`: those that were ticked in the list.
pub async fn chosen(
    request: HttpRequest,
    db: Data<Db>,
    parameters: Query<Vec<(String, String)>>,
    _: Sales,
    Sight(viewer): Sight,
) -> Result<HttpResponse, AppError> {
    let ids = ticked(&parameters);
    let page = db.read(move |conn| load_chosen(conn, &viewer, &ids)).await?;
    Ok(Page(page).respond_to(&request))
}

fn ticked(fields: &[(String, String)]) -> Vec<String> {
    let ids = fields.iter().filter(|(name, _)| name == "company");
    ids.map(|(_, id)| id.clone()).take(MOST).collect()
}

fn load_chosen(conn: &mut Conn, viewer: &Viewer, ids: &[String]) -> Result<Chosen, AppError> {
    Ok(Chosen {
        design: design::current(conn)?,
        companies: listing::list_named(conn, viewer, ids)?,
        typed: Tag {
            sureness: Some(2),
            ..Tag::default()
        },
        faults: Faults::default(),
    })
}

/// `POST /companies/tagging/chosen`
pub async fn tag_chosen(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, ids, tag) = (clock.now(), ticked(&form.0), tag_of(&form)?);
    let (given, named, sight) = (tag.clone(), ids.clone(), viewer.clone());
    let done = db
        .write(move |conn| tagging::tag(conn, now, &sight, &named, &given, &user.email))
        .await;
    match done {
        Ok(count) => {
            let notice = format!(
                "{} tagged.",
                super::figures::counted(count as u64, "company is", "companies are")
            );
            Ok(see_other_with_notice(&config, "/companies", &notice))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::Unknown) => Err(AppError::NotFound),
        Err(Refusal::Faulty(found)) => {
            let mut page = db.read(move |conn| load_chosen(conn, &viewer, &ids)).await?;
            page.typed = tag;
            page.faults = faults(found);
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
    }
}

#[derive(Template)]
#[template(path = "companies/deals.html")]
pub struct Deals {
    design: std::sync::Arc<Design>,
    place: Place,
    waiting: i64,
    deal: Option<DealRow>,
    typed: Vec<String>,
    may_narrow: bool,
    faults: Faults,
}

/// `GET /companies/deals`
pub async fn deals(
    db: Data<Db>,
    parameters: Query<Vec<(String, String)>>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Deals>, AppError> {
    let place = Place::read(&parameters);
    let page = db.read(move |conn| load_deals(conn, viewer, &user, place)).await?;
    Ok(Page(page))
}

fn load_deals(conn: &mut Conn, viewer: Viewer, user: &User, mut place: Place) -> Result<Deals, AppError> {
    let may_narrow = viewer != Viewer::own(user);
    let viewer = place.viewer(viewer, user);
    let (waiting, deal) = place.next(|skip| tagging::next_deal(conn, &viewer, skip))?;
    Ok(Deals {
        design: design::current(conn)?,
        place,
        waiting,
        deal,
        typed: Vec::new(),
        may_narrow,
        faults: Faults::default(),
    })
}

impl Deals {
    /// The needs by level, each with its place among all of them.
    fn levels(&self) -> Vec<(&'static str, Vec<(usize, &Need)>)> {
        let mut at = 0;
        let mut levels = Vec::new();
        for level in [Level::Strategic, Level::Tactical, Level::Personal] {
            let needs: Vec<(usize, &Need)> = self
                .design
                .framework
                .needs
                .iter()
                .filter(|need| need.level == level)
                .map(|need| {
                    at += 1;
                    (at - 1, need)
                })
                .collect();
            if !needs.is_empty() {
                levels.push((super::words::level(&level), needs));
            }
        }
        levels
    }
}

/// `POST /companies/deals`
pub async fn code(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    const PAGE: &str = "/companies/deals";
    let (now, mut place) = (clock.now(), Place::read(&form.0));
    let ticked: Vec<String> = form
        .0
        .iter()
        .filter(|(name, _)| name == "need")
        .map(|(_, code)| code.clone())
        .collect();
    let (deal, needs) = match form.text("do")? {
        "skip" => {
            place.skip += 1;
            return Ok(see_other(&place.path(PAGE)));
        }
        "back" => {
            place.skip = (place.skip - 1).max(0);
            return Ok(see_other(&place.path(PAGE)));
        }
        "undo" => (std::mem::take(&mut place.last), Vec::new()),
        "code" => {
            let deal = form.text("deal")?.to_owned();
            place.last.clone_from(&deal);
            (deal, ticked.clone())
        }
        _ => return Err(AppError::BadRequest("Press one of the buttons of the page.".to_owned())),
    };
    let is_blank = needs.is_empty() && form.text("do")? == "code";
    let (by, sight) = (user.email.clone(), viewer.clone());
    let done = match is_blank {
        true => Err(Refusal::Faulty(vec![(
            "need",
            "Tick what was behind the deal, or skip it.".to_owned(),
        )])),
        false => {
            db.write(move |conn| tagging::code_deal(conn, now, &sight, &deal, &needs, &by))
                .await
        }
    };
    match done {
        Ok(()) => Ok(see_other(&place.path(PAGE))),
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::Unknown) => Err(AppError::NotFound),
        Err(Refusal::Faulty(found)) => {
            place.last.clear();
            let mut page = db.read(move |conn| load_deals(conn, viewer, &user, place)).await?;
            page.typed = ticked;
            page.faults = faults(found);
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
    }
}
