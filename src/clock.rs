//! The only source of "now", and the one way times are written and read outside the program.
//!
//! Times are UTC without a zone, to the microsecond, as both databases keep them: a time that was
//! stored and read back equals the one that was meant.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

/// Tells the time. Clones of a fixed clock show the same time, so a test that sets its own clock
/// moves the server's too.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<Mutex<NaiveDateTime>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `at` until somebody moves it.
    pub fn fixed(at: NaiveDateTime) -> Self {
        Self(Source::Fixed(Arc::new(Mutex::new(to_microseconds(at)))))
    }

    /// The time now, UTC, to the microsecond.
    pub fn now(&self) -> NaiveDateTime {
        match &self.0 {
            Source::System => to_microseconds(Utc::now().naive_utc()),
            Source::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Puts a fixed clock, and all its clones, at `at`.
    ///
    /// # Panics
    /// On the system clock, which nobody may set: only tests and `run-due --at` hold a fixed one.
    pub fn set(&self, at: NaiveDateTime) {
        self.change(|time| *time = to_microseconds(at));
    }

    /// Moves a fixed clock, and all its clones, on by `by` (or back, when it is negative).
    ///
    /// # Panics
    /// On the system clock, as [`Clock::set`] does.
    pub fn advance(&self, by: TimeDelta) {
        self.change(|time| *time = to_microseconds(*time + by));
    }

    fn change(&self, change: impl FnOnce(&mut NaiveDateTime)) {
        match &self.0 {
            Source::System => panic!("the system clock cannot be set"),
            Source::Fixed(time) => change(&mut time.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

fn to_microseconds(at: NaiveDateTime) -> NaiveDateTime {
    DateTime::from_timestamp_micros(at.and_utc().timestamp_micros()).map_or(at, |whole| whole.naive_utc())
}

/// `2026-03-10T11:00:00Z`, with a fraction only when there is one.
pub fn rfc3339(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// For libraries that want the standard library's time.
pub fn system_time(at: NaiveDateTime) -> SystemTime {
    at.and_utc().into()
}

/// Reads a time that says its offset, as UTC to the microsecond.
///
/// `None` for anything else, and for years outside 1900 to 2200: such a year is a slip of the pen,
/// and keeping it out spares every sum of dates the question of overflow.
pub fn parse_rfc3339(text: &str) -> Option<NaiveDateTime> {
    let at = DateTime::parse_from_rfc3339(text.trim()).ok()?.naive_utc();
    (1900..=2200).contains(&at.year()).then(|| to_microseconds(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        parse_rfc3339(text).expect("a time")
    }

    #[test]
    fn the_system_clock_tells_whole_microseconds() {
        let now = Clock::system().now();
        assert_eq!(now.and_utc().timestamp_subsec_nanos() % 1000, 0);
    }

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(at("2026-03-10T11:00:00Z"));
        let servers = clock.clone();
        clock.advance(TimeDelta::days(2));
        assert_eq!(servers.now(), at("2026-03-12T11:00:00Z"));
        servers.set(at("2020-01-01T00:00:00.1234567Z"));
        assert_eq!(clock.now(), at("2020-01-01T00:00:00.123456Z"));
    }

    #[test]
    fn a_fraction_is_written_only_when_there_is_one() {
        assert_eq!(rfc3339(at("2026-03-10T11:00:00.000Z")), "2026-03-10T11:00:00Z");
        assert_eq!(rfc3339(at("2026-03-10T11:00:00.25Z")), "2026-03-10T11:00:00.250Z");
        assert_eq!(
            rfc3339(at("2026-03-10T11:00:00.000001Z")),
            "2026-03-10T11:00:00.000001Z"
        );
    }

    #[test]
    fn a_time_is_read_into_utc() {
        assert_eq!(at("2026-03-10T12:00:00+01:00"), at("2026-03-10T11:00:00Z"));
    }

    #[test]
    fn a_time_without_offset_or_in_a_strange_year_is_refused() {
        for text in [
            "2026-03-10T11:00:00",
            "2026-03-10",
            "",
            "1899-12-31T23:59:59Z",
            "2201-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
