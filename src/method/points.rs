//! METHOD.md section 2: the points of one answer on one need, and what they say in percent.

/// A question as it bears on one need: its kind, and how strongly each option speaks for that need.
///
/// `weights` holds the options that can be given as an opinion; "no opinion" is not one of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// One option.
    Choice { weights: Vec<f64> },
    /// From `min` (at least 1) to `max` options.
    Picks { weights: Vec<f64>, min: usize, max: usize },
    /// A number from `min` to `max`: a rating, a matrix row, an NPS.
    Scale { min: f64, max: f64, weight: f64 },
    /// The best `top` options, in order.
    Ranking { weights: Vec<f64>, top: usize },
    /// The best option and the worst.
    BestWorst { weights: Vec<f64> },
    /// `total` points shared out over the options.
    Allocation { weights: Vec<f64>, total: f64 },
}

/// An answer; options are named by their place in the shape's `weights`.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    Option(usize),
    Options(Vec<usize>),
    Number(f64),
    /// Best first.
    Ranked(Vec<usize>),
    BestWorst {
        best: usize,
        worst: usize,
    },
    /// The points of each option.
    Points(Vec<f64>),
}

/// The least points that any valid answer gives, and how far above them the most lies: always more than 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub lo: f64,
    pub range: f64,
}

/// What an answer says about the need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Percent of the maximum possible.
    pub percent: f64,
    /// How far apart the question can set two contacts: the answer's weight comes from it.
    pub range: f64,
}

impl Span {
    pub fn scored(self, points: f64) -> Scored {
        let percent = 100.0 * (points - self.lo) / self.range;
        // Sums taken in another order may miss the end by a rounding.
        Scored {
            percent: percent.clamp(0.0, 100.0),
            range: self.range,
        }
    }
}

impl Shape {
    /// The least and the most points that any valid answer could give.
    pub fn bounds(&self) -> (f64, f64) {
        match self {
            Shape::Choice { weights } | Shape::Allocation { weights, .. } => least_and_most(weights),
            Shape::Picks { weights, min, max } => bounds_of_picks(weights, *min, *max),
            Shape::Scale { min, max, .. } if max <= min => (0.0, 0.0),
            Shape::Scale { weight, .. } => (weight.min(0.0), weight.max(0.0)),
            Shape::Ranking { weights, top } => bounds_of_ranking(weights, *top),
            Shape::BestWorst { weights } => {
                let (least, most) = least_and_most(weights);
                (least - most, most - least)
            }
        }
    }

    /// `None` when the question cannot tell contacts apart on this need: its answers are not scored on it.
    pub fn span(&self) -> Option<Span> {
        let (lo, hi) = self.bounds();
        let range = hi - lo;
        // Where only one sum is possible, adding it up from either end may differ by a rounding.
        let rounding = 1e-12 * lo.abs().max(hi.abs());
        (range > rounding && range.is_finite()).then_some(Span { lo, range })
    }

    /// `None` when this is no valid answer to the question.
    pub fn points(&self, given: &Given) -> Option<f64> {
        match (self, given) {
            (Shape::Choice { weights }, Given::Option(option)) => weights.get(*option).copied(),
            (Shape::Picks { weights, min, max }, Given::Options(picks)) => {
                let allowed = (*min).max(1)..=*max;
                let picked = distinct(weights, picks)?;
                allowed.contains(&picks.len()).then(|| picked.iter().sum())
            }
            (Shape::Scale { min, max, weight }, Given::Number(value)) => {
                (min < max && (min..=max).contains(&value)).then(|| weight * (value - min) / (max - min))
            }
            (Shape::Ranking { weights, top }, Given::Ranked(ranked)) => {
                let ranked = distinct(weights, ranked).filter(|ranked| ranked.len() == *top)?;
                Some(weighted_by_rank(ranked.into_iter(), *top))
            }
            (Shape::BestWorst { weights }, Given::BestWorst { best, worst }) => {
                let ends = distinct(weights, &[*best, *worst])?;
                Some(ends[0] - ends[1])
            }
            (Shape::Allocation { weights, total }, Given::Points(points)) => {
                let adds_up = (points.iter().sum::<f64>() - total).abs() <= 1e-9 * total;
                let valid = points.len() == weights.len() && points.iter().all(|p| *p >= 0.0) && adds_up;
                (valid && *total > 0.0).then(|| weights.iter().zip(points).map(|(w, p)| w * p / total).sum())
            }
            _ => None,
        }
    }

    /// `None` when the question cannot tell contacts apart on this need, or this is no valid answer to it.
    pub fn scored(&self, given: &Given) -> Option<Scored> {
        Some(self.span()?.scored(self.points(given)?))
    }
}

fn least_and_most(weights: &[f64]) -> (f64, f64) {
    weights
        .iter()
        .map(|weight| (*weight, *weight))
        .reduce(|(least, most), (w, _)| (least.min(w), most.max(w)))
        .unwrap_or((0.0, 0.0))
}

fn bounds_of_picks(weights: &[f64], min: usize, max: usize) -> (f64, f64) {
    let sums = |sorted: Vec<f64>| {
        let mut sum = 0.0;
        let sums: Vec<f64> = sorted
            .into_iter()
            .take(max)
            .map(|weight| {
                sum += weight;
                sum
            })
            .skip(min.max(1) - 1)
            .collect();
        least_and_most(&sums)
    };
    (sums(ascending(weights)).0, sums(descending(weights)).1)
}

fn bounds_of_ranking(weights: &[f64], top: usize) -> (f64, f64) {
    let best_of = |sorted: Vec<f64>| weighted_by_rank(sorted.into_iter().take(top), top);
    // The greatest share goes to the least weight, and so on: the unranked ones have share 0, so
    // that the ranked ones are the least of all. The most mirrors it.
    (best_of(ascending(weights)), best_of(descending(weights)))
}

/// Sum of w·(t−r+1)/t, r counted from 1 at the top.
fn weighted_by_rank(weights: impl Iterator<Item = f64>, top: usize) -> f64 {
    weights
        .enumerate()
        .map(|(place, weight)| weight * (top - place) as f64 / top as f64)
        .sum()
}

/// The weights of these options; `None` when one does not exist or is named twice.
fn distinct(weights: &[f64], options: &[usize]) -> Option<Vec<f64>> {
    let repeated = || (1..options.len()).any(|i| options[..i].contains(&options[i]));
    if options.len() > weights.len() || repeated() {
        return None;
    }
    options.iter().map(|option| weights.get(*option).copied()).collect()
}

fn ascending(weights: &[f64]) -> Vec<f64> {
    let mut sorted = weights.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn descending(weights: &[f64]) -> Vec<f64> {
    let mut sorted = ascending(weights);
    sorted.reverse();
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_that_the_question_does_not_allow_has_no_points() {
        let weights = vec![1.0, 2.0, 3.0];
        let picks = Shape::Picks {
            weights: weights.clone(),
            min: 2,
            max: 2,
        };
        let ranking = Shape::Ranking {
            weights: weights.clone(),
            top: 2,
        };
        let allocation = Shape::Allocation {
            weights: weights.clone(),
            total: 100.0,
        };
        let refused = [
            (
                Shape::Choice {
                    weights: weights.clone(),
                },
                Given::Option(3),
            ),
            (
                Shape::Choice {
                    weights: weights.clone(),
                },
                Given::Number(1.0),
            ),
            (picks.clone(), Given::Options(vec![0])),
            (picks.clone(), Given::Options(vec![0, 1, 2])),
            (picks, Given::Options(vec![1, 1])),
            (
                Shape::Scale {
                    min: 1.0,
                    max: 5.0,
                    weight: 1.0,
                },
                Given::Number(5.5),
            ),
            (
                Shape::Scale {
                    min: 1.0,
                    max: 5.0,
                    weight: 1.0,
                },
                Given::Number(f64::NAN),
            ),
            (
                Shape::Scale {
                    min: 1.0,
                    max: 1.0,
                    weight: 1.0,
                },
                Given::Number(1.0),
            ),
            (ranking.clone(), Given::Ranked(vec![0])),
            (ranking, Given::Ranked(vec![0, 9])),
            (Shape::BestWorst { weights }, Given::BestWorst { best: 1, worst: 1 }),
            (allocation.clone(), Given::Points(vec![50.0, 50.0])),
            (allocation.clone(), Given::Points(vec![150.0, -50.0, 0.0])),
            (allocation, Given::Points(vec![50.0, 49.0, 0.0])),
        ];
        for (shape, given) in refused {
            assert_eq!(shape.points(&given), None, "{shape:?} {given:?}");
        }
    }

    #[test]
    fn a_question_with_one_possible_sum_tells_nobody_apart() {
        // 0.1 + 0.2 + 0.3 differs from 0.3 + 0.2 + 0.1 by a rounding.
        let everything = Shape::Picks {
            weights: vec![0.1, 0.2, 0.3],
            min: 3,
            max: 3,
        };
        assert_eq!(everything.scored(&Given::Options(vec![2, 1, 0])), None);
        assert_eq!(
            Shape::Ranking {
                weights: vec![0.1; 4],
                top: 3
            }
            .span(),
            None
        );
        assert_eq!(Shape::Choice { weights: vec![] }.span(), None);
    }

    #[test]
    fn percent_stands_where_the_answer_lies_between_least_and_most() {
        let scored = Shape::Scale {
            min: 0.0,
            max: 10.0,
            weight: -2.0,
        }
        .scored(&Given::Number(2.0))
        .unwrap();
        assert!((scored.percent - 80.0).abs() < 1e-9);
        assert_eq!(scored.range, 2.0);
    }

    /// Every list of `length` different places below `count`.
    fn ordered_picks(count: usize, length: usize) -> Vec<Vec<usize>> {
        if length == 0 {
            return vec![vec![]];
        }
        let shorter = ordered_picks(count, length - 1);
        let longer = |list: &Vec<usize>| {
            let list = list.clone();
            (0..count)
                .filter(|o| !list.contains(o))
                .map(|o| [list.clone(), vec![o]].concat())
                .collect::<Vec<_>>()
        };
        shorter.iter().flat_map(longer).collect()
    }

    /// Every way to share `total` out over `count` options.
    fn shares(count: usize, total: u32) -> Vec<Vec<f64>> {
        if count == 1 {
            return vec![vec![f64::from(total)]];
        }
        let with_first = |first: u32| {
            let rest = shares(count - 1, total - first).into_iter();
            rest.map(move |rest| [vec![f64::from(first)], rest].concat())
                .collect::<Vec<_>>()
        };
        (0..=total).flat_map(with_first).collect()
    }

    /// Small questions of every kind, each with all of its valid answers.
    fn questions(weights: &[f64], a: usize, b: usize) -> Vec<(Shape, Vec<Given>)> {
        let (count, weights) = (weights.len(), weights.to_vec());
        let (min, max) = (a.min(b).clamp(1, count), a.max(b).clamp(1, count));
        let picks = (min..=max)
            .flat_map(|n| ordered_picks(count, n))
            .map(Given::Options)
            .collect();
        let scale = (0..=max).map(|v| Given::Number(v as f64)).collect();
        let ends = ordered_picks(count, 2)
            .into_iter()
            .map(|e| Given::BestWorst {
                best: e[0],
                worst: e[1],
            })
            .collect();
        vec![
            (
                Shape::Choice {
                    weights: weights.clone(),
                },
                (0..count).map(Given::Option).collect(),
            ),
            (
                Shape::Picks {
                    weights: weights.clone(),
                    min,
                    max,
                },
                picks,
            ),
            (
                Shape::Scale {
                    min: 0.0,
                    max: max as f64,
                    weight: weights[0],
                },
                scale,
            ),
            (
                Shape::Ranking {
                    weights: weights.clone(),
                    top: max,
                },
                ordered_picks(count, max).into_iter().map(Given::Ranked).collect(),
            ),
            (
                Shape::BestWorst {
                    weights: weights.clone(),
                },
                ends,
            ),
            (
                Shape::Allocation { weights, total: 5.0 },
                shares(count, 5).into_iter().map(Given::Points).collect(),
            ),
        ]
    }

    proptest! {
        #[test]
        fn the_bounds_are_the_least_and_most_of_all_answers(
            weights in prop::collection::vec(-3.0..3.0f64, 2..=4), a in 1usize..5, b in 1usize..5,
        ) {
            for (shape, answers) in questions(&weights, a, b) {
                let points: Vec<f64> = answers.iter().map(|given| shape.points(given).unwrap()).collect();
                let (lo, hi) = shape.bounds();
                let (least, most) = least_and_most(&points);
                prop_assert!((lo - least).abs() < 1e-9 && (hi - most).abs() < 1e-9, "{shape:?} {lo} {hi} {least} {most}");
                for scored in answers.iter().filter_map(|given| shape.scored(given)) {
                    prop_assert!((0.0..=100.0).contains(&scored.percent));
                }
            }
        }
    }
}
