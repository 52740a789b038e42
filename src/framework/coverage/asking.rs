//! What is asked, in which order: by a question set, or by all steps of a drip.

use std::collections::HashSet;

use crate::framework::{Code, Framework, Question, StepContent};

/// The questions of a contact's way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asking {
    pub questions: Vec<Question>,
    pub(super) turns: Vec<Turn>,
}

/// What comes next on the way; questions by their place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turn {
    One(usize),
    /// So many of these, others for each colleague.
    Some {
        pool: Vec<usize>,
        ask: usize,
    },
}

impl Asking {
    /// These question sets, one after the other.
    pub fn of_sets(framework: &Framework, sets: &[Code]) -> Asking {
        let mut asking = Asking::default();
        for set in sets {
            asking.add_set(framework, set);
        }
        asking
    }

    /// `None` when there is no such drip.
    pub fn of_drip(framework: &Framework, drip: &str) -> Option<Asking> {
        let mut asking = Asking::default();
        for step in &framework.drip(drip)?.steps {
            match &step.content {
                StepContent::Questions { question_set, .. } => asking.add_set(framework, question_set),
                StepContent::Adaptive { adaptive, .. } => {
                    let mut pool = Vec::new();
                    for set in &adaptive.pool {
                        pool.extend(asking.add_questions(framework, set));
                    }
                    // A step that chooses leaves out what hangs on another answer.
                    pool.retain(|at| asking.questions[*at].show_if.is_none());
                    let ask = (adaptive.ask as usize).min(pool.len());
                    if ask > 0 {
                        asking.turns.push(Turn::Some { pool, ask });
                    }
                }
                StepContent::Message { .. } => {}
            }
        }
        Some(asking)
    }

    fn add_set(&mut self, framework: &Framework, set: &str) {
        let added = self.add_questions(framework, set);
        self.turns.extend(added.into_iter().map(Turn::One));
    }

    /// The places of those that were not there yet: nobody's second answer counts beside the first.
    fn add_questions(&mut self, framework: &Framework, set: &str) -> Vec<usize> {
        let known: HashSet<Code> = self.questions.iter().map(|question| question.code.clone()).collect();
        let from = self.questions.len();
        let questions = framework
            .question_set(set)
            .map(|set| &set.questions[..])
            .unwrap_or_default();
        let new = questions.iter().filter(|question| !known.contains(&question.code));
        self.questions.extend(new.cloned());
        (from..self.questions.len()).collect()
    }

    /// The questions that a colleague gets, counted from 0.
    pub(super) fn of_contact(&self, contact: usize) -> Vec<usize> {
        let mut way = Vec::new();
        for turn in &self.turns {
            match turn {
                Turn::One(question) => way.push(*question),
                Turn::Some { pool, ask } => {
                    way.extend((0..*ask).map(|i| pool[(contact * ask + i) % pool.len()]));
                }
            }
        }
        way
    }
}
