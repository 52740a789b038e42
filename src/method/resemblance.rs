//! METHOD.md section 9: found profiles beside those of today.

use super::segment::unit;

/// A profile of today that is most like a found one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resemblance {
    pub segment: usize,
    /// −1 to 1: the cosine of the angle between the two, each centred.
    pub likeness: f64,
}

/// For each found profile the one of today that it goes with, each at most once, the most alike pair
/// first; `None` where there is none left. All profiles are over the same needs.
pub fn resemblances(found: &[Vec<f64>], today: &[Vec<f64>]) -> Vec<Option<Resemblance>> {
    let units = |profiles: &[Vec<f64>]| -> Vec<Option<Vec<f64>>> {
        profiles.iter().map(|profile| unit(profile.clone())).collect()
    };
    let (found, today) = (units(found), units(today));
    let mut pairs: Vec<(usize, Resemblance)> = vec![];
    for (at, found) in found.iter().enumerate() {
        for (segment, today) in today.iter().enumerate() {
            let (Some(found), Some(today)) = (found, today) else {
                continue;
            };
            let likeness = found.iter().zip(today).map(|(a, b)| a * b).sum();
            pairs.push((at, Resemblance { segment, likeness }));
        }
    }
    pairs.sort_by(|a, b| b.1.likeness.total_cmp(&a.1.likeness));
    let mut matched: Vec<Option<Resemblance>> = vec![None; found.len()];
    for (at, pair) in pairs {
        let is_taken = matched.iter().flatten().any(|other| other.segment == pair.segment);
        if !is_taken && matched[at].is_none() {
            matched[at] = Some(pair);
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_of_today_goes_with_one_found_and_the_most_alike_first() {
        let found = [vec![90.0, 10.0, 0.0], vec![100.0, 0.0, 0.0], vec![0.0, 0.0, 70.0]];
        let today = [vec![100.0, 0.0, 0.0], vec![0.0, 30.0, 80.0]];
        let matched = resemblances(&found, &today);
        assert_eq!(matched[0], None, "the one most like it is better matched");
        assert_eq!(matched[1].map(|one| one.segment), Some(0));
        assert!(matched[1].is_some_and(|one| (one.likeness - 1.0).abs() < 1e-12));
        assert_eq!(matched[2].map(|one| one.segment), Some(1));
    }

    #[test]
    fn a_flat_profile_is_like_none() {
        assert_eq!(resemblances(&[vec![5.0, 5.0]], &[vec![1.0, 0.0]]), [None]);
    }
}
