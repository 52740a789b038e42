//! Counts fetches of mailed links, and writes them down every second, apart from the requests.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Path};
use actix_web::{FromRequest, HttpRequest};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::respond::Visits;
use crate::respond::visits;
use crate::store::Db;

use super::error::AppError;
use super::session;

const BEAT: Duration = Duration::from_secs(1);

/// A mailed link was asked for and answered so.
pub async fn note(request: &HttpRequest, status: StatusCode) -> Result<(), AppError> {
    let is_fetch = matches!(*request.method(), Method::GET | Method::HEAD);
    let opens_something = status.is_success() || status == StatusCode::GONE;
    if is_fetch
        && opens_something
        && let Ok(token) = Path::<String>::extract(request).await
    {
        let now = session::data::<Clock>(request)?.now();
        session::data::<Visits>(request)?.note(now, &token);
    }
    Ok(())
}

/// Writes the visits down until it is ended.
pub struct Keeping {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

pub fn keep(db: Data<Db>, visits: Data<Visits>) -> Keeping {
    let (stop, mut stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        loop {
            let ends = tokio::select! {
                () = tokio::time::sleep(BEAT) => false,
                _ = &mut stopped => true,
            };
            flush(&db, &visits).await;
            if ends {
                return;
            }
        }
    });
    Keeping { stop, task }
}

impl Keeping {
    /// Writes what is left.
    pub async fn end(self) {
        drop(self.stop);
        // It ends early only by a panic, which the log has.
        let _ = self.task.await;
    }
}

/// No reader waits for this, and none hears when it fails: the next beat tries again.
async fn flush(db: &Db, visits: &Visits) {
    let Some(hits) = visits.to_write() else { return };
    match db.write(move |conn| visits::write(conn, &hits)).await {
        Ok(()) => visits.written(),
        Err(error) => {
            tracing::warn!(%error, "visits of links could not be written yet");
            visits.not_written();
        }
    }
}
