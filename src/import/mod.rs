//! CSV in, and what follows from it: the way in for companies, contacts, transactions, usage and
//! answers, for pages, API and commands alike.
//!
//! All or nothing: every fault of the whole batch is told with its place, and one fault stores
//! none. A column or key left out leaves a field as it was, an empty cell or a `null` blanks it, any
//! column that the kind does not know becomes an attribute. What a record means is `companies`' and
//! `answers`' to say; here the changes are carried on to scores (`needs`) and drips.

mod answers;
mod file;
mod intake;
mod queries;

use chrono::NaiveDateTime;

use crate::audit;
use crate::behaviour::usage;
use crate::companies::record::Row;
use crate::companies::{contacts, rules, transactions};
use crate::config::SecretKey;
use crate::store::{self, Conn};
use crate::text::csv::{CsvFaults, Limits};

pub use crate::companies::plan::Counts;
pub use crate::companies::record::Fault;
pub use answers::take_json as answers_json;
pub use queries::Run;

/// What comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Companies,
    Contacts,
    Transactions,
    Usage,
    Answers,
}

impl What {
    /// In the order in which they build on one another.
    pub const ALL: [What; 5] = [
        What::Companies,
        What::Contacts,
        What::Transactions,
        What::Usage,
        What::Answers,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            What::Companies => "companies",
            What::Contacts => "contacts",
            What::Transactions => "transactions",
            What::Usage => "usage",
            What::Answers => "answers",
        }
    }

    pub fn parse(text: &str) -> Option<What> {
        What::ALL.into_iter().find(|what| what.as_str() == text)
    }

    /// The columns that have a meaning of their own.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            What::Companies => &rules::COLUMNS,
            What::Contacts => &contacts::rules::COLUMNS,
            What::Transactions => &transactions::rules::COLUMNS,
            What::Usage => &usage::rules::COLUMNS,
            What::Answers => &answers::COLUMNS,
        }
    }

    /// The columns without which no row can be understood.
    fn required(self) -> &'static [&'static str] {
        match self {
            What::Companies | What::Contacts | What::Transactions => &["external_id"],
            What::Usage => &usage::rules::COLUMNS,
            What::Answers => &answers::COLUMNS,
        }
    }

    /// What a file of it has: companies have columns, usage has them.
    pub fn has(self) -> &'static str {
        if self == What::Usage { "has" } else { "have" }
    }

    /// Whether a column that the kind does not know is kept as an attribute.
    fn takes_attributes(self) -> bool {
        !matches!(self, What::Usage | What::Answers)
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why rows are not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Each with the number of its row, from 0; in the order of the rows.
    #[error("{} faults", .0.len())]
    Faulty(Vec<(usize, Fault)>),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum FileRefusal {
    #[error("{0}")]
    Faulty(CsvFaults),
    /// It would have been; nothing was kept, as asked.
    #[error("nothing was kept, as this was a dry run")]
    DryRun(Counts),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Takes rows, numbered in their order from 0. By the key, an address of somebody who was removed
/// is known again, and gets no mail.
pub fn rows(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    key: &SecretKey,
    what: What,
    rows: impl Iterator<Item = Row>,
) -> Result<Counts, Refusal> {
    let counts = intake::take(conn, now, actor, key, what, rows)?;
    note(conn, now, actor, what, "", counts)?;
    Ok(counts)
}

/// A file to take.
pub struct File<'a> {
    pub what: What,
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub limits: Limits,
    /// Everything is tried and nothing kept.
    pub dry_run: bool,
}

/// Takes a CSV file; the key as for [`rows`].
pub fn csv(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    key: &SecretKey,
    file: &File<'_>,
) -> Result<Counts, FileRefusal> {
    let table = file::read(file.what, file.bytes, file.limits).map_err(FileRefusal::Faulty)?;
    let counts = match intake::take(conn, now, actor, key, file.what, file::rows(&table)) {
        Ok(counts) => counts,
        Err(Refusal::Faulty(faults)) => return Err(FileRefusal::Faulty(file::placed(&table, &faults))),
        Err(Refusal::Store(error)) => return Err(error.into()),
    };
    if file.dry_run {
        return Err(FileRefusal::DryRun(counts));
    }
    queries::insert_run(conn, now, actor, file.what, file.name, counts)?;
    note(conn, now, actor, file.what, file.name, counts)?;
    Ok(counts)
}

/// The files taken, newest first.
pub fn list_runs(conn: &mut Conn, most: usize) -> store::Result<Vec<Run>> {
    queries::list_runs(conn, most as i64)
}

fn note(conn: &mut Conn, now: NaiveDateTime, actor: &str, what: What, name: &str, counts: Counts) -> store::Result<()> {
    let Counts {
        created,
        updated,
        unchanged,
    } = counts;
    if created + updated == 0 {
        return Ok(());
    }
    let action = format!("{}.import", what.as_str());
    let detail = format!("{created} created, {updated} updated, {unchanged} unchanged");
    audit::note(conn, now, actor, &action, name, &detail)
}
