//! Beside METHOD.md section 5: what so many companies could have shown at all.
//!
//! Where a comparison cannot tell, a reader asks whether there is nothing or too few were asked. The
//! answer is the minimum detectable effect (Bloom 1995, "Minimum detectable effects", Evaluation
//! Review 19): with `se = √(s₁²/n₁ + s₂²/n₂)` and Welch's degrees of freedom,
//! `(t₀.₉₇₅ + t₀.₈₀) · se`, which for two groups of 64 is Cohen's (1988) half a standard deviation.

use crate::method::compare::Sample;
use crate::method::student::{quantile_80, quantile_95};

/// The smallest true difference between the means of two such groups that is found at the 5 % level,
/// two-sided, with a probability of 80 %. `None` when a group has fewer than 2 companies, or where
/// nothing varies.
pub fn smallest_found(one: &Sample, other: &Sample) -> Option<f64> {
    let part = |sample: &Sample| Some(sample.sd?.powi(2) / sample.n as f64);
    let (a, b) = (part(one)?, part(other)?);
    let se = (a + b).sqrt();
    if se == 0.0 {
        return None;
    }
    // In shares of the whole, so that no square runs out of range.
    let (a, b) = (a / (a + b), b / (a + b));
    let df = 1.0 / (a * a / (one.n as f64 - 1.0) + b * b / (other.n as f64 - 1.0));
    Some((quantile_95(df)? + quantile_80(df)?) * se)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::compare::welch;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    fn group(n: u64, sd: f64) -> Sample {
        Sample {
            n,
            mean: 50.0,
            sd: Some(sd),
        }
    }

    fn found(n: u64) -> f64 {
        smallest_found(&group(n, 1.0), &group(n, 1.0)).unwrap()
    }

    #[test]
    fn it_is_what_the_tables_say() {
        // Cohen (1988), two-sided, 5 %, 80 %: 26 a group for 0.8, 64 for 0.5, 394 for 0.2.
        for (n, effect) in [(26, 0.8), (64, 0.5), (394, 0.2)] {
            assert!((found(n) - effect).abs() < 0.01, "{n}: {}", found(n));
        }
        // By the noncentral t: 0.909 with 20 a group.
        assert!((found(20) - 0.909).abs() < 0.002, "{}", found(20));
    }

    #[test]
    fn more_companies_show_less_and_a_wider_spread_needs_more() {
        assert!(found(100) < found(20));
        let wide = smallest_found(&group(20, 25.0), &group(20, 25.0)).unwrap();
        assert!((wide / found(20) - 25.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_can_be_said_of_a_group_of_one_or_of_equal_scores() {
        let one = Sample {
            n: 1,
            mean: 50.0,
            sd: None,
        };
        assert_eq!(smallest_found(&one, &group(20, 25.0)), None);
        assert_eq!(smallest_found(&group(9, 0.0), &group(9, 0.0)), None);
        assert!(smallest_found(&group(9, 0.0), &group(9, 10.0)).is_some());
    }

    /// Groups of unequal size and spread that truly differ by that much are told apart about four times in five.
    #[test]
    fn four_of_five_such_differences_are_found() {
        let mut rng = StdRng::seed_from_u64(20_261_124);
        // Twelve evenly spread numbers add up to all but a normal one.
        let mut normal = move |mean: f64, sd: f64| {
            let sum: f64 = (0..12).map(|_| rng.random_range(0.0..1.0)).sum();
            mean + sd * (sum - 6.0)
        };
        let difference = smallest_found(&group(18, 30.0), &group(40, 15.0)).unwrap();
        let mut called = 0;
        for _ in 0..2_000 {
            let one: Vec<f64> = (0..18).map(|_| normal(difference, 30.0)).collect();
            let other: Vec<f64> = (0..40).map(|_| normal(0.0, 15.0)).collect();
            let p = welch(&Sample::of(&one).unwrap(), &Sample::of(&other).unwrap())
                .unwrap()
                .p;
            called += u32::from(p.unwrap() < 0.05);
        }
        assert!((1_540..=1_660).contains(&called), "{called} of 2000");
    }
}
