//! Figures kept in memory: over many companies they take longer than all else on a page.
//!
//! Up to [`MANY`] companies they are never older than the request: figures are shown again only when
//! nothing was committed since they were read, or when their reading began after the request came.
//! Over more companies the figures read last are shown at once, with their time, and are read anew
//! behind the page, seldom enough to leave the machine to respondents.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

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
    /// Over more companies than these what was kept is shown at once: [`MANY`], but for tests.
    many: i64,
    rest: u32,
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
    /// Not read anew before, whether that went well or not.
    rests_until: Instant,
    read_at: NaiveDateTime,
    /// There were more companies than a page waits for.
    is_of_many: bool,
    /// Somebody is reading them anew.
    is_renewed: bool,
    figures: Arc<dyn Any + Send + Sync>,
}

/// Everybody's, and some narrowed ones.
const KEPT: usize = 64;
/// Reading anew behind the page takes at most one part in so many of a core's time.
const REST: u32 = 4;

impl Kept {
    /// Pages wait for figures of their own moment over up to `many` companies.
    pub fn over(many: i64) -> Kept {
        Kept::of(many, REST)
    }

    fn of(many: i64, rest: u32) -> Kept {
        Kept(Arc::new(Shelf {
            many,
            rest,
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
                        let began = Instant::now();
                        if let Err(error) = kept.renew(&db, now, &key, read).await {
                            kept.given_up(&key, began);
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
            rests_until: self.rest_after(began),
            read_at: now,
            is_of_many: companies > self.0.many,
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
        let renew = !entry.is_renewed && Instant::now() >= entry.rests_until;
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

    fn given_up(&self, key: &Key, began: Instant) {
        let rests_until = self.rest_after(began);
        let mut entries = self.entries();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
            entry.is_renewed = false;
            entry.rests_until = rests_until;
        }
    }

    /// Of a reading that began then, and ends now.
    fn rest_after(&self, began: Instant) -> Instant {
        began + began.elapsed() * self.0.rest
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
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::audit;
    use crate::store::{Url, migrate};

    fn key(what: &'static str) -> Key {
        Key {
            what,
            parameters: vec![],
            owners: None,
            today: NaiveDate::default(),
        }
    }

    fn at(minute: u32) -> NaiveDateTime {
        NaiveDate::default().and_hms_opt(9, minute, 0).unwrap()
    }

    /// Figures that say how often they were read; the second reading fails.
    struct Desk {
        db: Db,
        kept: Kept,
        readings: Arc<AtomicU32>,
        _folder: tempfile::TempDir,
    }

    impl Desk {
        fn over(many: i64) -> Desk {
            Desk::resting(many, 0)
        }

        fn resting(many: i64, rest: u32) -> Desk {
            let folder = tempfile::tempdir().unwrap();
            let db = Db::open(&Url::Sqlite(folder.path().join("kept.db"))).unwrap();
            // Nothing may block the thread that drives the tasks.
            std::thread::scope(|scope| scope.spawn(|| migrate::run(&db).unwrap()).join().unwrap());
            Desk {
                db,
                kept: Kept::of(many, rest),
                readings: Arc::default(),
                _folder: folder,
            }
        }

        async fn ask(&self, now: NaiveDateTime) -> (u32, Option<NaiveDateTime>) {
            let readings = self.readings.clone();
            let read = move |_: &mut Conn| match readings.fetch_add(1, Ordering::SeqCst) + 1 {
                2 => Err(AppError::NotFound),
                nth => Ok(nth),
            };
            let found = self.kept.get(&self.db, now, key("figures"), read).await;
            let found = found.unwrap_or_else(|error| panic!("{error}"));
            (*found.figures, found.read_at)
        }

        async fn commit(&self) {
            let note = |conn: &mut Conn| audit::note(conn, at(0), "somebody", "looked", "figures", "");
            self.db.write(note).await.unwrap();
        }

        /// Until so many readings have begun, and the last one has ended.
        async fn settled(&self, readings: u32) {
            let settled = async {
                while self.readings.load(Ordering::SeqCst) < readings || self.kept.0.turns.available_permits() < 2 {
                    tokio::task::yield_now().await;
                }
            };
            let waited = tokio::time::timeout(Duration::from_secs(60), settled).await;
            waited.expect("nothing is read behind the page");
        }
    }

    #[actix_web::test]
    async fn few_companies_are_told_of_this_moment_alone() {
        let desk = Desk::over(MANY);
        assert_eq!(desk.ask(at(0)).await, (1, None));
        assert_eq!(desk.ask(at(1)).await, (1, None), "nothing was committed");
        desk.readings.store(2, Ordering::SeqCst);
        desk.commit().await;
        assert_eq!(desk.ask(at(2)).await, (3, None), "the reader waits");
    }

    #[actix_web::test]
    async fn of_many_companies_the_kept_figures_show_their_time_until_those_read_behind_the_page_are_there() {
        // Even an empty installation has more companies than so many.
        let desk = Desk::over(-1);
        assert_eq!(desk.ask(at(0)).await, (1, None));
        assert_eq!(desk.ask(at(1)).await, (1, None), "nothing was committed");
        desk.commit().await;
        assert_eq!(desk.ask(at(2)).await, (1, Some(at(0))), "nobody waits");
        // This reading fails: the figures before it stay, with their time, and the next reader begins anew.
        desk.settled(2).await;
        assert_eq!(desk.ask(at(3)).await, (1, Some(at(0))));
        desk.settled(3).await;
        assert_eq!(
            desk.ask(at(4)).await,
            (3, None),
            "of a moment since which nothing was committed"
        );
        desk.commit().await;
        assert_eq!(desk.ask(at(5)).await, (3, Some(at(3))));
    }

    #[actix_web::test]
    async fn a_reading_that_fails_rests_as_one_that_went_well() {
        let desk = Desk::resting(-1, u32::MAX >> 12);
        assert_eq!(desk.ask(at(0)).await, (1, None));
        // As if that reading had had its rest.
        desk.kept.entries()[0].rests_until = Instant::now();
        desk.commit().await;
        assert_eq!(desk.ask(at(1)).await, (1, Some(at(0))));
        desk.settled(2).await;
        for minute in 2..5 {
            assert_eq!(desk.ask(at(minute)).await, (1, Some(at(0))));
        }
        desk.settled(2).await;
        assert_eq!(desk.readings.load(Ordering::SeqCst), 2, "it is not begun again at once");
    }

    #[test]
    fn what_is_read_behind_a_page_is_read_once_at_a_time() {
        let kept = Kept::over(MANY);
        let reading = kept.begin(&key("wording"));
        assert!(reading.is_some());
        assert!(kept.begin(&key("wording")).is_none());
        assert!(kept.begin(&key("agreement")).is_some());
        drop(reading);
        assert!(kept.begin(&key("wording")).is_some());
    }
}
