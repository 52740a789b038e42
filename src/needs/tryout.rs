//! Answers tried out: what the method would make of them, if contacts of one company gave them now.
//! Nothing is kept.

use super::ladder;
use crate::answers::NewAnswer;
use crate::design::Design;
use crate::method::calibrate::Calibration;
use crate::method::score::{Answer, ContactSums, Score, company_score};
use crate::method::segment::{Assigned, Assignment, assign};

/// How a company would stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// By need, in framework order.
    pub scores: Vec<Option<Score>>,
    /// Distinct scored answers of all contacts together.
    pub answers: u32,
    /// The one segment, or in words why there is none.
    pub outcome: Result<Assigned, String>,
}

/// What these answers would come to, given alike by so many contacts in this role.
pub fn try_out(
    design: &Design,
    calibrations: &[Calibration],
    answers: &[NewAnswer],
    contacts: u32,
    role: Option<&str>,
) -> Tried {
    let needs = design.framework.needs.len();
    let mut by_need: Vec<Vec<Answer>> = vec![Vec::new(); needs];
    let mut scored = 0;
    for answer in answers {
        if note(design, answer, &mut by_need) {
            scored += 1;
        }
    }
    // None is older than the others, so no half-life tells them apart.
    let sums = by_need.iter().map(|answers| ContactSums::of(answers, None));
    let weight = design.role_weight(role);
    let score = |sums: Option<ContactSums>| company_score(&vec![(weight, sums?); contacts as usize]);
    let scores: Vec<Option<Score>> = sums.map(score).collect();
    let with_se = scores.iter().zip(calibrations);
    let with_se: Vec<Option<(f64, f64)>> = with_se
        .map(|(score, calibration)| score.map(|score| (score.value, score.se(calibration))))
        .collect();
    let answers = scored * contacts;
    let least = design.framework.settings.min_scored_answers;
    let outcome = match assign(&design.profiles, &with_se, calibrations, answers, least, None) {
        Assignment::Assigned(assigned) => Ok(assigned),
        Assignment::Unassigned(why) => Err(ladder::why_none(design, &why)),
    };
    Tried {
        scores,
        answers,
        outcome,
    }
}

fn note(design: &Design, answer: &NewAnswer, by_need: &mut [Vec<Answer>]) -> bool {
    let Some(version) = design.version(answer.version) else {
        return false;
    };
    let Some(given) = answer.value.given(&version.question) else {
        return false;
    };
    let Some(item) = version.scoring.item(answer.row.as_deref()) else {
        return false;
    };
    let mut is_scored = false;
    for (need, scored) in item.scored(&given) {
        by_need[need].push(Answer {
            percent: scored.percent,
            range: scored.range,
            day: 0.0,
        });
        is_scored = true;
    }
    is_scored
}
