//! The dashboard's figures, kept in memory until anything is written: over many companies they take
//! longer than all else on the page.
//!
//! They are never older than the request: figures are shown again only when nothing was committed
//! since they were read, or when their reading began after the request came. One reading runs at a
//! time, and all who came before it began share it, so that readers cannot crowd out respondents.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;
use tokio::sync::Mutex;

use crate::answers;
use crate::companies::listing::{self, Column, Viewer};
use crate::design::{self, Design};
use crate::insight::{self, Filter, FirstSteps, NeedFigures, SegmentFigures};
use crate::needs::{self, Confirmed};
use crate::store::{Conn, Db, Watch};

use super::error::AppError;

/// Whose figures, and when: what the reader chose, the rep that the reader is, and the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub parameters: Vec<(String, String)>,
    /// What the one who asks may see.
    pub viewer: Viewer,
    pub today: NaiveDate,
}

/// All that a dashboard shows, read from one state of the database.
pub struct Figures {
    pub design: Arc<Design>,
    pub filter: Filter,
    pub steps: FirstSteps,
    pub industries: Vec<String>,
    pub countries: Vec<String>,
    pub needs: NeedFigures,
    /// Which needs companies' answers speak for.
    pub confirmed: Confirmed,
    pub segments: SegmentFigures,
    /// Links answered only by what looks like a program.
    pub suspects: i64,
}

/// The figures read last, a few of them.
#[derive(Default)]
pub struct Kept(Mutex<State>);

#[derive(Default)]
struct State {
    watch: Option<Watch>,
    entries: VecDeque<Entry>,
}

struct Entry {
    key: Key,
    /// Of the database, just before they were read.
    stamp: String,
    began: Instant,
    figures: Arc<Figures>,
}

/// Everybody's, and some narrowed ones.
const KEPT: usize = 16;

impl Kept {
    pub async fn get(&self, db: &Db, key: Key) -> Result<Arc<Figures>, AppError> {
        let came = Instant::now();
        let mut state = self.0.lock().await;
        if let Some(entry) = state.find(&key)
            && entry.began > came
        {
            return Ok(entry.figures.clone());
        }
        let stamp = state.stamp(db).await?;
        if let Some(entry) = state.find(&key)
            && entry.stamp == stamp
        {
            return Ok(entry.figures.clone());
        }
        let began = Instant::now();
        let asked = key.clone();
        let figures = Arc::new(db.read(move |conn| read(conn, &asked)).await?);
        state.keep(Entry {
            key,
            stamp,
            began,
            figures: figures.clone(),
        });
        Ok(figures)
    }
}

impl State {
    fn find(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == *key)
    }

    fn keep(&mut self, entry: Entry) {
        self.entries.retain(|known| known.key != entry.key);
        self.entries.push_front(entry);
        self.entries.truncate(KEPT);
    }

    /// A watch that fails is given up: the next request starts another.
    async fn stamp(&mut self, db: &Db) -> Result<String, AppError> {
        let (watch, db) = (self.watch.take(), db.clone());
        let fresh = watch.is_none();
        let look = move || {
            let mut watch = watch.map_or_else(|| Watch::start(&db), Ok)?;
            let stamp = watch.stamp()?;
            Ok::<_, AppError>((watch, stamp))
        };
        let (watch, stamp) = tokio::task::spawn_blocking(look).await.map_err(AppError::internal)??;
        self.watch = Some(watch);
        if fresh {
            // Another watch counts from elsewhere.
            self.entries.clear();
        }
        Ok(stamp)
    }
}

fn read(conn: &mut Conn, key: &Key) -> Result<Figures, AppError> {
    let design = design::current(conn)?;
    let filter = Filter {
        owners: key.viewer.owners(),
        ..super::dashboard::filter(&key.parameters, &design)?
    };
    Ok(Figures {
        steps: insight::first_steps(conn, &design)?,
        industries: listing::list_values(conn, &key.viewer, Column::Industry)?,
        countries: listing::list_values(conn, &key.viewer, Column::Country)?,
        needs: insight::needs(conn, &design, key.today, &filter)?,
        confirmed: needs::confirmed(conn, &design)?.told_to(&key.viewer),
        segments: insight::segments(conn, &design, key.today, &filter)?,
        suspects: answers::count_suspect(conn)?.iter().map(|(_, count)| count).sum(),
        design,
        filter,
    })
}
