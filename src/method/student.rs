//! Student's t, exact enough for one company and for a million.

use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc;

/// 97.5 % of a standard normal distribution lie below it.
pub(super) const Z_95: f64 = 1.959_963_984_540_054;

/// 80 % of a standard normal distribution lie below it.
const Z_80: f64 = 0.841_621_233_572_914_3;

/// From here on the expansions about the normal distribution are exact to 1e-9, while the
/// iterations of statrs drift: at a million degrees of freedom its quantile is off by 1e-4.
const MANY: f64 = 300.0;

/// 97.5 % of the distribution lie below it; `None` when there are no degrees of freedom.
pub(super) fn quantile_95(df: f64) -> Option<f64> {
    quantile(0.975, Z_95, df)
}

/// 80 % of the distribution lie below it; `None` when there are no degrees of freedom.
pub(super) fn quantile_80(df: f64) -> Option<f64> {
    quantile(0.8, Z_80, df)
}

/// `z`: where so much of a standard normal distribution lies below.
fn quantile(below: f64, z: f64, df: f64) -> Option<f64> {
    if df < MANY {
        return Some(StudentsT::new(0.0, 1.0, df).ok()?.inverse_cdf(below));
    }
    // Cornish and Fisher's expansion.
    let z2 = z * z;
    let first = (z2 + 1.0) / 4.0;
    let second = ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    Some(z * (1.0 + (first + (second + third / df) / df) / df))
}

/// How likely a value at least as far from 0 as `t` is; `None` when there are no degrees of freedom.
pub(super) fn two_sided_p(t: f64, df: f64) -> Option<f64> {
    if df < MANY {
        // 1 less a distribution function would lose a small p.
        return checked_beta_reg(df / 2.0, 0.5, df / (df + t * t)).ok();
    }
    // Hill (1970): the normal value that is as far out.
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * t / df).ln_1p();
    let inner = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b) + y + 3.0;
    Some(erfc((inner / b + 1.0) * (y / 2.0).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_quantile_is_exact_enough() {
        for (df, expected) in [
            (1.0, 12.706_204_736_174_705),
            (3.0, 3.182_446_305_283_709_6),
            (30.0, 2.042_272_456_301_238),
            (300.0, 1.967_903_011_261_087),
            (1e5, 1.959_987_707_534_609_6),
            (1e6, 1.959_966_356_814_107),
        ] {
            let found = quantile_95(df).unwrap();
            assert!((found - expected).abs() < 1e-9, "{df}: {found}");
        }
    }

    #[test]
    fn four_fifths_lie_below_its_quantile() {
        for (df, expected) in [
            (1.0, 1.376_381_9),
            (10.0, 0.879_057_8),
            (300.0, 0.842_821_5),
            (1e6, 0.841_621_6),
        ] {
            let found = quantile_80(df).unwrap();
            assert!((found - expected).abs() < 1e-6, "{df}: {found}");
        }
    }

    #[test]
    fn p_is_exact_enough() {
        for (df, t, expected) in [
            (1.0, 1.0, 0.5),
            (30.0, 3.0, 0.005_389_964_1),
            (100.0, 6.0, 3.172_491_5e-8),
            (1e3, 3.0, 0.002_766_709_0),
            (1e6, 1e-6, 0.999_999_2),
            (1e7, 1.7, 0.089_130_957),
        ] {
            let found = two_sided_p(t, df).unwrap();
            assert!((found - expected).abs() < 1e-8, "{df} {t}: {found}");
            assert_eq!(two_sided_p(-t, df), Some(found));
        }
        assert_eq!(two_sided_p(0.0, 1e6), Some(1.0));
        assert!(two_sided_p(0.0, 9.0).unwrap() > 1.0 - 1e-9);
    }

    proptest! {
        #[test]
        fn p_is_a_twentieth_at_the_quantile(exponent in 0.0..8.0f64) {
            let df = 10f64.powf(exponent);
            let p = two_sided_p(quantile_95(df).unwrap(), df).unwrap();
            prop_assert!((p - 0.05).abs() < 1e-9, "{df}: {p}");
        }
    }
}
