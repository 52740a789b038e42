//! A removal, from whichever page or call it is asked for.

use crate::clock::Clock;
use crate::config::SecretKey;
use crate::drip;
use crate::privacy::{self, Who};
use crate::store::Db;

use super::error::AppError;

/// How often the log is swept before it is left to a later removal: somebody may be reading.
const SWEEPS: usize = 3;

/// Removes them and all that was left on the way, and returns once no mail to them can begin to
/// leave. False: there is nobody to remove.
pub async fn erase(db: &Db, clock: &Clock, key: &SecretKey, by: String, who: Who) -> Result<bool, AppError> {
    let (now, key) = (clock.now(), key.clone());
    let erased = db.write(move |conn| privacy::erase(conn, now, &key, &by, &who)).await?;
    let Some(erased) = erased else { return Ok(false) };
    if erased.was_under_way {
        drip::calm::claims_aged().await;
    }
    sweep(db.clone()).await;
    Ok(true)
}

/// What was removed is gone from every table by now, whatever comes of this.
async fn sweep(db: Db) {
    let swept = actix_web::web::block(move || (0..SWEEPS).any(|_| db.sweep_log().is_ok_and(|swept| swept))).await;
    if !swept.unwrap_or(false) {
        tracing::warn!("the database's log could not be swept after a removal; the next removal sweeps it, too");
    }
}
