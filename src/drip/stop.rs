//! A drip ended for all who are on their way through it.

use chrono::NaiveDateTime;

use super::queries;
use super::state::{self, State};
use crate::audit;
use crate::mail::outbox::{self, Needless};
use crate::store::{self, Conn};

/// What stopping a drip ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stopped {
    pub enrolments: usize,
    pub mails: usize,
}

/// Ends all enrolments under way and takes their mails out of the queue. `None`: there is no such
/// drip. What has left stays, and so do its links; a later start begins with those enrolled after it.
pub fn stop(conn: &mut Conn, now: NaiveDateTime, by: &str, drip: &str) -> store::Result<Option<Stopped>> {
    let cause = format!("by {by}");
    if !state::change(conn, now, drip, State::Stopped, Some(&cause))? {
        return Ok(None);
    }
    let why = "the drip was stopped";
    let stopped = Stopped {
        enrolments: queries::stop_all_of(conn, drip, why)?,
        mails: outbox::cancel(conn, now, Needless::OfDrip(drip), why)?,
    };
    let detail = format!(
        "{} enrolments ended, {} mails cancelled",
        stopped.enrolments, stopped.mails
    );
    audit::note(conn, now, by, "drip stop", drip, &detail)?;
    Ok(Some(stopped))
}
