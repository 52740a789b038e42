//! The floor: the only room that opens a database.
//!
//! [`Db`] runs verbs, plain synchronous functions over a [`Conn`], each inside one transaction:
//! [`Db::read`] and [`Db::write`] from async code, [`Db::read_now`] and [`Db::write_now`] from
//! commands and threads. On SQLite all writes of a process go through one writer thread, which
//! commits whatever is queued in one group (`writer`); PostgreSQL has a pool. Everything in which
//! the two databases differ is a `match` in this room.
//!
//! What stands in the tables is the capabilities' business, in their `queries.rs`.

pub mod backup;
pub mod columns;
mod connect;
mod db;
pub mod journal;
mod kept;
pub mod lease;
pub mod marks;
pub mod migrate;
pub mod schema;
pub mod sets;
mod watch;
mod writer;

pub use connect::Url;
pub use db::Db;
pub(crate) use kept::{insert_rows, kept, kept_if_few, padded};
pub use watch::Watch;

use crate::ids::{CompanyId, ContactId, MailId};

/// What a query answers with when it fails. A failure is never an empty list.
pub type Error = diesel::result::Error;
pub type Result<T> = std::result::Result<T, Error>;

/// One open connection to either database; PostgreSQL stands first because SQLite takes any text for a path.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Postgres(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

/// Runs one query body on whichever database is open: for what the combined backend cannot spell
/// (`ON CONFLICT`, inserts of many rows, `as_returning`). Written once, compiled twice.
macro_rules! on_each_backend {
    ($conn:expr, $c:ident => $body:expr) => {
        match &mut *$conn {
            $crate::store::Conn::Postgres($c) => $body,
            $crate::store::Conn::Sqlite($c) => $body,
        }
    };
}
pub(crate) use on_each_backend;

/// How many rows one INSERT takes: both databases limit the values bound to a statement.
pub const ROWS_PER_INSERT: usize = 500;

/// Asks for many keys, as many at a time as a statement takes.
pub(crate) fn list_in_chunks<K, T>(keys: &[K], mut list: impl FnMut(&[K]) -> Result<Vec<T>>) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(ROWS_PER_INSERT) {
        all.extend(list(chunk)?);
    }
    Ok(all)
}

/// An error for a database that cannot be reached or does not answer in time.
pub(crate) fn unavailable(why: impl Into<String>) -> Error {
    Error::DatabaseError(
        diesel::result::DatabaseErrorKind::ClosedConnection,
        Box::new(why.into()),
    )
}

/// True when the database could not be reached, was locked for too long or is full:
/// trying again later may succeed, and nothing was kept.
pub fn is_unavailable(error: &Error) -> bool {
    use diesel::result::DatabaseErrorKind as Kind;
    match error {
        Error::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::SerializationFailure, _) => {
            true
        }
        Error::DatabaseError(_, info) => {
            let message = info.message();
            [
                "database is locked",
                "disk is full",
                "disk I/O error",
                "readonly database",
                "lock timeout",
                // PostgreSQL ends one of two transactions that wait for each other.
                "deadlock detected",
            ]
            .iter()
            .any(|m| message.contains(m))
        }
        Error::BrokenTransactionManager => true,
        _ => false,
    }
}

/// True when a row with the same key is there already.
pub fn is_taken(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)
    )
}

/// Scores are changed company by company under `Shared`, all at once under `Exclusive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoresLock {
    Shared,
    Exclusive,
}

/// Held until the transaction ends. SQLite has one writer at a time and needs none.
pub fn lock_scores(conn: &mut Conn, lock: ScoresLock) -> Result<()> {
    use diesel::RunQueryDsl;
    /// Any number that no other advisory lock of ours uses.
    const SCORES: &str = "4711001";
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(pg) => {
            let function = match lock {
                ScoresLock::Shared => "pg_advisory_xact_lock_shared",
                ScoresLock::Exclusive => "pg_advisory_xact_lock",
            };
            diesel::sql_query(["SELECT ", function, "(", SCORES, ")"].concat())
                .execute(pg)
                .map(|_| ())
        }
    }
}

/// What only one transaction may do at a time, where several processes work over one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Steps become mails: two would make the same one.
    Steps,
    /// Mails are claimed: two claims could both count below a cap.
    Claims,
    /// What hangs on sent mails is worked out: two would do it twice.
    Marks,
    /// Hits of links are added to those before: two would each forget the other's.
    Visits,
    /// Answers are taken in hand for reading: two colleagues would take the same.
    Codings,
    /// Companies' behaviour is told by rules: two would go through the same ones.
    Behaviours,
}

/// Held until the transaction ends; SQLite has one writer at a time and needs none.
pub fn take_turn(conn: &mut Conn, turn: Turn) -> Result<()> {
    use diesel::RunQueryDsl;
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    // Numbers that no other advisory lock of ours uses.
    let lock = match turn {
        Turn::Steps => diesel::sql_query("SELECT pg_advisory_xact_lock(4711002)"),
        Turn::Claims => diesel::sql_query("SELECT pg_advisory_xact_lock(4711003)"),
        Turn::Marks => diesel::sql_query("SELECT pg_advisory_xact_lock(4711007)"),
        Turn::Visits => diesel::sql_query("SELECT pg_advisory_xact_lock(4711006)"),
        Turn::Codings => diesel::sql_query("SELECT pg_advisory_xact_lock(4711011)"),
        Turn::Behaviours => diesel::sql_query("SELECT pg_advisory_xact_lock(4711036)"),
    };
    lock.execute(pg).map(|_| ())
}

/// Holds what a mail, an answer or a new enrolment of these contacts would change or hang on, until
/// the transaction ends: first what is being handed over, then what is being answered, so that
/// neither waits for us while we wait for it.
pub fn lock_mails(conn: &mut Conn, contacts: &[ContactId]) -> Result<()> {
    use diesel::prelude::*;
    use schema::{invitations, outbox};
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    outbox::table
        .filter(outbox::contact_id.eq_any(contacts))
        .filter(outbox::state.eq("sending"))
        .order(outbox::id)
        .select(outbox::id)
        .for_update()
        .load::<i64>(pg)?;
    invitations::table
        .filter(invitations::contact_id.eq_any(contacts))
        .order(invitations::id)
        .select(invitations::id)
        .for_update()
        .load::<i64>(pg)
        .map(|_| ())
}

/// To be put at the end of a query: the rows of that table which it reads stay as they are until the
/// transaction ends. SQLite has one writer at a time and needs none.
pub(crate) fn held(conn: &Conn, table: &'static str) -> String {
    match conn {
        Conn::Sqlite(_) => String::new(),
        Conn::Postgres(_) => [" FOR NO KEY UPDATE OF ", table].concat(),
    }
}

/// Holds these mails, the lowest id first.
pub fn lock_outbox(conn: &mut Conn, mails: &[MailId]) -> Result<()> {
    use diesel::prelude::*;
    use schema::outbox;
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    let ids: Vec<i64> = mails.iter().map(|mail| mail.0).collect();
    outbox::table
        .filter(outbox::id.eq_any(ids))
        .order(outbox::id)
        .select(outbox::id)
        .for_no_key_update()
        .load::<i64>(pg)
        .map(|_| ())
}

/// Holds these contacts themselves: nothing can be hung on them any more.
pub fn lock_contacts(conn: &mut Conn, contacts: &[ContactId]) -> Result<()> {
    use diesel::prelude::*;
    let Conn::Postgres(pg) = conn else { return Ok(()) };
    schema::contacts::table
        .filter(schema::contacts::id.eq_any(contacts))
        .order(schema::contacts::id)
        .select(schema::contacts::id)
        .for_update()
        .load::<i64>(pg)
        .map(|_| ())
}

/// Holds the rows of these companies until the transaction ends, the lowest id first: two
/// transactions that want several of the same wait for each other, never both at once. Says which of
/// them are there: one that was merged into another while we waited is not.
pub fn lock_companies(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<CompanyId>> {
    use diesel::prelude::*;
    match conn {
        Conn::Sqlite(_) => Ok(companies.to_vec()),
        Conn::Postgres(pg) => schema::companies::table
            .filter(schema::companies::id.eq_any(companies))
            .order(schema::companies::id)
            .select(schema::companies::id)
            .for_no_key_update()
            .load(pg),
    }
}
