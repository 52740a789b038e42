//! Which drips ask a question set.

use super::{Framework, StepContent};

/// A step of a drip that asks the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub drip: String,
    /// The drip's name.
    pub name: String,
    /// From 1.
    pub step: usize,
    /// It asks the questions that tell most, out of this set and perhaps others.
    pub is_of_pool: bool,
}

/// The steps that ask the set, in the order of the file.
pub fn uses(framework: &Framework, set: &str) -> Vec<Use> {
    let mut found = Vec::new();
    for drip in &framework.drips {
        for (at, step) in drip.steps.iter().enumerate() {
            let (is_asked, is_of_pool) = match &step.content {
                StepContent::Questions { question_set, .. } => (question_set == set, false),
                StepContent::Adaptive { adaptive, .. } => (adaptive.pool.iter().any(|known| known == set), true),
                StepContent::Message { .. } => (false, false),
            };
            if is_asked {
                found.push(Use {
                    drip: drip.code.clone(),
                    name: drip.name.clone(),
                    step: at + 1,
                    is_of_pool,
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{check, read};

    #[test]
    fn whoever_asks_a_set_is_named_and_nobody_else() {
        let framework = read::toml(include_str!("../../tests/it/support/framework.toml")).unwrap();
        for set in &framework.question_sets {
            let found = uses(&framework, &set.code);
            let mut without = framework.clone();
            without.question_sets.retain(|known| known.code != set.code);
            // Whatever the check would then miss is named.
            let misses = check::check(&without)
                .iter()
                .filter(|problem| problem.message.contains("there is no question set"))
                .count();
            assert_eq!(found.len(), misses, "{found:#?}");
            assert!(found.iter().any(|used| used.is_of_pool));
        }
    }
}
