//! METHOD.md section 3: a company's score on one need, by way of each contact's sums.

use crate::method::calibrate::Calibration;

/// One scored answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Percent of the maximum possible.
    pub percent: f64,
    /// How far apart its question can set two contacts.
    pub range: f64,
    /// When it was given, in days after any fixed day, the same one everywhere.
    pub day: f64,
}

/// A contact's scored answers on one need, added up without the weight of the contact's role: that
/// weight multiplies all of them alike, so that a changed role needs no answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContactSums {
    pub n: u32,
    /// Plain mean of the percents x.
    pub mean: f64,
    /// Σ (x − mean)²
    pub squares: f64,
    /// The greatest t/H, t an answer's day and H the half-life; 0 without a half-life.
    pub exponent: f64,
    /// Σ v, with v = 2^(t/H − exponent)·R
    pub weight: f64,
    /// Σ v·x
    pub weighed: f64,
    /// Σ v²
    pub weight_squares: f64,
}

/// A company's score on one need, without what a new calibration would change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// 0 to 100.
    pub value: f64,
    /// Scored answers.
    pub n: u32,
    /// As many answers of equal weight would be as sure (Kish).
    pub n_eff: f64,
    /// Σ V²/(Σ v)², V the sum of a contact's v: 1 for a single contact, less the more even many are.
    pub between: f64,
}

impl ContactSums {
    /// `None` without an answer. The order of the answers decides the last bits of the sums.
    pub fn of(answers: &[Answer], half_life_days: Option<f64>) -> Option<ContactSums> {
        let newest = answers.iter().map(|answer| answer.day).reduce(f64::max)?;
        let half_life_days = half_life_days.filter(|days| *days > 0.0);
        let n = answers.len() as f64;
        let mean = answers.iter().map(|answer| answer.percent).sum::<f64>() / n;
        let mut sums = ContactSums {
            n: answers.len() as u32,
            mean,
            squares: answers.iter().map(|answer| (answer.percent - mean).powi(2)).sum(),
            exponent: half_life_days.map_or(0.0, |days| (newest / days).clamp(f64::MIN, f64::MAX)),
            weight: 0.0,
            weighed: 0.0,
            weight_squares: 0.0,
        };
        for answer in answers {
            // Counted back from the newest, the exponent is at most 0: nothing overflows.
            let age = half_life_days.map_or(0.0, |days| (answer.day - newest) / days);
            let weight = age.exp2() * answer.range;
            sums.weight += weight;
            sums.weighed += weight * answer.percent;
            sums.weight_squares += weight * weight;
        }
        Some(sums)
    }

    /// The contact's own score.
    pub fn score(&self) -> f64 {
        (self.weighed / self.weight).clamp(0.0, 100.0)
    }
}

/// The company's score from its contacts, each with the weight of its role (above 0).
///
/// `None` when nobody answered: silence is not a score of nought. The same parts in the same order
/// give the same bits, so callers keep to one order, by contact.
pub fn company_score(parts: &[(f64, ContactSums)]) -> Option<Score> {
    let newest = parts.iter().map(|(_, sums)| sums.exponent).reduce(f64::max)?;
    let (mut n, mut weight, mut weighed, mut weight_squares, mut contact_squares) = (0, 0.0, 0.0, 0.0, 0.0);
    for (role_weight, sums) in parts {
        let factor = role_weight * (sums.exponent - newest).exp2();
        n += sums.n;
        weight += factor * sums.weight;
        weighed += factor * sums.weighed;
        weight_squares += factor * factor * sums.weight_squares;
        contact_squares += (factor * sums.weight).powi(2);
    }
    Some(Score {
        value: (weighed / weight).clamp(0.0, 100.0),
        n,
        n_eff: weight * weight / weight_squares,
        between: contact_squares / (weight * weight),
    })
}

impl Score {
    /// The standard error: noise within contacts and between colleagues.
    pub fn se(&self, calibration: &Calibration) -> f64 {
        (calibration.sigma2 / self.n_eff + calibration.omega2 * self.between).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(percent: f64, day: f64) -> Answer {
        Answer {
            percent,
            range: 2.0,
            day,
        }
    }

    fn sums(answers: &[Answer], half_life_days: Option<f64>) -> ContactSums {
        ContactSums::of(answers, half_life_days).unwrap()
    }

    #[test]
    fn silence_is_no_score() {
        assert_eq!(ContactSums::of(&[], Some(30.0)), None);
        assert_eq!(company_score(&[]), None);
    }

    #[test]
    fn a_decision_maker_outweighs_two_users() {
        let (yes, no) = (sums(&[answer(100.0, 0.0)], None), sums(&[answer(0.0, 0.0)], None));
        let score = company_score(&[(3.0, yes), (1.0, no), (1.0, no)]).unwrap();
        assert!((score.value - 60.0).abs() < 1e-12);
        assert!((score.n_eff - 25.0 / 11.0).abs() < 1e-12);
        assert!((score.between - 11.0 / 25.0).abs() < 1e-12);
    }

    #[test]
    fn an_answer_weighs_half_after_the_half_life_whoever_gave_the_newer_one() {
        let one = company_score(&[(1.0, sums(&[answer(100.0, 0.0), answer(0.0, 30.0)], Some(30.0)))]).unwrap();
        let newer = sums(&[answer(0.0, 30.0)], Some(30.0));
        let two = company_score(&[(1.0, sums(&[answer(100.0, 0.0)], Some(30.0))), (1.0, newer)]).unwrap();
        for score in [one, two] {
            assert!((score.value - 100.0 / 3.0).abs() < 1e-12);
            assert!((score.n_eff - 1.8).abs() < 1e-12);
        }
        assert_eq!(one.between, 1.0);
    }

    fn history() -> impl Strategy<Value = Vec<(f64, Vec<Answer>)>> {
        let answer = (0.0..=100.0f64, 0.01..10.0f64, -1e7..1e7f64);
        let answer = answer.prop_map(|(percent, range, day)| Answer { percent, range, day });
        let contact = (0.1..5.0f64, prop::collection::vec(answer, 1..8));
        prop::collection::vec(contact, 1..6)
    }

    fn score_of(history: &[(f64, Vec<Answer>)], half_life_days: Option<f64>) -> Score {
        let parts: Vec<_> = history
            .iter()
            .map(|(role, answers)| (*role, sums(answers, half_life_days)))
            .collect();
        company_score(&parts).unwrap()
    }

    proptest! {
        #[test]
        fn the_order_of_contacts_and_answers_does_not_matter(history in history(), half_life in 100.0..1e6f64) {
            let mut turned = history.clone();
            turned.reverse();
            turned.iter_mut().for_each(|(_, answers)| answers.reverse());
            let (a, b) = (score_of(&history, Some(half_life)), score_of(&turned, Some(half_life)));
            prop_assert!((a.value - b.value).abs() <= 1e-12 * a.value.max(1.0) && a.n == b.n);
            prop_assert!((a.n_eff - b.n_eff).abs() <= 1e-12 * a.n_eff && (a.between - b.between).abs() <= 1e-12);
        }

        #[test]
        fn the_fixed_day_cancels(history in history(), half_life in 100.0..1e6f64, shift in -1e5..1e5f64) {
            let mut shifted = history.clone();
            shifted.iter_mut().flat_map(|(_, answers)| answers).for_each(|answer| answer.day += shift);
            let (a, b) = (score_of(&history, Some(half_life)), score_of(&shifted, Some(half_life)));
            prop_assert!((a.value - b.value).abs() < 1e-6);
        }

        #[test]
        fn no_half_life_and_no_date_overflows(history in history(), exponent in -320.0..300.0f64) {
            let score = score_of(&history, Some(10f64.powf(exponent)));
            let answers: usize = history.iter().map(|(_, answers)| answers.len()).sum();
            prop_assert!((0.0..=100.0).contains(&score.value));
            prop_assert!(score.n_eff >= 1.0 - 1e-9 && score.n_eff <= answers as f64 + 1e-9);
            prop_assert!(score.between > 0.0 && score.between <= 1.0 + 1e-9);
            prop_assert!(score.se(&Calibration::prior()).is_finite());
        }
    }
}
