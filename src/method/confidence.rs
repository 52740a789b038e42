//! METHOD.md section 4: how likely the segment is the one that a company's true needs fit best.

use std::sync::{Mutex, PoisonError};

use statrs::function::erf::erfc_inv;

/// So many possible states of the true needs are looked at.
const POINTS: usize = 512;

/// The points' places along one need, spread as the standard normal distribution is.
pub(super) type Column = [f64; POINTS];

/// What is known of a company's true value on one need in play, and the points along it.
pub(super) struct Estimate<'a> {
    pub mean: f64,
    pub sd: f64,
    pub column: &'a Column,
}

/// The share of points in which the segment `chosen` fits best of all `units` (a unit vector for
/// each segment over the needs in play); a tie goes to the first.
pub(super) fn share(estimates: &[Estimate], units: &[Vec<f64>], chosen: usize) -> f64 {
    let mut best = [true; POINTS];
    for (other, unit) in units.iter().enumerate().filter(|(other, _)| *other != chosen) {
        let lead = lead(estimates, &units[chosen], unit);
        for (best, lead) in best.iter_mut().zip(lead) {
            *best &= lead > 0.0 || (lead == 0.0 && chosen < other);
        }
    }
    best.into_iter().filter(|best| *best).count() as f64 / POINTS as f64
}

/// How much better the first unit vector fits than the second, in each point.
fn lead(estimates: &[Estimate], first: &[f64], second: &[f64]) -> Column {
    let mut lead = [0.0; POINTS];
    for (estimate, (a, b)) in estimates.iter().zip(first.iter().zip(second)) {
        let (constant, slope) = (estimate.mean * (a - b), estimate.sd * (a - b));
        for (lead, z) in lead.iter_mut().zip(estimate.column) {
            *lead += constant + slope * z;
        }
    }
    lead
}

/// The Halton points along the first `count` needs in play: worked out once, then kept for good.
pub(super) fn columns(count: usize) -> Vec<&'static Column> {
    static COLUMNS: Mutex<Vec<&'static Column>> = Mutex::new(Vec::new());
    let mut columns = COLUMNS.lock().unwrap_or_else(PoisonError::into_inner);
    if columns.len() < count {
        let missing = primes().take(count).skip(columns.len());
        columns.extend(missing.map(|prime| &*Box::leak(Box::new(column(prime)))));
    }
    columns[..count].to_vec()
}

fn column(prime: usize) -> Column {
    let mut column = [0.0; POINTS];
    for (i, z) in column.iter_mut().enumerate() {
        *z = normal_quantile(radical_inverse(i + 1, prime));
    }
    column
}

/// The digits of `i` mirrored behind the point.
fn radical_inverse(mut i: usize, base: usize) -> f64 {
    let (mut inverse, mut place) = (0.0, 1.0);
    while i > 0 {
        place /= base as f64;
        inverse += place * (i % base) as f64;
        i /= base;
    }
    inverse
}

fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

fn primes() -> impl Iterator<Item = usize> {
    (2..).filter(|n| (2..).take_while(|d| d * d <= *n).all(|d| n % d != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_are_a_halton_set() {
        assert_eq!(primes().take(6).collect::<Vec<_>>(), [2, 3, 5, 7, 11, 13]);
        assert_eq!(
            (1..=4).map(|i| radical_inverse(i, 2)).collect::<Vec<_>>(),
            [0.5, 0.25, 0.75, 0.125]
        );
        assert!((radical_inverse(5, 3) - 7.0 / 9.0).abs() < 1e-15);
    }

    #[test]
    fn the_normal_quantile_is_exact_enough() {
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.001, -3.090_232_306_167_813_6),
            (0.999_999, 4.753_424_308_822_899),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-10, "{p} {}", normal_quantile(p));
        }
    }

    #[test]
    fn more_needs_keep_the_points_of_fewer() {
        let few = columns(2);
        let many = columns(40);
        assert!(few.iter().zip(&many).all(|(a, b)| a == b) && many.len() == 40);
        assert!(many.iter().flat_map(|column| column.iter()).all(|z| z.is_finite()));
    }
}
