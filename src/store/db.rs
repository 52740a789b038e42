//! [`Db`]: verbs run inside one transaction, off the async threads.

use std::sync::Arc;
use std::time::Duration;

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use super::connect::{Manager, Url, Use, open};
use super::writer::Writer;
use super::{Conn, Error, Result, connect, unavailable};

/// The open database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: Url,
    /// SQLite: `query_only` connections. PostgreSQL: all of them.
    pool: r2d2::Pool<Manager>,
    /// SQLite alone.
    writer: Option<Writer>,
}

/// Connections a process keeps; PostgreSQL's default of 100 serves eight such processes.
const POOL: u32 = 12;
/// How long to wait for a free or new connection.
const PATIENCE: Duration = Duration::from_secs(10);

impl Db {
    /// Opens the database as it is; [`super::migrate::run`] brings it up to date.
    pub fn open(url: &Url) -> Result<Db> {
        // One plain connection first: its error says what is wrong, a pool's says "timed out".
        let first = open(url, Use::Write)?;
        let writer = match first {
            Conn::Sqlite(_) => Some(Writer::start(first)?),
            Conn::Postgres(_) => None,
        };
        let purpose = if writer.is_some() { Use::Read } else { Use::Write };
        let pool = r2d2::Pool::builder()
            .max_size(POOL)
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(Quiet))
            .build_unchecked(Manager {
                url: url.clone(),
                purpose,
            });
        Ok(Db {
            inner: Arc::new(Inner {
                url: url.clone(),
                pool,
                writer,
            }),
        })
    }

    pub fn url(&self) -> &Url {
        &self.inner.url
    }

    /// Runs a verb that only reads, over one consistent state of the database.
    pub async fn read<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read_now(verb))
            .await
            .unwrap_or_else(|_| Err(unavailable("the read was abandoned; the log says why").into()))
    }

    /// As [`Db::read`], for a few rows that are looked up by their keys. Over SQLite they are read on
    /// the very thread that asks: a hop to another one takes longer than they do.
    pub async fn look_up<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        let is_embedded = self.inner.writer.is_some();
        // One that is idle: this thread may not wait for another.
        match is_embedded.then(|| self.inner.pool.try_get()).flatten() {
            Some(mut conn) => read_over(&mut conn, verb),
            None => self.read(verb).await,
        }
    }

    /// Runs a verb inside one transaction; an `Err` rolls it back. Answers after the commit.
    pub async fn write<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.submit(verb).await,
            None => {
                let db = self.clone();
                tokio::task::spawn_blocking(move || db.write_now(verb))
                    .await
                    .unwrap_or_else(|_| Err(unavailable("the write was abandoned; the log says why").into()))
            }
        }
    }

    /// As [`Db::read`], for threads that may block.
    pub fn read_now<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        E: From<Error>,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E>,
    {
        let mut conn = self.connection()?;
        read_over(&mut conn, verb)
    }

    /// As [`Db::write`], for threads that may block. Never to be called from async code.
    pub fn write_now<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.submit_now(verb),
            None => {
                let mut conn = self.connection()?;
                conn.transaction(verb)
            }
        }
    }

    /// A connection outside the pool, for what a session holds on to (locks) or what may not run in a transaction.
    pub fn own_connection(&self) -> Result<Conn> {
        open(&self.inner.url, Use::Write)
    }

    /// Takes what has been deleted out of the write-ahead log, too: until then it still holds the
    /// pages as they were. PostgreSQL's log is the server's own. False: somebody was reading all the
    /// while, and the log goes with the next one.
    pub fn sweep_log(&self) -> Result<bool> {
        match self.own_connection()? {
            Conn::Sqlite(mut sqlite) => connect::truncate_log(&mut sqlite),
            Conn::Postgres(_) => Ok(true),
        }
    }

    /// What `doctor` shows of the database: name and value.
    pub fn settings(&self) -> Result<Vec<(String, String)>> {
        match self.own_connection()? {
            Conn::Sqlite(mut sqlite) => connect::sqlite_settings(&mut sqlite),
            Conn::Postgres(_) => Ok(Vec::new()),
        }
    }

    fn connection(&self) -> Result<r2d2::PooledConnection<Manager>> {
        self.inner
            .pool
            .get()
            .map_err(|error| unavailable(format!("no connection to the {}: {error}", self.inner.url.place())))
    }
}

fn read_over<T, E, F>(conn: &mut Conn, verb: F) -> std::result::Result<T, E>
where
    E: From<Error>,
    F: FnOnce(&mut Conn) -> std::result::Result<T, E>,
{
    begin_read(conn)?;
    let result = verb(conn);
    // Nothing was written; a connection that cannot end its transaction is dropped by the pool.
    let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
    result
}

/// One state of the database for all the queries of a verb.
fn begin_read(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Postgres(pg) => {
            AnsiTransactionManager::begin_transaction_sql(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
        Conn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN DEFERRED"),
    }
}

/// The pool retries on its own; the verb that gives up reports.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<Error> for Quiet {
    fn handle_error(&self, error: Error) {
        tracing::debug!(%error, "a database connection could not be opened");
    }
}
