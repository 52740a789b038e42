//! What a merge would do, before it is done.

use super::Refusal;
use super::queries::{self, NamedRow};
use crate::companies::listing::Listed;
use crate::design::Design;
use crate::framework::Code;
use crate::needs::{self, Source};
use crate::store::Conn;

/// What moves from one company to another, and what that one will be.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    pub contacts: i64,
    pub answers: i64,
    pub transactions: i64,
    pub conversations: i64,
    /// Contacts on their way through a drip.
    pub enrolments: i64,
    /// Of both companies' ways through drips, those that end because the same address goes on in another.
    pub doubled: usize,
    pub domains: Vec<String>,
    /// What was set by hand: whether it moves, or the other company's own one stays.
    pub override_moves: Option<bool>,
    pub tag_moves: Option<bool>,
    /// Items of sums told to respondents in which only the merged company's voice was counted.
    pub told: usize,
    /// Companies that are part of it.
    pub children: Vec<NamedRow>,
    /// The segment that the other company has now, and the one it will have.
    pub segment: Option<(Code, Source)>,
}

/// Looks at a merge without doing it.
pub fn preview(conn: &mut Conn, design: &Design, from: &Listed, into: &Listed) -> Result<Preview, Refusal> {
    if from.id == into.id {
        return Err(Refusal::IntoItself);
    }
    let hanging = queries::count_hanging(conn, from.id)?;
    let ways = queries::list_ways(conn, &[from.id, into.id])?;
    let there = queries::list_domains(conn, into.id)?;
    let domains = queries::list_domains(conn, from.id)?;
    let told_there = queries::list_told(conn, into.id)?;
    let told = queries::list_told(conn, from.id)?;
    let override_ = queries::find_override(conn, from.id)?;
    let tag = queries::find_tag(conn, from.id)?;
    Ok(Preview {
        contacts: hanging.contacts,
        answers: hanging.answers,
        transactions: hanging.transactions,
        conversations: hanging.conversations,
        enrolments: hanging.enrolments,
        doubled: super::rules::doubled(&ways).len(),
        domains: domains.into_iter().filter(|domain| !there.contains(domain)).collect(),
        override_moves: match override_ {
            Some(_) => Some(queries::find_override(conn, into.id)?.is_none()),
            None => None,
        },
        tag_moves: match tag {
            Some(_) => Some(queries::find_tag(conn, into.id)?.is_none()),
            None => None,
        },
        told: told.iter().filter(|item| !told_there.contains(item)).count(),
        children: queries::list_children(conn, from.id)?,
        segment: needs::foresee_together(conn, design, from.id, into.id)?,
    })
}
