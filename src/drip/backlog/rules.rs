//! What counts as late, and when the late ones go.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use crate::drip::window;
use crate::framework::SendWindow;

/// A mail that could have left so long ago is late.
const LATE: TimeDelta = TimeDelta::days(1);
/// Between two late mails, where they are few.
const GAP: TimeDelta = TimeDelta::minutes(1);
/// Within so long all of them are to go, where they are many.
const SPAN: TimeDelta = TimeDelta::days(1);

/// Mails that were due before this moment are late, if their window let them go then.
pub fn late_before(now: NaiveDateTime) -> NaiveDateTime {
    now - LATE
}

/// The first moment from `due_at` on at which window and cap let the mail go.
pub fn first_allowed(
    due_at: NaiveDateTime,
    hours: Option<(&SendWindow, Tz)>,
    cap_frees_at: Option<NaiveDateTime>,
) -> NaiveDateTime {
    let at = cap_frees_at.map_or(due_at, |frees_at| frees_at.max(due_at));
    hours.map_or(at, |(window, zone)| window::next_allowed(window, zone, at))
}

/// The time between two late mails when there are so many: one leaves a minute, or all of them within
/// a day when they are more than a day has minutes.
pub fn gap(late: usize) -> TimeDelta {
    let late = i64::try_from(late).unwrap_or(i64::MAX).max(1);
    GAP.min(TimeDelta::microseconds(SPAN.num_microseconds().unwrap_or(i64::MAX) / late).max(TimeDelta::microseconds(1)))
}

/// The hours in which a mail may leave; `None`: any.
type Hours = Option<(SendWindow, Tz)>;

/// Moments at which late mails leave, one gap apart from now on, each taken once.
pub struct Slots {
    now: NaiveDateTime,
    gap: TimeDelta,
    taken: HashSet<i64>,
    /// Before this one, none is free for who has these hours.
    from: Vec<(Hours, i64)>,
}

impl Slots {
    /// `taken` are the moments of late mails that wait already; `late` counts them with those to come.
    pub fn new(now: NaiveDateTime, late: usize, taken: &[NaiveDateTime]) -> Slots {
        let mut slots = Slots {
            now,
            gap: gap(late),
            taken: HashSet::new(),
            from: Vec::new(),
        };
        for at in taken.iter().filter(|at| **at >= now) {
            // Earlier gaps may have been others: two moments may fall into one slot of these.
            let mut number = slots.number_of(*at);
            while !slots.taken.insert(number) {
                number += 1;
            }
        }
        slots
    }

    /// The first free moment within these hours.
    pub fn take(&mut self, hours: Option<(&SendWindow, Tz)>) -> NaiveDateTime {
        let key = hours.map(|(window, zone)| (window.clone(), zone));
        let known = self.from.iter().position(|(of, _)| *of == key);
        let mut number = known.map_or(0, |known| self.from[known].1);
        loop {
            while self.taken.contains(&number) {
                number += 1;
            }
            let at = self.moment(number);
            let allowed = first_allowed(at, hours, None);
            if allowed == at {
                break;
            }
            // The first slot that is not before the opening; between two slots nothing leaves.
            number = self.number_of(allowed).max(number + 1);
        }
        self.taken.insert(number);
        match known {
            Some(known) => self.from[known].1 = number + 1,
            None => self.from.push((key, number + 1)),
        }
        self.moment(number)
    }

    fn moment(&self, number: i64) -> NaiveDateTime {
        let gap = self.gap.num_microseconds().unwrap_or(1);
        self.now + TimeDelta::microseconds(gap.saturating_mul(number))
    }

    /// The first slot that is not before that moment.
    fn number_of(&self, at: NaiveDateTime) -> i64 {
        let gap = self.gap.num_microseconds().unwrap_or(1).max(1);
        let since = (at - self.now).num_microseconds().unwrap_or(0).max(0);
        since / gap + i64::from(since % gap != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Day;

    fn at(text: &str) -> NaiveDateTime {
        crate::clock::parse_rfc3339(text).expect("a time")
    }

    fn office_hours() -> SendWindow {
        SendWindow {
            days: vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu],
            from: 9 * 60,
            to: 17 * 60,
        }
    }

    #[test]
    fn a_mail_is_due_when_its_window_and_its_cap_first_let_it_go() {
        let window = office_hours();
        let hours = Some((&window, Tz::UTC));
        // A Friday evening: the window opens on Monday.
        let friday = at("2026-03-13T18:00:00Z");
        assert_eq!(first_allowed(friday, None, None), friday);
        assert_eq!(first_allowed(friday, hours, None), at("2026-03-16T09:00:00Z"));
        let freed = Some(at("2026-03-17T20:00:00Z"));
        assert_eq!(first_allowed(friday, None, freed), at("2026-03-17T20:00:00Z"));
        assert_eq!(first_allowed(friday, hours, freed), at("2026-03-18T09:00:00Z"));
        assert_eq!(first_allowed(friday, None, Some(at("2026-03-01T00:00:00Z"))), friday);
    }

    #[test]
    fn late_mails_leave_one_a_minute_or_within_a_day() {
        assert_eq!(gap(0), TimeDelta::minutes(1));
        assert_eq!(gap(1440), TimeDelta::minutes(1));
        assert_eq!(gap(2880), TimeDelta::seconds(30));
        assert_eq!(gap(86_400), TimeDelta::seconds(1));
    }

    #[test]
    fn each_moment_is_taken_once_and_lies_within_the_hours() {
        let window = office_hours();
        // Five minutes before the window of Berlin closes; New York's has long been open.
        let now = at("2026-03-12T15:55:00Z");
        let (berlin, new_york) = (Tz::Europe__Berlin, Tz::America__New_York);
        let mut slots = Slots::new(now, 20, &[at("2026-03-12T15:56:00Z")]);
        let mut all = Vec::new();
        for _ in 0..10 {
            all.push(slots.take(Some((&window, berlin))));
            all.push(slots.take(Some((&window, new_york))));
        }
        let mut distinct: Vec<_> = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 20);
        assert!(!all.contains(&at("2026-03-12T15:56:00Z")), "that minute was taken");
        for (i, moment) in all.iter().enumerate() {
            let zone = if i % 2 == 0 { berlin } else { new_york };
            assert_eq!(first_allowed(*moment, Some((&window, zone)), None), *moment);
        }
        // What no longer fits into Berlin's Thursday goes on Monday, one a minute again.
        assert_eq!(all[18] - all[16], TimeDelta::minutes(1));
        assert!(all[18] > at("2026-03-16T08:00:00Z"), "{}", all[18]);
    }
}
