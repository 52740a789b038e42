//! Figures kept in memory: over many companies they take longer than all else on a page.
//!
//! Up to [`MANY`] companies they are never older than the request: figures are shown again only when
//! nothing was committed since they were read, or when their reading began after the request came.
//! Over more companies the figures read last are shown at once, with their time, and are read anew
//! behind the page, seldom enough to leave the machine to respondents.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveDateTime};
use tokio::sync::{Mutex as Turn, Semaphore};

use crate::insight;
use crate::store::{Conn, Db, Watch};

use super::error::AppError;

/// Up to so many companies a page always waits for figures of its own moment.
pub const MANY: i64 = 20_000;

/// What is figured out, for whom, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What is kept: its page's address, as a rule. One page, one type of figures.
    pub what: &'static str,
    pub parameters: Vec<(String, String)>,
    /// The sales reps whose companies alone are looked at.
    pub owners: Option<Vec<String>>,
    pub today: NaiveDate,
}

/// Figures, and the moment that they are of where that is not the request's.
pub struct Found<T> {
    pub figures: Arc<T>,
    pub read_at: Option<NaiveDateTime>,
}

/// The figures read last, of whatever type.
#[derive(Clone)]
pub struct Kept(Arc<Shelf>);

struct Shelf {
    watch: Turn<Option<Watch>>,
    entries: Mutex<VecDeque<Entry>>,
    /// Readings at a time: readers must not crowd out respondents.
    turns: Semaphore,
    /// What is being read behind pages that do not wait for it.
    begun: Mutex<Vec<Key>>,
}

/// The right to read figures that nobody else is reading; it is given back when it is dropped.
pub struct Reading {
    kept: Kept,
    key: Key,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.kept.begun().retain(|begun| *begun != self.key);
    }
}

struct Entry {
    key: Key,
    /// Of the database, just before they were read; empty where its watch was given up.
    stamp: String,
    began: Instant,
    took: Duration,
    read_at: NaiveDateTime,
    /// There were more than [`MANY`] companies.
    is_of_many: bool,
    /// Somebody is reading them anew.
    is_renewed: bool,
    figures: Arc<dyn Any + Send + Sync>,
}

/// Everybody's, and some narrowed ones.
const KEPT: usize = 64;
/// Reading anew behind the page takes at most one part in so many of a core's time.
const REST: u32 = 4;

impl Default for Kept {
    fn default() -> Kept {
        Kept(Arc::new(Shelf {
            watch: Turn::new(None),
            entries: Mutex::default(),
            turns: Semaphore::new(2),
            begun: Mutex::default(),
        }))
    }
}

impl Kept {
    /// The figures under this key, read by `read` where none may be shown.
    pub async fn get<T, F>(&self, db: &Db, now: NaiveDateTime, key: Key, read: F) -> Result<Found<T>, AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
    {
        let came = Instant::now();
        let stamp = self.stamp(db).await?;
        match self.look::<T>(&key, &stamp) {
            Look::Fresh(figures) => return Ok(of_this_moment(figures)),
            Look::Stale {
                figures,
                read_at,
                renew,
            } => {
                if renew {
                    let (kept, db) = (self.clone(), db.clone());
                    // Whoever asks next is shown what came of it; nobody waits for it.
                    actix_web::rt::spawn(async move {
                        if let Err(error) = kept.renew(&db, now, &key, read).await {
                            kept.given_up(&key);
                            tracing::error!(%error, "figures could not be read anew");
                        }
                    });
                }
                return Ok(Found {
                    figures,
                    read_at: Some(read_at),
                });
            }
            Look::Nothing => {}
        }
        let _turn = self.0.turns.acquire().await.map_err(AppError::internal)?;
        if let Some(figures) = self.begun_since::<T>(&key, came) {
            return Ok(of_this_moment(figures));
        }
        self.read(db, now, &key, read).await.map(of_this_moment)
    }

    /// `None`: somebody is reading them already.
    pub fn begin(&self, key: &Key) -> Option<Reading> {
        let mut begun = self.begun();
        if begun.contains(key) {
            return None;
        }
        begun.push(key.clone());
        Some(Reading {
            kept: self.clone(),
            key: key.clone(),
        })
    }

    fn begun(&self) -> MutexGuard<'_, Vec<Key>> {
        self.0.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The figures read last, however old.
    pub fn last<T: Send + Sync + 'static>(&self, key: &Key) -> Option<Found<T>> {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.key == *key)?;
        Some(Found {
            figures: entry.figures.clone().downcast().ok()?,
            read_at: Some(entry.read_at),
        })
    }

    async fn renew<T, F>(&self, db: &Db, now: NaiveDateTime, key: &Key, read: F) -> Result<(), AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
    {
        let _turn = self.0.turns.acquire().await.map_err(AppError::internal)?;
        self.read(db, now, key, read).await.map(|_| ())
    }

    async fn read<T, F>(&self, db: &Db, now: NaiveDateTime, key: &Key, read: F) -> Result<Arc<T>, AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
    {
        let stamp = self.stamp(db).await?;
        let began = Instant::now();
        let (figures, companies) = db
            .read(move |conn| Ok::<_, AppError>((read(conn)?, insight::count_companies(conn)?)))
            .await?;
        let figures = Arc::new(figures);
        self.keep(Entry {
            key: key.clone(),
            stamp,
            began,
            took: began.elapsed(),
            read_at: now,
            is_of_many: companies > MANY,
            is_renewed: false,
            figures: figures.clone(),
        });
        Ok(figures)
    }

    fn look<T: Send + Sync + 'static>(&self, key: &Key, stamp: &str) -> Look<T> {
        let mut entries = self.entries();
        let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) else {
            return Look::Nothing;
        };
        let Ok(figures) = entry.figures.clone().downcast::<T>() else {
            return Look::Nothing;
        };
        if entry.stamp == stamp {
            return Look::Fresh(figures);
        }
        if !entry.is_of_many {
            return Look::Nothing;
        }
        let renew = !entry.is_renewed && entry.began.elapsed() >= entry.took * REST;
        entry.is_renewed |= renew;
        Look::Stale {
            figures,
            read_at: entry.read_at,
            renew,
        }
    }

    fn begun_since<T: Send + Sync + 'static>(&self, key: &Key, came: Instant) -> Option<Arc<T>> {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.key == *key && entry.began > came)?;
        entry.figures.clone().downcast().ok()
    }

    fn keep(&self, entry: Entry) {
        let mut entries = self.entries();
        entries.retain(|known| known.key != entry.key);
        entries.push_front(entry);
        entries.truncate(KEPT);
    }

    fn given_up(&self, key: &Key) {
        let mut entries = self.entries();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
            entry.is_renewed = false;
        }
    }

    /// Whoever panicked with them left them whole: entries are put in and taken out in one go.
    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A watch that fails is given up: the next request starts another.
    async fn stamp(&self, db: &Db) -> Result<String, AppError> {
        let mut held = self.0.watch.lock().await;
        let (watch, db) = (held.take(), db.clone());
        let fresh = watch.is_none();
        let look = move || {
            let mut watch = watch.map_or_else(|| Watch::start(&db), Ok)?;
            let stamp = watch.stamp()?;
            Ok::<_, AppError>((watch, stamp))
        };
        let (watch, stamp) = tokio::task::spawn_blocking(look).await.map_err(AppError::internal)??;
        *held = Some(watch);
        if fresh {
            // Another watch counts from elsewhere.
            for entry in self.entries().iter_mut() {
                entry.stamp.clear();
            }
        }
        Ok(stamp)
    }
}

enum Look<T> {
    Nothing,
    Fresh(Arc<T>),
    Stale {
        figures: Arc<T>,
        read_at: NaiveDateTime,
        renew: bool,
    },
}

fn of_this_moment<T>(figures: Arc<T>) -> Found<T> {
    Found { figures, read_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_behind_a_page_is_read_once_at_a_time() {
        let kept = Kept::default();
        let key = |what| Key {
            what,
            parameters: vec![],
            owners: None,
            today: NaiveDate::default(),
        };
        let reading = kept.begin(&key("wording"));
        assert!(reading.is_some());
        assert!(kept.begin(&key("wording")).is_none());
        assert!(kept.begin(&key("agreement")).is_some());
        drop(reading);
        assert!(kept.begin(&key("wording")).is_some());
    }
}
