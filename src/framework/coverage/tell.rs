//! Which needs and segments the loadings can tell apart: exact where two needs get the same points from
//! every answer, and tried on random answers where they only tend to.

use super::answerer::{Scale, random_scores, scales};
use super::{Asking, Coverage};
use crate::framework::shape::shape;
use crate::framework::{Code, Framework, Question};
use crate::method::points::Shape;

/// Scores that go together as closely as this are one need in practice.
const BLURRED: f64 = 0.9;

/// Of what sets two segments apart, less than this share is left in what the questions tell.
const ALIKE: f64 = 0.2;

pub fn tell(framework: &Framework, asking: &Asking) -> Coverage {
    let in_play = in_play(framework);
    let name = |need: &usize| framework.needs[*need].code.clone();
    let signs: Vec<Sign> = (0..framework.needs.len())
        .map(|need| sign(framework, asking, need))
        .collect();
    let is_told = |need: usize| signs[need].iter().any(Option::is_some);
    let told: Vec<usize> = in_play.iter().copied().filter(|need| is_told(*need)).collect();
    let groups = groups(&told, &signs);
    let firsts: Vec<usize> = groups.iter().map(|group| group[0]).collect();
    let opposite = pairs(&firsts, |a, b| are_opposite(&signs[a], &signs[b]));
    let scores = random_scores(framework, asking);
    let blurred = pairs(&firsts, |a, b| {
        !are_opposite(&signs[a], &signs[b]) && correlation(&scores, a, b).is_some_and(|r| r > BLURRED)
    });
    let idle = (0..framework.needs.len()).filter(|need| !in_play.contains(need) && is_told(*need));
    let scale: Vec<Scale> = scales(framework, &asking.questions);
    let first_way = asking.of_contact(0);
    let named = |pairs: Vec<(usize, usize)>| pairs.iter().map(|(a, b)| (name(a), name(b))).collect();
    Coverage {
        answers_of_contact: first_way
            .iter()
            .map(|question| {
                scale
                    .iter()
                    .filter(|scale| scale.question == *question && !scale.needs.is_empty())
                    .count()
            })
            .sum(),
        never: in_play.iter().filter(|need| !is_told(**need)).map(name).collect(),
        together: groups
            .iter()
            .filter(|group| group.len() > 1)
            .map(|group| group.iter().map(name).collect())
            .collect(),
        opposite: named(opposite),
        blurred: named(blurred),
        idle: idle.map(|need| name(&need)).collect(),
        alike: alike(framework, &in_play, &groups),
        outlook: Vec::new(),
    }
}

/// The needs that some segment seeks; all of them, where there is no segment yet.
fn in_play(framework: &Framework) -> Vec<usize> {
    let profiles = framework.profiles();
    let is_sought = |need: &usize| profiles.is_empty() || profiles.iter().any(|profile| profile[*need] > 0.0);
    (0..framework.needs.len()).filter(is_sought).collect()
}

/// What each answer says about a need, item by item, from 0 to 1; `None` where the item cannot tell.
type Sign = Vec<Option<Vec<f64>>>;

fn sign(framework: &Framework, asking: &Asking, need: usize) -> Sign {
    let code = framework.needs[need].code.as_str();
    let of_question = |question: &Question| -> Vec<Option<Vec<f64>>> {
        let rows = question
            .items()
            .into_iter()
            .map(|item| item.row.map(|row| row.code.clone()));
        let rows: Vec<Option<Code>> = rows.collect();
        rows.iter()
            .map(|row| {
                let shape = shape(question, row.as_deref(), code)?;
                shape.span()?;
                Some(normed(&shape))
            })
            .collect()
    };
    asking.questions.iter().flat_map(of_question).collect()
}

/// The options from the one that says least to the one that says most.
fn normed(shape: &Shape) -> Vec<f64> {
    let weights = match shape {
        Shape::Scale { weight, .. } => return vec![if *weight > 0.0 { 1.0 } else { 0.0 }],
        Shape::Choice { weights }
        | Shape::Picks { weights, .. }
        | Shape::Ranking { weights, .. }
        | Shape::BestWorst { weights }
        | Shape::Allocation { weights, .. } => weights,
    };
    let least = weights.iter().copied().fold(f64::INFINITY, f64::min);
    let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = most - least;
    weights
        .iter()
        .map(|weight| if range > 0.0 { (weight - least) / range } else { 0.0 })
        .collect()
}

fn are_same(a: &Sign, b: &Sign) -> bool {
    agree(a, b, |a, b| (a - b).abs())
}

fn are_opposite(a: &Sign, b: &Sign) -> bool {
    agree(a, b, |a, b| (a + b - 1.0).abs())
}

fn agree(a: &Sign, b: &Sign, off: impl Fn(f64, f64) -> f64) -> bool {
    a.iter().zip(b).all(|pair| match pair {
        (None, None) => true,
        (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| off(*a, *b) < 1e-9),
        _ => false,
    })
}

/// Needs with the same sign, together; each need in one group.
fn groups(needs: &[usize], signs: &[Sign]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for need in needs {
        match groups
            .iter_mut()
            .find(|group| are_same(&signs[group[0]], &signs[*need]))
        {
            Some(group) => group.push(*need),
            None => groups.push(vec![*need]),
        }
    }
    groups
}

fn pairs(needs: &[usize], holds: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (i, a) in needs.iter().enumerate() {
        found.extend(needs[i + 1..].iter().filter(|b| holds(*a, **b)).map(|b| (*a, *b)));
    }
    found
}

/// `None` where one of the two does not vary.
fn correlation(scores: &[Vec<Option<f64>>], a: usize, b: usize) -> Option<f64> {
    let both: Vec<(f64, f64)> = scores
        .iter()
        .filter_map(|scores| Some((scores[a]?, scores[b]?)))
        .collect();
    let count = both.len() as f64;
    if both.len() < 10 {
        return None;
    }
    let mean_a = both.iter().map(|(a, _)| a).sum::<f64>() / count;
    let mean_b = both.iter().map(|(_, b)| b).sum::<f64>() / count;
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in both {
        ab += (a - mean_a) * (b - mean_b);
        aa += (a - mean_a).powi(2);
        bb += (b - mean_b).powi(2);
    }
    (aa > 1e-9 && bb > 1e-9).then(|| ab / (aa * bb).sqrt())
}

/// Segments that differ only in needs that the questions cannot tell apart.
fn alike(framework: &Framework, in_play: &[usize], groups: &[Vec<usize>]) -> Vec<(Code, Code)> {
    let profiles = framework.profiles();
    let units: Vec<Vec<f64>> = profiles.iter().map(|profile| unit(profile, in_play)).collect();
    let segments: Vec<usize> = (0..framework.segments.len()).collect();
    let told = |a: usize, b: usize| {
        let apart = |need: &usize| units[a][*need] - units[b][*need];
        let all = in_play.iter().map(|need| apart(need).powi(2)).sum::<f64>().sqrt();
        // Needs of one group have one score, which counts once for each.
        let left = groups
            .iter()
            .map(|group| group.iter().map(apart).sum::<f64>().powi(2) / group.len() as f64);
        left.sum::<f64>().sqrt() < ALIKE * all
    };
    let code = |segment: usize| framework.segments[segment].code.clone();
    pairs(&segments, told)
        .into_iter()
        .map(|(a, b)| (code(a), code(b)))
        .collect()
}

/// METHOD.md section 4: centred over the needs in play, of length 1; over all needs.
pub fn unit(profile: &[f64], in_play: &[usize]) -> Vec<f64> {
    let mean = in_play.iter().map(|need| profile[*need]).sum::<f64>() / in_play.len().max(1) as f64;
    let mut unit = vec![0.0; profile.len()];
    for need in in_play {
        unit[*need] = profile[*need] - mean;
    }
    let length = unit.iter().map(|u| u * u).sum::<f64>().sqrt();
    if length > 1e-12 {
        unit.iter_mut().for_each(|u| *u /= length);
    }
    unit
}
