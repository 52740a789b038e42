//! Chance that repeats itself: the same seed, the same run. Good enough to try things out, and for
//! nothing that has to be kept secret.

/// Splitmix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Above 0 and below 1.
    pub fn share(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// Standard Gumbel: the noise of whoever chooses the best of several.
    pub fn gumbel(&mut self) -> f64 {
        -(-self.share().ln()).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_repeats_itself_and_lies_where_it_should() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..2_000).map(|_| chance.normal()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let mean = draw(7).iter().sum::<f64>() / 2_000.0;
        let variance = draw(7).iter().map(|z| z * z).sum::<f64>() / 2_000.0;
        assert!(mean.abs() < 0.08 && (variance - 1.0).abs() < 0.1, "{mean} {variance}");
    }
}
