//! When something is worth telling. Pure.

use chrono::{NaiveDateTime, TimeDelta};

/// How far a 95 % interval reaches, in standard errors.
pub const REACH: f64 = 1.96;
/// A score that has become so much surer is the one that people know from now on.
pub const SURER: f64 = 0.8;
/// Where answers do not age, silence is told after so many days.
const YEAR: f64 = 365.0;

/// How far the interval reaches that the score has left; `None` where it has not left it. Of the two
/// intervals, then and now, the wider one: a score of one answer moves with the second one, and that
/// is no news.
pub fn reach_of_shift(known: f64, known_se: f64, score: f64, se: f64) -> Option<f64> {
    let reach = REACH * known_se.max(se);
    ((score - known).abs() > reach).then_some(reach)
}

/// A company that last answered before then has been silent for a half-life: what it said weighs half.
pub fn silent_before(now: NaiveDateTime, half_life_days: Option<f64>) -> Option<NaiveDateTime> {
    let days = half_life_days.filter(|days| *days > 0.0).unwrap_or(YEAR);
    // A half-life beyond all calendars is never over.
    let seconds = days * 86_400.0;
    let span = (seconds < 1e11).then(|| TimeDelta::seconds(seconds as i64))?;
    now.checked_sub_signed(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_has_shifted_when_its_score_has_left_both_intervals() {
        assert_eq!(reach_of_shift(40.0, 5.0, 49.0, 5.0), None);
        assert_eq!(reach_of_shift(40.0, 5.0, 60.0, 5.0), Some(9.8));
        // The first score was a guess.
        assert_eq!(reach_of_shift(100.0, 30.0, 55.0, 10.0), None);
        assert_eq!(reach_of_shift(55.0, 10.0, 100.0, 30.0), None);
    }

    #[test]
    fn silence_is_told_after_a_half_life_or_a_year() {
        let now = crate::clock::parse_rfc3339("2026-03-10T00:00:00Z").unwrap();
        assert_eq!(silent_before(now, Some(10.5)), Some(now - TimeDelta::hours(252)));
        assert_eq!(silent_before(now, None), Some(now - TimeDelta::days(365)));
        assert_eq!(silent_before(now, Some(1e300)), None);
    }
}
