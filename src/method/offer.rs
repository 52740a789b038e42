//! Beside section 4: how well the needs that an offer serves are those that a company has.
//!
//! An offer is a profile as a segment's: a weight for each need. Over the needs that count, centred
//! and scaled to length 1 as in section 4, it is `u`; the company's fit is `Σ score_k·u_k`, so that the
//! company's level of agreement cancels here, too. As an answer's points are (section 2), the fit is
//! told as percent of what is possible with scores from 0 to 100: with `U = Σ max(0, u_k)`, which as
//! `Σ u_k = 0` is also `−Σ min(0, u_k)`, it lies between `−100·U` and `100·U`, so that
//!
//! `match = 100·(fit + 100·U) / (200·U) = 50 + fit / (2·U)`.
//!
//! In words: `lead = fit / U` is how many points the needs that the offer favours stand above those
//! that it does not (each side's mean, weighted by `|u_k|`), and `match = 50 + lead / 2`: 50 where the
//! offer meets nothing in particular, 100 where the company wants all of what it serves and none of
//! the rest. Its standard error is `√(Σ u_k²·se_k²) / (2·U)`.

use super::segment::unit;

/// A company's score on one need, and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    pub score: f64,
    pub se: f64,
}

/// How well an offer meets what a company needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// 0 to 100; above 50 the company needs what the offer serves more than the rest.
    pub percent: f64,
    pub se: f64,
}

impl Match {
    /// How many points the needs that the offer favours stand above the others.
    pub fn lead(&self) -> f64 {
        2.0 * (self.percent - 50.0)
    }

    /// The company needs it more than the rest even at the low end of the 95 % interval.
    pub fn is_sure(&self) -> bool {
        self.percent - 1.96 * self.se > 50.0
    }
}

/// `weights` and `scores` hold one place for each need that counts. `None` where the company has no
/// score on a need that the offer serves, or the offer serves all those that have one alike.
pub fn meets(weights: &[f64], scores: &[Option<Scored>]) -> Option<Match> {
    let pairs = || weights.iter().zip(scores);
    if pairs().any(|(weight, score)| *weight > 0.0 && score.is_none()) {
        return None;
    }
    let scored: Vec<(f64, Scored)> = pairs()
        .filter_map(|(weight, score)| Some((*weight, (*score)?)))
        .collect();
    let u = unit(scored.iter().map(|(weight, _)| *weight).collect())?;
    let reach: f64 = u.iter().map(|u| u.max(0.0)).sum();
    let fit: f64 = u.iter().zip(&scored).map(|(u, (_, scored))| u * scored.score).sum();
    let variance: f64 = u
        .iter()
        .zip(&scored)
        .map(|(u, (_, scored))| (u * scored.se).powi(2))
        .sum();
    Some(Match {
        percent: 50.0 + fit / (2.0 * reach),
        se: variance.sqrt() / (2.0 * reach),
    })
}

/// It serves all of them alike, and so none in particular.
pub fn is_flat(weights: &[f64]) -> bool {
    unit(weights.to_vec()).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores(of: &[f64]) -> Vec<Option<Scored>> {
        of.iter().map(|score| Some(Scored { score: *score, se: 0.0 })).collect()
    }

    fn percent(weights: &[f64], of: &[f64]) -> f64 {
        meets(weights, &scores(of)).expect("a match").percent
    }

    #[test]
    fn who_wants_all_of_it_and_nothing_else_is_met_in_full() {
        assert!((percent(&[100.0, 0.0, 0.0], &[100.0, 0.0, 0.0]) - 100.0).abs() < 1e-9);
        assert!(percent(&[100.0, 0.0, 0.0], &[0.0, 100.0, 100.0]).abs() < 1e-9);
    }

    #[test]
    fn a_match_is_half_the_lead_of_what_is_served_above_the_rest() {
        // The offer serves the first need alone: 80 against the mean of 30 and 50.
        let found = meets(&[60.0, 0.0, 0.0], &scores(&[80.0, 30.0, 50.0])).unwrap();
        assert!((found.lead() - 40.0).abs() < 1e-9, "{found:?}");
        assert!((found.percent - 70.0).abs() < 1e-9, "{found:?}");
        // The weights less their mean are 50, 0 and −50: the middle need has no part.
        let found = percent(&[100.0, 50.0, 0.0], &[90.0, 40.0, 20.0]);
        assert!((found - (50.0 + (90.0 - 20.0) / 2.0)).abs() < 1e-9, "{found}");
    }

    #[test]
    fn a_company_that_agrees_to_everything_is_met_by_nothing_in_particular() {
        assert!((percent(&[100.0, 40.0, 0.0], &[88.0, 88.0, 88.0]) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_score_on_what_is_served_nothing_is_known() {
        let some = Some(Scored { score: 70.0, se: 5.0 });
        assert_eq!(meets(&[100.0, 50.0, 0.0], &[some, None, some]), None);
        assert!(meets(&[100.0, 0.0, 0.0], &[some, None, some]).is_some());
        assert_eq!(
            meets(&[100.0, 0.0, 0.0], &[some, None, None]),
            None,
            "nothing to hold it against"
        );
        assert_eq!(meets(&[], &[]), None);
    }

    #[test]
    fn an_offer_for_everything_is_flat() {
        assert!(is_flat(&[70.0, 70.0]) && is_flat(&[0.0, 0.0]) && is_flat(&[100.0]) && is_flat(&[]));
        assert!(!is_flat(&[70.0, 69.0]));
    }

    #[test]
    fn it_is_sure_where_chance_would_not_turn_it() {
        let scored = |se| [80.0, 40.0].map(|score| Some(Scored { score, se }));
        let found = meets(&[100.0, 0.0], &scored(10.0)).unwrap();
        // √(10² + 10²) / 2 of a lead of 40.
        assert!((found.se - 50.0f64.sqrt()).abs() < 1e-9 && found.is_sure(), "{found:?}");
        assert!(!meets(&[100.0, 0.0], &scored(30.0)).unwrap().is_sure());
    }

    proptest! {
        #[test]
        fn a_match_lies_within_its_bounds_and_a_level_changes_nothing(
            weights in prop::collection::vec(0.0..100.0f64, 2..6), of in prop::collection::vec(0.0..80.0f64, 6), level in 0.0..20.0f64
        ) {
            let of = &of[..weights.len()];
            if let Some(found) = meets(&weights, &scores(of)) {
                prop_assert!((-1e-6..=100.0 + 1e-6).contains(&found.percent), "{found:?}");
                let raised: Vec<f64> = of.iter().map(|score| score + level).collect();
                prop_assert!((percent(&weights, &raised) - found.percent).abs() < 1e-6);
            }
        }
    }
}
