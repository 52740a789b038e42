//! METHOD.md section 4 read backwards: how little would have to be otherwise for the second segment to win.

use super::segment::Profiles;

/// The smallest change of one need's score that makes another segment the best one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flip {
    /// Its place among the needs in play.
    pub need: usize,
    pub from: f64,
    /// Just beyond this score the other segment fits best…
    pub near: f64,
    /// … and up to this one it stays so.
    pub far: f64,
}

impl Flip {
    /// A score within the span that can be written in few digits, as near to the present one as these
    /// allow: whoever puts it in finds that the other segment wins.
    pub fn score(&self) -> f64 {
        let up = self.near >= self.from;
        let (low, high) = (self.near.min(self.far), self.near.max(self.far));
        for decimals in 1..=4 {
            let power = 10f64.powi(decimals);
            // What stands on the edge itself is a tie, which the present segment keeps.
            let beyond = if up {
                ((self.near * power + 1e-6).floor() + 1.0) / power
            } else {
                ((self.near * power - 1e-6).ceil() - 1.0) / power
            };
            if (low..=high).contains(&beyond) {
                return beyond;
            }
        }
        (self.near + self.far) / 2.0
    }
}

/// For each need in play, the span of scores on it with which `other` fits best; the nearest of all.
/// `scores` are those of the needs in play. `None`: no single need can do it.
pub fn flip(profiles: &Profiles, scores: &[f64], other: usize, segments: usize) -> Option<Flip> {
    let fit = |segment: usize| -> f64 { profiles.unit(segment).iter().zip(scores).map(|(u, s)| u * s).sum() };
    let fits: Vec<f64> = (0..segments).map(fit).collect();
    let mut nearest: Option<Flip> = None;
    for (need, score) in scores.iter().enumerate() {
        let Some((least, most)) = span(profiles, &fits, need, *score, other) else {
            continue;
        };
        let (near, far) = match () {
            () if least >= 0.0 => (least, most),
            () if most <= 0.0 => (most, least),
            // It fits best already: nothing has to change.
            () => (0.0, 0.0),
        };
        if nearest.is_none_or(|known| near.abs() < (known.near - known.from).abs() - 1e-12) {
            nearest = Some(Flip {
                need,
                from: *score,
                near: score + near,
                far: score + far,
            });
        }
    }
    nearest
}

/// From the least to the greatest change of the need's score, within 0 to 100, with which no segment
/// fits better than `other`.
fn span(profiles: &Profiles, fits: &[f64], need: usize, score: f64, other: usize) -> Option<(f64, f64)> {
    let (mut least, mut most) = (-score, 100.0 - score);
    let own = profiles.unit(other)[need];
    for (segment, fit) in fits.iter().enumerate().filter(|(segment, _)| *segment != other) {
        let ahead = fits[other] - fit;
        let gain = own - profiles.unit(segment)[need];
        if gain.abs() < 1e-12 {
            if ahead < 0.0 {
                return None;
            }
        } else if gain > 0.0 {
            least = least.max(-ahead / gain);
        } else {
            most = most.min(-ahead / gain);
        }
    }
    // A span of one point is a tie and no more.
    (least + 1e-9 < most).then_some((least, most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::calibrate::Calibration;
    use crate::method::segment::{Assigned, Assignment, assign};
    use proptest::prelude::*;

    fn three() -> Profiles {
        Profiles::new(&[
            vec![100.0, 0.0, 0.0, 30.0],
            vec![10.0, 100.0, 0.0, 40.0],
            vec![0.0, 20.0, 100.0, 0.0],
        ])
        .unwrap()
    }

    fn assigned(profiles: &Profiles, scores: &[f64]) -> Assigned {
        let known: Vec<_> = scores.iter().map(|score| Some((*score, 10.0))).collect();
        match assign(profiles, &known, &[Calibration::prior(); 4], 9, 3, None) {
            Assignment::Assigned(assigned) => assigned,
            Assignment::Unassigned(why) => panic!("{why:?}"),
        }
    }

    #[test]
    fn with_two_segments_the_margin_over_the_difference_is_what_it_takes() {
        let profiles = Profiles::new(&[vec![100.0, 0.0], vec![0.0, 100.0]]).unwrap();
        let flip = flip(&profiles, &[70.0, 40.0], 1, 2).unwrap();
        assert_eq!((flip.need, flip.from), (0, 70.0));
        assert!((flip.near - 40.0).abs() < 1e-9 && flip.far == 0.0);
        assert_eq!(flip.score(), 39.9);
    }

    #[test]
    fn what_no_single_need_can_do_is_not_promised() {
        let profiles = Profiles::new(&[
            vec![100.0, 90.0, 0.0, 0.0, 0.0],
            vec![0.0, 0.0, 50.0, 50.0, 50.0],
            vec![90.0, 100.0, 0.0, 0.0, 10.0],
        ])
        .unwrap();
        assert_eq!(flip(&profiles, &[100.0, 100.0, 0.0, 0.0, 0.0], 1, 3), None);
    }

    proptest! {
        #[test]
        fn with_the_score_that_is_named_the_runner_up_wins_and_no_nearer_one_does_it(scores in prop::array::uniform4(0.0..100.0f64)) {
            let profiles = three();
            let before = assigned(&profiles, &scores);
            prop_assume!(before.margin.unwrap() > 1e-3);
            let other = before.runner_up.unwrap();
            let found = flip(&profiles, &scores, other, 3);
            if let Some(flip) = found {
                let mut changed = scores;
                changed[flip.need] = flip.score();
                prop_assert!((0.0..=100.0).contains(&flip.score()));
                prop_assert_eq!(assigned(&profiles, &changed).segment, other);
            }
            // Nobody nearer: every need, moved by a little less, leaves the runner-up second.
            let reach = found.map_or(100.0, |flip| (flip.near - flip.from).abs() - 1e-6);
            for need in 0..4 {
                for share in [-1.0, -0.7, -0.4, 0.4, 0.7, 1.0] {
                    let mut changed = scores;
                    changed[need] = scores[need] + share * reach;
                    if (0.0..=100.0).contains(&changed[need]) {
                        let after = assigned(&profiles, &changed);
                        prop_assert!(after.segment != other || after.margin.unwrap() < 1e-6);
                    }
                }
            }
        }
    }
}
