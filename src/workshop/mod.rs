//! The framework workshop: the team proposes needs and segments, merges what says the same, and votes;
//! an admin freezes the result as the framework's next version.
//!
//! Everybody of the back office takes part, sales above all. Each has a few votes, at most one for a
//! proposal, and may take them back. A merge makes a new proposal and keeps those it was made of, so
//! that it can be undone; their votes add up, each person counted once. One workshop is open at a time;
//! what past ones came to stays to be read. [`freeze`] makes a framework of the chosen proposals, put
//! in force by `reframe`; [`coding`] is where own words become needs.

pub mod coding;
pub mod freeze;
mod queries;
pub mod rules;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use self::rules::{Kind, Profile, Proposal, Standing};
use crate::accounts::{Role, User};
use crate::audit;
use crate::design::Design;
use crate::framework::{Code, Level, Need, Segment};
use crate::ids::{FrameworkId, ProposalId, WorkshopId};
use crate::store::{self, Conn, is_taken};
use crate::text::fold::{self, Unfit};

/// How many votes each has where nobody says otherwise.
pub const USUAL_VOTES: usize = 5;
/// More votes than these would be as good as none.
pub const MOST_VOTES: usize = 20;
/// More proposals than these nobody reads.
pub const MOST_PROPOSALS: usize = 200;
/// How long texts may be, in characters.
pub const NAME_CHARACTERS: usize = 80;
pub const TEXT_CHARACTERS: usize = 1_000;
pub const COMMENT_CHARACTERS: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    /// Its result was put in force.
    Frozen,
    /// It came to nothing, or not yet.
    Closed,
}

impl State {
    pub const ALL: [State; 3] = [State::Open, State::Frozen, State::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Frozen => "frozen",
            State::Closed => "closed",
        }
    }

    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Workshop {
    pub id: WorkshopId,
    pub title: String,
    /// What the team is asked.
    pub question: String,
    pub votes_each: usize,
    pub state: State,
    pub opened_by: String,
    pub opened_at: NaiveDateTime,
    pub ended_by: Option<String>,
    pub ended_at: Option<NaiveDateTime>,
    /// What a frozen one was put in force as.
    pub framework: Option<FrameworkId>,
    /// The code under which each chosen proposal went into it.
    pub result: BTreeMap<ProposalId, Code>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    pub author: String,
    pub words: String,
    pub at: NaiveDateTime,
}

/// A workshop with all that was said there.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    pub workshop: Workshop,
    /// What is voted on, in the order in which it was proposed.
    pub standings: Vec<Standing>,
    pub withdrawn: Vec<Proposal>,
    pub comments: BTreeMap<ProposalId, Vec<Comment>>,
    roots: BTreeMap<ProposalId, ProposalId>,
}

impl Board {
    pub fn find(&self, id: ProposalId) -> Option<&Standing> {
        self.standings.iter().find(|standing| standing.id() == id)
    }

    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Standing> {
        self.standings
            .iter()
            .filter(move |standing| standing.proposal.kind == kind)
    }

    /// What a segment seeks of the needs as they stand now.
    pub fn profile(&self, segment: &Standing) -> Profile {
        rules::resolved(&segment.proposal.profile, &self.roots)
    }

    /// What was said about it, and about those merged into it, the oldest first.
    pub fn comments_on(&self, standing: &Standing) -> Vec<&Comment> {
        let ids = standing.merged.iter().map(|merged| merged.id).chain([standing.id()]);
        let mut said: Vec<&Comment> = ids.filter_map(|id| self.comments.get(&id)).flatten().collect();
        said.sort_by_key(|comment| comment.at);
        said
    }
}

/// A workshop to be opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewWorkshop {
    pub title: String,
    pub question: String,
    pub votes_each: usize,
}

/// A need or a segment as somebody writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProposal {
    pub kind: Kind,
    pub name: String,
    pub description: String,
    /// Of a need.
    pub level: Level,
    /// Of a segment.
    pub profile: Profile,
}

/// Why something is not done.
#[derive(Debug)]
pub enum Refusal {
    /// There is none.
    Unknown,
    /// It has ended, so nothing changes in it any more.
    Ended,
    /// Another one is open.
    AnotherOpen,
    /// Somebody else proposed it.
    NotYours,
    /// All votes are given; so many there were.
    NoVotesLeft(usize),
    /// It was merged or withdrawn meanwhile.
    Moved,
    /// What is wrong with what was typed: the field, and what to do.
    Faulty(Vec<(&'static str, String)>),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        Refusal::Store(error)
    }
}

// ── reading ──

/// The one that is open.
pub fn open_one(conn: &mut Conn) -> store::Result<Option<Workshop>> {
    queries::find_open(conn)
}

/// Every workshop, the newest first.
pub fn list(conn: &mut Conn) -> store::Result<Vec<Workshop>> {
    queries::list(conn)
}

pub fn board(conn: &mut Conn, id: WorkshopId) -> store::Result<Option<Board>> {
    let Some(workshop) = queries::find(conn, id)? else {
        return Ok(None);
    };
    let proposals = queries::list_proposals(conn, id)?;
    let votes = queries::list_votes(conn, id)?;
    let mut comments: BTreeMap<ProposalId, Vec<Comment>> = BTreeMap::new();
    for (of, comment) in queries::list_comments(conn, id)? {
        comments.entry(of).or_default().push(comment);
    }
    let standings = rules::standings(&proposals, &votes);
    let roots = rules::roots(&proposals);
    let withdrawn = proposals.into_iter().filter(|proposal| proposal.withdrawn_at.is_some());
    Ok(Some(Board {
        workshop,
        standings,
        withdrawn: withdrawn.collect(),
        comments,
        roots,
    }))
}

/// How many proposals of the open workshop this colleague could still vote for; 0 where all votes are given.
pub fn count_unvoted(conn: &mut Conn, by: &str) -> store::Result<usize> {
    let open = open_one(conn)?;
    let board = open.map(|open| board(conn, open.id)).transpose()?.flatten();
    Ok(board.map_or(0, |board| {
        let (given, unvoted): (Vec<_>, Vec<_>) = board.standings.iter().partition(|standing| standing.has_vote_of(by));
        if given.len() < board.workshop.votes_each {
            unvoted.len()
        } else {
            0
        }
    }))
}

pub fn find_proposal(conn: &mut Conn, id: ProposalId) -> store::Result<Option<Proposal>> {
    queries::find_proposal(conn, id)
}

// ── opening and ending ──

/// Opens a workshop; with `take_in` the needs and segments of today's framework stand in it as
/// proposals, so that the team votes on them, too.
pub fn open(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    new: NewWorkshop,
    take_in: Option<&Design>,
) -> Result<WorkshopId, Refusal> {
    let new = fit_workshop(new)?;
    let id = queries::insert(conn, now, by, &new).map_err(|error| match is_taken(&error) {
        true => Refusal::AnotherOpen,
        false => error.into(),
    })?;
    if let Some(design) = take_in {
        take_in_framework(conn, now, by, id, design)?;
    }
    audit::note(conn, now, by, "workshop.open", &subject(id), &new.title)?;
    Ok(id)
}

fn take_in_framework(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    id: WorkshopId,
    design: &Design,
) -> store::Result<()> {
    let of_need = |need: &Need| {
        let new = NewProposal {
            kind: Kind::Need,
            name: need.name.clone(),
            description: need.description.clone(),
            level: need.level,
            profile: Profile::new(),
        };
        (new, need.code.clone())
    };
    let needs: Vec<(NewProposal, Code)> = design.framework.needs.iter().map(of_need).collect();
    let needs = queries::insert_taken_in(conn, now, by, id, &needs)?;
    let of_segment = |segment: &Segment| {
        let weighed = segment.profile.iter();
        let new = NewProposal {
            kind: Kind::Segment,
            name: segment.name.clone(),
            description: segment.description.clone(),
            level: Level::Tactical,
            profile: weighed
                .filter_map(|(need, weight)| Some((*needs.get(need)?, *weight)))
                .collect(),
        };
        (new, segment.code.clone())
    };
    let segments: Vec<(NewProposal, Code)> = design.framework.segments.iter().map(of_segment).collect();
    queries::insert_taken_in(conn, now, by, id, &segments)?;
    Ok(())
}

/// Ends it without a result; it can be opened again.
pub fn close(conn: &mut Conn, now: NaiveDateTime, by: &str, id: WorkshopId) -> Result<(), Refusal> {
    hold(conn, id)?;
    queries::end(conn, now, by, id, State::Closed, None)?;
    audit::note(conn, now, by, "workshop.close", &subject(id), "")?;
    Ok(())
}

/// Opens a closed one again.
pub fn reopen(conn: &mut Conn, now: NaiveDateTime, by: &str, id: WorkshopId) -> Result<(), Refusal> {
    let workshop = queries::find(conn, id)?.ok_or(Refusal::Unknown)?;
    match workshop.state {
        State::Open => return Ok(()),
        State::Frozen => return Err(Refusal::Ended),
        State::Closed => {}
    }
    queries::reopen(conn, id).map_err(|error| match is_taken(&error) {
        true => Refusal::AnotherOpen,
        false => error.into(),
    })?;
    audit::note(conn, now, by, "workshop.reopen", &subject(id), "")?;
    Ok(())
}

// ── proposing ──

pub fn propose(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    workshop: WorkshopId,
    new: NewProposal,
) -> Result<ProposalId, Refusal> {
    let new = fit_proposal(new)?;
    hold(conn, workshop)?;
    if queries::list_proposals(conn, workshop)?.len() >= MOST_PROPOSALS {
        let message = format!("there are {MOST_PROPOSALS} proposals already; merge some first");
        return Err(Refusal::Faulty(vec![("name", message)]));
    }
    let id = queries::insert_proposal(conn, now, by, workshop, &new)?;
    let detail = format!("{} “{}”", new.kind.as_str(), new.name);
    audit::note(conn, now, by, "workshop.propose", &subject(workshop), &detail)?;
    Ok(id)
}

/// Whose proposal it is edits it, and admins edit all.
pub fn edit(conn: &mut Conn, now: NaiveDateTime, user: &User, id: ProposalId, new: NewProposal) -> Result<(), Refusal> {
    let proposal = hold_proposal(conn, id)?;
    own(user, &proposal)?;
    let new = fit_proposal(NewProposal {
        kind: proposal.kind,
        ..new
    })?;
    queries::update_proposal(conn, id, &new)?;
    let detail = format!("{} “{}”", new.kind.as_str(), new.name);
    audit::note(
        conn,
        now,
        &user.email,
        "workshop.edit",
        &subject(proposal.workshop),
        &detail,
    )?;
    Ok(())
}

/// Takes it off the list; its votes are free again. It can be brought back.
pub fn withdraw(conn: &mut Conn, now: NaiveDateTime, user: &User, id: ProposalId) -> Result<(), Refusal> {
    let proposal = hold_proposal(conn, id)?;
    own(user, &proposal)?;
    if proposal.merged_into.is_some() {
        return Err(Refusal::Moved);
    }
    queries::set_withdrawn(conn, id, Some(now))?;
    audit::note(
        conn,
        now,
        &user.email,
        "workshop.withdraw",
        &subject(proposal.workshop),
        &proposal.name,
    )?;
    Ok(())
}

/// Those who have given all their votes meanwhile and had one here get this one back, too.
pub fn bring_back(conn: &mut Conn, now: NaiveDateTime, user: &User, id: ProposalId) -> Result<(), Refusal> {
    let proposal = hold_proposal(conn, id)?;
    own(user, &proposal)?;
    queries::set_withdrawn(conn, id, None)?;
    audit::note(
        conn,
        now,
        &user.email,
        "workshop.bring_back",
        &subject(proposal.workshop),
        &proposal.name,
    )?;
    Ok(())
}

pub fn comment(conn: &mut Conn, now: NaiveDateTime, by: &str, id: ProposalId, words: &str) -> Result<(), Refusal> {
    let words = fit_text("words", words, COMMENT_CHARACTERS)?;
    if words.is_empty() {
        return Err(Refusal::Faulty(vec![(
            "words",
            "write what you think first".to_owned(),
        )]));
    }
    let proposal = hold_proposal(conn, id)?;
    queries::insert_comment(conn, now, by, id, &words)?;
    audit::note(
        conn,
        now,
        by,
        "workshop.comment",
        &subject(proposal.workshop),
        &proposal.name,
    )?;
    Ok(())
}

// ── voting ──

/// Gives one of one's votes; a second one to the same proposal changes nothing.
pub fn vote(conn: &mut Conn, now: NaiveDateTime, by: &str, id: ProposalId) -> Result<(), Refusal> {
    let board = hold_board(conn, id)?;
    let standing = board.find(id).ok_or(Refusal::Moved)?;
    if standing.has_vote_of(by) {
        return Ok(());
    }
    let each = board.workshop.votes_each;
    if rules::votes_given(&board.standings, by) >= each {
        return Err(Refusal::NoVotesLeft(each));
    }
    queries::insert_vote(conn, now, id, by)?;
    audit::note(
        conn,
        now,
        by,
        "workshop.vote",
        &subject(board.workshop.id),
        &standing.proposal.name,
    )?;
    Ok(())
}

/// Takes one's vote back, under whatever of the proposal's names it was given.
pub fn take_back(conn: &mut Conn, now: NaiveDateTime, by: &str, id: ProposalId) -> Result<(), Refusal> {
    let board = hold_board(conn, id)?;
    let standing = board.find(id).ok_or(Refusal::Moved)?;
    let mut ids: Vec<ProposalId> = standing.merged.iter().map(|merged| merged.id).collect();
    ids.push(id);
    if queries::delete_votes(conn, &ids, by)? > 0 {
        audit::note(
            conn,
            now,
            by,
            "workshop.take_back",
            &subject(board.workshop.id),
            &standing.proposal.name,
        )?;
    }
    Ok(())
}

// ── merging ──

/// Makes one proposal of several of one kind, under a name of its own; the votes add up.
pub fn merge(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    ids: &[ProposalId],
    name: &str,
) -> Result<ProposalId, Refusal> {
    let first = *ids.first().ok_or_else(choose_two)?;
    let board = hold_board(conn, first)?;
    let mut chosen: Vec<&Standing> = Vec::new();
    for standing in &board.standings {
        if ids.contains(&standing.id()) {
            chosen.push(standing);
        }
    }
    if chosen.len() < 2 {
        return Err(choose_two());
    }
    let kind = chosen[0].proposal.kind;
    if chosen.iter().any(|standing| standing.proposal.kind != kind) {
        let message = "a need and a segment cannot be merged: choose two of one kind".to_owned();
        return Err(Refusal::Faulty(vec![("proposal", message)]));
    }
    let described: Vec<&str> = chosen
        .iter()
        .map(|standing| standing.proposal.description.as_str())
        .collect();
    let new = fit_proposal(NewProposal {
        kind,
        name: name.to_owned(),
        description: joined(&described),
        // That of the one with most votes; of several, the oldest.
        level: chosen
            .iter()
            .rev()
            .max_by_key(|standing| standing.votes())
            .map_or(Level::Tactical, |standing| standing.proposal.level),
        profile: rules::merged_profile(chosen.iter().map(|standing| &standing.proposal.profile)),
    })?;
    let into = queries::insert_proposal(conn, now, by, board.workshop.id, &new)?;
    let members: Vec<ProposalId> = chosen.iter().map(|standing| standing.id()).collect();
    queries::merge(conn, &members, into)?;
    let names: Vec<String> = chosen
        .iter()
        .map(|standing| format!("“{}”", standing.proposal.name))
        .collect();
    let detail = format!("{} into “{}”", names.join(" and "), new.name);
    audit::note(conn, now, by, "workshop.merge", &subject(board.workshop.id), &detail)?;
    Ok(into)
}

fn choose_two() -> Refusal {
    Refusal::Faulty(vec![(
        "proposal",
        "tick the two or more that are to become one".to_owned(),
    )])
}

/// Each description once, as much of them as has room.
fn joined(descriptions: &[&str]) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for description in descriptions {
        if !description.is_empty() && !parts.contains(description) {
            parts.push(description);
        }
    }
    parts.join("\n").chars().take(TEXT_CHARACTERS).collect()
}

/// Undoes a merge: those it was made of stand for themselves again, each with its own votes. A vote
/// that was given to the merged one is free again.
pub fn split(conn: &mut Conn, now: NaiveDateTime, by: &str, id: ProposalId) -> Result<(), Refusal> {
    let board = hold_board(conn, id)?;
    let standing = board.find(id).ok_or(Refusal::Moved)?;
    let parts = standing.merged.iter().filter(|merged| merged.merged_into == Some(id));
    let first = parts.map(|part| part.id).min().ok_or(Refusal::Moved)?;
    queries::split(conn, id, first)?;
    audit::note(
        conn,
        now,
        by,
        "workshop.split",
        &subject(board.workshop.id),
        &standing.proposal.name,
    )?;
    Ok(())
}

// ── what all of them share ──

/// How the audit log names it.
fn subject(id: WorkshopId) -> String {
    format!("workshop {id}")
}

/// Changes of one workshop wait for each other here, so that nobody gives more votes than there are.
fn hold(conn: &mut Conn, id: WorkshopId) -> Result<(), Refusal> {
    match queries::hold_open(conn, id)? {
        true => Ok(()),
        false if queries::find(conn, id)?.is_some() => Err(Refusal::Ended),
        false => Err(Refusal::Unknown),
    }
}

fn hold_proposal(conn: &mut Conn, id: ProposalId) -> Result<Proposal, Refusal> {
    let found = queries::find_proposal(conn, id)?.ok_or(Refusal::Unknown)?;
    hold(conn, found.workshop)?;
    // As it stands now that nobody else changes it.
    queries::find_proposal(conn, id)?.ok_or(Refusal::Moved)
}

fn hold_board(conn: &mut Conn, id: ProposalId) -> Result<Board, Refusal> {
    let proposal = hold_proposal(conn, id)?;
    board(conn, proposal.workshop)?.ok_or(Refusal::Unknown)
}

fn own(user: &User, proposal: &Proposal) -> Result<(), Refusal> {
    match may_edit(user, proposal) {
        true => Ok(()),
        false => Err(Refusal::NotYours),
    }
}

pub fn may_edit(user: &User, proposal: &Proposal) -> bool {
    user.role.may(Role::Admin) || proposal.author == user.email
}

fn fit_workshop(new: NewWorkshop) -> Result<NewWorkshop, Refusal> {
    let mut faults = Vec::new();
    let title = fit_name("title", &new.title, &mut faults);
    let question = fit_prose("question", &new.question, &mut faults);
    if !(1..=MOST_VOTES).contains(&new.votes_each) {
        faults.push(("votes_each", format!("give each from 1 to {MOST_VOTES} votes")));
    }
    refuse(faults)?;
    Ok(NewWorkshop {
        title,
        question,
        votes_each: new.votes_each,
    })
}

fn fit_proposal(new: NewProposal) -> Result<NewProposal, Refusal> {
    let mut faults = Vec::new();
    let name = fit_name("name", &new.name, &mut faults);
    let description = fit_prose("description", &new.description, &mut faults);
    if !new.profile.values().all(|weight| (0.0..=100.0).contains(weight)) {
        faults.push(("profile", "a need weighs from 0 to 100".to_owned()));
    }
    refuse(faults)?;
    Ok(NewProposal {
        name,
        description,
        ..new
    })
}

fn refuse(faults: Vec<(&'static str, String)>) -> Result<(), Refusal> {
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Refusal::Faulty(faults)),
    }
}

fn fit_name(field: &'static str, typed: &str, faults: &mut Vec<(&'static str, String)>) -> String {
    match fold::name(typed) {
        Ok(name) if name.is_empty() => faults.push((field, "give it a name".to_owned())),
        Ok(name) if name.chars().count() > NAME_CHARACTERS => {
            faults.push((field, format!("at most {NAME_CHARACTERS} characters")));
        }
        Ok(name) => return name,
        Err(unfit) => faults.push((field, told(&unfit))),
    }
    typed.to_owned()
}

fn fit_prose(field: &'static str, typed: &str, faults: &mut Vec<(&'static str, String)>) -> String {
    match fold::prose(typed, TEXT_CHARACTERS) {
        Ok(text) => text,
        Err(unfit) => {
            faults.push((field, told(&unfit)));
            typed.to_owned()
        }
    }
}

fn fit_text(field: &'static str, typed: &str, most: usize) -> Result<String, Refusal> {
    fold::prose(typed, most).map_err(|unfit| Refusal::Faulty(vec![(field, told(&unfit))]))
}

fn told(unfit: &Unfit) -> String {
    match unfit {
        Unfit::TooLong(most) => format!("at most {most} characters"),
        Unfit::Control => "it holds a character that cannot be shown; type it anew".to_owned(),
    }
}
