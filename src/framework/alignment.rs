//! Which step of an edited drip is which of the one before. Steps have no code: they are told apart
//! by what they send, and only then by where they stand.

use super::{Letter, Step, StepContent};

/// Where the steps of a drip are after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignment {
    /// For each old step its new number; `None`: it was taken out.
    to: Vec<Option<usize>>,
    /// For each number of steps passed before the edit, the step that comes next after it.
    next: Vec<usize>,
}

/// So alike are two steps that are the same one, wherever they stand.
const SAME: u32 = 4;

impl Alignment {
    pub fn of(old: &[Step], new: &[Step]) -> Alignment {
        let chain = chain(old, new);
        let mut to = vec![None; old.len()];
        for (i, j) in &chain {
            to[*i] = Some(*j);
        }
        let monotone = in_place(&chain, moved(old, new, &mut to), &mut to, new.len());
        let next = (0..=old.len())
            .map(|passed| next_after(passed, &to, &monotone, new.len()))
            .collect();
        Alignment { to, next }
    }

    /// The old step's new number; `None`: it was taken out.
    pub fn to(&self, step: usize) -> Option<usize> {
        self.to.get(step).copied().flatten()
    }

    /// The step that comes next for who has passed so many of the old ones: the first that it has not
    /// passed. One that was put in before a step that it has passed lies behind it, too.
    pub fn next(&self, passed: usize) -> usize {
        let last = self.next.last().copied().unwrap_or_default();
        self.next.get(passed).copied().unwrap_or(last)
    }

    /// Whether steps that stayed stand in another order now.
    pub fn is_reordered(&self) -> bool {
        !self.to.iter().flatten().is_sorted()
    }

    /// Whether the new step stands for none of the old ones.
    pub fn is_new(&self, step: usize) -> bool {
        !self.to.contains(&Some(step))
    }
}

/// Whether both send the same, however else they differ.
pub fn is_same(a: &Step, b: &Step) -> bool {
    likeness(a, b) >= SAME
}

/// The heaviest common subsequence: pairs of old and new, both rising.
fn chain(old: &[Step], new: &[Step]) -> Vec<(usize, usize)> {
    let like: Vec<Vec<u32>> = old
        .iter()
        .map(|a| new.iter().map(|b| likeness(a, b)).collect())
        .collect();
    let mut best = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let paired = match like[i][j] {
                0 => 0,
                alike => alike + best[i + 1][j + 1],
            };
            best[i][j] = paired.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if like[i][j] > 0 && best[i][j] == like[i][j] + best[i + 1][j + 1] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[i][j] == best[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Steps that stand elsewhere in the order now; says which new ones they are.
fn moved(old: &[Step], new: &[Step], to: &mut [Option<usize>]) -> Vec<usize> {
    let mut found = Vec::new();
    for (i, step) in old.iter().enumerate() {
        if to[i].is_some() {
            continue;
        }
        let is_free = |j: &usize| !to.contains(&Some(*j)) && is_same(step, &new[*j]);
        if let Some(j) = (0..new.len()).find(is_free) {
            to[i] = Some(j);
            found.push(j);
        }
    }
    found
}

/// What is left between two steps that stayed was rewritten where it stands. Gives all pairs that
/// did not change their order.
fn in_place(
    chain: &[(usize, usize)],
    moved: Vec<usize>,
    to: &mut [Option<usize>],
    new_len: usize,
) -> Vec<(usize, usize)> {
    let mut monotone = chain.to_vec();
    let ends = chain.iter().copied().chain([(to.len(), new_len)]);
    let (mut from_old, mut from_new) = (0, 0);
    for (end_old, end_new) in ends {
        let free_old: Vec<usize> = (from_old..end_old).filter(|i| to[*i].is_none()).collect();
        let free_new = (from_new..end_new).filter(|j| !moved.contains(j));
        for (i, j) in free_old.into_iter().zip(free_new) {
            to[i] = Some(j);
            monotone.push((i, j));
        }
        (from_old, from_new) = (end_old + 1, end_new + 1);
    }
    monotone
}

fn next_after(passed: usize, to: &[Option<usize>], monotone: &[(usize, usize)], new_len: usize) -> usize {
    let is_passed = |step: usize| match to.iter().position(|to| *to == Some(step)) {
        Some(old) => old < passed,
        None => monotone.iter().any(|(old, new)| *old < passed && *new > step),
    };
    (0..new_len).find(|step| !is_passed(*step)).unwrap_or(new_len)
}

/// How much two steps have in common; 0: nothing that would make them the same one.
fn likeness(a: &Step, b: &Step) -> u32 {
    let sent = match (&a.content, &b.content) {
        (
            StepContent::Questions {
                question_set, letter, ..
            },
            StepContent::Questions {
                question_set: other,
                letter: others,
                ..
            },
        ) if question_set == other => SAME + letters(letter, others),
        (
            StepContent::Adaptive { adaptive, letter, .. },
            StepContent::Adaptive {
                adaptive: other,
                letter: others,
                ..
            },
        ) => match adaptive.pool == other.pool {
            true => SAME + letters(letter, others),
            false => u32::from(adaptive.pool.iter().any(|set| other.pool.contains(set))) + letters(letter, others),
        },
        (StepContent::Message { message }, StepContent::Message { message: other }) => {
            let pairs = message
                .iter()
                .filter_map(|(variant, letter)| Some((letter, other.get(variant)?)));
            match pairs.map(|(letter, others)| letters(letter, others)).max() {
                None | Some(0) => 0,
                Some(alike) => SAME - 1 + alike,
            }
        }
        _ => 0,
    };
    let timing = u32::from(a.delay == b.delay && a.wait_for_answer == b.wait_for_answer);
    if sent == 0 { 0 } else { sent + timing }
}

fn letters(a: &Letter, b: &Letter) -> u32 {
    2 * u32::from(a.subject == b.subject) + u32::from(a.body == b.body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::framework::Minutes;

    /// A question step of that set; a capital letter: a message of that subject.
    fn step(what: char) -> Step {
        let letter = Letter {
            subject: what.to_string(),
            body: what.to_string(),
            ..Letter::default()
        };
        let content = match what.is_uppercase() {
            false => StepContent::Questions {
                question_set: what.to_string(),
                letter: Letter::default(),
                first_question_in_mail: false,
            },
            true => StepContent::Message {
                message: [("default".to_owned(), letter)].into(),
            },
        };
        Step {
            delay: Minutes(60),
            wait_for_answer: false,
            content,
        }
    }

    fn steps(of: &str) -> Vec<Step> {
        of.chars().map(step).collect()
    }

    fn aligned(old: &str, new: &str) -> (Vec<Option<usize>>, Vec<usize>) {
        let Alignment { to, next } = Alignment::of(&steps(old), &steps(new));
        (to, next)
    }

    #[test]
    fn a_step_taken_out_moves_those_behind_it_forward() {
        assert_eq!(aligned("abc", "ac"), (vec![Some(0), None, Some(1)], vec![0, 1, 1, 2]));
        assert_eq!(aligned("aBC", "aC"), (vec![Some(0), None, Some(1)], vec![0, 1, 1, 2]));
        assert_eq!(aligned("abc", "bc"), (vec![None, Some(0), Some(1)], vec![0, 0, 1, 2]));
        assert_eq!(aligned("abc", "ab"), (vec![Some(0), Some(1), None], vec![0, 1, 2, 2]));
    }

    #[test]
    fn a_step_put_in_comes_to_who_has_not_passed_its_place() {
        assert_eq!(aligned("ac", "abc"), (vec![Some(0), Some(2)], vec![0, 1, 3]));
        assert_eq!(aligned("ab", "xab"), (vec![Some(1), Some(2)], vec![0, 2, 3]));
        assert_eq!(aligned("ab", "abx"), (vec![Some(0), Some(1)], vec![0, 1, 2]));
    }

    #[test]
    fn a_step_rewritten_in_its_place_is_the_same_step() {
        assert_eq!(aligned("abc", "axc").0, [Some(0), Some(1), Some(2)]);
        assert_eq!(aligned("abc", "xyz").0, [Some(0), Some(1), Some(2)]);
        assert_eq!(aligned("abc", "Bx").0, [Some(0), Some(1), None]);
        let (mut old, mut new) = (steps("aB"), steps("aB"));
        new[1].delay = Minutes(5);
        assert_eq!(Alignment::of(&old, &new).to, [Some(0), Some(1)]);
        // A message whose text alone was changed is found again behind one that was taken out.
        old = steps("aMB");
        if let StepContent::Message { message } = &mut new[1].content
            && let Some(letter) = message.get_mut("default")
        {
            letter.body = "other".into();
        }
        assert_eq!(Alignment::of(&old, &new).to, [Some(0), None, Some(1)]);
    }

    #[test]
    fn steps_that_change_places_are_each_passed_once() {
        // Who has passed a and b goes on with c, and finds b passed.
        let (to, next) = aligned("abc", "acb");
        assert_eq!(to, [Some(0), Some(2), Some(1)]);
        assert_eq!(next, [0, 1, 1, 3]);
    }

    #[test]
    fn of_two_equal_steps_the_one_with_the_same_delay_stays() {
        let (mut old, mut new) = (steps("aa"), steps("a"));
        old[1].delay = Minutes(7);
        new[0].delay = Minutes(7);
        assert_eq!(Alignment::of(&old, &new).to, [None, Some(0)]);
    }

    proptest! {
        #[test]
        fn nobody_skips_a_step_or_is_sent_back_to_one_that_stayed_in_order(
            old in "[a-eA-C]{1,7}", new in "[a-eA-C]{1,7}", passed in 0usize..8,
        ) {
            let alignment = Alignment::of(&steps(&old), &steps(&new));
            let passed = passed.min(old.len());
            let next = alignment.next(passed);
            let mut seen = Vec::new();
            for i in 0..old.len() {
                let Some(to) = alignment.to(i) else { continue };
                prop_assert!(to < new.len() && !seen.contains(&to), "{to} stands for two");
                seen.push(to);
                if i >= passed {
                    prop_assert!(to >= next, "{i} -> {to} is skipped, next is {next}");
                }
            }
            if next < new.len() {
                // The next step itself was not passed before.
                prop_assert!((0..passed).all(|i| alignment.to(i) != Some(next)));
            }
        }
    }
}
