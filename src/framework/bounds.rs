//! How far the answers to a question can move a need: the least and the most points that any valid
//! answer gives (METHOD.md section 2), for whoever writes the question.

use super::Question;
use super::shape::shape;

/// From the least points to the most.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reach {
    pub least: f64,
    pub most: f64,
}

impl Reach {
    /// Whether every answer says the same about the need, so that it is not scored on it.
    pub fn is_nothing(self) -> bool {
        let (range, greatest) = (self.most - self.least, self.least.abs().max(self.most.abs()));
        // Figures beyond all numbers count as nothing, too.
        range.is_nan() || greatest.is_nan() || range <= 1e-12 * greatest
    }
}

/// What the question can say about the need. The rows of a matrix are questions of their own; here
/// they are added up, because whoever writes the matrix sees one question.
pub fn reach(question: &Question, need: &str) -> Reach {
    let of_items = question.items().into_iter().filter_map(|item| {
        let shape = shape(question, item.row.map(|row| row.code.as_str()), need)?;
        Some(shape.bounds())
    });
    let (least, most) = of_items.fold((0.0, 0.0), |sum, bounds| (sum.0 + bounds.0, sum.1 + bounds.1));
    // A sum of nothing may come out as a nought below nought.
    Reach {
        least: least + 0.0,
        most: most + 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{ChoiceOption, Kind, Loads, Row};
    use crate::method::points::Given;

    fn loads(weight: f64) -> Loads {
        Loads::from([("k".to_owned(), weight)])
    }

    /// Options that speak for the need with these weights, and one of no opinion that would spoil them.
    fn options(weights: &[f64]) -> Vec<ChoiceOption> {
        let option = |(nth, weight): (usize, &f64)| ChoiceOption {
            code: format!("o{nth}"),
            loads: loads(*weight),
            ..ChoiceOption::default()
        };
        let mut options: Vec<ChoiceOption> = weights.iter().enumerate().map(option).collect();
        options.push(ChoiceOption {
            code: "no".to_owned(),
            loads: loads(99.0),
            no_opinion: true,
            ..ChoiceOption::default()
        });
        options
    }

    fn asked(kind: Kind) -> Question {
        Question {
            code: "q".to_owned(),
            text: "?".to_owned(),
            help: String::new(),
            required: false,
            show_if: None,
            no_opinion: None,
            kind,
            translations: Default::default(),
        }
    }

    fn of(kind: Kind) -> (f64, f64) {
        let reach = reach(&asked(kind), "k");
        (reach.least, reach.most)
    }

    #[test]
    fn each_kind_reaches_as_far_as_the_table_of_the_method_says() {
        let shuffle = false;
        let weights = [2.0, -1.0, 0.0, 3.0];
        let single = Kind::SingleChoice {
            options: options(&weights),
            shuffle,
        };
        assert_eq!(of(single), (-1.0, 3.0));
        let multiple = |min_picks, max_picks| Kind::MultipleChoice {
            options: options(&weights),
            min_picks,
            max_picks,
            shuffle,
        };
        // One pick may be the worst one; of three, two have to be better.
        assert_eq!(of(multiple(1, 2)), (-1.0, 5.0));
        assert_eq!(of(multiple(3, 3)), (1.0, 5.0));
        assert_eq!(of(multiple(1, 4)), (-1.0, 5.0));
        let rating = |weight| Kind::Rating {
            min: 1,
            max: 7,
            min_label: String::new(),
            max_label: String::new(),
            loads: loads(weight),
        };
        assert_eq!((of(rating(2.0)), of(rating(-2.0))), ((0.0, 2.0), (-2.0, 0.0)));
        assert_eq!(of(Kind::Nps { loads: loads(0.5) }), (0.0, 0.5));
        let row = |code: &str, weight| Row {
            code: code.to_owned(),
            text: String::new(),
            loads: loads(weight),
        };
        let matrix = Kind::Matrix {
            min: 1,
            max: 5,
            labels: Vec::new(),
            rows: vec![row("a", 2.0), row("b", -1.0), row("c", 0.0)],
        };
        assert_eq!(of(matrix), (-1.0, 2.0));
        // Of the two best, the first counts whole and the second half.
        let ranking = Kind::Ranking {
            options: options(&weights),
            top: 2,
            shuffle,
        };
        assert_eq!(of(ranking), (-1.0, 4.0));
        let best_worst = Kind::BestWorst {
            options: options(&weights),
            shuffle,
        };
        assert_eq!(of(best_worst), (-4.0, 4.0));
        let allocation = Kind::Allocation {
            options: options(&weights),
            total: 100,
            shuffle,
        };
        assert_eq!(of(allocation), (-1.0, 3.0));
        let text = Kind::Text {
            max_length: 100,
            multiline: false,
        };
        assert!(reach(&asked(text), "k").is_nothing());
    }

    #[test]
    fn a_need_that_nothing_speaks_for_or_all_alike_is_not_moved() {
        let options = options(&[1.0, 1.0]);
        let question = asked(Kind::SingleChoice {
            options,
            shuffle: false,
        });
        assert!(reach(&question, "k").is_nothing());
        assert!(reach(&question, "another").is_nothing());
        assert_eq!(reach(&question, "another"), Reach::default());
    }

    /// Every answer that the example's questions admit lies within the bounds, and some reach them.
    #[test]
    fn no_answer_leaves_the_bounds_and_the_ends_are_reached() {
        let weights = [2.0, -1.0, 0.5];
        let kinds = [
            Kind::SingleChoice {
                options: options(&weights),
                shuffle: false,
            },
            Kind::MultipleChoice {
                options: options(&weights),
                min_picks: 1,
                max_picks: 2,
                shuffle: false,
            },
            Kind::Ranking {
                options: options(&weights),
                top: 2,
                shuffle: false,
            },
            Kind::BestWorst {
                options: options(&weights),
                shuffle: false,
            },
        ];
        let places = || 0..weights.len();
        let pairs = || places().flat_map(move |a| places().map(move |b| (a, b)));
        let given: Vec<Given> = places()
            .map(Given::Option)
            .chain(places().map(|a| Given::Options(vec![a])))
            .chain(pairs().map(|(a, b)| Given::Options(vec![a, b])))
            .chain(pairs().map(|(a, b)| Given::Ranked(vec![a, b])))
            .chain(pairs().map(|(best, worst)| Given::BestWorst { best, worst }))
            .collect();
        for kind in kinds {
            let question = asked(kind);
            let shape = shape(&question, None, "k").expect("it is scored");
            let points: Vec<f64> = given.iter().filter_map(|given| shape.points(given)).collect();
            let reach = reach(&question, "k");
            let least = points.iter().copied().fold(f64::INFINITY, f64::min);
            let most = points.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!((reach.least, reach.most), (least, most), "{}", question.kind.name());
        }
    }
}
