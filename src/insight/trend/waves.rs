//! The days that a look back stops at. Pure.

use chrono::{Datelike, NaiveDate};

use crate::method::month;

/// How far apart the waves are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Every {
    Month,
    Quarter,
}

impl Every {
    pub const ALL: [Every; 2] = [Every::Month, Every::Quarter];

    pub fn as_str(self) -> &'static str {
        match self {
            Every::Month => "month",
            Every::Quarter => "quarter",
        }
    }

    pub fn parse(text: &str) -> Option<Every> {
        Every::ALL.into_iter().find(|every| every.as_str() == text)
    }

    pub fn months(self) -> i32 {
        match self {
            Every::Month => 1,
            Every::Quarter => 3,
        }
    }
}

/// The last days of the `count` months or quarters that were over before `day`, oldest first, as
/// [`month::number`] counts. `day` itself is where the look back begins, and is not among them.
pub fn ends(day: NaiveDate, every: Every, count: usize) -> Vec<i32> {
    let running = month::number(day);
    // The months of a quarter begin with a multiple of three.
    let over = running - running.rem_euclid(every.months()) - 1;
    let back = |nth: usize| over - every.months() * i32::try_from(nth).unwrap_or(i32::MAX / 12);
    (0..count).rev().map(back).collect()
}

/// `Feb 26`, `Q1 26`
pub fn name(end: NaiveDate, every: Every) -> String {
    match every {
        Every::Month => end.format("%b %y").to_string(),
        Every::Quarter => format!("Q{} {}", end.month0() / 3 + 1, end.format("%y")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(day: &str, every: Every, count: usize) -> Vec<String> {
        let ends = ends(day.parse().unwrap(), every, count);
        ends.into_iter().map(|end| month::last_day(end).to_string()).collect()
    }

    #[test]
    fn the_month_that_still_runs_is_no_wave_even_on_its_last_day() {
        assert_eq!(days("2026-03-31", Every::Month, 2), ["2026-01-31", "2026-02-28"]);
        assert_eq!(days("2026-03-01", Every::Month, 1), ["2026-02-28"]);
        assert_eq!(days("2026-01-15", Every::Month, 0), [""; 0]);
    }

    #[test]
    fn a_quarter_ends_with_march_june_september_or_december() {
        assert_eq!(days("2026-03-31", Every::Quarter, 2), ["2025-09-30", "2025-12-31"]);
        assert_eq!(days("2026-04-01", Every::Quarter, 1), ["2026-03-31"]);
        assert_eq!(name("2026-06-30".parse().unwrap(), Every::Quarter), "Q2 26");
        assert_eq!(name("2026-02-28".parse().unwrap(), Every::Month), "Feb 26");
    }
}
