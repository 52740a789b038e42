//! How often each version of each question was answered, for whoever is about to change it.

use std::collections::{BTreeMap, HashMap};

use super::queries;
use super::versions::FEW;
use crate::framework::Code;
use crate::ids::VersionId;
use crate::store::{self, Conn};

/// A version of a question and how many answers were given to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub id: VersionId,
    /// From 1.
    pub number: i32,
    /// Later ones of the same contact and suspect ones too, each row of a matrix for itself. With many
    /// answers in the installation, as they were last counted; none: they never were.
    pub answers: Option<i64>,
}

/// All versions by their question, oldest first.
pub fn list(conn: &mut Conn) -> store::Result<BTreeMap<Code, Vec<Tally>>> {
    let fresh: Option<HashMap<i64, i64>> = match queries::has_at_most_answers(conn, FEW)? {
        true => Some(queries::count_answers(conn)?.into_iter().collect()),
        false => None,
    };
    let mut tallies: BTreeMap<Code, Vec<Tally>> = BTreeMap::new();
    for (id, question, number, kept) in queries::list_tallies(conn)? {
        let counted = fresh.as_ref().map(|fresh| fresh.get(&id).copied().unwrap_or(0));
        tallies.entry(question).or_default().push(Tally {
            id: VersionId(id),
            number,
            answers: counted.or(kept),
        });
    }
    Ok(tallies)
}
