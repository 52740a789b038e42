//! What one does with proposals: make, edit, withdraw, vote for, talk about, merge and split them.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::{Show, Tab, back_to, done, listed, needs_of, path, refused};
use crate::accounts::User;
use crate::clock::Clock;
use crate::config::Config;
use crate::framework::Level;
use crate::ids::{ProposalId, WorkshopId};
use crate::store::{Conn, Db};
use crate::web::error::AppError;
use crate::web::form::{Faults, Form};
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Sales;
use crate::workshop::rules::{self, Kind, Profile, Proposal};
use crate::workshop::{self, NewProposal, Refusal, Workshop};

/// A proposal as it is typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    pub kind: Kind,
    pub name: String,
    pub description: String,
    pub level: String,
    /// By the number of the proposed need, from 0 to 100.
    pub weights: BTreeMap<i64, f64>,
    /// Somebody typed it, and it is not kept yet.
    pub is_typed: bool,
}

impl Typed {
    pub fn blank(kind: Kind) -> Typed {
        Typed {
            kind,
            name: String::new(),
            description: String::new(),
            level: rules::level_word(Level::Strategic).to_owned(),
            weights: BTreeMap::new(),
            is_typed: false,
        }
    }

    fn of(proposal: &Proposal, profile: &Profile) -> Typed {
        Typed {
            kind: proposal.kind,
            name: proposal.name.clone(),
            description: proposal.description.clone(),
            level: rules::level_word(proposal.level).to_owned(),
            weights: profile.iter().map(|(need, weight)| (need.0, *weight)).collect(),
            is_typed: false,
        }
    }

    fn read(form: &Form, kind: Kind) -> Result<Typed, AppError> {
        let weight = |(name, value): &(String, String)| {
            let need = name.strip_prefix("weight.")?.parse().ok()?;
            Some((need, value.parse().ok()?))
        };
        Ok(Typed {
            kind,
            name: form.text("name")?.to_owned(),
            description: form.text("description")?.to_owned(),
            level: form.text("level")?.to_owned(),
            weights: form.0.iter().filter_map(weight).collect(),
            is_typed: true,
        })
    }

    /// Of weights that stay as rough as they were, the exact ones are kept.
    fn proposal(&self, before: &Profile) -> NewProposal {
        let kept = |(need, weight): (&i64, &f64)| {
            let need = ProposalId(*need);
            let exact = before.get(&need).filter(|exact| rules::rough(**exact) == *weight);
            (need, exact.copied().unwrap_or(*weight))
        };
        NewProposal {
            kind: self.kind,
            name: self.name.clone(),
            description: self.description.clone(),
            level: rules::level(&self.level).unwrap_or(Level::Strategic),
            profile: self
                .weights
                .iter()
                .map(kept)
                .filter(|(_, weight)| *weight != 0.0)
                .collect(),
        }
    }

    pub fn has_weight(&self, need: &i64, weight: &f64) -> bool {
        rules::rough(self.weights.get(need).copied().unwrap_or(0.0)) == *weight
    }
}

/// `POST /design/workshop/{id}/proposals`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = WorkshopId(id.into_inner());
    let kind = Kind::parse(form.text("kind")?)
        .ok_or_else(|| AppError::BadRequest("Propose a need or a segment.".to_owned()))?;
    let typed = Typed::read(&form, kind)?;
    let (now, by, new) = (clock.now(), user.email.clone(), typed.proposal(&Profile::new()));
    match db.write(move |conn| workshop::propose(conn, now, &by, id, new)).await {
        Ok(proposal) => Ok(see_other_with_notice(
            &config,
            &back_to(id, proposal),
            "Proposed. It has no vote yet, not even yours.",
        )),
        Err(Refusal::Faulty(faults)) => {
            let mut page = db.read(move |conn| Show::load(conn, id, &user)).await?;
            page.typed.retain(|other| other.kind != kind);
            page.typed.push(typed);
            page.faults = listed(faults);
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
        Err(refusal) => refused(&config, &path(id), refusal),
    }
}

/// A proposal being edited.
#[derive(Template)]
#[template(path = "design/workshop/edit.html")]
pub struct Edit {
    workshop: Workshop,
    id: ProposalId,
    typed: Typed,
    needs: Vec<(i64, String)>,
    /// Those that were merged into it.
    merged: Vec<String>,
    faults: Faults,
}

/// `GET /design/workshop/proposals/{id}`
pub async fn edit(db: Data<Db>, id: Path<i64>, Sales(user): Sales) -> Result<Page<Edit>, AppError> {
    let id = ProposalId(id.into_inner());
    Ok(Page(db.read(move |conn| Edit::load(conn, id, &user)).await?))
}

/// `POST /design/workshop/proposals/{id}`
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (ProposalId(id.into_inner()), clock.now());
    let editor = user.clone();
    let (mut page, before) = db
        .read(move |conn| {
            let page = Edit::load(conn, id, &editor)?;
            let before = page.typed.proposal(&Profile::new()).profile;
            Ok::<_, AppError>((page, before))
        })
        .await?;
    let typed = Typed::read(&form, page.typed.kind)?;
    let new = typed.proposal(&before);
    let back = back_to(page.workshop.id, id);
    match db.write(move |conn| workshop::edit(conn, now, &user, id, new)).await {
        Ok(()) => Ok(see_other_with_notice(&config, &back, "Saved. Its votes stay.")),
        Err(Refusal::Faulty(faults)) => {
            page.typed = typed;
            page.faults = listed(faults);
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
        Err(refusal) => refused(&config, &back, refusal),
    }
}

impl Edit {
    fn load(conn: &mut Conn, id: ProposalId, user: &User) -> Result<Edit, AppError> {
        let proposal = workshop::find_proposal(conn, id)?.ok_or(AppError::NotFound)?;
        if !workshop::may_edit(user, &proposal) {
            return Err(AppError::Forbidden(
                "Only who proposed it, or an admin, changes a proposal. Say what you think as a comment.".to_owned(),
            ));
        }
        let board = workshop::board(conn, proposal.workshop)?.ok_or(AppError::NotFound)?;
        let standing = board
            .find(id)
            .ok_or_else(|| AppError::Gone("This proposal was merged into another one, or withdrawn.".to_owned()))?;
        Ok(Edit {
            id,
            typed: Typed::of(&proposal, &board.profile(standing)),
            needs: needs_of(&board),
            merged: standing.merged.iter().map(|merged| merged.name.clone()).collect(),
            faults: Faults::default(),
            workshop: board.workshop.clone(),
        })
    }

    fn fault(&self, field: &str) -> Option<&str> {
        self.faults.of(field)
    }
}

/// What is done with one proposal, and where its page is.
async fn act<F>(db: &Db, config: &Config, id: ProposalId, what: F) -> Result<HttpResponse, AppError>
where
    F: FnOnce(&mut Conn) -> Result<(), Refusal> + Send + 'static,
{
    let found = db.read(move |conn| workshop::find_proposal(conn, id)).await?;
    let workshop = found.ok_or(AppError::NotFound)?.workshop;
    let back = back_to(workshop, id);
    match db.write(what).await {
        Ok(()) => Ok(done(&back)),
        Err(refusal) => refused(config, &back, refusal),
    }
}

/// `POST /design/workshop/proposals/{id}/votes`
pub async fn vote(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, now, by) = (ProposalId(id.into_inner()), clock.now(), user.email);
    match form.text("do")? {
        "give" => act(&db, &config, id, move |conn| workshop::vote(conn, now, &by, id)).await,
        "take_back" => act(&db, &config, id, move |conn| workshop::take_back(conn, now, &by, id)).await,
        _ => Err(AppError::BadRequest("Press one of the buttons of the page.".to_owned())),
    }
}

/// `POST /design/workshop/proposals/{id}/comments`
pub async fn comment(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, now, by) = (ProposalId(id.into_inner()), clock.now(), user.email);
    let words = form.text("words")?.to_owned();
    act(&db, &config, id, move |conn| {
        workshop::comment(conn, now, &by, id, &words)
    })
    .await
}

/// `POST /design/workshop/proposals/{id}/withdrawal`
pub async fn withdraw(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (ProposalId(id.into_inner()), clock.now());
    match form.text("do")? {
        "withdraw" => act(&db, &config, id, move |conn| workshop::withdraw(conn, now, &user, id)).await,
        "bring_back" => act(&db, &config, id, move |conn| workshop::bring_back(conn, now, &user, id)).await,
        _ => Err(AppError::BadRequest("Press one of the buttons of the page.".to_owned())),
    }
}

/// `POST /design/workshop/proposals/{id}/split`: undoes the merge that made it.
pub async fn split(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
) -> Result<HttpResponse, AppError> {
    let (id, now, by) = (ProposalId(id.into_inner()), clock.now(), user.email);
    act(&db, &config, id, move |conn| workshop::split(conn, now, &by, id)).await
}

/// `POST /design/workshop/{id}/merges`
pub async fn merge(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Sales(user): Sales,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let id = WorkshopId(id.into_inner());
    let ticked = form.0.iter().filter(|(name, _)| name == "proposal");
    let ids: Vec<ProposalId> = ticked
        .filter_map(|(_, value)| value.parse().ok().map(ProposalId))
        .collect();
    let (now, by, name) = (clock.now(), user.email.clone(), form.text("name")?.to_owned());
    let typed = name.clone();
    match db.write(move |conn| workshop::merge(conn, now, &by, &ids, &name)).await {
        Ok(merged) => Ok(see_other_with_notice(
            &config,
            &back_to(id, merged),
            "Merged; their votes add up. Undo it with Split.",
        )),
        Err(Refusal::Faulty(faults)) => {
            let mut page = db.read(move |conn| Show::load(conn, id, &user)).await?;
            page.merge_name = typed;
            let of_merge = |(_, message)| ("merge", message);
            page.faults = listed(faults.into_iter().map(of_merge).collect());
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
        Err(refusal) => refused(&config, &path(id), refusal),
    }
}
