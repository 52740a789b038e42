//! Which segments can hardly be told apart, in words.

use crate::framework::{Framework, Loads};
use crate::method::calibrate::Calibration;
use crate::method::likeness::{self, Likeness, Verdict};
use crate::text::figures;
use crate::web::design::words;

/// More segments than these are not set beside each other in one table.
const MOST_IN_TABLE: usize = 12;

/// No company gives so many answers: how many more it would take says nothing.
const NOBODY_GIVES: u32 = 1_000;

/// All pairs as a table of which one half is filled, and those to think about in sentences.
#[derive(Debug)]
pub struct Matrix {
    /// The names over the columns: all but the last segment.
    pub columns: Vec<String>,
    /// All but the first segment.
    pub rows: Vec<Row>,
    pub warnings: Vec<Warning>,
}

#[derive(Debug)]
pub struct Row {
    pub name: String,
    pub cells: Vec<Cell>,
}

/// How many answers tell the two apart.
#[derive(Debug)]
pub struct Cell {
    pub words: String,
    pub class: &'static str,
}

/// What to think about before two segments are used.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    pub verdict: Verdict,
    pub sentence: String,
}

impl Matrix {
    /// `None` for fewer than two segments: there is nothing to tell apart.
    pub fn of(framework: &Framework, calibrations: &[Calibration]) -> Option<Matrix> {
        let count = framework.segments.len();
        if count < 2 {
            return None;
        }
        let pairs = likeness::pairs(&framework.profiles(), calibrations);
        let name = |at: usize| framework.segments[at].name.clone();
        let row = |second: usize| Row {
            name: name(second),
            cells: (0..second)
                .map(|first| cell(pairs.iter().find(|pair| (pair.first, pair.second) == (first, second))))
                .collect(),
        };
        let is_small = count <= MOST_IN_TABLE;
        let mut warnings: Vec<Warning> = pairs.iter().filter_map(|pair| warning(framework, pair, None)).collect();
        warnings.sort_by_key(|warning| std::cmp::Reverse(warning.verdict));
        Some(Matrix {
            columns: (0..if is_small { count - 1 } else { 0 }).map(name).collect(),
            rows: (1..if is_small { count } else { 0 }).map(row).collect(),
            warnings,
        })
    }
}

fn cell(pair: Option<&Likeness>) -> Cell {
    let Some(pair) = pair else {
        return Cell {
            words: "–".to_owned(),
            class: "",
        };
    };
    let class = match pair.verdict() {
        Verdict::Apart => "badge badge-done",
        Verdict::Close => "badge",
        Verdict::TooAlike => "badge badge-warn",
        Verdict::Same => "badge badge-fault",
    };
    Cell {
        words: pair
            .answers
            .map_or("never".to_owned(), |answers| figures::count(i64::from(answers))),
        class,
    }
}

/// What is to be said of the segment at this place, with this profile instead of the framework's.
pub fn warnings(framework: &Framework, at: usize, profile: &Loads, calibrations: &[Calibration]) -> Vec<Warning> {
    let mut framework = framework.clone();
    if at >= framework.segments.len() {
        framework.segments.push(crate::framework::Segment::default());
    }
    let at = at.min(framework.segments.len() - 1);
    framework.segments[at].profile = profile.clone();
    let pairs = likeness::pairs(&framework.profiles(), calibrations);
    let own = pairs.iter().filter(|pair| pair.first == at || pair.second == at);
    let mut warnings: Vec<Warning> = own.filter_map(|pair| warning(&framework, pair, Some(at))).collect();
    warnings.sort_by_key(|warning| std::cmp::Reverse(warning.verdict));
    warnings
}

/// Whether the weights of a profile are all alike over the needs that some segment seeks.
pub fn is_flat(framework: &Framework, at: usize, profile: &Loads) -> bool {
    let others = framework.segments.iter().enumerate().filter(|(nth, _)| *nth != at);
    let sought = |need: &str| {
        let weighs = |profile: &Loads| profile.get(need).is_some_and(|weight| *weight > 0.0);
        weighs(profile) || others.clone().any(|(_, segment)| weighs(&segment.profile))
    };
    let needs = framework.needs.iter().filter(|need| sought(&need.code));
    let mut weights = needs.map(|need| profile.get(&need.code).copied().unwrap_or(0.0));
    let first = weights.next();
    weights.all(|weight| Some(weight) == first)
}

/// `own`: the segment that the page is about, which needs no name.
fn warning(framework: &Framework, pair: &Likeness, own: Option<usize>) -> Option<Warning> {
    let (first, second) = match own {
        Some(own) if own == pair.first => (pair.first, pair.second),
        Some(_) => (pair.second, pair.first),
        None => (pair.first, pair.second),
    };
    let name = |at: usize| format!("“{}”", framework.segments[at].name);
    let beside = match own {
        Some(_) => format!("it and {}", name(second)),
        None => format!("{} and {}", name(first), name(second)),
    };
    let answers = pair.answers.map(|answers| {
        let answers = match answers > NOBODY_GIVES {
            true => format!("more than {} answers", figures::count(i64::from(NOBODY_GIVES))),
            false => format!("about {}", figures::counted(i64::from(answers), "answer", "answers")),
        };
        format!("It takes {answers} on each need to tell a company of the one from one of the other.")
    });
    let sentence = match (pair.verdict(), answers) {
        (Verdict::Apart, _) => return None,
        (Verdict::Same, _) | (_, None) => {
            format!("No answers tell {beside} apart: their profiles have the same shape. It cannot be saved so.")
        }
        (Verdict::TooAlike, Some(answers)) => {
            format!(
                "Hardly anything tells {beside} apart. {answers} {}",
                difference(framework, pair, first, second)
            )
        }
        (Verdict::Close, Some(answers)) => {
            format!(
                "Little tells {beside} apart. {answers} {}",
                difference(framework, pair, first, second)
            )
        }
    };
    Some(Warning {
        verdict: pair.verdict(),
        sentence,
    })
}

/// `They differ only in Assurance (30 against 60).`
fn difference(framework: &Framework, pair: &Likeness, first: usize, second: usize) -> String {
    const TOLD: usize = 3;
    let weight = |segment: usize, need: &str| {
        let weight = framework.segments[segment].profile.get(need);
        words::weight(weight.copied().unwrap_or(0.0))
    };
    let told = pair.differing.iter().filter_map(|need| framework.needs.get(*need));
    let told: Vec<String> = told
        .take(TOLD)
        .map(|need| {
            format!(
                "{} ({} against {})",
                need.name,
                weight(first, &need.code),
                weight(second, &need.code)
            )
        })
        .collect();
    if told.is_empty() {
        return "They differ in nothing that can be seen.".to_owned();
    }
    let only = if pair.differing.len() <= told.len() && pair.differing.len() < pair.in_play {
        "only"
    } else {
        "most"
    };
    format!("They differ {only} in {}.", listed(&told))
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework() -> Framework {
        crate::framework::read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap()
    }

    fn profile(weights: &[(&str, f64)]) -> Loads {
        weights
            .iter()
            .map(|(need, weight)| (need.to_string(), *weight))
            .collect()
    }

    #[test]
    fn segments_that_differ_in_one_need_are_warned_of_with_that_need() {
        let framework = framework();
        let found = warnings(
            &framework,
            3,
            &profile(&[("efficiency", 100.0), ("assurance", 50.0)]),
            &[],
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].verdict, Verdict::TooAlike);
        let sentence = &found[0].sentence;
        assert!(sentence.contains("it and “Efficiency Seekers”"), "{sentence}");
        assert!(
            sentence.ends_with("They differ only in Assurance (50 against 30)."),
            "{sentence}"
        );
    }

    #[test]
    fn the_same_shape_is_told_before_it_is_refused() {
        let found = warnings(
            &framework(),
            3,
            &profile(&[("efficiency", 50.0), ("assurance", 15.0)]),
            &[],
        );
        assert!(found[0].sentence.contains("cannot be saved so"), "{found:?}");
    }

    #[test]
    fn segments_that_are_far_apart_need_no_words() {
        let found = warnings(&framework(), 0, &framework().segments[0].profile, &[]);
        assert_eq!(found, []);
        let matrix = Matrix::of(&framework(), &[]).unwrap();
        assert_eq!(
            (matrix.columns.len(), matrix.rows.len(), matrix.rows[1].cells.len()),
            (2, 2, 2)
        );
        assert!(matrix.warnings.is_empty());
    }

    #[test]
    fn a_profile_without_heights_is_flat() {
        let framework = framework();
        assert!(is_flat(&framework, 3, &Loads::new()));
        assert!(is_flat(
            &framework,
            3,
            &framework.needs.iter().map(|need| (need.code.clone(), 50.0)).collect()
        ));
        assert!(!is_flat(&framework, 3, &profile(&[("efficiency", 1.0)])));
    }
}
