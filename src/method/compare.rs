//! METHOD.md section 5: how far new customers differ from long-standing ones, and how sure that is.

use crate::method::student::{Z_95, quantile_95, two_sided_p};

/// A group's scores on one need, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub n: u64,
    pub mean: f64,
    /// Standard deviation with n − 1; `None` for a single value.
    pub sd: Option<f64>,
}

/// New less long-standing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub difference: f64,
    /// Welch's 95 % interval.
    pub low: f64,
    pub high: f64,
    /// `None`, with `p` and `hedges_g`, when neither group varies.
    pub df: Option<f64>,
    /// Two-sided.
    pub p: Option<f64>,
    pub hedges_g: Option<f64>,
}

/// The share among the new less the share among the long-standing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareComparison {
    pub difference: f64,
    /// Newcombe's 95 % interval.
    pub low: f64,
    pub high: f64,
}

impl Sample {
    /// `None` without a value.
    pub fn of(values: &[f64]) -> Option<Sample> {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Sample::from_sums(
            values.len() as u64,
            mean,
            values.iter().map(|value| (value - mean).powi(2)).sum(),
        )
    }

    /// From the number of values, their mean, and the sum of their squared distances from it.
    pub fn from_sums(n: u64, mean: f64, squares: f64) -> Option<Sample> {
        let sd = (n >= 2).then(|| (squares.max(0.0) / (n as f64 - 1.0)).sqrt());
        // Equal values whose mean was rounded do not vary.
        let sd = sd.map(|sd| if sd <= 1e-10 * mean.abs().max(1.0) { 0.0 } else { sd });
        (n >= 1).then_some(Sample { n, mean, sd })
    }

    /// Where the mean of all such companies lies with 95 % confidence; `None` for a single value.
    pub fn interval_95(&self) -> Option<(f64, f64)> {
        let n = self.n as f64;
        let half = quantile_95(n - 1.0)? * self.sd? / n.sqrt();
        Some((self.mean - half, self.mean + half))
    }

    fn variance(&self) -> Option<f64> {
        self.sd.map(|sd| sd * sd)
    }
}

/// `None` when a group has fewer than 2 companies.
pub fn welch(new: &Sample, long_standing: &Sample) -> Option<Comparison> {
    let (var1, var2) = (new.variance()?, long_standing.variance()?);
    let (n1, n2) = (new.n as f64, long_standing.n as f64);
    let difference = new.mean - long_standing.mean;
    let (a, b) = (var1 / n1, var2 / n2);
    let se = (a + b).sqrt();
    if se == 0.0 {
        let (low, high) = (difference, difference);
        return Some(Comparison {
            difference,
            low,
            high,
            df: None,
            p: None,
            hedges_g: None,
        });
    }
    // In shares of the whole, so that no square runs out of range.
    let (a, b) = (a / (a + b), b / (a + b));
    let df = 1.0 / (a * a / (n1 - 1.0) + b * b / (n2 - 1.0));
    let half = quantile_95(df)? * se;
    let pooled = (((n1 - 1.0) * var1 + (n2 - 1.0) * var2) / (n1 + n2 - 2.0)).sqrt();
    Some(Comparison {
        difference,
        low: difference - half,
        high: difference + half,
        df: Some(df),
        p: two_sided_p(difference / se, df),
        hedges_g: Some(difference / pooled * (1.0 - 3.0 / (4.0 * (n1 + n2) - 9.0))),
    })
}

/// The mean of differences within pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// Student's 95 % interval.
    pub low: f64,
    pub high: f64,
    /// Two-sided.
    pub p: f64,
}

/// Whether differences within pairs lie about 0; `None` for a single pair, or where they do not vary.
pub fn paired(differences: &Sample) -> Option<Paired> {
    let sd = differences.sd.filter(|sd| *sd > 0.0)?;
    let n = differences.n as f64;
    let (low, high) = differences.interval_95()?;
    let p = two_sided_p(differences.mean / (sd / n.sqrt()), n - 1.0)?;
    Some(Paired { low, high, p })
}

/// The p of several comparisons, each raised so that of those taken for real few are not
/// (Benjamini–Hochberg); a missing one stays out of the count.
pub fn benjamini_hochberg(ps: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut descending: Vec<(usize, f64)> = ps.iter().enumerate().filter_map(|(i, p)| Some((i, (*p)?))).collect();
    descending.sort_by(|a, b| b.1.total_cmp(&a.1));
    let count = descending.len();
    let mut adjusted = vec![None; ps.len()];
    let mut least = 1.0f64;
    for (greater, (place, p)) in descending.into_iter().enumerate() {
        least = least.min(p * (count as f64 / (count - greater) as f64));
        adjusted[place] = Some(least);
    }
    adjusted
}

/// Two shares, `new` of `new_n` and `long_standing` of `long_standing_n`; `None` when a group is empty.
pub fn newcombe(new: u64, new_n: u64, long_standing: u64, long_standing_n: u64) -> Option<ShareComparison> {
    let (p1, low1, high1) = wilson(new, new_n)?;
    let (p2, low2, high2) = wilson(long_standing, long_standing_n)?;
    let difference = p1 - p2;
    Some(ShareComparison {
        difference,
        low: difference - (p1 - low1).hypot(high2 - p2),
        high: difference + (high1 - p1).hypot(p2 - low2),
    })
}

/// A share with its Wilson score interval, without continuity correction.
pub fn wilson(count: u64, of: u64) -> Option<(f64, f64, f64)> {
    if of == 0 || count > of {
        return None;
    }
    let (n, p, z2) = (of as f64, count as f64 / of as f64, Z_95 * Z_95);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    Some((p, (middle - half).clamp(0.0, p), (middle + half).clamp(p, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_company_has_a_mean_and_nothing_to_compare() {
        let (one, two) = (Sample::of(&[40.0]).unwrap(), Sample::of(&[40.0, 60.0]).unwrap());
        assert_eq!(
            one,
            Sample {
                n: 1,
                mean: 40.0,
                sd: None
            }
        );
        assert_eq!(welch(&one, &two), None);
        assert_eq!(Sample::of(&[]), None);
    }

    #[test]
    fn a_mean_lies_in_an_interval_about_it() {
        let (low, high) = Sample::of(&[40.0, 50.0, 60.0]).unwrap().interval_95().unwrap();
        assert!((low - (50.0 - 24.841_377)).abs() < 1e-5 && (high - (50.0 + 24.841_377)).abs() < 1e-5);
        assert_eq!(Sample::of(&[7.0]).unwrap().interval_95(), None);
        assert_eq!(Sample::of(&[7.0; 9]).unwrap().interval_95(), Some((7.0, 7.0)));
    }

    #[test]
    fn groups_that_do_not_vary_have_a_difference_without_a_p() {
        let (a, b) = (Sample::of(&[33.3; 7]).unwrap(), Sample::of(&[11.1; 3]).unwrap());
        let found = welch(&a, &b).unwrap();
        assert!((found.difference - 22.2).abs() < 1e-9 && found.low == found.high);
        assert_eq!((found.df, found.p, found.hedges_g), (None, None, None));
    }

    #[test]
    fn one_group_that_varies_is_enough() {
        let found = welch(
            &Sample::of(&[10.0, 20.0, 30.0]).unwrap(),
            &Sample::of(&[5.0; 9]).unwrap(),
        )
        .unwrap();
        assert!((found.df.unwrap() - 2.0).abs() < 1e-12);
        assert!((found.p.unwrap() - 0.121_689_9).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_missing_p_stays_missing_and_does_not_count() {
        let adjusted = benjamini_hochberg(&[Some(0.01), None, Some(0.04), Some(0.03)]);
        assert_eq!(adjusted[1], None);
        for (found, expected) in adjusted.into_iter().flatten().zip([0.03, 0.04, 0.04]) {
            assert!((found - expected).abs() < 1e-12);
        }
        assert_eq!(benjamini_hochberg(&[None]), [None]);
    }

    #[test]
    fn differences_within_pairs_are_held_against_nought() {
        let found = paired(&Sample::of(&[1.0, 2.0, 3.0, 4.0]).unwrap()).unwrap();
        // t = 2.5 / (1.29099 / 2) = 3.87298 with 3 degrees of freedom.
        assert!((found.p - 0.030_466).abs() < 1e-5, "{found:?}");
        assert!((found.low - 0.445_74).abs() < 1e-4 && (found.high - 4.554_26).abs() < 1e-4);
        assert_eq!(paired(&Sample::of(&[2.0; 3]).unwrap()), None);
        assert_eq!(paired(&Sample::of(&[2.0]).unwrap()), None);
    }

    #[test]
    fn an_empty_group_has_no_share_to_compare() {
        assert_eq!(newcombe(0, 0, 3, 9), None);
        assert_eq!(newcombe(3, 9, 0, 0), None);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_difference_and_stays_possible(a in 0u64..50, b in 0u64..50, n in 50u64..60, m in 50u64..60) {
            let found = newcombe(a, n, b, m).unwrap();
            prop_assert!(-1.0 <= found.low && found.low <= found.difference);
            prop_assert!(found.difference <= found.high && found.high <= 1.0);
        }

        #[test]
        fn adjusting_keeps_the_order_and_never_lowers(ps in prop::collection::vec(0.0..1.0f64, 1..20)) {
            let adjusted = benjamini_hochberg(&ps.iter().map(|p| Some(*p)).collect::<Vec<_>>());
            for (p, a) in ps.iter().zip(&adjusted) {
                prop_assert!(a.unwrap() >= *p && a.unwrap() <= 1.0);
                for (q, b) in ps.iter().zip(&adjusted) {
                    prop_assert!(p > q || a <= b);
                }
            }
        }
    }
}
