//! Which questions ask how important a need is, and which how well it is met already.
//!
//! A framework says so by what it holds anyway. **Two scales of one question set that ask about the
//! same thing, one loading a need above 0 and the other below 0, are importance and satisfaction**:
//! what is important speaks for a need, what is met already against it. They ask about the same thing
//! where both are matrix rows of the same code, or both ratings, with the same ends. So neither the
//! file nor the editor needs a word for it, and a lone scale that loads below 0 (how much effort
//! something was) is not taken for satisfaction.

use super::{Code, Framework, Kind, Loads, Question, QuestionSet};

/// What is answered with a number on a scale: a rating, or a row of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScaleItem {
    pub question: Code,
    pub row: Option<Code>,
}

/// Two scales about one thing, and the need that they speak for and against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub need: Code,
    pub importance: ScaleItem,
    pub satisfaction: ScaleItem,
}

struct Scale<'a> {
    question: &'a Question,
    row: Option<&'a Code>,
    ends: (i32, i32),
    loads: &'a Loads,
}

/// All pairs, by the framework's order of needs and then of questions.
pub fn pairs(framework: &Framework) -> Vec<Pair> {
    let scales: Vec<Vec<Scale>> = framework.question_sets.iter().map(scales).collect();
    let of_need = |need: &Code| {
        let need = need.clone();
        scales.iter().flat_map(move |set| pairs_of(&need, set))
    };
    framework.needs.iter().flat_map(|need| of_need(&need.code)).collect()
}

fn pairs_of(need: &Code, set: &[Scale]) -> Vec<Pair> {
    let load = |scale: &Scale| scale.loads.get(need).copied().unwrap_or(0.0);
    let mut pairs = vec![];
    for importance in set.iter().filter(|scale| load(scale) > 0.0) {
        let others = set
            .iter()
            .filter(|other| load(other) < 0.0 && importance.is_about_same(other));
        pairs.extend(others.map(|satisfaction| Pair {
            need: need.clone(),
            importance: importance.item(),
            satisfaction: satisfaction.item(),
        }));
    }
    pairs
}

fn scales(set: &QuestionSet) -> Vec<Scale<'_>> {
    set.questions.iter().flat_map(scales_of).collect()
}

fn scales_of(question: &Question) -> Vec<Scale<'_>> {
    match &question.kind {
        Kind::Rating { min, max, loads, .. } => vec![Scale {
            question,
            row: None,
            ends: (*min, *max),
            loads,
        }],
        Kind::Matrix { min, max, rows, .. } => rows
            .iter()
            .map(|row| Scale {
                question,
                row: Some(&row.code),
                ends: (*min, *max),
                loads: &row.loads,
            })
            .collect(),
        _ => vec![],
    }
}

impl Scale<'_> {
    fn is_about_same(&self, other: &Scale) -> bool {
        self.question.code != other.question.code && self.row == other.row && self.ends == other.ends
    }

    fn item(&self) -> ScaleItem {
        ScaleItem {
            question: self.question.code.clone(),
            row: self.row.cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;

    const TEXT: &str = r#"
[[needs]]
code = "speed"
name = "Speed"
level = "tactical"
[[needs]]
code = "calm"
name = "Calm"
level = "personal"
[[question_sets]]
code = "met"
title = "Met"
[[question_sets.questions]]
code = "matters"
kind = "matrix"
text = "How important?"
min = 1
max = 5
rows = [{ code = "fast", text = "Fast", loads = { speed = 2 } }, { code = "calm", text = "Calm", loads = { calm = 1 } }]
[[question_sets.questions]]
code = "happy"
kind = "matrix"
text = "How satisfied?"
min = 1
max = 5
rows = [{ code = "fast", text = "Fast", loads = { speed = -1 } }, { code = "other", text = "Calm", loads = { calm = -1 } }]
[[question_sets]]
code = "after"
title = "After"
[[question_sets.questions]]
code = "effort"
kind = "rating"
text = "How much effort was it?"
min = 1
max = 5
loads = { speed = -1 }
"#;

    fn found(text: &str) -> Vec<(String, String, String)> {
        let framework = read::toml(text).expect("the framework has no fault");
        let name = |item: &ScaleItem| format!("{}.{}", item.question, item.row.as_deref().unwrap_or(""));
        let words = |pair: &Pair| (pair.need.clone(), name(&pair.importance), name(&pair.satisfaction));
        pairs(&framework).iter().map(words).collect()
    }

    #[test]
    fn scales_about_one_thing_that_speak_for_and_against_a_need_are_a_pair() {
        assert_eq!(
            found(TEXT),
            [("speed".into(), "matters.fast".into(), "happy.fast".into())]
        );
    }

    #[test]
    fn scales_of_other_ends_are_not_held_against_each_other() {
        assert_eq!(found(&TEXT.replacen("max = 5", "max = 7", 1)), []);
    }
}
