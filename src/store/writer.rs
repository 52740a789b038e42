//! SQLite's one writer: a thread that takes whatever is queued and commits it as one group.
//!
//! A disk syncs a few hundred to a few thousand times a second, however little each commit holds;
//! so the jobs of a group share one commit, each inside a savepoint of its own, and each is
//! answered only after that commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::{mpsc, oneshot};

use super::{Conn, Error, Result, unavailable};

/// Jobs in one commit at most.
const GROUP: usize = 256;
/// Jobs waiting at most: what comes later waits at the door.
const QUEUE: usize = 4096;
/// How long a job waits at the door before it is sent away.
const DOOR: Duration = Duration::from_secs(10);

/// Told whether the group was committed: `Err` with the reason otherwise.
type Announce = Box<dyn FnOnce(std::result::Result<(), String>) + Send>;

/// One verb: `begun` is an error when no transaction could be opened.
type Job = Box<dyn FnOnce(std::result::Result<&mut Conn, String>) -> Done + Send>;

/// What a job leaves behind: whether its own work stands, and whom to tell after the commit.
pub(super) struct Done {
    stands: bool,
    announce: Announce,
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    pub(super) fn start(conn: Conn) -> Result<Writer> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run(conn, jobs))
            .map_err(|e| unavailable(format!("cannot start the writer thread: {e}")))?;
        Ok(Writer { queue })
    }

    pub(super) async fn submit<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        let (job, answer) = package(verb);
        self.queue
            .send_timeout(job, DOOR)
            .await
            .map_err(|_| unavailable("the database has too much to write"))?;
        answer.await.unwrap_or_else(|_| Err(abandoned().into()))
    }

    pub(super) fn submit_now<T, E, F>(&self, verb: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        let (job, answer) = package(verb);
        self.queue.blocking_send(job).map_err(|_| abandoned())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(abandoned().into()))
    }
}

fn abandoned() -> Error {
    unavailable("the write was abandoned; the log says why")
}

fn package<T, E, F>(verb: F) -> (Job, oneshot::Receiver<std::result::Result<T, E>>)
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
{
    let (answer, receiver) = oneshot::channel();
    let job: Job = Box::new(move |begun| {
        let result = match begun {
            Ok(conn) => verb(conn),
            Err(why) => Err(unavailable(why).into()),
        };
        let stands = result.is_ok();
        let announce: Announce = Box::new(move |committed| {
            let told = match committed {
                Ok(()) => result,
                Err(why) => result.and_then(|_| Err(unavailable(why).into())),
            };
            // Nobody may be waiting any more; the work stands all the same.
            let _ = answer.send(told);
        });
        Done { stands, announce }
    });
    (job, receiver)
}

fn run(mut conn: Conn, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP {
            match jobs.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        if let Err(error) = begin(&mut conn) {
            // Whoever came while it was waited for would wait as long again: all are told at once.
            while let Ok(job) = jobs.try_recv() {
                group.push(job);
            }
            refuse(group, &error.to_string());
            continue;
        }
        commit_group(&mut conn, group);
    }
}

fn refuse(group: Vec<Job>, why: &str) {
    for job in group {
        if let Some(done) = guarded(|| job(Err(why.to_owned()))) {
            (done.announce)(Err(why.to_owned()));
        }
    }
}

fn commit_group(conn: &mut Conn, group: Vec<Job>) {
    let alone = group.len() == 1;
    let mut announcements = Vec::with_capacity(group.len());
    let mut anything_stands = false;
    for job in group {
        // A job alone needs no savepoint: the transaction is its own.
        let done = if alone {
            guarded(|| job(Ok(conn)))
        } else {
            in_savepoint(conn, job)
        };
        if let Some(done) = done {
            anything_stands |= done.stands;
            announcements.push(done.announce);
        }
    }
    let outcome = if alone && !anything_stands {
        <Conn as Connection>::TransactionManager::rollback_transaction(conn)
    } else {
        <Conn as Connection>::TransactionManager::commit_transaction(conn)
    };
    let outcome = outcome.map_err(|error| {
        let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
        error.to_string()
    });
    for announce in announcements {
        announce(outcome.clone());
    }
}

/// IMMEDIATE: a transaction that reads first and writes later would otherwise fail at once when
/// another process writes in between, whatever the busy timeout.
fn begin(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        Conn::Postgres(_) => <Conn as Connection>::TransactionManager::begin_transaction(conn),
    }
}

fn in_savepoint(conn: &mut Conn, job: Job) -> Option<Done> {
    type Manager = <Conn as Connection>::TransactionManager;
    if let Err(error) = Manager::begin_transaction(conn) {
        return guarded(|| job(Err(error.to_string())));
    }
    let done = guarded(|| job(Ok(&mut *conn)));
    let closed = match &done {
        Some(done) if done.stands => Manager::commit_transaction(conn),
        _ => Manager::rollback_transaction(conn),
    };
    if let Err(error) = closed {
        tracing::error!(%error, "a savepoint could not be closed");
    }
    done
}

/// A verb that panics takes nobody with it: its caller hears that the write was abandoned.
fn guarded(job: impl FnOnce() -> Done) -> Option<Done> {
    catch_unwind(AssertUnwindSafe(job))
        .inspect_err(|_| tracing::error!("a verb panicked"))
        .ok()
}
