//! A question as METHOD.md section 2 sees it: its kind, and how strongly each option speaks for a need.

use super::{ChoiceOption, Kind, Loads, Question};
use crate::method::points::Shape;

/// How the question, or this row of a matrix, bears on the need; `None` where nothing is scored: an
/// answer in words, a matrix without a row that it has.
///
/// Options stand in the shape in their own order, those marked "no opinion" left out; see [`position`].
pub fn shape(question: &Question, row: Option<&str>, need: &str) -> Option<Shape> {
    let shape = match &question.kind {
        Kind::SingleChoice { options, .. } => Shape::Choice {
            weights: weights(options, need),
        },
        Kind::MultipleChoice {
            options,
            min_picks,
            max_picks,
            ..
        } => Shape::Picks {
            weights: weights(options, need),
            min: *min_picks as usize,
            max: *max_picks as usize,
        },
        Kind::Rating { min, max, loads, .. } => scale(*min, *max, loads, need),
        Kind::Matrix { min, max, rows, .. } => {
            let row = rows.iter().find(|r| Some(r.code.as_str()) == row)?;
            scale(*min, *max, &row.loads, need)
        }
        Kind::Nps { loads } => scale(0, 10, loads, need),
        Kind::Ranking { options, top, .. } => Shape::Ranking {
            weights: weights(options, need),
            top: *top as usize,
        },
        Kind::BestWorst { options, .. } => Shape::BestWorst {
            weights: weights(options, need),
        },
        Kind::Allocation { options, total, .. } => Shape::Allocation {
            weights: weights(options, need),
            total: f64::from(*total),
        },
        Kind::Text { .. } => return None,
    };
    Some(shape)
}

/// Where an option stands in the weights of its question's shapes.
pub fn position(question: &Question, option: &str) -> Option<usize> {
    opinions(question.kind.options()).position(|o| o.code == option)
}

fn weights(options: &[ChoiceOption], need: &str) -> Vec<f64> {
    opinions(options).map(|option| load(&option.loads, need)).collect()
}

fn opinions(options: &[ChoiceOption]) -> impl Iterator<Item = &ChoiceOption> {
    options.iter().filter(|option| !option.no_opinion)
}

fn scale(min: i32, max: i32, loads: &Loads, need: &str) -> Shape {
    Shape::Scale {
        min: f64::from(min),
        max: f64::from(max),
        weight: load(loads, need),
    }
}

fn load(loads: &Loads, need: &str) -> f64 {
    loads.get(need).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;

    #[test]
    fn every_kind_but_text_has_a_shape() {
        let framework = read::toml(include_str!("../../tests/it/support/framework.toml")).unwrap();
        let shape_of = |code: &str, row: Option<&str>, need: &str| shape(framework.question(code).unwrap(), row, need);
        assert_eq!(shape_of("what-new", None, "efficiency"), None);
        assert_eq!(
            shape_of("matters", None, "intimacy"),
            Some(Shape::Picks {
                weights: vec![0.0, 1.0, 0.0],
                min: 1,
                max: 2
            })
        );
        assert_eq!(
            shape_of("save-time", None, "efficiency"),
            Some(Shape::Scale {
                min: 1.0,
                max: 7.0,
                weight: 2.0
            })
        );
        assert_eq!(
            shape_of("agree", Some("first"), "innovation"),
            Some(Shape::Scale {
                min: 1.0,
                max: 5.0,
                weight: 2.0
            })
        );
        assert_eq!(shape_of("agree", None, "innovation"), None);
        assert_eq!(
            shape_of("recommend", None, "intimacy"),
            Some(Shape::Scale {
                min: 0.0,
                max: 10.0,
                weight: 0.5
            })
        );
        assert_eq!(
            shape_of("rank", None, "assurance"),
            Some(Shape::Ranking {
                weights: vec![0.0, 0.0, 0.0, 1.0],
                top: 3
            })
        );
        assert_eq!(
            shape_of("budget", None, "efficiency"),
            Some(Shape::Allocation {
                weights: vec![1.0, 0.0, 0.0],
                total: 100.0
            })
        );
    }

    #[test]
    fn an_option_of_no_opinion_has_no_place_in_the_shape() {
        let framework = read::toml(include_str!("../../tests/it/support/framework.toml")).unwrap();
        let question = framework.question("why-now").unwrap();
        assert_eq!(
            shape(question, None, "innovation"),
            Some(Shape::Choice {
                weights: vec![0.0, -1.0, 2.5, 0.0]
            })
        );
        assert_eq!(position(question, "other"), Some(3));
        assert_eq!(position(question, "dont-know"), None);
    }
}
