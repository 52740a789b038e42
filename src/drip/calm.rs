//! Waiting until what was claimed before a wish became known has begun or gone back.
//!
//! A claim is good for [`FRESH`]: whoever holds it begins with the mail within that time, or hands it
//! back. So a suppression or a pause that was committed that long ago is known to every sender, and
//! who asked for it can be told so.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::mail::outbox::{self, UnderWay};
use crate::store::{self, Db};

/// From the moment that a claim is asked for until its mail must have begun.
pub const FRESH: Duration = Duration::from_secs(1);

/// Returns once no mail to that address key can begin any more that was claimed before now. Call it
/// after the commit that stops them.
pub async fn calm(db: &Db, email_key: &str) {
    until_begun(db, email_key.to_owned(), |key| UnderWay::To(key)).await;
}

/// As [`calm`], for the mails of a drip that was paused or stopped.
pub async fn calm_drip(db: &Db, drip: &str) {
    until_begun(db, drip.to_owned(), |drip| UnderWay::Of(drip)).await;
}

/// As [`calm`], where no trace of the mails is left to look for: returns once every claim made before
/// now is too old to begin with.
pub async fn claims_aged() {
    sleep(FRESH).await;
}

async fn until_begun(db: &Db, name: String, which: for<'a> fn(&'a str) -> UnderWay<'a>) {
    let begun = Instant::now();
    while begun.elapsed() < FRESH {
        let asked = name.clone();
        let count = db
            .read(move |conn| outbox::count_under_way(conn, which(&asked)))
            .await
            .unwrap_or_else(|error: store::Error| {
                tracing::warn!(%error, "it cannot be told what is under way");
                1
            });
        if count == 0 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
}
