//! The framework workshop: one page on which the team proposes, merges and votes, and the past ones.

pub mod freeze;
pub mod proposals;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use self::proposals::Typed;
use super::Tab;
use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::design;
use crate::ids::{ProposalId, WorkshopId};
use crate::store::{self, Conn, Db};
use crate::text::figures;
use crate::web::error::{AppError, Fault};
use crate::web::form::{Faults, Form};
use crate::web::page::{Page, see_other, see_other_with_notice};
use crate::web::routes;
use crate::web::session::{Admin, Sales};
use crate::workshop::rules::{self, Kind, ROUGH, Standing};
use crate::workshop::{self, Board, Comment, NewWorkshop, Refusal, State, USUAL_VOTES, Workshop};

/// What nobody has opened yet, and what past ones came to.
#[derive(Template)]
#[template(path = "design/workshop/index.html")]
pub struct Index {
    past: Vec<Workshop>,
    can_open: bool,
    typed: NewWorkshop,
    takes_in: bool,
    votes_each: String,
    has_framework: bool,
    faults: Faults,
}

/// A workshop as one of the team sees it.
#[derive(Template)]
#[template(path = "design/workshop/show.html")]
pub struct Show {
    workshop: Workshop,
    can_freeze: bool,
    /// Counts are told to whoever has voted, so that nobody follows the crowd.
    tells_counts: bool,
    votes_left: usize,
    voters: usize,
    lists: Vec<List>,
    alike: Vec<(Standing, Standing)>,
    withdrawn: Vec<(ProposalId, String, bool)>,
    /// Needs that a segment's profile is drawn over: the proposal's number and its name.
    needs: Vec<(i64, String)>,
    typed: Vec<Typed>,
    merge_name: String,
    faults: Faults,
    past: Vec<Workshop>,
    framework_href: Option<String>,
}

/// The needs, or the segments.
struct List {
    kind: Kind,
    title: &'static str,
    cards: Vec<Card>,
}

struct Card {
    standing: Standing,
    is_mine: bool,
    can_edit: bool,
    has_my_vote: bool,
    /// None: not told yet.
    votes: Option<usize>,
    comments: Vec<Comment>,
    /// Of a segment: what it seeks, in words.
    seeks: String,
    /// Under which code it went into the framework.
    became: Option<String>,
}

impl Card {
    fn level(&self) -> &'static str {
        rules::level_word(self.standing.proposal.level)
    }

    fn merged_names(&self) -> String {
        let names = self.standing.merged.iter().map(|merged| format!("“{}”", merged.name));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// `GET /design/workshop`: the open one; where none is, how to open one.
pub async fn index(request: HttpRequest, db: Data<Db>, Sales(user): Sales) -> Result<HttpResponse, AppError> {
    let open = db.read(workshop::open_one).await?;
    if let Some(open) = open {
        let page = db.read(move |conn| Show::load(conn, open.id, &user)).await?;
        return Ok(Page(page).respond_to(&request));
    }
    let page = db.read(move |conn| Index::load(conn, &user)).await?;
    Ok(Page(page).respond_to(&request))
}

/// `POST /design/workshop`: opens one.
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    Admin(user): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let votes_each = form.text("votes_each")?.trim().to_owned();
    let new = NewWorkshop {
        title: form.text("title")?.to_owned(),
        question: form.text("question")?.to_owned(),
        votes_each: votes_each.parse().unwrap_or(0),
    };
    let takes_in = form.text("take_in")? == "yes";
    let (now, by, typed) = (clock.now(), user.email.clone(), new.clone());
    let opened = db
        .write(move |conn| {
            let design = design::current(conn)?;
            workshop::open(conn, now, &by, new, takes_in.then_some(&*design))
        })
        .await;
    match opened {
        Ok(_) => Ok(see_other_with_notice(
            &config,
            "/design/workshop",
            "The workshop is open. Tell the team where to find it: everybody has Workshop in the navigation.",
        )),
        Err(Refusal::Faulty(faults)) => {
            let page = db.read(move |conn| Index::load(conn, &user)).await?;
            let page = Index {
                typed,
                takes_in,
                votes_each,
                faults: listed(faults),
                ..page
            };
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
        Err(refusal) => refused(&config, "/design/workshop", refusal),
    }
}

/// `GET /design/workshop/{id}`: any of them, past ones too.
pub async fn show(db: Data<Db>, id: Path<i64>, Sales(user): Sales) -> Result<Page<Show>, AppError> {
    let id = WorkshopId(id.into_inner());
    Ok(Page(db.read(move |conn| Show::load(conn, id, &user)).await?))
}

/// `POST /design/workshop/{id}/state`: closes it without a result, or opens it again.
pub async fn switch(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Admin(user): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, now, by) = (WorkshopId(id.into_inner()), clock.now(), user.email);
    let opens = match form.text("state")? {
        "open" => true,
        "closed" => false,
        _ => return Err(AppError::BadRequest("Press one of the buttons of the page.".to_owned())),
    };
    let done = db.write(move |conn| match opens {
        true => workshop::reopen(conn, now, &by, id),
        false => workshop::close(conn, now, &by, id),
    });
    match done.await {
        Ok(()) => {
            let notice = if opens {
                "It is open again."
            } else {
                "Closed. You can open it again."
            };
            Ok(see_other_with_notice(&config, &path(id), notice))
        }
        Err(refusal) => refused(&config, &path(id), refusal),
    }
}

/// A workshop's page.
fn path(id: WorkshopId) -> String {
    format!("/design/workshop/{id}")
}

impl Index {
    fn load(conn: &mut Conn, user: &User) -> store::Result<Index> {
        Ok(Index {
            past: workshop::list(conn)?,
            can_open: user.role.may(Role::Admin),
            typed: NewWorkshop::default(),
            takes_in: true,
            votes_each: USUAL_VOTES.to_string(),
            has_framework: !design::current(conn)?.framework.needs.is_empty(),
            faults: Faults::default(),
        })
    }
}

impl Show {
    fn load(conn: &mut Conn, id: WorkshopId, user: &User) -> Result<Show, AppError> {
        let board = workshop::board(conn, id)?.ok_or(AppError::NotFound)?;
        let past = workshop::list(conn)?;
        Ok(Show::new(board, user, past))
    }

    fn new(board: Board, user: &User, past: Vec<Workshop>) -> Show {
        let workshop = board.workshop.clone();
        let given = rules::votes_given(&board.standings, &user.email);
        let tells_counts = given > 0 || workshop.state != State::Open;
        let titles = [(Kind::Need, "Needs"), (Kind::Segment, "Segments")];
        let lists = titles.map(|(kind, title)| {
            let mut cards: Vec<Card> = board
                .of_kind(kind)
                .map(|s| card(&board, s, user, tells_counts))
                .collect();
            // Stable: those with as many votes stay in the order in which they were proposed.
            cards.sort_by_key(|card| std::cmp::Reverse(card.votes));
            List { kind, title, cards }
        });
        let alike = match workshop.state {
            State::Open => rules::likenesses(&board.standings),
            _ => Vec::new(),
        };
        let alike = alike.into_iter().take(5);
        let pair = |(one, other): (usize, usize)| (board.standings[one].clone(), board.standings[other].clone());
        let withdrawn = board.withdrawn.iter();
        Show {
            can_freeze: user.role.may(Role::Admin),
            tells_counts,
            votes_left: workshop.votes_each.saturating_sub(given),
            voters: rules::voters(&board.standings),
            alike: alike.map(pair).collect(),
            withdrawn: withdrawn
                .map(|proposal| (proposal.id, proposal.name.clone(), workshop::may_edit(user, proposal)))
                .collect(),
            needs: needs_of(&board),
            typed: Kind::ALL.map(Typed::blank).into(),
            merge_name: String::new(),
            faults: Faults::default(),
            past: past.into_iter().filter(|other| other.id != workshop.id).collect(),
            framework_href: workshop.framework.and_then(|framework| {
                let href = format!("/design/history/{framework}");
                let role = routes::role_of_page(&href)?;
                user.role.may(role).then_some(href)
            }),
            lists: lists.into(),
            workshop,
        }
    }

    fn is_open(&self) -> bool {
        self.workshop.state == State::Open
    }

    fn path(&self) -> String {
        path(self.workshop.id)
    }

    fn is_empty(&self) -> bool {
        self.lists.iter().all(|list| list.cards.is_empty())
    }

    /// What was typed for a proposal of that kind.
    fn typed(&self, kind: &Kind) -> &Typed {
        let found = self.typed.iter().find(|typed| typed.kind == *kind);
        found.unwrap_or(&self.typed[0])
    }

    /// What is wrong with a proposal of that kind, where that is what was typed.
    fn fault(&self, kind: &Kind, field: &str) -> Option<&str> {
        self.faults.of(field).filter(|_| self.typed(kind).is_typed)
    }
}

/// The needs on the list, each with its number.
fn needs_of(board: &Board) -> Vec<(i64, String)> {
    let needs = board.of_kind(Kind::Need);
    needs.map(|need| (need.id().0, need.proposal.name.clone())).collect()
}

fn card(board: &Board, standing: &Standing, user: &User, tells_counts: bool) -> Card {
    let comments = board.comments_on(standing).into_iter().cloned();
    Card {
        is_mine: standing.proposal.author == user.email,
        can_edit: workshop::may_edit(user, &standing.proposal),
        has_my_vote: standing.has_vote_of(&user.email),
        votes: tells_counts.then(|| standing.votes()),
        comments: comments.collect(),
        seeks: seeks(board, standing),
        became: board.workshop.result.get(&standing.id()).cloned(),
        standing: standing.clone(),
    }
}

/// `much Speed, some Trust`
fn seeks(board: &Board, segment: &Standing) -> String {
    let profile = board.profile(segment);
    let mut words: Vec<String> = Vec::new();
    for (weight, word) in ROUGH.iter().rev().filter(|(weight, _)| *weight > 0.0) {
        for need in board.of_kind(Kind::Need) {
            if profile
                .get(&need.id())
                .is_some_and(|found| rules::rough(*found) == *weight)
            {
                words.push(format!("{word} {}", need.proposal.name));
            }
        }
    }
    words.join(", ")
}

fn listed(faults: Vec<(&'static str, String)>) -> Faults {
    let fault = |(field, message)| Fault::new(field, message);
    Faults(faults.into_iter().map(fault).collect())
}

/// What cannot be done just now is told on the page that it was asked on.
fn refused(config: &Config, back: &str, refusal: Refusal) -> Result<HttpResponse, AppError> {
    let notice = match refusal {
        Refusal::Unknown => return Err(AppError::NotFound),
        Refusal::Ended => {
            return Err(AppError::Conflict(
                "This workshop has ended, so nothing changes in it any more.".to_owned(),
            ));
        }
        Refusal::AnotherOpen => {
            return Err(AppError::Conflict(
                "Another workshop is open. Freeze or close it first.".to_owned(),
            ));
        }
        Refusal::NotYours => {
            return Err(AppError::Forbidden(
                "Only who proposed it, or an admin, changes a proposal. Say what you think as a comment.".to_owned(),
            ));
        }
        Refusal::Store(error) => return Err(error.into()),
        Refusal::NoVotesLeft(each) => format!("All your {each} votes are given. Take one back first."),
        Refusal::Moved => {
            "Nothing was changed: it was merged, withdrawn or taken up by somebody else meanwhile.".to_owned()
        }
        Refusal::Faulty(faults) => {
            let told: Vec<String> = faults.into_iter().map(|(_, message)| message).collect();
            format!("Nothing was changed: {}.", told.join("; "))
        }
    };
    Ok(see_other_with_notice(config, back, &notice))
}

/// Back to where a proposal stands on the page.
fn back_to(workshop: WorkshopId, proposal: ProposalId) -> String {
    format!("{}#p{proposal}", path(workshop))
}

fn done(back: &str) -> HttpResponse {
    see_other(back)
}
