//! METHOD.md section 8: which questions to ask a contact next.

use crate::method::calibrate::Calibration;

/// What is known of a company on one need in play before the contact is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// How much the need matters for the choice: `u_1 − u_2` of the company's first and second
    /// segment, or 1 as long as it cannot be assigned.
    pub direction: f64,
    pub calibration: Calibration,
    pub evidence: Evidence,
}

/// The weights `v = role_weight · R` of a company's scored answers on one need.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Evidence {
    /// Σ v
    weight: f64,
    /// Σ v²
    squares: f64,
    /// Σ V_c², V_c the sum of a colleague's v; the contact that is to be asked left out.
    colleagues: f64,
    /// The contact's own V_c.
    own: f64,
}

/// A question that the contact could be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The answers that it adds: for each the need, by its place among those in play, and how far
    /// the question can set two contacts apart on it. A matrix adds some for each row.
    pub adds: Vec<(usize, f64)>,
    /// How many colleagues have answered it.
    pub answered: u32,
}

/// Sums of variances closer than this are the same.
const TIE: f64 = 1e-12;

impl Evidence {
    /// From the weights of each colleague's answers, and of the contact's own.
    pub fn of<'a>(own: &[f64], colleagues: impl IntoIterator<Item = &'a [f64]>) -> Evidence {
        let mut evidence = Evidence::default();
        for weights in colleagues {
            let sum: f64 = weights.iter().sum();
            evidence.weight += sum;
            evidence.squares += weights.iter().map(|v| v * v).sum::<f64>();
            evidence.colleagues += sum * sum;
        }
        own.iter().for_each(|v| evidence.add(*v));
        evidence
    }

    /// One more answer of the contact.
    fn add(&mut self, v: f64) {
        self.weight += v;
        self.squares += v * v;
        self.own += v;
    }

    /// The variance that stays in the company's true score: `τ²·se²/(τ² + se²)`, τ² without an answer.
    fn variance_left(&self, calibration: &Calibration) -> f64 {
        if self.weight <= 0.0 {
            return calibration.tau2;
        }
        let total = self.weight * self.weight;
        let between = (self.colleagues + self.own * self.own) / total;
        let se2 = calibration.sigma2 * self.squares / total + calibration.omega2 * between;
        calibration.tau2 * se2 / (calibration.tau2 + se2)
    }
}

/// The places in the pool of the questions to ask, the most telling first; at most `ask`. The pool
/// stands in the order of its sets and questions.
pub fn choose(known: &[Known], role_weight: f64, pool: &[Candidate], ask: usize) -> Vec<usize> {
    let mut known = known.to_vec();
    let mut left: Vec<usize> = (0..pool.len()).collect();
    let mut chosen = Vec::new();
    while chosen.len() < ask
        && let Some(at) = best(&known, role_weight, pool, &left)
    {
        let candidate = left.remove(at);
        for (need, range) in &pool[candidate].adds {
            known[*need].evidence.add(role_weight * range);
        }
        chosen.push(candidate);
    }
    chosen
}

/// The place in `left` of the question that leaves least open.
fn best(known: &[Known], role_weight: f64, pool: &[Candidate], left: &[usize]) -> Option<usize> {
    let now: Vec<f64> = known.iter().map(Known::open).collect();
    let mut best: Option<(usize, f64)> = None;
    for (at, candidate) in left.iter().enumerate() {
        let open = open_after(known, &now, role_weight, &pool[*candidate].adds);
        let is_better = best.is_none_or(|(than, least)| {
            let fewer = pool[*candidate].answered < pool[left[than]].answered;
            open < least - TIE || (open <= least + TIE && fewer)
        });
        if is_better {
            best = Some((at, open));
        }
    }
    best.map(|(at, _)| at)
}

/// Σ d²·(variance left), with the question's answers added; `now` without them, by need.
fn open_after(known: &[Known], now: &[f64], role_weight: f64, adds: &[(usize, f64)]) -> f64 {
    let mut after: Vec<Option<Known>> = vec![None; known.len()];
    for (need, range) in adds {
        after[*need]
            .get_or_insert(known[*need])
            .evidence
            .add(role_weight * range);
    }
    let open = |(after, now): (&Option<Known>, &f64)| after.as_ref().map_or(*now, Known::open);
    after.iter().zip(now).map(open).sum()
}

impl Known {
    fn open(&self) -> f64 {
        self.direction * self.direction * self.evidence.variance_left(&self.calibration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unknown() -> Known {
        Known {
            direction: 1.0,
            calibration: Calibration::prior(),
            evidence: Evidence::default(),
        }
    }

    fn question(adds: &[(usize, f64)]) -> Candidate {
        Candidate {
            adds: adds.to_vec(),
            answered: 0,
        }
    }

    #[test]
    fn what_nobody_has_spoken_of_is_asked_first() {
        let mut known = [unknown(), unknown()];
        known[0].evidence = Evidence::of(&[], [&[2.0, 2.0][..]]);
        let pool = [question(&[(0, 2.0)]), question(&[(1, 2.0)])];
        assert_eq!(choose(&known, 1.0, &pool, 1), [1]);
    }

    #[test]
    fn what_cannot_move_the_segment_is_asked_last() {
        let mut known = [unknown(), unknown()];
        known[1].direction = 0.0;
        known[0].evidence = Evidence::of(&[], [&[2.0][..]]);
        let pool = [question(&[(1, 2.0)]), question(&[(0, 2.0)])];
        assert_eq!(choose(&known, 1.0, &pool, 2), [1, 0]);
    }

    #[test]
    fn among_equals_the_one_that_fewest_colleagues_answered_then_the_first() {
        let mut pool = vec![question(&[(0, 2.0)]); 3];
        pool[0].answered = 1;
        assert_eq!(choose(&[unknown()], 1.0, &pool, 3), [1, 2, 0]);
    }

    #[test]
    fn a_question_that_tells_nothing_is_still_a_question() {
        let pool = [question(&[])];
        assert_eq!(choose(&[unknown()], 1.0, &pool, 3), [0]);
        assert_eq!(choose(&[], 1.0, &pool, 3), [0]);
    }

    fn pool() -> impl Strategy<Value = Vec<Candidate>> {
        let candidate = (prop::collection::vec((0..4usize, 0.1..4.0f64), 0..4), 0..3u32);
        let candidate = candidate.prop_map(|(adds, answered)| Candidate { adds, answered });
        prop::collection::vec(candidate, 0..10)
    }

    proptest! {
        #[test]
        fn each_question_is_asked_once_and_a_longer_step_begins_as_a_shorter_one(pool in pool(), ask in 0..12usize) {
            let known = [unknown(); 4];
            let chosen = choose(&known, 1.5, &pool, ask);
            prop_assert_eq!(chosen.len(), ask.min(pool.len()));
            let mut distinct = chosen.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), chosen.len());
            let shorter = choose(&known, 1.5, &pool, ask / 2);
            prop_assert!(chosen.starts_with(&shorter));
        }
    }
}
