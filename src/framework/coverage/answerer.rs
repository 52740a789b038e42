//! Made-up companies that answer as companies of their segment plausibly would, and what the method
//! makes of their answers.
//!
//! A company's true needs lie about its segment's profile, some near it and some far, all in all as far
//! apart as the method's priors say that companies lie; its contacts lie about the company. The segment
//! that is right is the one that its true needs fit best. Of options they take the one that serves
//! their needs best, with the noise of people who choose; on scales they answer about what they seek.
//! One answer in ten is "I can't say". None of this is true of anybody: it says what can be expected of
//! the questions, not of the customers.

use super::chance::Chance;
use super::tell::unit;
use super::{Asking, Outlook};
use crate::framework::shape::shape;
use crate::framework::{Code, Framework, Kind, Loads, Question};
use crate::method::calibrate::Calibration;
use crate::method::points::{Given, Shape, Span};
use crate::method::score::{Answer, ContactSums, company_score};
use crate::method::segment::{Assignment, Profiles, assign};

/// After so many answers the standing is looked at.
const STEPS: [u32; 8] = [3, 6, 9, 12, 15, 18, 21, 24];

/// Made-up companies in all, shared out over the segments.
const COMPANIES: usize = 180;

/// Random answers that correlations are reckoned from.
const SHEETS: usize = 150;

/// How much of "I can't say" there is.
const UNSAID: f64 = 0.1;

const SEED: u64 = 20_260_601;

/// What one item says about each need it can tell.
pub struct Scale {
    /// Its place among those asked.
    pub question: usize,
    pub row: Option<Code>,
    pub needs: Vec<(usize, Shape, Span)>,
}

/// Every item of the questions.
pub fn scales(framework: &Framework, questions: &[Question]) -> Vec<Scale> {
    let of_question = |(at, question): (usize, &Question)| -> Vec<Scale> {
        let rows: Vec<Option<Code>> = question
            .items()
            .into_iter()
            .map(|item| item.row.map(|row| row.code.clone()))
            .collect();
        let scale = |row: Option<Code>| {
            let told = |(need, known): (usize, &crate::framework::Need)| {
                let shape = shape(question, row.as_deref(), &known.code)?;
                let span = shape.span()?;
                Some((need, shape, span))
            };
            let needs = framework.needs.iter().enumerate().filter_map(told).collect();
            Scale {
                question: at,
                row,
                needs,
            }
        };
        rows.into_iter().map(scale).collect()
    };
    questions.iter().enumerate().flat_map(of_question).collect()
}

/// The needs' scores of sheets filled in at random.
pub fn random_scores(framework: &Framework, asking: &Asking) -> Vec<Vec<Option<f64>>> {
    let mut chance = Chance::new(SEED);
    let scales = scales(framework, &asking.questions);
    let indifferent = vec![0.0; framework.needs.len()];
    let mut sheets = Vec::with_capacity(SHEETS);
    for _ in 0..SHEETS {
        let mut sums = vec![Vec::new(); framework.needs.len()];
        for scale in scales.iter().filter(|scale| !scale.needs.is_empty()) {
            let question = &asking.questions[scale.question];
            let given = answer(framework, question, scale.row.as_deref(), &indifferent, &mut chance);
            note(scale, given.as_ref(), &mut sums);
        }
        sheets.push(
            sums.iter()
                .map(|answers| ContactSums::of(answers, None).map(|sums| sums.score()))
                .collect(),
        );
    }
    sheets
}

/// Adds what the answer says; whether it says anything.
fn note(scale: &Scale, given: Option<&Given>, by_need: &mut [Vec<Answer>]) -> bool {
    let Some(given) = given else { return false };
    let mut is_scored = false;
    for (need, shape, span) in &scale.needs {
        if let Some(points) = shape.points(given) {
            let scored = span.scored(points);
            by_need[*need].push(Answer {
                percent: scored.percent,
                range: scored.range,
                day: 0.0,
            });
            is_scored = true;
        }
    }
    is_scored
}

/// How companies of each segment stand after 3, 6, 9 … answers.
pub fn outlook(framework: &Framework, asking: &Asking) -> Vec<Outlook> {
    let Ok(profiles) = Profiles::new(&framework.profiles()) else {
        return Vec::new();
    };
    let all = framework.profiles();
    let trial = Trial {
        units: all.iter().map(|profile| unit(profile, profiles.in_play())).collect(),
        framework,
        asking,
        scales: scales(framework, &asking.questions),
        calibrations: vec![Calibration::prior(); framework.needs.len()],
        profiles,
    };
    let segments = framework.segments.len();
    let each = (COMPANIES / segments).max(12);
    let mut tallies = [Tally::default(); STEPS.len()];
    let mut chance = Chance::new(SEED);
    for segment in 0..segments {
        for _ in 0..each {
            trial.company(segment, &mut chance, &mut tallies);
        }
    }
    let companies = (segments * each) as f64;
    let outlook = STEPS.iter().zip(tallies).map(|(answers, tally)| Outlook {
        answers: *answers,
        contacts: (tally.contacts / companies).ceil() as u32,
        assigned_percent: 100.0 * tally.assigned / companies,
        right_percent: (tally.assigned > 0.0).then(|| 100.0 * tally.right / tally.assigned),
        confidence_percent: (tally.assigned > 0.0).then(|| 100.0 * tally.confidence / tally.assigned),
    });
    outlook.collect()
}

#[derive(Clone, Copy, Default)]
struct Tally {
    assigned: f64,
    right: f64,
    confidence: f64,
    contacts: f64,
}

struct Trial<'f> {
    framework: &'f Framework,
    asking: &'f Asking,
    scales: Vec<Scale>,
    calibrations: Vec<Calibration>,
    profiles: Profiles,
    /// By segment: its profile's direction, over all needs.
    units: Vec<Vec<f64>>,
}

impl Trial<'_> {
    /// Lets the colleagues of one company answer one after the other, and looks at it on the way.
    fn company(&self, segment: usize, chance: &mut Chance, tallies: &mut [Tally; STEPS.len()]) {
        let needs = self.framework.needs.len();
        let truth = self.true_needs(segment, chance);
        let right = self.best_fit(&truth);
        // By contact and need.
        let mut given: Vec<Vec<Vec<Answer>>> = Vec::new();
        let (mut answers, mut step) = (0, 0);
        for contact in 0.. {
            let before = answers;
            let own: Vec<f64> = truth.iter().map(|z| z + 0.5 * chance.normal()).collect();
            given.push(vec![Vec::new(); needs]);
            let mut chosen: Vec<(usize, Vec<Code>)> = Vec::new();
            for at in self.asking.of_contact(contact) {
                let question = &self.asking.questions[at];
                if !is_shown(question, &self.asking.questions, &chosen) {
                    continue;
                }
                for scale in self.scales.iter().filter(|scale| scale.question == at) {
                    let is_unsaid = chance.share() < UNSAID;
                    let answer =
                        answer(self.framework, question, scale.row.as_deref(), &own, chance).filter(|_| !is_unsaid);
                    if let Some(answer) = &answer {
                        chosen.push((at, options_of(question, answer)));
                    }
                    let Some(latest) = given.last_mut() else { return };
                    if !note(scale, answer.as_ref(), latest) {
                        continue;
                    }
                    answers += 1;
                    if answers == STEPS[step] {
                        self.look(right, &given, answers, &mut tallies[step]);
                        step += 1;
                        if step == STEPS.len() {
                            return;
                        }
                    }
                }
            }
            // Where nobody can say anything, nobody ever will.
            if answers == before && contact >= 3 {
                return;
            }
        }
    }

    fn look(&self, right: usize, given: &[Vec<Vec<Answer>>], answers: u32, tally: &mut Tally) {
        let score = |need: usize| {
            let parts: Vec<(f64, ContactSums)> = given
                .iter()
                .filter_map(|by_need| Some((1.0, ContactSums::of(&by_need[need], None)?)))
                .collect();
            company_score(&parts).map(|score| (score.value, score.se(&self.calibrations[need])))
        };
        let scores: Vec<Option<(f64, f64)>> = (0..self.framework.needs.len()).map(score).collect();
        let least = self.framework.settings.min_scored_answers;
        tally.contacts += given.len() as f64;
        if let Assignment::Assigned(assigned) =
            assign(&self.profiles, &scores, &self.calibrations, answers, least, None)
        {
            tally.assigned += 1.0;
            tally.right += f64::from(u8::from(assigned.segment == right));
            tally.confidence += assigned.confidence.unwrap_or(1.0);
        }
    }

    /// In standard deviations from the mean of all companies.
    fn true_needs(&self, segment: usize, chance: &mut Chance) -> Vec<f64> {
        let length = 0.7 * (self.profiles.in_play().len() as f64).sqrt();
        self.units[segment]
            .iter()
            .map(|u| u * length + 0.7 * chance.normal())
            .collect()
    }

    fn best_fit(&self, needs: &[f64]) -> usize {
        let fit = |unit: &Vec<f64>| unit.iter().zip(needs).map(|(u, need)| u * need).sum::<f64>();
        let fits: Vec<f64> = self.units.iter().map(fit).collect();
        (0..fits.len())
            .max_by(|a, b| fits[*a].total_cmp(&fits[*b]))
            .unwrap_or(0)
    }
}

fn is_shown(question: &Question, all: &[Question], chosen: &[(usize, Vec<Code>)]) -> bool {
    let Some(condition) = &question.show_if else {
        return true;
    };
    chosen.iter().any(|(at, options)| {
        all[*at].code == condition.question && options.iter().any(|option| condition.any_of.contains(option))
    })
}

fn options_of(question: &Question, given: &Given) -> Vec<Code> {
    let options: Vec<&Code> = question
        .kind
        .options()
        .iter()
        .filter(|option| !option.no_opinion)
        .map(|option| &option.code)
        .collect();
    let code = |at: &usize| options.get(*at).map(|code| (*code).clone());
    match given {
        Given::Option(at) => code(at).into_iter().collect(),
        Given::Options(picks) => picks.iter().filter_map(code).collect(),
        _ => Vec::new(),
    }
}

/// What somebody with these needs would answer.
fn answer(
    framework: &Framework,
    question: &Question,
    row: Option<&str>,
    needs: &[f64],
    chance: &mut Chance,
) -> Option<Given> {
    let need = |code: &str| framework.need_position(code).map_or(0.0, |at| needs[at]);
    match &question.kind {
        Kind::Rating { min, max, loads, .. } => Some(on_scale(*min, *max, loads, need, chance)),
        Kind::Nps { loads } => Some(on_scale(0, 10, loads, need, chance)),
        Kind::Matrix { min, max, rows, .. } => {
            let row = rows.iter().find(|known| Some(known.code.as_str()) == row)?;
            Some(on_scale(*min, *max, &row.loads, need, chance))
        }
        Kind::Text { .. } => None,
        kind => {
            let options: Vec<&Loads> = kind
                .options()
                .iter()
                .filter(|option| !option.no_opinion)
                .map(|option| &option.loads)
                .collect();
            let strongest = options
                .iter()
                .flat_map(|loads| loads.values())
                .fold(0.0f64, |most, load| most.max(load.abs()));
            let serves = |loads: &&Loads| {
                let own: f64 = loads.iter().map(|(code, load)| load * need(code)).sum();
                if strongest > 0.0 { 1.2 * own / strongest } else { 0.0 }
            };
            let wanted: Vec<f64> = options.iter().map(|loads| serves(loads) + chance.gumbel()).collect();
            choose(kind, &wanted)
        }
    }
}

fn choose(kind: &Kind, wanted: &[f64]) -> Option<Given> {
    let mut best: Vec<usize> = (0..wanted.len()).collect();
    best.sort_by(|a, b| wanted[*b].total_cmp(&wanted[*a]));
    let (first, last) = (*best.first()?, *best.last()?);
    Some(match kind {
        Kind::SingleChoice { .. } => Given::Option(first),
        Kind::MultipleChoice {
            min_picks, max_picks, ..
        } => {
            // Nobody ticks everything that is allowed, if that is nearly all.
            let picks = (*max_picks as usize)
                .min(wanted.len().div_ceil(2))
                .max(*min_picks as usize);
            Given::Options(best[..picks.min(wanted.len())].to_vec())
        }
        Kind::Ranking { top, .. } => Given::Ranked(best[..(*top as usize).min(wanted.len())].to_vec()),
        Kind::BestWorst { .. } => Given::BestWorst {
            best: first,
            worst: last,
        },
        Kind::Allocation { total, .. } => Given::Points(shared_out(*total, wanted)),
        _ => return None,
    })
}

/// Whole points, the more the more something is wanted.
fn shared_out(total: u32, wanted: &[f64]) -> Vec<f64> {
    let most = wanted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = wanted.iter().map(|w| (w - most).exp()).collect();
    let sum: f64 = shares.iter().sum();
    let mut points: Vec<f64> = shares
        .iter()
        .map(|share| (f64::from(total) * share / sum).floor())
        .collect();
    let rest = f64::from(total) - points.iter().sum::<f64>();
    if let Some(at) = (0..wanted.len()).max_by(|a, b| wanted[*a].total_cmp(&wanted[*b])) {
        points[at] += rest;
    }
    points
}

fn on_scale(min: i32, max: i32, loads: &Loads, need: impl Fn(&str) -> f64, chance: &mut Chance) -> Given {
    let weight: f64 = loads.values().map(|load| load.abs()).sum();
    let sought: f64 = loads.iter().map(|(code, load)| load * need(code)).sum();
    let sought = if weight > 0.0 { sought / weight } else { 0.0 };
    // Most people keep off the low end of a scale.
    let percent = (55.0 + 15.0 * sought + 25.0 * chance.normal()).clamp(0.0, 100.0);
    let range = f64::from(max - min);
    Given::Number((f64::from(min) + percent / 100.0 * range).round())
}
