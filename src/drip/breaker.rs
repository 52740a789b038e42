//! The breakers of a drip: too many mails that come back, or too many people who complain, and it
//! pauses by itself before mail providers stop taking mail from us at all.
//!
//! They count since the drip was last switched on, and speak up after 200 mails: before that, one
//! dead address among a few would be a high share.

mod queries;

use chrono::NaiveDateTime;

use super::state;
use crate::store::{self, Conn};
use crate::text::figures;

/// What a drip's breakers have counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Mails that their server has given its last word on, yes or no.
    pub sent: i64,
    pub hard_bounces: i64,
    pub complaints: i64,
}

/// What these counts call for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    /// Worth a look, for this reason.
    Warn(Reason),
    /// Stop, for this reason.
    Trip(Reason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Bounces,
    Complaints,
}

/// Fewer mails than these say nothing.
const ENOUGH: i64 = 200;

/// More than 5 % hard bounces are worth a look, more than 10 % stop the drip; of complaints, 0.1 %
/// and 0.3 % do.
pub fn judge(counts: Counts) -> Verdict {
    let Counts {
        sent,
        hard_bounces,
        complaints,
    } = counts;
    if sent < ENOUGH {
        return Verdict::Fine;
    }
    let complained = |per_mille: i64| complaints > 0 && complaints * 1000 >= sent * per_mille;
    let bounced = |percent: i64| hard_bounces * 100 > sent * percent;
    match () {
        () if complained(3) => Verdict::Trip(Reason::Complaints),
        () if bounced(10) => Verdict::Trip(Reason::Bounces),
        () if complained(1) => Verdict::Warn(Reason::Complaints),
        () if bounced(5) => Verdict::Warn(Reason::Bounces),
        () => Verdict::Fine,
    }
}

/// So many mails of the drip got their server's last word. One refused for good counts, too: else
/// a list of dead addresses would never be long enough to trip over.
pub fn note_sent(conn: &mut Conn, now: NaiveDateTime, drip: &str, count: i64) -> store::Result<()> {
    note(
        conn,
        now,
        drip,
        Counts {
            sent: count,
            ..Counts::default()
        },
    )
}

/// A mail of the drip went to an address that there is not.
pub fn note_hard(conn: &mut Conn, now: NaiveDateTime, drip: &str) -> store::Result<()> {
    note(
        conn,
        now,
        drip,
        Counts {
            hard_bounces: 1,
            ..Counts::default()
        },
    )
}

/// Somebody told the mail provider that the drip's mail is unwanted.
pub fn note_complaint(conn: &mut Conn, now: NaiveDateTime, drip: &str) -> store::Result<()> {
    note(
        conn,
        now,
        drip,
        Counts {
            complaints: 1,
            ..Counts::default()
        },
    )
}

/// Counts anew, for whoever switches the drip on; nothing happens to one that is on already.
pub fn reset(conn: &mut Conn, drip: &str) -> store::Result<()> {
    queries::reset(conn, drip).map(|_| ())
}

/// What the drip's page says of its breakers; `None` while all is well.
pub fn warning(conn: &mut Conn, drip: &str) -> store::Result<Option<String>> {
    let counts = queries::find(conn, drip)?.unwrap_or_default();
    Ok(match judge(counts) {
        Verdict::Fine => None,
        Verdict::Warn(reason) | Verdict::Trip(reason) => {
            Some(format!("{}. {}", in_words(reason, counts), advice(reason)))
        }
    })
}

fn note(conn: &mut Conn, now: NaiveDateTime, drip: &str, more: Counts) -> store::Result<()> {
    let Some(counts) = queries::add(conn, drip, more)? else {
        return Ok(());
    };
    let Verdict::Trip(reason) = judge(counts) else {
        return Ok(());
    };
    let standing = state::standing(conn, drip)?;
    if standing.is_some_and(|standing| standing.state == state::State::On) {
        let cause = in_words(reason, counts);
        tracing::warn!(drip, cause, "a drip was paused by its breaker");
        state::pause(conn, now, drip, &cause)?;
    }
    Ok(())
}

fn in_words(reason: Reason, counts: Counts) -> String {
    let mails = figures::counted(counts.sent, "mail", "mails");
    match reason {
        Reason::Bounces => format!("{} of {mails} went to addresses that do not exist", counts.hard_bounces),
        Reason::Complaints => format!(
            "{} after {mails}",
            figures::counted(counts.complaints, "spam complaint", "spam complaints")
        ),
    }
}

fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::Bounces => "Look where these addresses come from; at more than 10 % the drip pauses by itself.",
        Reason::Complaints => "Look at whom this drip asks, and how often; at 0.3 % it pauses by itself.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_200_mails() {
        let counts = |sent, hard_bounces, complaints| Counts {
            sent,
            hard_bounces,
            complaints,
        };
        use Reason::*;
        use Verdict::*;
        let table = [
            (counts(0, 0, 0), Fine),
            (counts(199, 199, 50), Fine),
            (counts(200, 10, 0), Fine),
            (counts(200, 11, 0), Warn(Bounces)),
            (counts(200, 20, 0), Warn(Bounces)),
            (counts(200, 21, 0), Trip(Bounces)),
            (counts(200, 0, 1), Trip(Complaints)),
            (counts(333, 0, 1), Trip(Complaints)),
            (counts(334, 0, 1), Warn(Complaints)),
            (counts(1000, 0, 1), Warn(Complaints)),
            (counts(1001, 0, 1), Fine),
            (counts(1000, 0, 3), Trip(Complaints)),
            (counts(1001, 0, 3), Warn(Complaints)),
            (counts(1000, 101, 1), Trip(Bounces)),
            (counts(1000, 60, 3), Trip(Complaints)),
            (counts(1_000_000, 50_000, 0), Fine),
        ];
        for (counts, expected) in table {
            assert_eq!(judge(counts), expected, "{counts:?}");
        }
    }
}
