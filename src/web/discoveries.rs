//! The segments found in the data, kept until the scores that they were found in change.
//!
//! Few companies are divided anew at once. Many take a while: readers are shown what was found
//! before, with its time, and one search runs behind it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDateTime;
use tokio::sync::Semaphore;

use super::error::AppError;
use crate::ids::FrameworkId;
use crate::insight::Filter;
use crate::insight::discover::{Discovery, Scores, discover};

/// So many companies are divided in about a second.
const FEW: usize = 2_000;

/// Everybody's, and some narrowed ones.
const KEPT: usize = 8;

pub struct Discoveries {
    entries: Arc<Mutex<VecDeque<Entry>>>,
    /// One search at a time: it must leave respondents a core.
    turn: Arc<Semaphore>,
}

struct Entry {
    of: Of,
    scores: Scores,
    found: Arc<Discovery>,
    is_renewed: bool,
}

/// Whose segments.
type Of = (FrameworkId, Filter);

impl Default for Discoveries {
    fn default() -> Discoveries {
        Discoveries {
            entries: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Discoveries {
    /// What is found in these scores, or what was found in those before while the search goes on.
    pub async fn get(&self, of: Of, scores: Scores, now: NaiveDateTime) -> Result<Arc<Discovery>, AppError> {
        let earlier = {
            let mut entries = held(&self.entries);
            let entry = entries.iter_mut().find(|entry| entry.of == of);
            match entry {
                Some(entry) if entry.scores == scores => return Ok(entry.found.clone()),
                Some(entry) if scores.rows.len() > FEW => {
                    let is_first = !std::mem::replace(&mut entry.is_renewed, true);
                    Some((entry.found.clone(), is_first))
                }
                _ => None,
            }
        };
        let search = search(self.entries.clone(), self.turn.clone(), of, scores, now);
        match earlier {
            None => search.await,
            Some((found, is_first)) => {
                if is_first {
                    // Whoever asks next is shown what came of it; nobody waits for it.
                    actix_web::rt::spawn(async move {
                        if let Err(error) = search.await {
                            tracing::error!(%error, "segments could not be searched for");
                        }
                    });
                }
                Ok(found)
            }
        }
    }
}

async fn search(
    entries: Arc<Mutex<VecDeque<Entry>>>,
    turn: Arc<Semaphore>,
    of: Of,
    scores: Scores,
    now: NaiveDateTime,
) -> Result<Arc<Discovery>, AppError> {
    let _turn = turn.acquire().await.map_err(AppError::internal)?;
    let searched = scores.clone();
    let found = tokio::task::spawn_blocking(move || discover(searched, now));
    let found = Arc::new(found.await.map_err(AppError::internal)?);
    let mut entries = held(&entries);
    entries.retain(|entry| entry.of != of);
    entries.push_front(Entry {
        of,
        scores,
        found: found.clone(),
        is_renewed: false,
    });
    entries.truncate(KEPT);
    Ok(found)
}

/// Whoever panicked with it left it whole: entries are put in and taken out in one go.
fn held(entries: &Mutex<VecDeque<Entry>>) -> MutexGuard<'_, VecDeque<Entry>> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}
