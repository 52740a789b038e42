//! Which companies move towards another segment before they are there. Pure.
//!
//! A company's lead over another segment is how much better its own segment fits (METHOD.md section 4:
//! the margin, held against each of the others). A straight line by least squares through the lead at
//! the last waves and now gives its pace. Where a lead falls, the company drifts towards that segment,
//! and flips when the lead is used up, if it goes on at that pace: lead ÷ pace. Of several the one that
//! would be first counts.

use crate::method::segment::Profiles;

/// So many waves are looked at, the present day among them.
pub const LOOK_BACK: usize = 4;
/// A line through fewer points says nothing.
pub const LEAST_POINTS: usize = 3;
/// What would take longer is no drift.
pub const HORIZON_MONTHS: f64 = 24.0;

/// How a company stood at a wave.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Before the present day, so at most 0.
    pub months: f64,
    /// On the needs in play.
    pub scores: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The segment that it drifts to.
    pub to: usize,
    /// The own segment's lead over it at each wave, oldest first, the present one last.
    pub leads: Vec<f64>,
    /// How much of the lead goes in a month.
    pub pace: f64,
    /// From the present day until the lead is used up.
    pub months: f64,
}

impl Drift {
    pub fn lead(&self) -> f64 {
        self.leads.last().copied().unwrap_or(0.0)
    }

    /// What of the lead has gone since the first of the waves.
    pub fn fall(&self) -> f64 {
        self.leads.first().copied().unwrap_or(0.0) - self.lead()
    }
}

/// Where the company drifts to from its segment, if anywhere: `seen` oldest first, the present day last.
pub fn drift(profiles: &Profiles, segment: usize, seen: &[Seen]) -> Option<Drift> {
    let now = seen.last().filter(|_| seen.len() >= LEAST_POINTS)?;
    let others = || (0..profiles.count()).filter(|other| *other != segment);
    // Whoever is behind already rests on something else than the survey.
    if others().any(|other| lead(&apart(profiles, segment, other), now) < 0.0) {
        return None;
    }
    let towards = others().filter_map(|to| towards(profiles, segment, to, seen));
    towards.reduce(|first, other| if other.months < first.months { other } else { first })
}

fn towards(profiles: &Profiles, segment: usize, to: usize, seen: &[Seen]) -> Option<Drift> {
    let apart = apart(profiles, segment, to);
    let leads: Vec<f64> = seen.iter().map(|seen| lead(&apart, seen)).collect();
    let times: Vec<f64> = seen.iter().map(|seen| seen.months).collect();
    let pace = -slope(&times, &leads)?;
    let months = leads.last()? / pace;
    (pace > 1e-9 && months <= HORIZON_MONTHS).then_some(Drift {
        to,
        leads,
        pace,
        months,
    })
}

fn lead(apart: &[f64], seen: &Seen) -> f64 {
    apart.iter().zip(&seen.scores).map(|(d, score)| d * score).sum()
}

/// What the lead is made of: the difference of the two profiles' directions.
fn apart(profiles: &Profiles, segment: usize, other: usize) -> Vec<f64> {
    let (own, other) = (profiles.unit(segment), profiles.unit(other));
    own.iter().zip(other).map(|(own, other)| own - other).collect()
}

/// The standard error of a lead, from those of the scores on the needs in play.
pub fn noise(profiles: &Profiles, segment: usize, to: usize, se: &[f64]) -> f64 {
    let apart = apart(profiles, segment, to);
    apart.iter().zip(se).map(|(d, se)| (d * se).powi(2)).sum::<f64>().sqrt()
}

/// Of the line by least squares; `None` where all points lie at one time.
fn slope(times: &[f64], values: &[f64]) -> Option<f64> {
    let n = times.len() as f64;
    let (mean_time, mean_value) = (times.iter().sum::<f64>() / n, values.iter().sum::<f64>() / n);
    let spread: f64 = times.iter().map(|time| (time - mean_time).powi(2)).sum();
    let together: f64 = times
        .iter()
        .zip(values)
        .map(|(time, value)| (time - mean_time) * (value - mean_value))
        .sum();
    (spread > 0.0).then(|| together / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three segments over three needs, each for one of them.
    fn profiles() -> Profiles {
        let of = |need: usize| (0..3).map(|at| if at == need { 100.0 } else { 0.0 }).collect();
        Profiles::new(&[of(0), of(1), of(2)]).unwrap()
    }

    fn seen(scores: &[[f64; 3]]) -> Vec<Seen> {
        let now = scores.len() as f64 - 1.0;
        let at = |(nth, scores): (usize, &[f64; 3])| Seen {
            months: nth as f64 - now,
            scores: scores.to_vec(),
        };
        scores.iter().enumerate().map(at).collect()
    }

    #[test]
    fn a_lead_that_falls_evenly_is_used_up_when_it_says() {
        // The lead of the first over the second is their difference times √(3/2).
        let found = drift(
            &profiles(),
            0,
            &seen(&[
                [80.0, 20.0, 0.0],
                [75.0, 25.0, 0.0],
                [70.0, 30.0, 0.0],
                [65.0, 35.0, 0.0],
            ]),
        );
        let found = found.expect("it drifts");
        let lead = 30.0 * 1.5f64.sqrt();
        assert_eq!(found.to, 1);
        assert!((found.lead() - lead).abs() < 1e-9 && (found.pace - lead / 3.0).abs() < 1e-9);
        assert!((found.months - 3.0).abs() < 1e-9 && (found.fall() - lead).abs() < 1e-9);
    }

    #[test]
    fn of_two_segments_the_one_that_would_be_reached_first_is_told() {
        let found = drift(
            &profiles(),
            0,
            &seen(&[[80.0, 60.0, 0.0], [80.0, 61.0, 20.0], [80.0, 62.0, 60.0]]),
        );
        assert_eq!(found.map(|found| found.to), Some(2));
    }

    #[test]
    fn whoever_stands_still_gains_or_is_hardly_known_does_not_drift() {
        let still = [[80.0, 20.0, 0.0]; 4];
        assert_eq!(drift(&profiles(), 0, &seen(&still)), None);
        let gaining = [[50.0, 40.0, 0.0], [60.0, 30.0, 0.0], [70.0, 20.0, 0.0]];
        assert_eq!(drift(&profiles(), 0, &seen(&gaining)), None);
        let twice = [[80.0, 20.0, 0.0], [60.0, 50.0, 0.0]];
        assert_eq!(drift(&profiles(), 0, &seen(&twice)), None);
        let slowly = [[80.0, 20.0, 0.0], [79.9, 20.0, 0.0], [79.8, 20.0, 0.0]];
        assert_eq!(drift(&profiles(), 0, &seen(&slowly)), None, "it would take years");
        let behind = [[60.0, 50.0, 0.0], [50.0, 55.0, 0.0], [40.0, 60.0, 0.0]];
        assert_eq!(drift(&profiles(), 0, &seen(&behind)), None, "somebody has put it there");
    }

    #[test]
    fn only_needs_that_tell_the_two_apart_make_noise() {
        let noise = noise(&profiles(), 0, 1, &[3.0, 4.0, 100.0]);
        assert!((noise - 5.0 * 1.5f64.sqrt()).abs() < 1e-9, "{noise}");
    }
}
