//! How fast mails leave: over all connections, and to each destination. Waits are on the monotonic
//! clock, so that no change of the machine's time makes a burst; what this process forgets when it
//! ends is a minute's worth of it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
/// Mails a minute where no limit is set and too few went to know better.
pub const AS_FAST_AS_IT_GOES: u32 = 12_000;
/// Fewer mails, or within a few seconds only, tell no pace.
const STEADY: usize = 20;

/// The paces of one process.
#[derive(Debug)]
pub struct Paces {
    /// Mails a minute over all; `None`: no limit.
    overall: Option<u32>,
    /// Mails a minute to one domain; `None`: no limit.
    per_domain: Option<u32>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Processes that send side by side: each takes its share.
    senders: u32,
    next: Option<Instant>,
    /// Destinations that asked for fewer mails: so many a minute.
    slow: HashMap<String, u32>,
    domains: HashMap<String, Track>,
}

/// What went to one domain.
#[derive(Debug, Default)]
struct Track {
    next: Option<Instant>,
    /// In the last minute, the oldest first.
    taken: VecDeque<Instant>,
}

impl Paces {
    pub fn new(overall: Option<u32>, per_domain: Option<u32>) -> Paces {
        Paces {
            overall,
            per_domain,
            inner: Mutex::default(),
        }
    }

    /// So many processes send over one database: each keeps to its share of the pace.
    pub fn share_with(&self, senders: u32) {
        self.inner().senders = senders;
    }

    pub fn is_limited(&self) -> bool {
        self.overall.is_some()
    }

    /// When the next mail of all may leave, which is taken with this call; `None`: at once.
    pub fn take_turn(&self) -> Option<Instant> {
        let overall = self.overall?;
        let mut inner = self.inner();
        let now = Instant::now();
        let turn = inner.next.map_or(now, |next| next.max(now));
        inner.next = Some(turn + gap(overall, inner.senders));
        (turn > now).then_some(turn)
    }

    /// The domains that get no mail for the moment.
    pub fn closed(&self) -> Vec<String> {
        let now = Instant::now();
        let inner = self.inner();
        let closed =
            |(domain, track): (&String, &Track)| track.next.is_some_and(|next| next > now).then(|| domain.clone());
        inner.domains.iter().filter_map(closed).collect()
    }

    /// When the first of them gets mail again.
    pub fn opens_at(&self) -> Option<Instant> {
        let now = Instant::now();
        let inner = self.inner();
        inner
            .domains
            .values()
            .filter_map(|track| track.next)
            .filter(|next| *next > now)
            .min()
    }

    /// Whether a mail may go to that domain now; if so, it has gone.
    pub fn try_take(&self, domain: &str) -> bool {
        let now = Instant::now();
        let mut inner = self.inner();
        let per_minute = match (inner.slow.get(domain).copied(), self.per_domain) {
            (Some(slow), Some(set)) => Some(slow.min(set)),
            (slow, set) => slow.or(set),
        };
        let senders = inner.senders;
        let track = inner.domains.entry(domain.to_owned()).or_default();
        if track.next.is_some_and(|next| next > now) {
            return false;
        }
        track.next = per_minute.map(|per_minute| now + gap(per_minute, senders));
        track.forget(now);
        track.taken.push_back(now);
        true
    }

    /// How many mails a minute that domain gets, as far as can be told.
    pub fn of(&self, domain: &str) -> u32 {
        if let Some(set) = self.per_domain {
            return set;
        }
        let mut inner = self.inner();
        let Some(track) = inner.domains.get_mut(domain) else {
            return AS_FAST_AS_IT_GOES;
        };
        let now = Instant::now();
        track.forget(now);
        let spanned = track
            .taken
            .front()
            .map_or(Duration::ZERO, |first| now.duration_since(*first));
        match track.taken.len() {
            taken @ STEADY.. if spanned > MINUTE / 12 => (taken as f64 * 60.0 / spanned.as_secs_f64()) as u32,
            _ => AS_FAST_AS_IT_GOES,
        }
    }

    /// The destinations that asked for fewer mails, and how many a minute they get; all others get
    /// them at full speed.
    pub fn slow_down(&self, slow: Vec<(String, i32)>) {
        let positive = |(domain, per_minute): (String, i32)| (domain, u32::try_from(per_minute).unwrap_or(1).max(1));
        self.inner().slow = slow.into_iter().map(positive).collect();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Track {
    fn forget(&mut self, now: Instant) {
        while self.taken.front().is_some_and(|at| now.duration_since(*at) > MINUTE) {
            self.taken.pop_front();
        }
    }
}

fn gap(per_minute: u32, senders: u32) -> Duration {
    MINUTE / per_minute.max(1) * senders.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_domain_at_its_pace_leaves_the_others_alone() {
        let paces = Paces::new(None, Some(1));
        assert!(paces.try_take("a.example"));
        assert!(!paces.try_take("a.example"));
        assert!(paces.try_take("b.example"));
        assert_eq!(paces.closed().len(), 2);
        assert!(paces.opens_at().is_some());
        assert_eq!(paces.of("a.example"), 1);
    }

    #[test]
    fn without_a_limit_nothing_is_held_back_but_a_destination_that_asked() {
        let paces = Paces::new(None, None);
        assert!(paces.try_take("a.example") && paces.try_take("a.example"));
        assert_eq!(paces.take_turn(), None);
        assert_eq!(paces.of("a.example"), AS_FAST_AS_IT_GOES);
        paces.slow_down(vec![("a.example".into(), 1)]);
        assert!(paces.try_take("a.example"));
        assert!(!paces.try_take("a.example"));
        assert!(paces.try_take("b.example") && paces.try_take("b.example"));
    }

    #[test]
    fn turns_lie_a_gap_apart_and_further_where_others_send_too() {
        let paces = Paces::new(Some(60), None);
        assert_eq!(paces.take_turn(), None);
        let second = paces.take_turn().expect("a turn to wait for");
        paces.share_with(3);
        let third = paces.take_turn().expect("a turn");
        let fourth = paces.take_turn().expect("a turn");
        assert_eq!(third - second, Duration::from_secs(1));
        assert_eq!(fourth - third, Duration::from_secs(3));
    }
}
