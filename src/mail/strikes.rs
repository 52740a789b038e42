//! What an address has against it: refusals that came one by one, each too little to give it up for.
//!
//! A hard refusal gives it up at once. A soft one counts half, at most one a day, and five of them
//! together are as good as a hard one; after seven days without any, all are forgotten. A refusal
//! that servers use for several things counts as a soft one until another day repeats it.
//! Which refusal is which, [`super::classify`] and `incoming` say.

mod queries;

use chrono::{NaiveDate, NaiveDateTime};

use super::suppression::{self, Scope};
use crate::store::{self, Conn};

/// How much one refusal says against an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// There is no such address.
    Hard,
    /// Full, or not reached in time.
    Soft,
    /// Perhaps hard: believed when another day says the same.
    Doubtful,
}

/// The soft refusals of one address, as they add up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    pub score: f64,
    /// When the last one counted.
    pub counted_on: NaiveDate,
    /// The day of the first doubtful one.
    pub doubtful_on: Option<NaiveDate>,
}

/// Half a point for each soft refusal.
const SOFT: f64 = 0.5;
/// An address is given up at so many points.
const ENOUGH: f64 = 5.0;
/// After more quiet days than these, what was before is forgotten.
const QUIET_DAYS: i64 = 7;

/// What the address has against it after this strike; `None`: enough to give it up.
pub fn add(before: Option<Tally>, today: NaiveDate, strike: Strike) -> Option<Tally> {
    if strike == Strike::Hard {
        return None;
    }
    // Seven days without one lie between two that are eight days apart.
    let before = before.filter(|tally| (today - tally.counted_on).num_days() <= QUIET_DAYS);
    let is_doubtful = strike == Strike::Doubtful;
    let Some(mut tally) = before else {
        return Some(Tally {
            score: SOFT,
            counted_on: today,
            doubtful_on: is_doubtful.then_some(today),
        });
    };
    if is_doubtful {
        if tally.doubtful_on.is_some_and(|day| day != today) {
            return None;
        }
        tally.doubtful_on = Some(today);
    }
    // A clock that was put back counts nothing twice.
    if today > tally.counted_on {
        tally.score += SOFT;
        tally.counted_on = today;
    }
    (tally.score < ENOUGH).then_some(tally)
}

/// Notes a refusal. True: it was enough, nobody writes to that address any more, and what waited for
/// it is cancelled. Its enrolments are `drip`'s to stop.
pub fn strike(conn: &mut Conn, now: NaiveDateTime, email_key: &str, strike: Strike) -> store::Result<bool> {
    let before = queries::find(conn, email_key)?;
    match add(before, now.date(), strike) {
        Some(tally) => {
            queries::replace(conn, email_key, &tally)?;
            Ok(false)
        }
        None => {
            queries::delete(conn, email_key)?;
            suppression::suppress(conn, now, email_key, Scope::All, suppression::BOUNCED)?;
            Ok(true)
        }
    }
}

/// Nothing is held against that address any more.
pub fn forget(conn: &mut Conn, email_key: &str) -> store::Result<()> {
    queries::delete(conn, email_key).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Day after day of March: the score after each strike, and nothing once the address is given up.
    fn scores(strikes: &[(u32, Strike)]) -> Vec<Option<f64>> {
        let mut tally = None;
        let mut scores = Vec::new();
        for (day, strike) in strikes {
            let today = NaiveDate::from_ymd_opt(2026, 3, *day).expect("a day of March");
            tally = add(tally, today, *strike);
            scores.push(tally.map(|tally| tally.score));
        }
        scores
    }

    #[test]
    fn a_hard_refusal_is_enough_at_once() {
        assert_eq!(scores(&[(1, Strike::Hard)]), [None]);
        assert_eq!(scores(&[(1, Strike::Soft), (2, Strike::Hard)]), [Some(0.5), None]);
    }

    #[test]
    fn ten_days_of_soft_refusals_are_enough_and_nine_are_not() {
        let daily: Vec<_> = (1..=10).map(|day| (day, Strike::Soft)).collect();
        let scores = scores(&daily);
        assert_eq!(scores[8], Some(4.5));
        assert_eq!(scores[9], None);
    }

    #[test]
    fn a_day_counts_once_however_often_a_mail_is_refused() {
        let often: Vec<_> = (0..50).map(|_| (3, Strike::Soft)).collect();
        assert_eq!(scores(&often).last(), Some(&Some(0.5)));
    }

    #[test]
    fn seven_quiet_days_forget_and_six_do_not() {
        use Strike::Soft;
        assert_eq!(
            scores(&[(1, Soft), (2, Soft), (9, Soft)]),
            [Some(0.5), Some(1.0), Some(1.5)]
        );
        assert_eq!(
            scores(&[(1, Soft), (2, Soft), (10, Soft)]),
            [Some(0.5), Some(1.0), Some(0.5)]
        );
    }

    #[test]
    fn a_doubtful_refusal_is_believed_on_the_second_day() {
        use Strike::{Doubtful, Soft};
        assert_eq!(
            scores(&[(1, Doubtful), (1, Doubtful), (2, Doubtful)]),
            [Some(0.5), Some(0.5), None]
        );
        assert_eq!(
            scores(&[(1, Doubtful), (2, Soft), (3, Soft)]),
            [Some(0.5), Some(1.0), Some(1.5)]
        );
        assert_eq!(
            scores(&[(1, Soft), (2, Doubtful), (3, Soft), (4, Doubtful)]).last(),
            Some(&None)
        );
        // The first one was long ago, and is forgotten with the rest.
        assert_eq!(scores(&[(1, Doubtful), (20, Doubtful)]), [Some(0.5), Some(0.5)]);
    }

    #[test]
    fn a_clock_put_back_adds_nothing() {
        assert_eq!(scores(&[(5, Strike::Soft), (4, Strike::Soft)]), [Some(0.5), Some(0.5)]);
    }
}
