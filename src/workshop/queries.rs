//! Workshops, what was proposed there, votes and comments as rows.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rules::{self, Kind, Profile, Proposal};
use super::{Comment, NewProposal, NewWorkshop, State, Workshop};
use crate::framework::{Code, Level};
use crate::ids::{FrameworkId, ProposalId, WorkshopId};
use crate::store::schema::{proposal_comments, proposal_votes, proposals, workshops};
use crate::store::{Conn, Error, Result, on_each_backend};

// ── workshops ──

#[derive(Queryable, Selectable)]
#[diesel(table_name = workshops)]
struct WorkshopRow {
    id: WorkshopId,
    title: String,
    question: String,
    votes_each: i32,
    state: String,
    opened_by: String,
    opened_at: NaiveDateTime,
    ended_by: Option<String>,
    ended_at: Option<NaiveDateTime>,
    framework_id: Option<FrameworkId>,
    result: Option<String>,
}

impl WorkshopRow {
    fn read(self) -> Result<Workshop> {
        Ok(Workshop {
            id: self.id,
            title: self.title,
            question: self.question,
            votes_each: usize::try_from(self.votes_each).unwrap_or(0),
            state: State::parse(&self.state).ok_or_else(|| unknown("state", &self.state))?,
            opened_by: self.opened_by,
            opened_at: self.opened_at,
            ended_by: self.ended_by,
            ended_at: self.ended_at,
            framework: self.framework_id,
            result: self.result.as_deref().map(read_result).transpose()?.unwrap_or_default(),
        })
    }
}

fn read_result(json: &str) -> Result<BTreeMap<ProposalId, Code>> {
    let codes: BTreeMap<i64, Code> =
        serde_json::from_str(json).map_err(|error| Error::DeserializationError(Box::new(error)))?;
    Ok(codes.into_iter().map(|(id, code)| (ProposalId(id), code)).collect())
}

fn write_result(result: &BTreeMap<ProposalId, Code>) -> Result<String> {
    let codes: BTreeMap<i64, &Code> = result.iter().map(|(id, code)| (id.0, code)).collect();
    serde_json::to_string(&codes).map_err(|error| Error::SerializationError(Box::new(error)))
}

/// A word of ours that does not read is a damaged database, not an empty answer.
fn unknown(what: &str, word: &str) -> Error {
    Error::DeserializationError(format!("the database holds an unknown {what}: {word:?}").into())
}

pub fn find_open(conn: &mut Conn) -> Result<Option<Workshop>> {
    let row: Option<WorkshopRow> = workshops::table
        .filter(workshops::state.eq(State::Open.as_str()))
        .order(workshops::id)
        .select(WorkshopRow::as_select())
        .first(conn)
        .optional()?;
    row.map(WorkshopRow::read).transpose()
}

pub fn find(conn: &mut Conn, id: WorkshopId) -> Result<Option<Workshop>> {
    let row: Option<WorkshopRow> = workshops::table
        .filter(workshops::id.eq(id))
        .select(WorkshopRow::as_select())
        .first(conn)
        .optional()?;
    row.map(WorkshopRow::read).transpose()
}

/// The newest first.
pub fn list(conn: &mut Conn) -> Result<Vec<Workshop>> {
    let rows: Vec<WorkshopRow> = workshops::table
        .order(workshops::id.desc())
        .select(WorkshopRow::as_select())
        .load(conn)?;
    rows.into_iter().map(WorkshopRow::read).collect()
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, by: &str, new: &NewWorkshop) -> Result<WorkshopId> {
    let row = (
        workshops::title.eq(&new.title),
        workshops::question.eq(&new.question),
        workshops::votes_each.eq(i32::try_from(new.votes_each).unwrap_or(i32::MAX)),
        workshops::state.eq(State::Open.as_str()),
        workshops::opened_by.eq(by),
        workshops::opened_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(workshops::table).values(row).returning(workshops::id).get_result(c))
}

/// Takes the row that all changes of the workshop queue on; false when it is not open.
pub fn hold_open(conn: &mut Conn, id: WorkshopId) -> Result<bool> {
    let open = workshops::id.eq(id).and(workshops::state.eq(State::Open.as_str()));
    let held = diesel::update(workshops::table.filter(open))
        .set(workshops::state.eq(State::Open.as_str()))
        .execute(conn)?;
    Ok(held > 0)
}

pub fn end(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    id: WorkshopId,
    state: State,
    frozen: Option<(FrameworkId, &BTreeMap<ProposalId, Code>)>,
) -> Result<()> {
    let result = frozen.map(|(_, result)| write_result(result)).transpose()?;
    diesel::update(workshops::table.filter(workshops::id.eq(id)))
        .set((
            workshops::state.eq(state.as_str()),
            workshops::ended_by.eq(by),
            workshops::ended_at.eq(now),
            workshops::framework_id.eq(frozen.map(|(id, _)| id)),
            workshops::result.eq(result),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn reopen(conn: &mut Conn, id: WorkshopId) -> Result<()> {
    diesel::update(workshops::table.filter(workshops::id.eq(id)))
        .set((
            workshops::state.eq(State::Open.as_str()),
            workshops::ended_by.eq(None::<String>),
            workshops::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
        .map(|_| ())
}

// ── proposals ──

#[derive(Queryable, Selectable)]
#[diesel(table_name = proposals)]
struct ProposalRow {
    id: ProposalId,
    workshop_id: WorkshopId,
    kind: String,
    name: String,
    description: String,
    level: String,
    profile: String,
    code: Option<String>,
    author: String,
    made_at: NaiveDateTime,
    merged_into: Option<ProposalId>,
    withdrawn_at: Option<NaiveDateTime>,
}

impl ProposalRow {
    fn read(self) -> Result<Proposal> {
        let kind = Kind::parse(&self.kind).ok_or_else(|| unknown("kind", &self.kind))?;
        let level = match kind {
            Kind::Need => rules::level(&self.level).ok_or_else(|| unknown("level", &self.level))?,
            Kind::Segment => Level::Tactical,
        };
        Ok(Proposal {
            id: self.id,
            workshop: self.workshop_id,
            kind,
            name: self.name,
            description: self.description,
            level,
            profile: read_profile(&self.profile)?,
            code: self.code,
            author: self.author,
            made_at: self.made_at,
            merged_into: self.merged_into,
            withdrawn_at: self.withdrawn_at,
        })
    }
}

fn read_profile(json: &str) -> Result<Profile> {
    let weights: BTreeMap<i64, f64> =
        serde_json::from_str(json).map_err(|error| Error::DeserializationError(Box::new(error)))?;
    Ok(weights
        .into_iter()
        .map(|(need, weight)| (ProposalId(need), weight))
        .collect())
}

fn write_profile(profile: &Profile) -> Result<String> {
    let weights: BTreeMap<i64, f64> = profile.iter().map(|(need, weight)| (need.0, *weight)).collect();
    serde_json::to_string(&weights).map_err(|error| Error::SerializationError(Box::new(error)))
}

fn written_level(new: &NewProposal) -> &'static str {
    match new.kind {
        Kind::Need => rules::level_word(new.level),
        Kind::Segment => "",
    }
}

/// All that was ever proposed there, in its order.
pub fn list_proposals(conn: &mut Conn, workshop: WorkshopId) -> Result<Vec<Proposal>> {
    let rows: Vec<ProposalRow> = proposals::table
        .filter(proposals::workshop_id.eq(workshop))
        .order(proposals::id)
        .select(ProposalRow::as_select())
        .load(conn)?;
    rows.into_iter().map(ProposalRow::read).collect()
}

pub fn find_proposal(conn: &mut Conn, id: ProposalId) -> Result<Option<Proposal>> {
    let row: Option<ProposalRow> = proposals::table
        .filter(proposals::id.eq(id))
        .select(ProposalRow::as_select())
        .first(conn)
        .optional()?;
    row.map(ProposalRow::read).transpose()
}

#[derive(Insertable)]
#[diesel(table_name = proposals, treat_none_as_default_value = false)]
struct NewRow<'p> {
    workshop_id: i64,
    kind: &'static str,
    name: &'p str,
    description: &'p str,
    level: &'static str,
    profile: String,
    code: Option<&'p str>,
    author: &'p str,
    made_at: NaiveDateTime,
}

impl<'p> NewRow<'p> {
    fn of(now: NaiveDateTime, by: &'p str, workshop: WorkshopId, new: &'p NewProposal) -> Result<NewRow<'p>> {
        Ok(NewRow {
            workshop_id: workshop.0,
            kind: new.kind.as_str(),
            name: &new.name,
            description: &new.description,
            level: written_level(new),
            profile: write_profile(&new.profile)?,
            code: None,
            author: by,
            made_at: now,
        })
    }
}

pub fn insert_proposal(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    workshop: WorkshopId,
    new: &NewProposal,
) -> Result<ProposalId> {
    let row = NewRow::of(now, by, workshop, new)?;
    on_each_backend!(conn, c => diesel::insert_into(proposals::table).values(&row).returning(proposals::id).get_result(c))
}

/// Proposals that stand for what the framework has; each by its code there.
pub fn insert_taken_in(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    workshop: WorkshopId,
    taken_in: &[(NewProposal, Code)],
) -> Result<BTreeMap<Code, ProposalId>> {
    let mut rows = Vec::with_capacity(taken_in.len());
    for (new, code) in taken_in {
        rows.push(NewRow {
            code: Some(code),
            ..NewRow::of(now, by, workshop, new)?
        });
    }
    // A framework has at most 200 of each, so one statement takes them all.
    let made: Vec<(Option<Code>, ProposalId)> = match rows.is_empty() {
        true => Vec::new(),
        false => on_each_backend!(conn, c => diesel::insert_into(proposals::table)
            .values(&rows)
            .returning((proposals::code, proposals::id))
            .get_results(c))?,
    };
    Ok(made.into_iter().filter_map(|(code, id)| Some((code?, id))).collect())
}

pub fn update_proposal(conn: &mut Conn, id: ProposalId, new: &NewProposal) -> Result<()> {
    diesel::update(proposals::table.filter(proposals::id.eq(id)))
        .set((
            proposals::name.eq(&new.name),
            proposals::description.eq(&new.description),
            proposals::level.eq(written_level(new)),
            proposals::profile.eq(write_profile(&new.profile)?),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn set_withdrawn(conn: &mut Conn, id: ProposalId, at: Option<NaiveDateTime>) -> Result<()> {
    diesel::update(proposals::table.filter(proposals::id.eq(id)))
        .set(proposals::withdrawn_at.eq(at))
        .execute(conn)
        .map(|_| ())
}

pub fn merge(conn: &mut Conn, ids: &[ProposalId], into: ProposalId) -> Result<()> {
    diesel::update(proposals::table.filter(proposals::id.eq_any(ids)))
        .set(proposals::merged_into.eq(into))
        .execute(conn)
        .map(|_| ())
}

/// Lets go of what was merged into it, and takes away the proposal that the merge had made; what was
/// said about it is kept with the first of them.
pub fn split(conn: &mut Conn, id: ProposalId, first: ProposalId) -> Result<()> {
    diesel::update(proposal_comments::table.filter(proposal_comments::proposal_id.eq(id)))
        .set(proposal_comments::proposal_id.eq(first))
        .execute(conn)?;
    diesel::update(proposals::table.filter(proposals::merged_into.eq(id)))
        .set(proposals::merged_into.eq(None::<ProposalId>))
        .execute(conn)?;
    diesel::delete(proposals::table.filter(proposals::id.eq(id)))
        .execute(conn)
        .map(|_| ())
}

// ── votes and comments ──

pub fn list_votes(conn: &mut Conn, workshop: WorkshopId) -> Result<Vec<(ProposalId, String)>> {
    proposal_votes::table
        .inner_join(proposals::table)
        .filter(proposals::workshop_id.eq(workshop))
        .order((proposal_votes::proposal_id, proposal_votes::voter))
        .select((proposal_votes::proposal_id, proposal_votes::voter))
        .load(conn)
}

pub fn insert_vote(conn: &mut Conn, now: NaiveDateTime, id: ProposalId, voter: &str) -> Result<()> {
    diesel::insert_into(proposal_votes::table)
        .values((
            proposal_votes::proposal_id.eq(id),
            proposal_votes::voter.eq(voter),
            proposal_votes::given_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_votes(conn: &mut Conn, ids: &[ProposalId], voter: &str) -> Result<usize> {
    let of_voter = proposal_votes::proposal_id
        .eq_any(ids)
        .and(proposal_votes::voter.eq(voter));
    diesel::delete(proposal_votes::table.filter(of_voter)).execute(conn)
}

/// The oldest first.
pub fn list_comments(conn: &mut Conn, workshop: WorkshopId) -> Result<Vec<(ProposalId, Comment)>> {
    let rows: Vec<(ProposalId, String, String, NaiveDateTime)> = proposal_comments::table
        .inner_join(proposals::table)
        .filter(proposals::workshop_id.eq(workshop))
        .order(proposal_comments::id)
        .select((
            proposal_comments::proposal_id,
            proposal_comments::author,
            proposal_comments::words,
            proposal_comments::made_at,
        ))
        .load(conn)?;
    let comment = |(of, author, words, at)| (of, Comment { author, words, at });
    Ok(rows.into_iter().map(comment).collect())
}

pub fn insert_comment(conn: &mut Conn, now: NaiveDateTime, by: &str, id: ProposalId, words: &str) -> Result<()> {
    diesel::insert_into(proposal_comments::table)
        .values((
            proposal_comments::proposal_id.eq(id),
            proposal_comments::author.eq(by),
            proposal_comments::words.eq(words),
            proposal_comments::made_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}
