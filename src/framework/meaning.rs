//! What may change in a question that has answers: its words, not what an answer says.

use std::collections::BTreeMap;

use super::{ChoiceOption, Framework, Kind, Loads, Question, Row, Segment};

/// Whether an answer to the one says the same as that answer to the other: only wording, order and
/// the form's manners differ.
pub fn same_meaning(old: &Question, new: &Question) -> bool {
    old.no_opinion_allowed() == new.no_opinion_allowed() && same_kind(&old.kind, &new.kind)
}

/// Whether every score and segment stays as it is: only names, descriptions and other words differ.
pub fn same_scores(old: &Framework, new: &Framework) -> bool {
    let questions = |framework: &Framework| framework.questions().count();
    let same_question = |question: &Question| {
        let before = old.question(&question.code);
        before.is_some_and(|before| same_meaning(before, question))
    };
    let needs =
        |framework: &Framework| -> Vec<String> { framework.needs.iter().map(|need| need.code.clone()).collect() };
    old.settings.half_life_days == new.settings.half_life_days
        && old.settings.min_scored_answers == new.settings.min_scored_answers
        && old.roles == new.roles
        && needs(old) == needs(new)
        && profiles(&old.segments) == profiles(&new.segments)
        && questions(old) == questions(new)
        && new.questions().all(|(_, question)| same_question(question))
}

fn profiles(segments: &[Segment]) -> Vec<(&str, BTreeMap<&str, f64>)> {
    segments
        .iter()
        .map(|segment| (segment.code.as_str(), weights(&segment.profile)))
        .collect()
}

fn same_kind(old: &Kind, new: &Kind) -> bool {
    if old.name() != new.name() || meanings(old.options()) != meanings(new.options()) {
        return false;
    }
    match (old, new) {
        (
            Kind::MultipleChoice {
                min_picks, max_picks, ..
            },
            Kind::MultipleChoice {
                min_picks: new_min,
                max_picks: new_max,
                ..
            },
        ) => (min_picks, max_picks) == (new_min, new_max),
        (
            Kind::Rating { min, max, loads, .. },
            Kind::Rating {
                min: new_min,
                max: new_max,
                loads: new_loads,
                ..
            },
        ) => (min, max) == (new_min, new_max) && weights(loads) == weights(new_loads),
        (
            Kind::Matrix { min, max, rows, .. },
            Kind::Matrix {
                min: new_min,
                max: new_max,
                rows: new_rows,
                ..
            },
        ) => (min, max) == (new_min, new_max) && row_meanings(rows) == row_meanings(new_rows),
        (Kind::Nps { loads }, Kind::Nps { loads: new_loads }) => weights(loads) == weights(new_loads),
        (Kind::Ranking { top, .. }, Kind::Ranking { top: new_top, .. }) => top == new_top,
        (Kind::Allocation { total, .. }, Kind::Allocation { total: new_total, .. }) => total == new_total,
        _ => true,
    }
}

/// By code, because the order in which options are shown means nothing.
fn meanings(options: &[ChoiceOption]) -> BTreeMap<&str, (BTreeMap<&str, f64>, bool, bool)> {
    options
        .iter()
        .map(|o| (o.code.as_str(), (weights(&o.loads), o.free_text, o.no_opinion)))
        .collect()
}

fn row_meanings(rows: &[Row]) -> BTreeMap<&str, BTreeMap<&str, f64>> {
    rows.iter()
        .map(|row| (row.code.as_str(), weights(&row.loads)))
        .collect()
}

/// A load of 0 is none.
fn weights(loads: &Loads) -> BTreeMap<&str, f64> {
    loads
        .iter()
        .filter(|(_, load)| **load != 0.0)
        .map(|(need, load)| (need.as_str(), *load))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;

    const EXAMPLE: &str = include_str!("../../tests/it/support/framework.toml");

    /// Whether the question means the same after one exchange of words.
    fn survives(code: &str, old: &str, new: &str) -> bool {
        assert!(EXAMPLE.contains(old), "{old} is not in the example");
        let before = read::toml(EXAMPLE).unwrap();
        let after = read::toml(&EXAMPLE.replacen(old, new, 1)).unwrap();
        same_meaning(before.question(code).unwrap(), after.question(code).unwrap())
    }

    #[test]
    fn wording_order_and_manners_change_no_meaning() {
        let kept = [
            ("why-now", "The old one broke", "It broke"),
            ("why-now", "The strongest reason.", "One is enough."),
            ("why-now", "required = true", "required = false"),
            ("why-now", "Warum gerade jetzt?", "Warum jetzt?"),
            (
                "why-now",
                "loads = { efficiency = 2 }",
                "loads = { efficiency = 2.0, intimacy = 0 }",
            ),
            ("matters", "shuffle = true", "shuffle = false"),
            ("matters", "None of these", "Nothing"),
            ("save-time", "Very much", "Fully"),
            ("what-new", "max_length = 500", "max_length = 600"),
            ("agree", "\"Not at all\", \"Fully\"", "\"No\", \"Yes\""),
        ];
        for (code, old, new) in kept {
            assert!(survives(code, old, new), "{new}");
        }
        let mut framework = read::toml(EXAMPLE).unwrap();
        let before = framework.question("rank").unwrap().clone();
        if let Kind::Ranking { options, .. } = &mut framework.question_sets[1].questions[0].kind {
            options.reverse();
        }
        assert!(same_meaning(&before, framework.question("rank").unwrap()));
    }

    #[test]
    fn another_option_load_scale_or_number_is_another_meaning() {
        let changed = [
            ("why-now", "loads = { efficiency = 2 }", "loads = { efficiency = 1 }"),
            ("why-now", "{ code = \"other\", text", "{ code = \"others\", text"),
            ("why-now", ", free_text = true", ""),
            ("why-now", ", no_opinion = true", ""),
            ("matters", "max_picks = 2", "max_picks = 3"),
            ("matters", "no_opinion = \"None of these\"", ""),
            ("save-time", "max = 7", "max = 5"),
            (
                "save-time",
                "loads = { efficiency = 2 }\nno_opinion",
                "loads = { efficiency = 3 }\nno_opinion",
            ),
            ("agree", "code = \"safe\"", "code = \"secure\""),
            ("recommend", "intimacy = 0.5", "intimacy = 1"),
            ("rank", "top = 3", "top = 2"),
            ("budget", "total = 100", "total = 10"),
        ];
        for (code, old, new) in changed {
            let edited = EXAMPLE.replace("\"new\", \"other\"", "\"new\"");
            let before = read::toml(&edited).unwrap();
            let after = read::toml(&edited.replacen(old, new, 1)).unwrap();
            assert!(
                !same_meaning(before.question(code).unwrap(), after.question(code).unwrap()),
                "{code}: {new}"
            );
        }
    }

    #[test]
    fn words_move_no_company_and_weights_do() {
        let same = |old: &str, new: &str| {
            assert!(EXAMPLE.contains(old), "{old} is not in the example");
            let after = read::toml(&EXAMPLE.replacen(old, new, 1)).unwrap();
            same_scores(&read::toml(EXAMPLE).unwrap(), &after)
        };
        for (old, new) in [
            ("name = \"Efficiency\"", "name = \"Thrift\""),
            ("Count the hours.", "Count the days."),
            ("The old one broke", "It broke"),
            ("min_group = 5", "min_group = 6"),
            (
                "efficiency = 100, assurance = 30",
                "efficiency = 100, assurance = 30, intimacy = 0",
            ),
        ] {
            assert!(same(old, new), "{new}");
        }
        for (old, new) in [
            ("efficiency = 100, assurance = 30", "efficiency = 100, assurance = 31"),
            ("weight = 3.0", "weight = 2"),
            ("half_life_days = 365", "half_life_days = 366"),
            ("min_scored_answers = 3", "min_scored_answers = 4"),
            ("loads = { efficiency = 2 }", "loads = { efficiency = 1 }"),
        ] {
            assert!(!same(old, new), "{new}");
        }
        let mut turned = read::toml(EXAMPLE).unwrap();
        turned.needs.reverse();
        assert!(!same_scores(&read::toml(EXAMPLE).unwrap(), &turned));
    }
}
