//! Which roles there are, and whose scores may be told. Pure.

use std::collections::{BTreeSet, HashMap};

use crate::companies::contacts::Listed;
use crate::design::Design;
use crate::framework::Code;
use crate::ids::ContactId;
use crate::method::score::{ContactSums, company_score};
use crate::needs::tally::{self, Colleague};

/// At most so many people are tried until there is somebody with a question left to ask.
const TRIED: usize = 5;

/// A role's scores, as far as they may be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoleScores {
    /// By need in framework order; `None`: nobody answered, or too few did.
    pub by_need: Vec<Option<f64>>,
    /// There are answers, and no score of theirs is told.
    pub hidden: bool,
}

/// The framework's roles in its order, then others by name, then none where somebody has none.
pub fn order(design: &Design, known: impl Iterator<Item = Option<Code>>) -> Vec<Option<Code>> {
    let known: BTreeSet<Option<Code>> = known.collect();
    let first: Vec<Code> = design.framework.roles.iter().map(|role| role.code.clone()).collect();
    let others: Vec<Code> = known
        .iter()
        .flatten()
        .filter(|role| !first.contains(role))
        .cloned()
        .collect();
    let mut order: Vec<Option<Code>> = first.into_iter().chain(others).map(Some).collect();
    order.extend(known.contains(&None).then_some(None));
    order
}

/// Each role's scores, on each need only where at least `min_group` of its people answered. The
/// company's own score is always told, so what is held back must not be worked out as its rest: where
/// those held back are fewer than `min_group`, the smallest group told is held back with them.
pub fn scores_by_role(
    needs: usize,
    roles: &[Option<Code>],
    colleagues: &[(Option<Code>, &Colleague)],
    min_group: u32,
) -> HashMap<Option<Code>, RoleScores> {
    let mut found: HashMap<Option<Code>, RoleScores> = HashMap::new();
    for need in 0..needs {
        let groups: Vec<(&Option<Code>, Vec<(f64, ContactSums)>)> =
            roles.iter().map(|role| (role, parts(colleagues, role, need))).collect();
        let sizes: Vec<usize> = groups.iter().map(|(_, parts)| parts.len()).collect();
        let told = told(&sizes, min_group.max(1) as usize);
        for ((role, parts), told) in groups.into_iter().zip(told) {
            let scores = found.entry(role.clone()).or_default();
            let score = told.then(|| company_score(&parts).map(|score| score.value)).flatten();
            scores.by_need.push(score);
        }
    }
    for (role, scores) in &mut found {
        let has_answers = colleagues.iter().any(|(of, _)| of == role);
        scores.hidden = has_answers && scores.by_need.iter().all(Option::is_none);
    }
    found
}

fn parts(colleagues: &[(Option<Code>, &Colleague)], role: &Option<Code>, need: usize) -> Vec<(f64, ContactSums)> {
    let own: Vec<Colleague> = colleagues
        .iter()
        .filter(|(of, _)| of == role)
        .map(|(_, colleague)| (*colleague).clone())
        .collect();
    tally::parts(&own, need)
}

/// Which groups of these sizes may be told beside their whole.
fn told(sizes: &[usize], min_group: usize) -> Vec<bool> {
    let mut told: Vec<bool> = sizes.iter().map(|size| *size >= min_group).collect();
    loop {
        let rest: usize = sizes
            .iter()
            .zip(&told)
            .filter(|(_, told)| !**told)
            .map(|(size, _)| size)
            .sum();
        if rest == 0 || rest >= min_group {
            return told;
        }
        let smallest = (0..sizes.len()).filter(|at| told[*at]).min_by_key(|at| sizes[*at]);
        match smallest {
            Some(at) => told[at] = false,
            None => return told,
        }
    }
}

/// The contacts whose answers weigh most, by name where they weigh alike.
pub fn weightiest_first(design: &Design, contacts: &[Listed]) -> Vec<ContactId> {
    let mut weighed: Vec<(f64, ContactId)> = contacts
        .iter()
        .map(|contact| (design.role_weight(contact.role.as_deref()), contact.id))
        .collect();
    // The contacts come by name, and a stable order keeps that.
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    weighed.truncate(TRIED);
    weighed.into_iter().map(|(_, contact)| contact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_role_is_told_from_its_group_on() {
        assert_eq!(told(&[5, 5], 5), [true, true]);
        assert_eq!(told(&[4, 0], 5), [false, false]);
        assert_eq!(told(&[5, 0, 7], 5), [true, false, true]);
    }

    #[test]
    fn a_lone_colleague_is_not_the_rest_of_the_company() {
        // One person is held back, and would be what the company is beyond the five.
        assert_eq!(told(&[5, 1], 5), [false, false]);
        // The smaller of two groups goes with it, and together they are six.
        assert_eq!(told(&[9, 5, 1], 5), [true, false, false]);
        assert_eq!(told(&[9, 3, 2], 5), [true, false, false]);
    }

    proptest! {
        #[test]
        fn nothing_smaller_than_a_group_can_be_worked_out(sizes in prop::collection::vec(0..12usize, 1..6), min in 1..8usize) {
            let told = told(&sizes, min);
            let rest: usize = sizes.iter().zip(&told).filter(|(_, told)| !**told).map(|(size, _)| size).sum();
            prop_assert!(sizes.iter().zip(&told).all(|(size, told)| !told || *size >= min));
            prop_assert!(rest == 0 || rest >= min || told.iter().all(|told| !told));
        }
    }
}
