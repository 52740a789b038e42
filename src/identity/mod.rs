//! Companies as things of their own: merged and taken apart again, moved between by contacts, found
//! under other names, within a group.
//!
//! [`merge`] moves everything that hangs on one company to another one and keeps, row by row, what it
//! moved, with all that the merged company was besides; [`undo`] makes that company again and moves
//! back what is still where the merge had put it. **What came after the merge stays where it was
//! given**: an answer belongs to the company for which it was given (METHOD.md section 1), and while
//! the merge stood that was the other one. Scores follow by the one code that works everything out
//! anew (`needs::recount`). The merged company's external id stays as an alias: imports, the API and
//! old addresses of pages find the other company by it.
//!
//! Merges are taken back in turn: one whose result was itself merged is undone after that one.

mod answers {
    pub mod queries;
}
mod merges {
    pub mod queries;
}
mod moved {
    pub mod queries;
}
mod names {
    pub mod queries;
}
mod before;
mod facts;
mod merge;
mod moving;
mod preview;
mod queries;
mod rules;
mod undo;

use crate::ids::{CompanyId, MergeId};
use crate::store::{self, Conn};

pub use facts::{add_alias, list_aliases, list_children, parent_of, remove_alias, set_domains, set_parent};
pub use merge::merge;
pub use moving::move_contact;
pub use preview::{Preview, preview};
pub use queries::{AliasRow, MergeRow, NamedRow};
pub use undo::{Undoing, undo, undoing};

/// Why a company stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no company {0:?}")]
    UnknownCompany(String),
    #[error("a company cannot be merged into itself")]
    IntoItself,
    #[error("{0:?} was merged into this company already")]
    MergedAlready(String),
    #[error("there is no such merge")]
    UnknownMerge,
    #[error("this merge was undone already")]
    UndoneAlready,
    #[error("undo the merge of {0} first: it took this one along")]
    Later(String),
    #[error("there is a company with the external id {0:?} again")]
    Taken(String),
    #[error("there is no contact {0:?}")]
    UnknownContact(String),
    #[error("{0:?} is the id or the alias of a company already")]
    AliasTaken(String),
    #[error("give it an id of 1 to 100 characters")]
    UnfitAlias,
    #[error("{0} is no domain")]
    UnfitDomain(String),
    #[error("a merge made this alias: undo the merge instead")]
    AliasOfMerge,
    #[error("a company cannot be part of itself")]
    ParentOfItself,
    #[error("{0} is part of this company already")]
    ParentInARing(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The merges into a company that stand or stood, newest first.
pub fn list_merges(conn: &mut Conn, company: CompanyId) -> store::Result<Vec<MergeRow>> {
    queries::list_merges(conn, company)
}

/// A company by both its names.
pub fn find_named(conn: &mut Conn, company: CompanyId) -> store::Result<Option<NamedRow>> {
    queries::find_named(conn, company)
}

pub fn find_merge(conn: &mut Conn, merge: MergeId) -> store::Result<Option<MergeRow>> {
    queries::find_merge(conn, merge)
}

/// The newest merge of the company that had this external id, among those that stand.
pub fn find_standing(conn: &mut Conn, external_id: &str) -> store::Result<Option<MergeRow>> {
    queries::find_standing(conn, external_id)
}

/// How the history of segments calls what a merge or its end moved.
fn cause(by: &str) -> String {
    by.to_owned()
}
