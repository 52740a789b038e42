//! Which mailed links were fetched, by whatever program: a hit, and never an answer.
//!
//! A hit is remembered in memory and written with many others a moment later, so that a GET waits
//! for no write and fails with none. What is lost in a crash is a second of hits.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};

use super::queries::{self, VisitRow};
use crate::design;
use crate::drip::{rules, step_of};
use crate::ids::{FrameworkId, InvitationId};
use crate::mail::token::{self, Purpose};
use crate::store::{self, Conn, ROWS_PER_INSERT, Turn, list_in_chunks, take_turn};

/// All links of a mail within this: a program that looks at every link.
const SWEEP: TimeDelta = TimeDelta::seconds(10);
/// Times kept of one link until they are written.
const MOST_TIMES: usize = 32;
/// The links that a mail carries; one that asks nothing lacks the first.
const MAILED: [Purpose; 4] = [
    Purpose::Respond,
    Purpose::Preferences,
    Purpose::Unsubscribe,
    Purpose::View,
];

/// The hits that are not written yet.
#[derive(Default)]
pub struct Visits(Mutex<State>);

/// What is being written stays in sight until it is.
#[derive(Default)]
struct State {
    fresh: Hits,
    writing: Arc<Hits>,
}

/// By the hash of the link's token.
pub type Hits = HashMap<String, Hit>;

/// What is known of one link: how often it was fetched, and when, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hit {
    count: i64,
    times: Vec<NaiveDateTime>,
}

impl Visits {
    /// A link that opened something was fetched.
    pub fn note(&self, now: NaiveDateTime, given: &str) {
        if let Some(token) = token::read(given) {
            self.state().fresh.entry(token::hash(&token)).or_default().add(now);
        }
    }

    /// What there is to write; [`Visits::written`] or [`Visits::not_written`] must follow.
    pub fn to_write(&self) -> Option<Arc<Hits>> {
        let mut state = self.state();
        if state.fresh.is_empty() {
            return None;
        }
        state.writing = Arc::new(std::mem::take(&mut state.fresh));
        Some(state.writing.clone())
    }

    pub fn written(&self) {
        self.state().writing = Arc::default();
    }

    /// It is tried again with what has come since.
    pub fn not_written(&self) {
        let mut state = self.state();
        let writing = std::mem::take(&mut state.writing);
        for (hash, hit) in writing.iter() {
            state.fresh.entry(hash.clone()).or_default().put_before(hit);
        }
    }

    /// When the link of that hash was fetched, as far as that is not written yet.
    fn times_of(&self, hash: &str) -> Vec<NaiveDateTime> {
        let state = self.state();
        let hits = [state.writing.get(hash), state.fresh.get(hash)];
        hits.into_iter().flatten().flat_map(|hit| &hit.times).copied().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hit {
    fn add(&mut self, now: NaiveDateTime) {
        self.count += 1;
        if self.times.last() != Some(&now) {
            self.times.push(now);
            self.forget_oldest();
        }
    }

    fn put_before(&mut self, earlier: &Hit) {
        self.count += earlier.count;
        self.times.splice(0..0, earlier.times.iter().copied());
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        let surplus = self.times.len().saturating_sub(MOST_TIMES);
        self.times.drain(..surplus);
    }
}

/// Adds the hits to those of before.
pub fn write(conn: &mut Conn, hits: &Hits) -> store::Result<()> {
    take_turn(conn, Turn::Visits)?;
    let mut hashes: Vec<&str> = hits.keys().map(String::as_str).collect();
    hashes.sort_unstable();
    let links = list_in_chunks(&hashes, |hashes| queries::list_links(conn, hashes))?;
    let mut mails: BTreeMap<InvitationId, Vec<&queries::LinkRow>> = BTreeMap::new();
    for link in &links {
        mails.entry(link.invitation).or_default().push(link);
    }
    let invitations: Vec<InvitationId> = mails.keys().copied().collect();
    let known = list_in_chunks(&invitations, |invitations| queries::list_visits(conn, invitations))?;
    let mut known: HashMap<InvitationId, VisitRow> = known.into_iter().map(|row| (row.invitation_id, row)).collect();
    let mut asking = Asking::default();
    let mut rows = Vec::with_capacity(mails.len());
    for (invitation, links) in mails {
        let row = known.remove(&invitation).unwrap_or_else(|| none_of(invitation));
        let asks = asking.of(conn, links[0])?;
        rows.push(added(row, asks, &links, hits));
    }
    for rows in rows.chunks(ROWS_PER_INSERT) {
        queries::replace_visits(conn, rows)?;
    }
    Ok(())
}

/// Whether all links of an asking mail were fetched within moments of one another, by what is
/// written and by what is not yet. `hashes` are those of its links.
pub fn is_swept(
    conn: &mut Conn,
    visits: &Visits,
    invitation: InvitationId,
    hashes: &[(Purpose, String)],
) -> store::Result<bool> {
    let row = queries::find_visits(conn, invitation)?.unwrap_or_else(|| none_of(invitation));
    if row.swept_at.is_some() {
        return Ok(true);
    }
    let times = MAILED.map(|purpose| {
        let unwritten = hashes.iter().filter(|(of, _)| *of == purpose);
        let unwritten = unwritten.flat_map(|(_, hash)| visits.times_of(hash));
        last_of(&row, purpose).into_iter().chain(unwritten).collect()
    });
    Ok(swept_at(&times).is_some())
}

/// Which steps ask something, each framework looked at once.
#[derive(Default)]
struct Asking(HashMap<(FrameworkId, String, i32), bool>);

impl Asking {
    fn of(&mut self, conn: &mut Conn, link: &queries::LinkRow) -> store::Result<bool> {
        let key = (link.framework, link.drip.clone(), link.step);
        if let Some(asks) = self.0.get(&key) {
            return Ok(*asks);
        }
        let design = design::at(conn, link.framework)?;
        let drip = design.as_ref().and_then(|design| design.framework.drip(&link.drip));
        let asks = drip.and_then(|drip| step_of(drip, link.step)).is_some_and(rules::asks);
        self.0.insert(key, asks);
        Ok(asks)
    }
}

fn none_of(invitation_id: InvitationId) -> VisitRow {
    VisitRow {
        invitation_id,
        respond_at: None,
        preferences_at: None,
        unsubscribe_at: None,
        view_at: None,
        swept_at: None,
        hits: 0,
    }
}

fn added(mut row: VisitRow, asks: bool, links: &[&queries::LinkRow], hits: &Hits) -> VisitRow {
    let of = |purpose: Purpose| {
        let links = links.iter().filter(move |link| link.purpose == purpose.as_str());
        links.filter_map(|link| hits.get(&link.hash))
    };
    let times = MAILED.map(|purpose| {
        let fresh = of(purpose).flat_map(|hit| hit.times.iter().copied());
        last_of(&row, purpose).into_iter().chain(fresh).collect::<Vec<_>>()
    });
    row.hits += MAILED.into_iter().flat_map(of).map(|hit| hit.count).sum::<i64>();
    let mailed = if asks { &times[..] } else { &times[1..] };
    row.swept_at = row.swept_at.max(swept_at(mailed));
    let [respond, preferences, unsubscribe, view] = times.map(|times| times.into_iter().max());
    VisitRow {
        respond_at: respond,
        preferences_at: preferences,
        unsubscribe_at: unsubscribe,
        view_at: view,
        ..row
    }
}

fn last_of(row: &VisitRow, purpose: Purpose) -> Option<NaiveDateTime> {
    match purpose {
        Purpose::Respond => row.respond_at,
        Purpose::Preferences => row.preferences_at,
        Purpose::Unsubscribe => row.unsubscribe_at,
        Purpose::View => row.view_at,
        Purpose::Bounce => None,
    }
}

/// The newest hit with which every link was fetched within [`SWEEP`].
fn swept_at(links: &[Vec<NaiveDateTime>]) -> Option<NaiveDateTime> {
    let is_sweep = |end: &NaiveDateTime| {
        links
            .iter()
            .all(|times| times.iter().any(|time| time <= end && *end - *time <= SWEEP))
    };
    links.iter().flatten().copied().filter(is_sweep).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> NaiveDateTime {
        NaiveDateTime::default() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn all_links_within_ten_seconds_are_a_sweep_and_spread_out_they_are_none() {
        let links = |times: [&[i64]; 4]| times.map(|times| times.iter().map(|second| at(*second)).collect::<Vec<_>>());
        assert_eq!(swept_at(&links([&[0], &[3], &[10], &[4]])), Some(at(10)));
        assert_eq!(swept_at(&links([&[0], &[3], &[11], &[4]])), None);
        assert_eq!(swept_at(&links([&[0], &[3], &[], &[4]])), None);
        // A later visit does not hide it.
        assert_eq!(swept_at(&links([&[0, 500], &[3], &[10], &[4]])), Some(at(10)));
    }

    #[test]
    fn hits_stay_in_sight_until_they_are_written() {
        let (visits, token) = (Visits::default(), "a".repeat(32));
        let hash = token::hash(&token);
        visits.note(at(0), "no token");
        assert_eq!(visits.to_write(), None);
        visits.note(at(0), &token.to_uppercase());
        let writing = visits.to_write().expect("a hit");
        visits.note(at(1), &format!("{token}."));
        assert_eq!(visits.times_of(&hash), [at(0), at(1)]);
        visits.not_written();
        assert_eq!(visits.times_of(&hash), [at(0), at(1)]);
        assert_eq!(writing[&hash].count, 1);
        assert_eq!(visits.to_write().expect("both")[&hash].count, 2);
        visits.written();
        assert_eq!(visits.times_of(&hash), []);
        assert_eq!(visits.to_write(), None);
    }

    #[test]
    fn a_link_that_is_fetched_without_end_takes_no_more_memory() {
        let mut hit = Hit::default();
        (0..1000).for_each(|second| hit.add(at(second)));
        assert_eq!(
            (hit.count, hit.times.len(), hit.times.last()),
            (1000, MOST_TIMES, Some(&at(999)))
        );
    }
}
