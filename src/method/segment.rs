//! METHOD.md section 4: one and only one segment for a company, or the reason why none.

use crate::method::calibrate::Calibration;
use crate::method::confidence::{self, Column, Estimate};

/// Fits this close to each other are a tie.
const TIE: f64 = 1e-9;

/// The segments' profiles as directions over the needs in play.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    in_play: Vec<usize>,
    /// By segment: the profile, centred over the needs in play, of length 1.
    units: Vec<Vec<f64>>,
    columns: Vec<&'static Column>,
}

/// Why a set of profiles cannot tell companies apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileFault {
    /// The segment's profile gives all needs in play alike.
    Flat(usize),
    /// The two segments' profiles point the same way.
    Alike(usize, usize),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Assignment {
    Assigned(Assigned),
    Unassigned(Why),
}

/// The one segment. With a single segment in the framework nothing was compared: all but `segment` is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    pub segment: usize,
    /// By segment, in the framework's order.
    pub fits: Option<Vec<f64>>,
    pub runner_up: Option<usize>,
    /// How much better the segment fits than the runner-up.
    pub margin: Option<f64>,
    /// How likely the segment is the one that the company's true needs fit best.
    pub confidence: Option<f64>,
}

/// Why a company has no segment by survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    NoSegments,
    NoAnswers,
    TooFewAnswers {
        have: u32,
        need: u32,
    },
    /// These needs in play have no scored answer.
    MissingNeeds(Vec<usize>),
}

impl Profiles {
    /// From each segment's profile over all needs, both in the framework's order; or every fault.
    pub fn new(profiles: &[Vec<f64>]) -> Result<Profiles, Vec<ProfileFault>> {
        let needs = profiles.iter().map(Vec::len).max().unwrap_or(0);
        let weight = |profile: &Vec<f64>, need: usize| profile.get(need).copied().unwrap_or(0.0);
        let in_play: Vec<usize> = (0..needs)
            .filter(|need| profiles.iter().any(|p| weight(p, *need) > 0.0))
            .collect();
        let over_play = |profile| in_play.iter().map(|need| weight(profile, *need)).collect();
        let units: Vec<Option<Vec<f64>>> = profiles.iter().map(|profile| unit(over_play(profile))).collect();
        let faults = faults(&units);
        if !faults.is_empty() {
            return Err(faults);
        }
        let columns = confidence::columns(in_play.len());
        Ok(Profiles {
            in_play,
            units: units.into_iter().flatten().collect(),
            columns,
        })
    }

    /// The needs that the profile of some segment gives more than 0.
    pub fn in_play(&self) -> &[usize] {
        &self.in_play
    }

    /// How many segments there are.
    pub fn count(&self) -> usize {
        self.units.len()
    }

    /// The segment's profile over the needs in play, centred, of length 1.
    pub fn unit(&self, segment: usize) -> &[f64] {
        &self.units[segment]
    }

    /// How well each segment fits; `scores` over all needs.
    fn fits(&self, scores: impl Fn(usize) -> f64) -> Vec<f64> {
        let scores: Vec<f64> = self.in_play.iter().map(|need| scores(*need)).collect();
        self.units
            .iter()
            .map(|unit| unit.iter().zip(&scores).map(|(u, score)| u * score).sum())
            .collect()
    }
}

/// The centred vector of length 1; `None` where all of it is alike.
pub(super) fn unit(mut vector: Vec<f64>) -> Option<Vec<f64>> {
    let greatest = vector.iter().fold(0.0, |greatest: f64, v| greatest.max(v.abs()));
    let mean = vector.iter().sum::<f64>() / vector.len() as f64;
    vector.iter_mut().for_each(|v| *v -= mean);
    let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
    // What is left of a flat profile after centring is rounding.
    if length.is_nan() || length <= 1e-12 * greatest {
        return None;
    }
    vector.iter_mut().for_each(|v| *v /= length);
    Some(vector)
}

fn faults(units: &[Option<Vec<f64>>]) -> Vec<ProfileFault> {
    let mut faults = vec![];
    for (i, unit) in units.iter().enumerate() {
        let Some(unit) = unit else {
            faults.push(ProfileFault::Flat(i));
            continue;
        };
        for (j, earlier) in units[..i].iter().enumerate() {
            let cosine = earlier.iter().flatten().zip(unit).map(|(a, b)| a * b).sum::<f64>();
            if cosine > 1.0 - 1e-9 {
                faults.push(ProfileFault::Alike(j, i));
            }
        }
    }
    faults
}

/// The company's segment by survey.
///
/// `scores` (with their standard errors) and `calibrations` hold one place for each need of the
/// framework; `present` is the company's present segment by survey, which a tie keeps.
pub fn assign(
    profiles: &Profiles,
    scores: &[Option<(f64, f64)>],
    calibrations: &[Calibration],
    distinct_answers: u32,
    min_scored_answers: u32,
    present: Option<usize>,
) -> Assignment {
    if let Some(why) = why_none(profiles, scores, distinct_answers, min_scored_answers) {
        return Assignment::Unassigned(why);
    }
    if profiles.units.len() == 1 {
        let alone = Assigned {
            segment: 0,
            fits: None,
            runner_up: None,
            margin: None,
            confidence: None,
        };
        return Assignment::Assigned(alone);
    }
    let fits = profiles.fits(|need| scores[need].map_or(0.0, |(score, _)| score));
    let segment = best(&fits, None, present).unwrap_or(0);
    let runner_up = best(&fits, Some(segment), None);
    Assignment::Assigned(Assigned {
        segment,
        runner_up,
        margin: runner_up.map(|second| (fits[segment] - fits[second]).max(0.0)),
        confidence: Some(confidence::share(
            &estimates(profiles, scores, calibrations),
            &profiles.units,
            segment,
        )),
        fits: Some(fits),
    })
}

/// The segment by coded deals: `scores` is the percent of the coded deals that name each need.
/// `None` where they name the needs in play all alike.
pub fn deals(profiles: &Profiles, scores: &[f64]) -> Option<usize> {
    let in_play = || profiles.in_play.iter().map(|need| scores[*need]);
    let flat = in_play().fold(f64::MIN, f64::max) - in_play().fold(f64::MAX, f64::min) <= TIE;
    if flat {
        None
    } else {
        best(&profiles.fits(|need| scores[need]), None, None)
    }
}

fn why_none(
    profiles: &Profiles,
    scores: &[Option<(f64, f64)>],
    distinct_answers: u32,
    min_scored_answers: u32,
) -> Option<Why> {
    if profiles.units.is_empty() {
        return Some(Why::NoSegments);
    }
    if distinct_answers == 0 {
        return Some(Why::NoAnswers);
    }
    if distinct_answers < min_scored_answers {
        return Some(Why::TooFewAnswers {
            have: distinct_answers,
            need: min_scored_answers,
        });
    }
    let missing: Vec<usize> = profiles
        .in_play
        .iter()
        .copied()
        .filter(|need| scores[*need].is_none())
        .collect();
    (!missing.is_empty()).then_some(Why::MissingNeeds(missing))
}

/// The greatest fit but for `without`; of a tie the present segment, else the first.
fn best(fits: &[f64], without: Option<usize>, present: Option<usize>) -> Option<usize> {
    let allowed = |segment: &usize| Some(*segment) != without && *segment < fits.len();
    let greatest = (0..fits.len())
        .filter(allowed)
        .map(|segment| fits[segment])
        .reduce(f64::max)?;
    let tied = |segment: &usize| allowed(segment) && greatest - fits[*segment] <= TIE;
    present.filter(tied).or_else(|| (0..fits.len()).find(tied))
}

/// What is known of the company's true needs: its scores, drawn towards those of all companies by
/// as much as they are unsure.
fn estimates<'a>(
    profiles: &'a Profiles,
    scores: &[Option<(f64, f64)>],
    calibrations: &[Calibration],
) -> Vec<Estimate<'a>> {
    let of_need = |(need, column): (&usize, &'a &'static Column)| {
        let (score, se) = scores[*need]?;
        let Calibration { mu, tau2, .. } = calibrations[*need];
        let trust = tau2 / (tau2 + se * se);
        Some(Estimate {
            mean: mu + trust * (score - mu),
            sd: (trust * se * se).sqrt(),
            column,
        })
    };
    profiles
        .in_play
        .iter()
        .zip(&profiles.columns)
        .filter_map(of_need)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn three() -> Profiles {
        Profiles::new(&[
            vec![100.0, 0.0, 0.0, 30.0],
            vec![10.0, 100.0, 0.0, 40.0],
            vec![0.0, 20.0, 100.0, 0.0],
        ])
        .unwrap()
    }

    fn assigned(profiles: &Profiles, scores: &[f64], present: Option<usize>) -> Assigned {
        let known: Vec<_> = scores.iter().map(|score| Some((*score, 10.0))).collect();
        match assign(
            profiles,
            &known,
            &vec![Calibration::prior(); scores.len()],
            9,
            3,
            present,
        ) {
            Assignment::Assigned(assigned) => assigned,
            Assignment::Unassigned(why) => panic!("{why:?}"),
        }
    }

    fn why(profiles: &Profiles, scores: &[Option<(f64, f64)>], answers: u32) -> Why {
        match assign(
            profiles,
            scores,
            &vec![Calibration::prior(); scores.len()],
            answers,
            3,
            None,
        ) {
            Assignment::Unassigned(why) => why,
            Assignment::Assigned(assigned) => panic!("{assigned:?}"),
        }
    }

    #[test]
    fn every_faulty_profile_is_named() {
        let profiles = [
            vec![50.0, 50.0, 50.0],
            vec![100.0, 30.0, 0.0],
            vec![0.0, 0.0, 9.0],
            vec![50.0, 15.0, 0.0],
        ];
        let faults = Profiles::new(&profiles).unwrap_err();
        assert_eq!(faults, [ProfileFault::Flat(0), ProfileFault::Alike(1, 3)]);
        assert_eq!(Profiles::new(&[vec![33.3; 7]]).unwrap_err(), [ProfileFault::Flat(0)]);
        assert_eq!(Profiles::new(&[vec![0.0; 2]]).unwrap_err(), [ProfileFault::Flat(0)]);
    }

    #[test]
    fn a_company_without_enough_answers_is_told_why() {
        let (half, all) = (
            [Some((50.0, 9.0)), None, Some((1.0, 9.0)), None],
            [Some((50.0, 9.0)); 4],
        );
        assert_eq!(why(&Profiles::new(&[]).unwrap(), &all, 9), Why::NoSegments);
        assert_eq!(why(&three(), &[None; 4], 0), Why::NoAnswers);
        assert_eq!(why(&three(), &all, 2), Why::TooFewAnswers { have: 2, need: 3 });
        assert_eq!(why(&three(), &half, 9), Why::MissingNeeds(vec![1, 3]));
    }

    #[test]
    fn a_need_that_no_profile_names_has_no_part() {
        let profiles = Profiles::new(&[vec![9.0, 0.0, 1.0], vec![1.0, 0.0, 9.0]]).unwrap();
        assert_eq!(profiles.in_play(), [0, 2]);
        let scores = [Some((80.0, 5.0)), None, Some((20.0, 5.0))];
        let found = assign(&profiles, &scores, &[Calibration::prior(); 3], 3, 3, None);
        assert!(matches!(found, Assignment::Assigned(Assigned { segment: 0, .. })));
    }

    #[test]
    fn the_only_segment_is_given_without_a_figure() {
        let profiles = Profiles::new(&[vec![100.0, 20.0]]).unwrap();
        let alone = Assigned {
            segment: 0,
            fits: None,
            runner_up: None,
            margin: None,
            confidence: None,
        };
        assert_eq!(assigned(&profiles, &[10.0, 90.0], None), alone);
    }

    #[test]
    fn a_tie_keeps_the_present_segment_and_else_takes_the_first() {
        let level = [50.0; 4];
        assert_eq!(assigned(&three(), &level, None).segment, 0);
        let kept = assigned(&three(), &level, Some(2));
        assert_eq!(
            (kept.segment, kept.runner_up, kept.margin.unwrap() < 1e-9),
            (2, Some(0), true)
        );
        let clear = [0.0, 100.0, 0.0, 50.0];
        assert_eq!(assigned(&three(), &clear, Some(2)).segment, 1);
    }

    #[test]
    fn a_surer_company_is_more_confident() {
        let scores = |se: f64| [90.0, 30.0, 20.0, 50.0].map(|score| Some((score, se)));
        let confidence = |se| match assign(&three(), &scores(se), &[Calibration::prior(); 4], 9, 3, None) {
            Assignment::Assigned(assigned) => assigned.confidence.unwrap(),
            Assignment::Unassigned(why) => panic!("{why:?}"),
        };
        assert!(confidence(1.0) > confidence(15.0) && confidence(15.0) > confidence(60.0));
        assert!(confidence(1e-6) == 1.0 && confidence(1e6) < 0.6);
    }

    #[test]
    fn deals_that_name_all_needs_alike_give_no_segment() {
        assert_eq!(deals(&three(), &[100.0; 4]), None);
        assert_eq!(deals(&three(), &[0.0, 0.0, 50.0, 0.0]), Some(2));
        assert_eq!(deals(&Profiles::new(&[]).unwrap(), &[100.0, 0.0]), None);
    }

    proptest! {
        #[test]
        fn a_level_of_agreement_changes_nothing(scores in prop::array::uniform4(20.0..80.0f64), shift in -20.0..20.0f64) {
            let (here, there) = (assigned(&three(), &scores, None), assigned(&three(), &scores.map(|s| s + shift), None));
            prop_assume!(here.margin.unwrap() > 1e-6);
            prop_assert_eq!(here.segment, there.segment);
            prop_assert_eq!(here.runner_up.is_some(), true);
            prop_assert!((here.margin.unwrap() - there.margin.unwrap()).abs() < 1e-9);
        }

        #[test]
        fn the_confidences_of_all_segments_add_up_to_one(scores in prop::array::uniform4(0.0..100.0f64), se in 0.1..50.0f64) {
            let (profiles, known) = (three(), scores.map(|score| Some((score, se))));
            let estimates = estimates(&profiles, &known, &[Calibration::prior(); 4]);
            let sum: f64 = (0..3).map(|segment| confidence::share(&estimates, &profiles.units, segment)).sum();
            prop_assert!((sum - 1.0).abs() < 0.01);
        }
    }
}
