//! Figures of a page that are read and kept apart from its others: those that hang on less of the
//! address, and those that take so long that the page does not wait for them.

use std::sync::Arc;
use std::time::Duration;

use super::frame::{Asked, Desk, Frame};
use crate::design::{self, Design};
use crate::insight;
use crate::store::Conn;
use crate::web::error::AppError;
use crate::web::kept::{Found, Key};

/// A page waits so long for what it may be shown without.
const PATIENCE: Duration = Duration::from_secs(2);

/// Over no more companies than these it always waits: it is not for long.
const FEW: i64 = 5_000;

impl Desk {
    /// Figures that hang on the filter, the day and these of the page's own parameters alone.
    pub async fn beside<T, F>(
        &self,
        frame: &mut Frame,
        what: &'static str,
        own: &[&str],
        read: F,
    ) -> Result<Arc<T>, AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Design, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        let on = chosen(frame, own);
        self.beside_on(frame, what, on, read).await
    }

    /// Figures that hang on the filter, the day and `on`, which may be what no address holds.
    pub async fn beside_on<T, F>(
        &self,
        frame: &mut Frame,
        what: &'static str,
        on: Vec<(String, String)>,
        read: F,
    ) -> Result<Arc<T>, AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Design, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        let (key, read) = self.apart(frame, what, on, read);
        let found = self.kept.get(&self.db, self.now, key, read).await?;
        frame.note_read_at(found.read_at);
        Ok(found.figures)
    }

    /// As [`Desk::beside`], of much that takes long: the figures read last where reading them anew takes
    /// longer than a reader waits, and `None` where there are none yet. The reading goes on behind the
    /// page, and whoever asks meanwhile does not begin another one. A file is always waited for.
    pub async fn later<T, F>(
        &self,
        frame: &mut Frame,
        what: &'static str,
        own: &[&str],
        read: F,
    ) -> Result<Option<Arc<T>>, AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Design, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        let companies = self.db.read(insight::count_companies).await?;
        if companies <= FEW || frame.asked.file.is_some() {
            return self.beside(frame, what, own, read).await.map(Some);
        }
        let (key, read) = self.apart(frame, what, chosen(frame, own), read);
        let found = match self.kept.begin(&key) {
            None => None,
            Some(turn) => {
                let (kept, db, now, key) = (self.kept.get_ref().clone(), self.db.clone(), self.now, key.clone());
                let reading = actix_web::rt::spawn(async move {
                    let _turn = turn;
                    let found: Result<Found<T>, AppError> = kept.get(&db, now, key, read).await;
                    if let Err(error) = &found {
                        tracing::error!(%error, "figures could not be read");
                    }
                    found
                });
                match actix_web::rt::time::timeout(PATIENCE, reading).await {
                    Ok(found) => Some(found.map_err(AppError::internal)??),
                    Err(_) => None,
                }
            }
        };
        let found = found.or_else(|| self.kept.last::<T>(&key));
        Ok(found.map(|found| {
            frame.note_read_at(found.read_at);
            found.figures
        }))
    }

    fn apart<T, F>(
        &self,
        frame: &Frame,
        what: &'static str,
        on: Vec<(String, String)>,
        read: F,
    ) -> (Key, impl FnOnce(&mut Conn) -> Result<T, AppError> + Send + use<T, F>)
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Design, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        let asked = frame.asked.clone();
        let mut parameters = asked.lasting();
        parameters.extend(on);
        let reading = move |conn: &mut Conn| {
            // By the framework in force when they are read: the page round them may be of an earlier one.
            let design = design::current(conn)?;
            read(conn, &design, &asked)
        };
        (self.key(what, parameters), reading)
    }
}

/// These of the page's own parameters, as they were asked for.
fn chosen(frame: &Frame, own: &[&str]) -> Vec<(String, String)> {
    let owns = frame.asked.own_parameters().iter();
    owns.filter(|(name, _)| own.contains(&name.as_str())).cloned().collect()
}
