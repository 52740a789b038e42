//! The segments found in the data, kept until the scores that they were found in change.
//!
//! Few companies are divided anew at once. Many take a while: readers are shown what was found
//! before, with its time, and one search runs behind it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDate, NaiveDateTime};
use tokio::sync::Semaphore;

use super::error::AppError;
use crate::ids::FrameworkId;
use crate::insight::Filter;
use crate::insight::discover::{Discovery, Scores, discover};

/// So many companies are divided in about a second.
const FEW: usize = 2_000;

/// Everybody's, and some narrowed ones.
const KEPT: usize = 8;

#[derive(Clone)]
pub struct Discoveries {
    shelf: Arc<Mutex<Shelf>>,
    /// One search at a time: it must leave respondents a core.
    turn: Arc<Semaphore>,
}

#[derive(Default)]
struct Shelf {
    entries: VecDeque<Entry>,
    running: Vec<Running>,
}

struct Entry {
    of: Of,
    scores: Scores,
    found: Arc<Discovery>,
}

struct Running {
    of: Of,
    /// In thousandths.
    done: Arc<AtomicU32>,
}

/// Whose segments, and as of which day.
pub type Of = (FrameworkId, Filter, NaiveDate);

/// What there is to show at once.
pub enum Shown {
    Found {
        found: Arc<Discovery>,
        /// Scores have changed since; a search runs behind it.
        is_renewed: bool,
    },
    /// A first search runs; which part of it is done, from 0 to 1.
    Searching(f64),
}

impl Default for Discoveries {
    fn default() -> Discoveries {
        Discoveries {
            shelf: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Discoveries {
    /// What is found in these scores, or what was found in those before while the search goes on.
    pub async fn get(&self, of: Of, scores: Scores, now: NaiveDateTime) -> Result<Arc<Discovery>, AppError> {
        match self.kept(&of, &scores) {
            Some((found, true)) => Ok(found),
            Some((found, false)) if scores.rows.len() > FEW => {
                self.begin(of, scores, now);
                Ok(found)
            }
            _ => self.search(of, scores, now).await,
        }
    }

    /// As [`Discoveries::get`], for who would rather see how far it is than wait.
    pub async fn show(&self, of: Of, scores: &Scores, now: NaiveDateTime) -> Result<Shown, AppError> {
        let kept = self.kept(&of, scores);
        let found = match kept {
            Some((found, true)) => found,
            _ if scores.rows.len() <= FEW => self.search(of, scores.clone(), now).await?,
            kept => {
                let done = self.begin(of, scores.clone(), now);
                return Ok(match kept {
                    Some((found, _)) => Shown::Found {
                        found,
                        is_renewed: true,
                    },
                    None => Shown::Searching(done),
                });
            }
        };
        Ok(Shown::Found {
            found,
            is_renewed: false,
        })
    }

    /// What was found, and whether it was found in these scores.
    fn kept(&self, of: &Of, scores: &Scores) -> Option<(Arc<Discovery>, bool)> {
        let shelf = self.shelf();
        let entry = shelf.entries.iter().find(|entry| entry.of == *of)?;
        Some((entry.found.clone(), entry.scores == *scores))
    }

    /// Searches behind the page, where nobody does already; how far that is.
    fn begin(&self, of: Of, scores: Scores, now: NaiveDateTime) -> f64 {
        if let Some(running) = self.shelf().running.iter().find(|running| running.of == of) {
            return f64::from(running.done.load(Ordering::Relaxed)) / 1000.0;
        }
        let searching = self.clone();
        let done = self.note_running(&of);
        actix_web::rt::spawn(async move {
            if let Err(error) = searching.work(of, scores, now, done).await {
                tracing::error!(%error, "segments could not be searched for");
            }
        });
        0.0
    }

    async fn search(&self, of: Of, scores: Scores, now: NaiveDateTime) -> Result<Arc<Discovery>, AppError> {
        let done = self.note_running(&of);
        self.work(of, scores, now, done).await
    }

    async fn work(
        &self,
        of: Of,
        scores: Scores,
        now: NaiveDateTime,
        done: Arc<AtomicU32>,
    ) -> Result<Arc<Discovery>, AppError> {
        // However it ends, it runs no more then.
        let _running = Noted {
            shelf: self.shelf.clone(),
            done: done.clone(),
        };
        let _turn = self.turn.acquire().await.map_err(AppError::internal)?;
        if let Some((found, true)) = self.kept(&of, &scores) {
            return Ok(found);
        }
        let searched = scores.clone();
        let tell = move |part: f64| done.store((part * 1000.0) as u32, Ordering::Relaxed);
        let found = tokio::task::spawn_blocking(move || discover(searched, now, &tell));
        let found = Arc::new(found.await.map_err(AppError::internal)?);
        let mut shelf = self.shelf();
        shelf.entries.retain(|entry| entry.of != of);
        shelf.entries.push_front(Entry {
            of,
            scores,
            found: found.clone(),
        });
        shelf.entries.truncate(KEPT);
        Ok(found)
    }

    fn note_running(&self, of: &Of) -> Arc<AtomicU32> {
        let done = Arc::new(AtomicU32::new(0));
        self.shelf().running.push(Running {
            of: of.clone(),
            done: done.clone(),
        });
        done
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        held(&self.shelf)
    }
}

/// Whoever panicked with it left it whole: entries are put in and taken out in one go.
fn held(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A search that is noted as running, until it ends.
struct Noted {
    shelf: Arc<Mutex<Shelf>>,
    done: Arc<AtomicU32>,
}

impl Drop for Noted {
    fn drop(&mut self) {
        held(&self.shelf)
            .running
            .retain(|running| !Arc::ptr_eq(&running.done, &self.done));
    }
}
