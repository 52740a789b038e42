//! The hours of the week in which a mail may leave, on the recipient's own clock.
//!
//! On the days on which that clock jumps, RFC 5545 section 3.3.5 holds: a time that it skips is
//! told with the offset before the jump, of a time that it shows twice the first counts.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;

use crate::framework::{Day, SendWindow};

/// The first moment from `at` on (UTC) that lies within the window.
pub fn next_allowed(window: &SendWindow, zone: Tz, at: NaiveDateTime) -> NaiveDateTime {
    let today = local(zone, at).date();
    // A window may be skipped by a jump of the clock, so a second week is looked at.
    for date in (0..15).filter_map(|days| today.checked_add_days(Days::new(days))) {
        let Some(open) = Opening::of(window, zone, date) else {
            continue;
        };
        if let Some(first) = open.first_from(at) {
            return first;
        }
    }
    at
}

/// The zone a contact lives in: its own, else its company's, else UTC.
pub fn zone_of(contact: Option<&str>, company: Option<&str>) -> Tz {
    let known = |name: Option<&str>| name.and_then(|name| name.parse::<Tz>().ok());
    known(contact).or_else(|| known(company)).unwrap_or(Tz::UTC)
}

/// The window of one day.
struct Opening<'w> {
    window: &'w SendWindow,
    zone: Tz,
    date: NaiveDate,
    start: NaiveDateTime,
    end: NaiveDateTime,
}

impl Opening<'_> {
    fn of(window: &SendWindow, zone: Tz, date: NaiveDate) -> Option<Opening<'_>> {
        window.days.contains(&day(date.weekday())).then(|| Opening {
            window,
            zone,
            date,
            start: first(zone, date, window.from),
            end: first(zone, date, window.to),
        })
    }

    fn first_from(&self, at: NaiveDateTime) -> Option<NaiveDateTime> {
        // The clock may show the opening time twice: mails go at the first, and again from the
        // second on where the hours between lie outside.
        let second = match naive(self.date, self.window.from).map(|from| self.zone.from_local_datetime(&from)) {
            Some(LocalResult::Ambiguous(_, later)) => later.naive_utc(),
            _ => self.start,
        };
        [at, self.start, second]
            .into_iter()
            .filter(|moment| *moment >= at && self.holds(*moment))
            .min()
    }

    fn holds(&self, at: NaiveDateTime) -> bool {
        let shown = local(self.zone, at);
        let minute = (shown.hour() * 60 + shown.minute()) as u16;
        self.start <= at
            && at < self.end
            && shown.date() == self.date
            && (self.window.from..self.window.to).contains(&minute)
    }
}

fn local(zone: Tz, at: NaiveDateTime) -> NaiveDateTime {
    zone.from_utc_datetime(&at).naive_local()
}

/// The moment (UTC) at which the clock first shows that minute of the day.
fn first(zone: Tz, date: NaiveDate, minute: u16) -> NaiveDateTime {
    let Some(shown) = naive(date, minute) else {
        return date.and_time(chrono::NaiveTime::MIN);
    };
    match zone.from_local_datetime(&shown) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.naive_utc(),
        LocalResult::None => shown - offset_before(zone, shown),
    }
}

/// 24:00 is the next day's midnight.
fn naive(date: NaiveDate, minute: u16) -> Option<NaiveDateTime> {
    date.and_hms_opt(0, 0, 0)?
        .checked_add_signed(TimeDelta::minutes(minute.into()))
}

/// The offset that held before the clock skipped that time.
fn offset_before(zone: Tz, skipped: NaiveDateTime) -> TimeDelta {
    let hours_before = (1..=25).map(|hours| skipped - TimeDelta::hours(hours));
    let moments = hours_before.filter_map(|shown| zone.from_local_datetime(&shown).latest().map(|m| (shown, m)));
    moments
        .map(|(shown, moment): (NaiveDateTime, DateTime<Tz>)| shown - moment.naive_utc())
        .next()
        .unwrap_or_default()
}

fn day(weekday: Weekday) -> Day {
    match weekday {
        Weekday::Mon => Day::Mon,
        Weekday::Tue => Day::Tue,
        Weekday::Wed => Day::Wed,
        Weekday::Thu => Day::Thu,
        Weekday::Fri => Day::Fri,
        Weekday::Sat => Day::Sat,
        Weekday::Sun => Day::Sun,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::parse_rfc3339;

    const ALL: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

    fn window(from: u16, to: u16) -> SendWindow {
        SendWindow {
            days: ALL.to_vec(),
            from,
            to,
        }
    }

    fn next(window: &SendWindow, zone: &str, at: &str) -> String {
        let at = parse_rfc3339(at).expect("a time");
        crate::clock::rfc3339(next_allowed(window, zone.parse().expect("a zone"), at))
    }

    #[test]
    fn within_the_window_it_is_now_and_outside_the_next_opening() {
        let hours = window(9 * 60, 17 * 60);
        assert_eq!(next(&hours, "UTC", "2026-03-10T09:00:00Z"), "2026-03-10T09:00:00Z");
        assert_eq!(next(&hours, "UTC", "2026-03-10T16:59:59Z"), "2026-03-10T16:59:59Z");
        assert_eq!(next(&hours, "UTC", "2026-03-10T17:00:00Z"), "2026-03-11T09:00:00Z");
        assert_eq!(
            next(&hours, "America/New_York", "2026-01-10T10:00:00Z"),
            "2026-01-10T14:00:00Z"
        );
        let monday = SendWindow {
            days: vec![Day::Mon],
            ..hours
        };
        assert_eq!(next(&monday, "UTC", "2026-03-09T17:00:00Z"), "2026-03-16T09:00:00Z");
    }

    #[test]
    fn an_hour_that_the_clock_skips_opens_on_the_next_day() {
        // Berlin skips 02:00–03:00 on 29 March 2026.
        let night = window(2 * 60, 3 * 60);
        assert_eq!(
            next(&night, "Europe/Berlin", "2026-03-29T00:30:00Z"),
            "2026-03-30T00:00:00Z"
        );
    }

    #[test]
    fn an_opening_that_the_clock_skips_is_told_with_the_offset_before() {
        let early = window(2 * 60 + 30, 9 * 60);
        assert_eq!(
            next(&early, "Europe/Berlin", "2026-03-29T00:30:00Z"),
            "2026-03-29T01:30:00Z"
        );
        assert_eq!(
            next(&early, "Europe/Berlin", "2026-03-29T01:00:00Z"),
            "2026-03-29T01:30:00Z"
        );
    }

    #[test]
    fn of_an_opening_that_the_clock_shows_twice_the_first_counts() {
        // Berlin shows 02:00–03:00 twice on 25 October 2026: 00:00–01:00 and 01:00–02:00 UTC.
        let early = window(2 * 60 + 30, 9 * 60);
        assert_eq!(
            next(&early, "Europe/Berlin", "2026-10-25T00:00:00Z"),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            next(&early, "Europe/Berlin", "2026-10-25T01:10:00Z"),
            "2026-10-25T01:30:00Z"
        );
    }

    #[test]
    fn on_the_days_on_which_a_clock_jumps_no_mail_leaves_outside_and_none_is_lost() {
        let days = [
            ("Europe/Berlin", "2026-03-29"),
            ("Europe/Berlin", "2026-10-25"),
            ("America/New_York", "2026-03-08"),
            ("America/New_York", "2026-11-01"),
            ("Australia/Lord_Howe", "2026-04-05"),
            ("Australia/Lord_Howe", "2026-10-04"),
        ];
        for (name, date) in days {
            let zone: Tz = name.parse().expect("a zone");
            let begin = parse_rfc3339(&format!("{date}T00:00:00Z")).expect("a time") - TimeDelta::days(1);
            for window in [window(9 * 60, 17 * 60), window(2 * 60, 3 * 60)] {
                let mut before = None;
                for minute in 0..3 * 24 * 60 {
                    let due = begin + TimeDelta::minutes(minute);
                    let left = next_allowed(&window, zone, due);
                    let shown = local(zone, left);
                    let shown = (shown.hour() * 60 + shown.minute()) as u16;
                    assert!((window.from..window.to).contains(&shown), "{name} {due}: {left}");
                    // The night hour that a clock skips is not there on that day, and on the next it is.
                    assert!(left >= due && left - due < TimeDelta::hours(48), "{name} {due}: {left}");
                    assert!(before <= Some(left), "{name} {due}: a later mail leaves earlier");
                    before = Some(left);
                }
            }
        }
    }

    #[test]
    fn an_hour_shown_twice_is_open_from_its_first_showing_on() {
        let night = window(2 * 60, 3 * 60);
        // New York shows 01:00–02:00 twice on 1 November 2026, and 02:00 once: at 07:00 UTC.
        assert_eq!(
            next(&night, "America/New_York", "2026-11-01T05:30:00Z"),
            "2026-11-01T07:00:00Z"
        );
        // Lord Howe goes from 02:00 back to 01:30 on 5 April 2026, half an hour: 02:00 is shown once.
        assert_eq!(
            next(&night, "Australia/Lord_Howe", "2026-04-04T14:00:00Z"),
            "2026-04-04T15:30:00Z"
        );
        // And on 4 October from 02:00 to 02:30: what opens at a skipped 02:00 opens right after it.
        assert_eq!(
            next(&night, "Australia/Lord_Howe", "2026-10-03T14:00:00Z"),
            "2026-10-03T15:30:00Z"
        );
    }

    proptest! {
        #[test]
        fn the_next_moment_lies_in_the_window_and_none_before_it_does(
            zone in prop::sample::select(vec![
                "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
            ]),
            minutes in 0i64..1_100_000,
            from in 0u16..1440, length in 1u16..1440,
            days in prop::sample::subsequence(ALL.to_vec(), 1..=7),
        ) {
            let zone: Tz = zone.parse().expect("a zone");
            let window = SendWindow { days, from, to: (from + length).min(1440) };
            let at = parse_rfc3339("2025-12-31T23:00:00Z").expect("a time") + TimeDelta::minutes(minutes);
            let found = next_allowed(&window, zone, at);
            let shown = zone.from_utc_datetime(&found).naive_local();
            let minute = (shown.hour() * 60 + shown.minute()) as u16;
            prop_assert!(found >= at);
            prop_assert!(window.days.contains(&day(shown.weekday())), "{shown}");
            prop_assert!((window.from..window.to).contains(&minute), "{shown}");
            // Asked again at any moment on the way, the answer stays.
            for part in 1..5 {
                let between = at + (found - at) * part / 5;
                prop_assert_eq!(next_allowed(&window, zone, between), found);
            }
        }
    }
}
