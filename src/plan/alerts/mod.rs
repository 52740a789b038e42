//! What happened to a company that whoever looks after it should know: its segment changed, a need
//! shifted by more than chance would do, or a company of the first tier fell silent.
//!
//! The worker looks ([`raise`]), from what is stored: segments and scores are changed at many places,
//! and none of these has to know that somebody is told. Nothing is told twice, whoever looks: each
//! alert has an occasion, which is a key. Users see those of the companies that they may see, and each
//! marks for itself what it has seen or puts away.

mod queries;
pub mod rules;

use chrono::{NaiveDateTime, TimeDelta};

use self::queries::{AlertRow, NewAlert};
use crate::clock;
use crate::companies::listing::{Stretch, Viewer};
use crate::design;
use crate::ids::{AlertId, CompanyId, UserId};
use crate::store::{self, Conn, Db, marks};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Codes; none: no segment.
    Segment { from: Option<String>, to: Option<String> },
    /// By more than the 95 % interval reaches.
    Need {
        need: String,
        from: f64,
        to: f64,
        reach: f64,
    },
    /// Since this last answer.
    Silence { since: NaiveDateTime },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    pub id: AlertId,
    pub at: NaiveDateTime,
    pub what: What,
    /// The company's external id, its name and its tier.
    pub company: String,
    pub company_name: String,
    pub tier: String,
    /// What the user who looks has done with it.
    pub look: Option<Look>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Seen,
    Dismissed,
}

impl Look {
    pub fn as_str(&self) -> &'static str {
        match self {
            Look::Seen => "seen",
            Look::Dismissed => "dismissed",
        }
    }

    pub fn parse(text: &str) -> Option<Look> {
        [Look::Seen, Look::Dismissed]
            .into_iter()
            .find(|look| look.as_str() == text)
    }
}

/// Which alerts a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pile {
    /// All that nobody has put away.
    Open,
    Dismissed,
}

/// Where the reading of changed segments stands.
const READ_UPTO: &str = "alerts_read_upto";
/// Changes that committed late have a lower number than some that are read already.
const READ_AGAIN: i64 = 1_000;
/// What happened longer ago than this is no news when the first look is taken.
const NEWS_DAYS: i64 = 30;
/// Alerts are kept so long.
const KEPT_DAYS: i64 = 366;
/// Rows in one transaction.
const CHUNK: i64 = 2_000;
/// What is marked as seen at once.
const SEEN_AT_ONCE: i64 = 5_000;

/// Looks for what is to be told, in short transactions; how many alerts are new.
pub fn raise(db: &Db, now: NaiveDateTime) -> store::Result<usize> {
    let mut raised = 0;
    loop {
        let (more, new) = db.write_now(move |conn| changed_segments(conn, now))?;
        raised += new;
        if !more {
            break;
        }
    }
    loop {
        let shifts = db.read_now(|conn| queries::list_shifts(conn, CHUNK))?;
        let is_last = shifts.len() < CHUNK as usize;
        if !shifts.is_empty() {
            raised += db.write_now(move |conn| shifted_needs(conn, now, &shifts))?;
        }
        if is_last {
            break;
        }
    }
    raised += fallen_silent(db, now)?;
    Ok(raised)
}

/// Takes away what is too old to be told.
pub fn purge(conn: &mut Conn, now: NaiveDateTime) -> store::Result<usize> {
    queries::delete_before(conn, now - TimeDelta::days(KEPT_DAYS))
}

/// Reads on in the history of segments; says whether there is more to read, and how many alerts are new.
fn changed_segments(conn: &mut Conn, now: NaiveDateTime) -> store::Result<(bool, usize)> {
    let upto: Option<i64> = marks::find(conn, READ_UPTO)?.and_then(|text| text.parse().ok());
    let Some(newest) = queries::find_newest_change(conn)? else {
        return Ok((false, 0));
    };
    let from = match upto {
        Some(upto) if upto >= newest => return Ok((false, 0)),
        Some(upto) => upto,
        None => queries::find_change_before(conn, now - TimeDelta::days(NEWS_DAYS))?,
    };
    let until = newest.min(from.saturating_add(CHUNK));
    let after = from.saturating_sub(if upto.is_some() { READ_AGAIN } else { 0 });
    let changes = queries::list_changes(conn, after, until)?;
    let alerts: Vec<NewAlert> = changes.into_iter().map(NewAlert::of_change).collect();
    let new = queries::insert(conn, &alerts)?;
    marks::set(conn, now, READ_UPTO, &until.to_string())?;
    Ok((until < newest, new))
}

fn shifted_needs(conn: &mut Conn, now: NaiveDateTime, shifts: &[queries::Shift]) -> store::Result<usize> {
    let mut alerts = Vec::new();
    for shift in shifts {
        let Some(known) = &shift.known else { continue };
        if let Some(reach) = rules::reach_of_shift(known.score, known.se, shift.score, shift.se) {
            alerts.push(NewAlert {
                from_score: Some(known.score),
                to_score: Some(shift.score),
                reach: Some(reach),
                need: Some(shift.need.clone()),
                occasion: format!("{}@{}", shift.need, clock::rfc3339(known.at)),
                ..NewAlert::of(shift.company, "need", now)
            });
        }
    }
    let new = queries::insert(conn, &alerts)?;
    queries::replace_known(conn, now, shifts)?;
    Ok(new)
}

fn fallen_silent(db: &Db, now: NaiveDateTime) -> store::Result<usize> {
    let silent = db.read_now(move |conn| {
        let half_life = design::current(conn)?.framework.settings.half_life_days;
        match rules::silent_before(now, half_life) {
            Some(before) => queries::list_silent(conn, before, CHUNK),
            None => Ok(Vec::new()),
        }
    })?;
    if silent.is_empty() {
        return Ok(0);
    }
    db.write_now(move |conn| {
        let alert = |(company, since): &(CompanyId, NaiveDateTime)| NewAlert {
            answered_at: Some(*since),
            occasion: clock::rfc3339(*since),
            ..NewAlert::of(*company, "silence", now)
        };
        queries::insert(conn, &silent.iter().map(alert).collect::<Vec<_>>())
    })
}

/// The alerts of a page, the newest first.
pub fn list(conn: &mut Conn, viewer: &Viewer, user: UserId, pile: Pile, stretch: Stretch) -> store::Result<Vec<Alert>> {
    let rows = queries::list(conn, viewer, user, pile, stretch)?;
    Ok(rows.into_iter().filter_map(AlertRow::read).collect())
}

pub fn count(conn: &mut Conn, viewer: &Viewer, user: UserId, pile: Pile) -> store::Result<i64> {
    queries::count(conn, viewer, user, pile)
}

/// How many of them the user has neither seen nor put away.
pub fn count_new(conn: &mut Conn, viewer: &Viewer, user: UserId) -> store::Result<i64> {
    queries::count_new(conn, viewer, user)
}

/// A company's alerts that the user has not put away, the newest first.
pub fn list_of_company(conn: &mut Conn, company: CompanyId, user: UserId, most: i64) -> store::Result<Vec<Alert>> {
    let rows = queries::list_of_company(conn, company, user, most)?;
    Ok(rows.into_iter().filter_map(AlertRow::read).collect())
}

/// Marks an alert for the user, or takes its mark away; `false` where there is none that it may see.
pub fn look(
    conn: &mut Conn,
    now: NaiveDateTime,
    viewer: &Viewer,
    user: UserId,
    alert: AlertId,
    look: Option<Look>,
) -> store::Result<bool> {
    if !queries::is_visible(conn, viewer, alert)? {
        return Ok(false);
    }
    queries::delete_look(conn, alert, user)?;
    if let Some(look) = look {
        queries::insert_looks(conn, now, &[alert], user, look)?;
    }
    Ok(true)
}

/// Marks all new ones as seen, so many at a time as a person could have looked at; how many.
pub fn see_all(conn: &mut Conn, now: NaiveDateTime, viewer: &Viewer, user: UserId) -> store::Result<usize> {
    let new = queries::list_new(conn, viewer, user, SEEN_AT_ONCE)?;
    queries::insert_looks(conn, now, &new, user, Look::Seen)?;
    Ok(new.len())
}
