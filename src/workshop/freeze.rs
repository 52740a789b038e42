//! A workshop's result put in force: the chosen needs and segments as the framework's next version, with
//! the question sets, drips and rules it had.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::rules::Standing;
use super::{Refusal, State, board, hold, queries, subject};
use crate::audit;
use crate::design;
use crate::framework::{Code, Framework, Need, Segment};
use crate::ids::{FrameworkId, ProposalId, WorkshopId};
use crate::reframe::edit;
use crate::store::{self, Conn};

/// What is to be in force: in this order, each with the proposal that it comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    pub needs: Vec<(Option<ProposalId>, Need)>,
    pub segments: Vec<(Option<ProposalId>, Segment)>,
}

impl Chosen {
    /// Today's framework with them in place of its own.
    pub fn framework(&self, today: &Framework) -> Framework {
        let mut framework = today.clone();
        self.put(&mut framework);
        framework
    }

    fn put(&self, framework: &mut Framework) {
        framework.needs = self.needs.iter().map(|(_, need)| need.clone()).collect();
        framework.segments = self.segments.iter().map(|(_, segment)| segment.clone()).collect();
    }

    /// The code that each proposal went in under.
    fn codes(&self) -> impl Iterator<Item = (ProposalId, &Code)> {
        let needs = self.needs.iter().map(|(from, need)| (*from, &need.code));
        let segments = self.segments.iter().map(|(from, segment)| (*from, &segment.code));
        needs.chain(segments).filter_map(|(from, code)| Some((from?, code)))
    }
}

/// Why a result was not put in force.
#[derive(Debug)]
pub enum Hindrance {
    Workshop(Refusal),
    /// Another framework was applied since: which one, and what it changed.
    Overtaken(FrameworkId, Vec<String>),
}

impl From<store::Error> for Hindrance {
    fn from(error: store::Error) -> Hindrance {
        Hindrance::Workshop(error.into())
    }
}

/// Puts the chosen in force, if today's framework is still the one that they were checked against, and
/// ends the workshop; what changed, in sentences.
pub fn freeze(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    id: WorkshopId,
    seen: FrameworkId,
    chosen: &Chosen,
) -> Result<Vec<String>, Hindrance> {
    hold(conn, id).map_err(Hindrance::Workshop)?;
    let board = board(conn, id)?.ok_or(Hindrance::Workshop(Refusal::Unknown))?;
    let changes =
        edit::change(conn, now, by, seen, |framework| chosen.put(framework)).map_err(|refusal| match refusal {
            edit::Refusal::Overtaken(newest, changes) => Hindrance::Overtaken(newest, changes),
            edit::Refusal::Store(error) => error.into(),
        })?;
    let framework = design::current(conn)?.id;
    let result = result(&board.standings, chosen);
    queries::end(conn, now, by, id, State::Frozen, Some((framework, &result)))?;
    let detail = format!("as framework {framework}, {} changes", changes.len());
    audit::note(conn, now, by, "workshop.freeze", &subject(id), &detail)?;
    Ok(changes)
}

/// What was merged into a chosen one went in with it: own words coded to either mean the same need now.
fn result(standings: &[Standing], chosen: &Chosen) -> BTreeMap<ProposalId, Code> {
    let mut result = BTreeMap::new();
    for (from, code) in chosen.codes() {
        result.insert(from, code.clone());
        let merged = standings.iter().filter(|standing| standing.id() == from);
        for part in merged.flat_map(|standing| &standing.merged) {
            result.insert(part.id, code.clone());
        }
    }
    result
}
