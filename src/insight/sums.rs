//! Values added up where they stand, so that a group is a row.

use crate::method::compare::Sample;

/// What some values come to; they are added about [`MIDDLE`], which keeps the squares right for scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums {
    pub n: u64,
    /// Σ (value − 50)
    pub sum: f64,
    /// Σ (value − 50)²
    pub squares: f64,
    pub least: f64,
    pub greatest: f64,
}

/// Scores lie about there.
const MIDDLE: f64 = 50.0;

/// What is left of equal values is rounding.
const EQUAL: f64 = 1e-9;

impl Default for Sums {
    fn default() -> Sums {
        Sums {
            n: 0,
            sum: 0.0,
            squares: 0.0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }
}

impl Sums {
    pub fn add(&mut self, value: f64) {
        self.join(&Sums {
            n: 1,
            sum: value - MIDDLE,
            squares: (value - MIDDLE).powi(2),
            least: value,
            greatest: value,
        });
    }

    /// Both groups as one.
    pub fn join(&mut self, other: &Sums) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }

    /// `None` without a value.
    pub fn sample(&self) -> Option<Sample> {
        let off = self.sum / self.n as f64;
        let spread = if self.greatest - self.least > EQUAL {
            self.squares - off * self.sum
        } else {
            0.0
        };
        Sample::from_sums(self.n, MIDDLE + off, spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_parts_are_the_sample_of_the_whole() {
        let values = [12.5, 80.0, 47.25, 99.0, 0.0];
        let mut one = Sums::default();
        let mut other = Sums::default();
        values[..2].iter().for_each(|value| one.add(*value));
        values[2..].iter().for_each(|value| other.add(*value));
        one.join(&other);
        let (found, expected) = (one.sample().unwrap(), Sample::of(&values).unwrap());
        assert_eq!(found.n, expected.n);
        assert!((found.mean - expected.mean).abs() < 1e-9 && (found.sd.unwrap() - expected.sd.unwrap()).abs() < 1e-9);
    }

    #[test]
    fn equal_values_do_not_vary_and_none_have_no_mean() {
        let mut sums = Sums::default();
        assert_eq!(sums.sample(), None);
        (0..3).for_each(|_| sums.add(100.0 / 3.0));
        assert_eq!(sums.sample().unwrap().sd, Some(0.0));
    }
}
