//! Opening connections, each set up the way every verb relies on.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{Integer, Text},
};

use super::{Conn, Error, Result, unavailable};

/// Which database, and where.
#[derive(Clone, PartialEq, Eq)]
pub enum Url {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Url {
    /// Reads `sqlite://path` or `postgres://…`.
    pub fn parse(text: &str) -> Option<Url> {
        if let Some(path) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
            return (!path.is_empty()).then(|| Url::Sqlite(PathBuf::from(path)));
        }
        (text.starts_with("postgres://") || text.starts_with("postgresql://")).then(|| Url::Postgres(text.to_owned()))
    }

    /// Where it is, without user or password.
    pub fn place(&self) -> String {
        match self {
            Url::Sqlite(path) => format!("SQLite file {}", path.display()),
            Url::Postgres(url) => {
                let host = url.rsplit_once('@').map_or(url.as_str(), |(_, host)| host);
                format!(
                    "PostgreSQL at {}",
                    host.trim_start_matches("postgres://")
                        .trim_start_matches("postgresql://")
                )
            }
        }
    }
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.place())
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// The oldest SQLite whose WAL is known to be sound for us.
const LEAST_SQLITE: [u32; 3] = [3, 51, 3];

pub(super) fn open(url: &Url, purpose: Use) -> Result<Conn> {
    match url {
        Url::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(|e| unavailable(e.to_string()))?;
            conn.batch_execute("SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; SET client_min_messages = 'warning'")?;
            Ok(Conn::Postgres(conn))
        }
        Url::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy())
                .map_err(|e| unavailable(format!("cannot open {}: {e}", path.display())))?;
            let setup = match purpose {
                // FULL: an answer once thanked for survives a power cut. A log of 16 MB: a page that
                // changes often is copied out of it more seldom.
                Use::Write => {
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; \
                     PRAGMA wal_autocheckpoint = 4000"
                }
                Use::Read => {
                    "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY"
                }
            };
            conn.batch_execute(setup)?;
            if purpose == Use::Write {
                assert_settings(&mut conn)?;
            }
            Ok(Conn::Sqlite(conn))
        }
    }
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// Refuses a library or file system that does not keep what it is asked to keep.
fn assert_settings(conn: &mut SqliteConnection) -> Result<()> {
    let mut ask = |sql: &str| -> Result<String> { Ok(sql_query(sql).get_result::<Word>(conn)?.word) };
    let version = ask("SELECT sqlite_version() AS word")?;
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts.as_slice() < LEAST_SQLITE.as_slice() {
        return Err(unavailable(format!(
            "SQLite {version} is too old: the bundled library must be 3.51.3 or later"
        )));
    }
    let journal = ask("SELECT journal_mode AS word FROM pragma_journal_mode")?;
    if journal != "wal" {
        return Err(unavailable(format!(
            "SQLite answers journal_mode={journal} where WAL was asked for: put the file on a local disk"
        )));
    }
    Ok(())
}

/// The settings that `doctor` shows: name and value.
pub(super) fn sqlite_settings(conn: &mut SqliteConnection) -> Result<Vec<(String, String)>> {
    const SHOWN: [(&str, &str); 5] = [
        ("sqlite", "SELECT sqlite_version() AS word"),
        ("journal_mode", "SELECT journal_mode AS word FROM pragma_journal_mode"),
        (
            "synchronous",
            "SELECT CAST(synchronous AS TEXT) AS word FROM pragma_synchronous",
        ),
        (
            "foreign_keys",
            "SELECT CAST(foreign_keys AS TEXT) AS word FROM pragma_foreign_keys",
        ),
        (
            "busy_timeout",
            "SELECT CAST(timeout AS TEXT) AS word FROM pragma_busy_timeout",
        ),
    ];
    SHOWN
        .iter()
        .map(|(name, sql)| Ok(((*name).to_owned(), sql_query(*sql).get_result::<Word>(conn)?.word)))
        .collect()
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// True when nothing is left in the log.
pub(super) fn truncate_log(conn: &mut SqliteConnection) -> Result<bool> {
    let done: Checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn)?;
    Ok(done.busy == 0)
}

/// A pool of these: r2d2 opens, checks and drops them.
pub(super) struct Manager {
    pub url: Url,
    pub purpose: Use,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        open(&self.url, self.purpose)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        match conn {
            Conn::Postgres(pg) => pg.batch_execute("SELECT 1"),
            Conn::Sqlite(_) => Ok(()),
        }
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        use diesel::connection::TransactionManager;
        std::thread::panicking() || <Conn as Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}
