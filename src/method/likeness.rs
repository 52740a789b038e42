//! How hard it is to tell two segments apart, before METHOD.md section 4 refuses them as the same.
//!
//! A company whose true needs have the shape of the one profile fits it better than the other by
//! `c·(1 − u_s·u_t)`, where `c` is how far a company's needs usually lie from its own mean: `τ·√(K − 1)`
//! over K needs in play. With n answers on each need, each by another contact, that margin is unsure by
//! `√((σ² + ω²)/n)·‖u_s − u_t‖`. So many answers make it 1.645 times as large as it is unsure that it
//! has the right sign 19 times out of 20:
//! `n = 2·1.645²·(σ² + ω²) / (τ²·(K − 1)·(1 − u_s·u_t))`.

use crate::method::calibrate::Calibration;
use crate::method::segment::unit;

/// One in twenty is told wrong, on one side.
const SURE: f64 = 1.645;

/// So many answers on each need few companies ever give.
const TOO_MANY: u32 = 40;
const MANY: u32 = 20;

/// Parts of the profiles' shapes closer than this, out of 100, look the same.
const SEEN: f64 = 5.0;

/// Two segments' profiles beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// Places in the framework, the earlier one first.
    pub first: usize,
    pub second: usize,
    /// `u_s·u_t`: 1 for the same shape, 0 for nothing in common, −1 for the opposite.
    pub cosine: f64,
    /// About so many answers on each need tell a company of the one from one of the other; none: no
    /// number does.
    pub answers: Option<u32>,
    /// The needs in which the shapes are seen to differ, the greatest difference first.
    pub differing: Vec<usize>,
    /// How many needs are in play.
    pub in_play: usize,
}

/// How hard it is to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Apart,
    Close,
    TooAlike,
    /// Refused when saved.
    Same,
}

impl Likeness {
    pub fn verdict(&self) -> Verdict {
        match self.answers {
            None => Verdict::Same,
            Some(answers) if answers > TOO_MANY => Verdict::TooAlike,
            Some(answers) if answers > MANY => Verdict::Close,
            Some(_) => Verdict::Apart,
        }
    }
}

/// Every pair of profiles over all needs, in the framework's order; a flat profile has no shape and
/// stands in no pair.
pub fn pairs(profiles: &[Vec<f64>], calibrations: &[Calibration]) -> Vec<Likeness> {
    let needs = profiles.iter().map(Vec::len).max().unwrap_or(0);
    let weight = |profile: &[f64], need: usize| profile.get(need).copied().unwrap_or(0.0);
    let in_play: Vec<usize> = (0..needs)
        .filter(|need| profiles.iter().any(|profile| weight(profile, *need) > 0.0))
        .collect();
    let over_play = |profile: &Vec<f64>| -> Vec<f64> { in_play.iter().map(|need| weight(profile, *need)).collect() };
    let shapes: Vec<Option<(Vec<f64>, Vec<f64>)>> = profiles
        .iter()
        .map(|profile| {
            let profile = over_play(profile);
            Some((unit(profile.clone())?, stretched(&profile)))
        })
        .collect();
    let answers_at_nothing_in_common = answers_at_nothing_in_common(&in_play, calibrations);
    let mut pairs = Vec::new();
    for (second, shape) in shapes.iter().enumerate() {
        for (first, earlier) in shapes[..second].iter().enumerate() {
            let (Some((unit, shape)), Some((earlier_unit, earlier_shape))) = (shape, earlier) else {
                continue;
            };
            let cosine: f64 = unit.iter().zip(earlier_unit).map(|(a, b)| a * b).sum();
            let apart = 1.0 - cosine;
            let answers = (answers_at_nothing_in_common / apart).ceil().max(1.0);
            pairs.push(Likeness {
                first,
                second,
                cosine,
                answers: (apart > 1e-9).then_some(answers as u32),
                differing: differing(&in_play, earlier_shape, shape),
                in_play: in_play.len(),
            });
        }
    }
    pairs.sort_by_key(|pair| (pair.first, pair.second));
    pairs
}

/// From 0 for its least part to 100 for its greatest: what is left of a profile once its level and its
/// size do not count.
fn stretched(profile: &[f64]) -> Vec<f64> {
    let least = profile.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = profile.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    profile
        .iter()
        .map(|weight| 100.0 * (weight - least) / (greatest - least))
        .collect()
}

fn differing(in_play: &[usize], one: &[f64], other: &[f64]) -> Vec<usize> {
    let apart = one.iter().zip(other).map(|(a, b)| (a - b).abs());
    let mut found: Vec<(usize, f64)> = in_play
        .iter()
        .copied()
        .zip(apart)
        .filter(|(_, apart)| *apart >= SEEN)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.into_iter().map(|(need, _)| need).collect()
}

/// The formula above for `u_s·u_t = 0`, each figure the mean over the needs in play.
fn answers_at_nothing_in_common(in_play: &[usize], calibrations: &[Calibration]) -> f64 {
    let known = |need: &usize| calibrations.get(*need).copied().unwrap_or_else(Calibration::prior);
    let (mut noise, mut spread) = (0.0, 0.0);
    for figures in in_play.iter().map(known) {
        noise += figures.sigma2 + figures.omega2;
        spread += figures.tau2;
    }
    2.0 * SURE * SURE * noise / (spread * (in_play.len() as f64 - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(one: &[f64], other: &[f64]) -> Likeness {
        pairs(&[one.to_vec(), other.to_vec()], &[]).remove(0)
    }

    #[test]
    fn profiles_that_have_little_in_common_need_few_answers() {
        let apart = pair(&[100.0, 0.0, 0.0, 30.0], &[0.0, 100.0, 0.0, 40.0]);
        assert_eq!(apart.verdict(), Verdict::Apart);
        assert!(apart.answers.is_some_and(|answers| answers < 10), "{apart:?}");
        assert_eq!(apart.differing, [0, 1, 3]);
    }

    #[test]
    fn the_fewer_they_differ_in_the_more_answers_it_takes() {
        let close = pair(&[100.0, 30.0, 10.0, 0.0], &[100.0, 60.0, 10.0, 0.0]);
        let closer = pair(&[100.0, 30.0, 10.0, 0.0], &[100.0, 36.0, 10.0, 0.0]);
        assert_eq!((close.verdict(), &close.differing[..]), (Verdict::TooAlike, &[1][..]));
        assert!(closer.answers > close.answers);
    }

    #[test]
    fn level_and_size_make_no_difference() {
        let same = pair(&[100.0, 50.0, 50.0], &[60.0, 10.0, 10.0]);
        assert_eq!((same.verdict(), same.answers), (Verdict::Same, None));
        assert!(same.differing.is_empty());
        assert_eq!(pair(&[50.0, 15.0, 0.0], &[100.0, 30.0, 0.0]).verdict(), Verdict::Same);
    }

    #[test]
    fn a_flat_profile_stands_in_no_pair() {
        let found = pairs(&[vec![50.0, 50.0], vec![100.0, 0.0], vec![0.0, 100.0]], &[]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first, found[0].second), (1, 2));
        assert!(pairs(&[], &[]).is_empty() && pairs(&[vec![7.0]], &[]).is_empty());
    }

    #[test]
    fn the_number_of_answers_is_the_one_at_which_nineteen_of_twenty_are_told_right() {
        // A company of the first segment, its scores as unsure as n answers by n contacts leave them.
        let likeness = pair(&[100.0, 20.0, 10.0], &[100.0, 60.0, 10.0]);
        let n = f64::from(likeness.answers.unwrap());
        let (sigma2, omega2, tau2) = (900.0, 100.0, 225.0_f64);
        let margin = tau2.sqrt() * 2.0_f64.sqrt() * (1.0 - likeness.cosine);
        let unsure = ((sigma2 + omega2) / n * 2.0 * (1.0 - likeness.cosine)).sqrt();
        assert!((1.645..1.645 * 1.1).contains(&(margin / unsure)), "{}", margin / unsure);
    }

    #[test]
    fn noisier_answers_take_more_of_them() {
        let noisy = Calibration {
            sigma2: 1800.0,
            ..Calibration::prior()
        };
        let (one, other) = (vec![100.0, 0.0, 20.0], vec![0.0, 100.0, 30.0]);
        let usual = pairs(&[one.clone(), other.clone()], &[])[0].answers;
        assert!(pairs(&[one, other], &[noisy; 3])[0].answers > usual);
    }
}
