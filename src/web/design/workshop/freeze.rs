//! A workshop's result on its way into the framework: what goes in, under which codes, what that would
//! change, and what is still wrong with it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Deserialize;

use super::{Tab, path, refused};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, Design};
use crate::framework::check::check;
use crate::framework::fault::{Place, Turn};
use crate::framework::{Code, Framework, Level, Loads, Need, Segment, diff, references};
use crate::ids::{FrameworkId, ProposalId, WorkshopId};
use crate::store::Db;
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;
use crate::workshop::freeze::{self, Chosen, Hindrance};
use crate::workshop::rules::{self, Kind, LEVELS, Standing};
use crate::workshop::{self, Board, State, Workshop};

#[derive(Template)]
#[template(path = "design/workshop/freeze.html")]
pub struct Freeze {
    workshop: Workshop,
    draft: Draft,
    /// So many votes tick a proposal.
    line: usize,
    voters: usize,
    seen: FrameworkId,
    changes: Vec<String>,
    faults: Vec<FieldFault>,
    overtaken: Option<Vec<String>>,
    /// It was to be put in force, and could not.
    was_refused: bool,
}

/// What is wrong, and with which field; none of the page's where the field is empty.
struct FieldFault {
    field: String,
    message: String,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Draft {
    needs: Vec<NeedDraft>,
    segments: Vec<SegmentDraft>,
}

/// A need that may go in: proposed, or of today's framework alone.
#[derive(Debug, Clone, PartialEq)]
struct NeedDraft {
    key: String,
    proposal: Option<ProposalId>,
    votes: Option<usize>,
    is_in: bool,
    code: String,
    name: String,
    level: String,
    description: String,
    /// So many questions speak for it.
    questions: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct SegmentDraft {
    key: String,
    proposal: Option<ProposalId>,
    votes: Option<usize>,
    is_in: bool,
    code: String,
    name: String,
    description: String,
    /// So many places of drips name it.
    places: usize,
    /// As typed, one for each need.
    weights: Vec<String>,
}

#[derive(Deserialize)]
pub struct Line {
    line: Option<usize>,
}

/// `GET /design/workshop/{id}/freeze`
pub async fn edit(db: Data<Db>, id: Path<i64>, line: Query<Line>, _: Admin) -> Result<Page<Freeze>, AppError> {
    let (id, line) = (WorkshopId(id.into_inner()), line.line);
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let board = workshop::board(conn, id)?.ok_or(AppError::NotFound)?;
            Freeze::new(&design, board, line, None)
        })
        .await?;
    Ok(Page(page))
}

/// `POST /design/workshop/{id}/freeze`: looks at it anew, or puts it in force.
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<i64>,
    Admin(user): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (id, now, by) = (WorkshopId(id.into_inner()), clock.now(), user.email);
    let saves = form.text("do")? == "freeze";
    let line = form.text("line")?.parse().ok();
    let seen = form.text("seen")?.parse().map(FrameworkId).unwrap_or(FrameworkId(0));
    let (mut page, chosen) = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let board = workshop::board(conn, id)?.ok_or(AppError::NotFound)?;
            let page = Freeze::new(&design, board, line, Some(&form))?;
            let chosen = page.draft.chosen(&design.framework);
            Ok::<_, AppError>((page, chosen))
        })
        .await?;
    if !saves {
        return Ok(Page(page).respond_to(&request));
    }
    if !page.faults.is_empty() {
        page.was_refused = true;
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    match db
        .write(move |conn| freeze::freeze(conn, now, &by, id, seen, &chosen))
        .await
    {
        Ok(_) => Ok(see_other_with_notice(
            &config,
            &path(id),
            "Frozen: the result is in force, and every company was worked out anew by it.",
        )),
        Err(Hindrance::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Hindrance::Workshop(refusal)) => refused(&config, &path(id), refusal),
    }
}

impl Freeze {
    fn new(design: &Design, board: Board, line: Option<usize>, form: Option<&Form>) -> Result<Freeze, AppError> {
        if board.workshop.state != State::Open {
            return Err(AppError::Conflict("This workshop has ended already.".to_owned()));
        }
        let line = line.unwrap_or_else(|| rules::usual_line(&board.standings));
        let mut draft = Draft::of(&board, &design.framework, line);
        if let Some(form) = form {
            draft.take(form);
        }
        let chosen = draft.chosen(&design.framework);
        let new = chosen.framework(&design.framework);
        Ok(Freeze {
            voters: rules::voters(&board.standings),
            faults: draft.faults(&new),
            changes: diff::changes(&design.framework, &new),
            draft,
            line,
            seen: design.id,
            overtaken: None,
            was_refused: false,
            workshop: board.workshop,
        })
    }

    fn path(&self) -> String {
        format!("{}/freeze", path(self.workshop.id))
    }

    /// What is wrong with a field, all of it.
    fn fault(&self, field: &str) -> Option<String> {
        let of_field = self.faults.iter().filter(|fault| fault.field == field);
        let told: Vec<&str> = of_field.map(|fault| fault.message.as_str()).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn id(&self, field: &str) -> String {
        id(field)
    }

    fn weight_field(&self, segment: &SegmentDraft, need: &NeedDraft) -> String {
        weight_field(segment, need)
    }

    fn weight_fault(&self, segment: &SegmentDraft, need: &NeedDraft) -> Option<String> {
        self.fault(&weight_field(segment, need))
    }

    /// Needs that go in, each with its place.
    fn chosen_needs(&self) -> impl Iterator<Item = (usize, &NeedDraft)> {
        self.draft.needs.iter().enumerate().filter(|(_, need)| need.is_in)
    }
}

fn weight_field(segment: &SegmentDraft, need: &NeedDraft) -> String {
    format!("weight:{}:{}", segment.key, need.key)
}

/// A field's name as the id of its control.
fn id(field: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { c } else { '-' };
    field.chars().map(letter).collect()
}

impl Draft {
    /// Today's needs and segments in today's order, then the new ones, those with most votes first. Over
    /// the line is ticked, and what questions or drips could not do without.
    fn of(board: &Board, framework: &Framework, line: usize) -> Draft {
        let mut draft = Draft::default();
        let mut taken: Vec<Code> = framework.needs.iter().map(|need| need.code.clone()).collect();
        for need in &framework.needs {
            let proposed = board.of_kind(Kind::Need).find(|s| s.code() == Some(&need.code));
            draft.needs.push(match proposed {
                Some(standing) => NeedDraft::proposed(standing, need.code.clone(), framework, line),
                None if is_merged_away(board, Kind::Need, &need.code) => continue,
                None => NeedDraft::of_today(need, framework),
            });
        }
        for standing in newest_by_votes(board, Kind::Need, |code| framework.need(code).is_some()) {
            let code = rules::code_of(&standing.proposal.name, &taken);
            taken.push(code.clone());
            draft.needs.push(NeedDraft::proposed(standing, code, framework, line));
        }
        let mut taken: Vec<Code> = framework.segments.iter().map(|segment| segment.code.clone()).collect();
        for segment in &framework.segments {
            let proposed = board.of_kind(Kind::Segment).find(|s| s.code() == Some(&segment.code));
            let new = match proposed {
                Some(standing) => draft.segment(board, standing, segment.code.clone(), framework, line),
                None if is_merged_away(board, Kind::Segment, &segment.code) => continue,
                None => draft.segment_of_today(segment, framework),
            };
            draft.segments.push(new);
        }
        for standing in newest_by_votes(board, Kind::Segment, |code| framework.segment(code).is_some()) {
            let code = rules::code_of(&standing.proposal.name, &taken);
            taken.push(code.clone());
            let new = draft.segment(board, standing, code, framework, line);
            draft.segments.push(new);
        }
        draft
    }

    fn segment(
        &self,
        board: &Board,
        standing: &Standing,
        code: Code,
        framework: &Framework,
        line: usize,
    ) -> SegmentDraft {
        let profile = board.profile(standing);
        let today = framework.segment(&code);
        let weight = |need: &NeedDraft| match need.proposal {
            Some(proposal) => profile.get(&proposal).copied().unwrap_or(0.0),
            // Nobody proposed that need, so what the segment seeks of it stays as it is.
            None => weight_of(today, &need.code),
        };
        let places = references::of_segment(framework, &code).len();
        SegmentDraft {
            key: format!("p{}", standing.id()),
            proposal: Some(standing.id()),
            votes: Some(standing.votes()),
            is_in: standing.votes() >= line || places > 0,
            name: standing.proposal.name.clone(),
            description: standing.proposal.description.clone(),
            places,
            weights: self.needs.iter().map(|need| number(weight(need))).collect(),
            code,
        }
    }

    fn segment_of_today(&self, segment: &Segment, framework: &Framework) -> SegmentDraft {
        let weights = self
            .needs
            .iter()
            .map(|need| number(weight_of(Some(segment), &need.code)));
        SegmentDraft {
            key: format!("f-{}", segment.code),
            proposal: None,
            votes: None,
            is_in: true,
            code: segment.code.clone(),
            name: segment.name.clone(),
            description: segment.description.clone(),
            places: references::of_segment(framework, &segment.code).len(),
            weights: weights.collect(),
        }
    }

    /// Takes what was typed; a row that the form does not know yet stays as it is.
    fn take(&mut self, form: &Form) {
        let value = |name: String| {
            let found = form.0.iter().find(|(field, _)| *field == name);
            found.map(|(_, value)| value.trim().to_owned())
        };
        let is_known = |key: &str| form.0.iter().any(|(name, value)| name == "row" && value == key);
        let put = |field: &mut String, name: String| {
            if let Some(typed) = value(name) {
                *field = typed;
            }
        };
        let keys: Vec<String> = self.needs.iter().map(|need| need.key.clone()).collect();
        for need in self.needs.iter_mut().filter(|need| is_known(&need.key)) {
            need.is_in = value(format!("in:{}", need.key)).is_some();
            put(&mut need.code, format!("code:{}", need.key));
            put(&mut need.name, format!("name:{}", need.key));
            put(&mut need.level, format!("level:{}", need.key));
        }
        for segment in self.segments.iter_mut().filter(|segment| is_known(&segment.key)) {
            segment.is_in = value(format!("in:{}", segment.key)).is_some();
            put(&mut segment.code, format!("code:{}", segment.key));
            put(&mut segment.name, format!("name:{}", segment.key));
            for (weight, need) in segment.weights.iter_mut().zip(&keys) {
                put(weight, format!("weight:{}:{need}", segment.key));
            }
        }
    }

    /// What is ticked, as the framework has it; a weight that is no number counts as 0 until it is one.
    fn chosen(&self, today: &Framework) -> Chosen {
        let needs = self.needs.iter().filter(|need| need.is_in);
        let need = |need: &NeedDraft| {
            let new = Need {
                code: need.code.clone(),
                name: need.name.clone(),
                level: rules::level(&need.level).unwrap_or(Level::Strategic),
                description: need.description.clone(),
            };
            (need.proposal, new)
        };
        let segments = self.segments.iter().filter(|segment| segment.is_in);
        let segment = |segment: &SegmentDraft| {
            let weights = self.needs.iter().zip(&segment.weights).filter(|(need, _)| need.is_in);
            let weight = |(need, typed): (&NeedDraft, &String)| Some((need.code.clone(), parsed(typed)?));
            let mut profile: Loads = weights.filter_map(weight).collect();
            profile.retain(|_, weight| *weight != 0.0);
            // What is to be said and done with them stays with a segment of today.
            let known = today.segment(&segment.code).cloned();
            let new = Segment {
                code: segment.code.clone(),
                name: segment.name.clone(),
                description: segment.description.clone(),
                profile,
                ..known.unwrap_or_else(|| blank(&segment.code))
            };
            (segment.proposal, new)
        };
        Chosen {
            needs: needs.map(need).collect(),
            segments: segments.map(segment).collect(),
        }
    }

    /// All that is wrong with the framework that it would make, at its fields.
    fn faults(&self, new: &Framework) -> Vec<FieldFault> {
        let mut faults: Vec<FieldFault> = Vec::new();
        for segment in self.segments.iter().filter(|segment| segment.is_in) {
            for (need, typed) in self.needs.iter().zip(&segment.weights).filter(|(need, _)| need.is_in) {
                if parsed(typed).is_none() {
                    faults.push(FieldFault {
                        field: weight_field(segment, need),
                        message: "must be a number from 0 to 100".to_owned(),
                    });
                }
            }
        }
        for problem in check(new) {
            let field = self.field_of(&problem.place);
            faults.push(match field {
                Some(field) => FieldFault {
                    field,
                    message: problem.message,
                },
                None => FieldFault {
                    field: String::new(),
                    message: format!("{}: {}", problem.place, problem.message),
                },
            });
        }
        faults
    }

    /// Which field of the page stands for a place of the framework.
    fn field_of(&self, place: &Place) -> Option<String> {
        let [Turn::Key(list), Turn::Index(at), rest @ ..] = place.turns() else {
            return None;
        };
        match (list.as_str(), rest) {
            ("needs", [Turn::Key(key), ..]) => {
                let need = self.needs.iter().filter(|need| need.is_in).nth(*at)?;
                let key = if key == "description" { "name" } else { key };
                Some(format!("{key}:{}", need.key))
            }
            ("segments", [Turn::Key(profile), rest @ ..]) if profile == "profile" => {
                let segment = self.segments.iter().filter(|segment| segment.is_in).nth(*at)?;
                let code = match rest {
                    [Turn::Key(code), ..] => code,
                    _ => return Some(format!("in:{}", segment.key)),
                };
                let need = self.needs.iter().find(|need| need.is_in && need.code == *code)?;
                Some(weight_field(segment, need))
            }
            ("segments", [Turn::Key(key), ..]) => {
                let segment = self.segments.iter().filter(|segment| segment.is_in).nth(*at)?;
                let key = if key == "code" { "code" } else { "name" };
                Some(format!("{key}:{}", segment.key))
            }
            _ => None,
        }
    }
}

impl NeedDraft {
    fn proposed(standing: &Standing, code: Code, framework: &Framework, line: usize) -> NeedDraft {
        let questions = references::questions_loading(framework, &code).len();
        NeedDraft {
            key: format!("p{}", standing.id()),
            proposal: Some(standing.id()),
            votes: Some(standing.votes()),
            is_in: standing.votes() >= line || questions > 0,
            name: standing.proposal.name.clone(),
            level: rules::level_word(standing.proposal.level).to_owned(),
            description: standing.proposal.description.clone(),
            questions,
            code,
        }
    }

    fn of_today(need: &Need, framework: &Framework) -> NeedDraft {
        NeedDraft {
            key: format!("f-{}", need.code),
            proposal: None,
            votes: None,
            is_in: true,
            code: need.code.clone(),
            name: need.name.clone(),
            level: rules::level_word(need.level).to_owned(),
            description: need.description.clone(),
            questions: references::questions_loading(framework, &need.code).len(),
        }
    }
}

/// A need or segment of today that was merged into one that goes by another code.
fn is_merged_away(board: &Board, kind: Kind, code: &str) -> bool {
    let mut merged = board.of_kind(kind).flat_map(|standing| &standing.merged);
    merged.any(|proposal| proposal.code.as_deref() == Some(code))
}

/// What the framework does not have yet, that with most votes first.
fn newest_by_votes(board: &Board, kind: Kind, is_known: impl Fn(&str) -> bool) -> Vec<&Standing> {
    let is_new = |standing: &&Standing| !standing.code().is_some_and(|code| is_known(code));
    let mut new: Vec<&Standing> = board.of_kind(kind).filter(is_new).collect();
    new.sort_by_key(|standing| std::cmp::Reverse(standing.votes()));
    new
}

fn weight_of(segment: Option<&Segment>, need: &str) -> f64 {
    segment
        .and_then(|segment| segment.profile.get(need))
        .copied()
        .unwrap_or(0.0)
}

fn blank(code: &str) -> Segment {
    Segment {
        code: code.to_owned(),
        name: String::new(),
        description: String::new(),
        profile: Loads::new(),
        talk_about: Vec::new(),
        avoid: Vec::new(),
        content: Vec::new(),
        actions: Vec::new(),
        spend: String::new(),
    }
}

/// As short as it can be read back.
fn number(weight: f64) -> String {
    weight.to_string()
}

/// A blank one is 0.
fn parsed(typed: &str) -> Option<f64> {
    match typed.trim() {
        "" => Some(0.0),
        typed => typed.parse().ok().filter(|weight: &f64| weight.is_finite()),
    }
}
