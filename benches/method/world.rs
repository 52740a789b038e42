//! A world as METHOD.md sections 3 and 4 describe it: a company's true needs are normal about μ with
//! τ, its contacts' about them with ω, and each answer's percent about its contact's with σ,
//! whatever its range. Answers end at 0 and 100, as real ones do.

use dripline::method::calibrate::{Calibration, Pool};
use dripline::method::score::{Answer, ContactSums, company_score};
use dripline::method::segment::{Assigned, Assignment, Profiles, assign};
use rand::RngExt;
use rand::rngs::StdRng;

/// What each segment seeks.
pub const PROFILES: [[f64; 6]; 4] = [
    [100.0, 20.0, 0.0, 30.0, 0.0, 10.0],
    [10.0, 100.0, 0.0, 0.0, 40.0, 20.0],
    [0.0, 10.0, 100.0, 20.0, 10.0, 0.0],
    [20.0, 0.0, 10.0, 100.0, 0.0, 60.0],
];
pub const NEEDS: usize = PROFILES[0].len();

/// The least number of answers for a segment, as an installation has it unless told otherwise.
const MIN_ANSWERS: u32 = 3;

#[derive(Debug, Clone, Copy)]
pub struct World {
    pub mu: f64,
    pub tau: f64,
    pub omega: f64,
    pub sigma: f64,
    /// Contacts that answer for a company: from one to so many.
    pub contacts: usize,
    pub truth: Truth,
    pub noise: Noise,
    /// An answer is one of so many marks from 0 to 100; none: any number.
    pub marks: Option<u32>,
}

/// Where companies' true needs lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Truth {
    /// Each need by itself, as the model says.
    Normal,
    /// In as many heaps as there are segments.
    Planted,
    /// Each need by itself, and far more often at the ends than the model says.
    Split,
}

/// What the noise of one question's answers has in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// Nothing, as the model says.
    Apart,
    /// A question that speaks for several needs errs on all of them alike.
    Common,
}

impl World {
    pub const MODEL: World = World {
        mu: 50.0,
        tau: 16.0,
        omega: 8.0,
        sigma: 12.0,
        contacts: 5,
        truth: Truth::Normal,
        noise: Noise::Apart,
        marks: None,
    };

    pub fn company(&self, random: &mut StdRng) -> Company {
        let planted = random.random_range(0..PROFILES.len());
        let mut about = |need: usize| match self.truth {
            Truth::Normal => self.mu + self.tau * normal(random),
            Truth::Planted => 30.0 + 0.4 * PROFILES[planted][need] + 0.4 * self.tau * normal(random),
            Truth::Split => self.mu + self.tau * if random.random_bool(0.5) { 1.0 } else { -1.0 },
        };
        Company {
            truth: (0..NEEDS).map(&mut about).collect(),
        }
    }

    /// What one more of the company's contacts truly needs.
    pub fn contact(&self, company: &Company, random: &mut StdRng) -> Vec<f64> {
        company
            .truth
            .iter()
            .map(|need| need + self.omega * normal(random))
            .collect()
    }

    /// The contact's percents on what the question speaks for.
    pub fn answer(&self, contact: &[f64], question: &Question, random: &mut StdRng) -> Vec<f64> {
        let common = normal(random);
        let mut percent = |(need, _): &(usize, f64)| {
            let noise = match self.noise {
                Noise::Apart => normal(random),
                Noise::Common => common,
            };
            let percent = (contact[*need] + self.sigma * noise).clamp(0.0, 100.0);
            match self.marks {
                Some(marks) => {
                    let steps = f64::from(marks - 1);
                    (percent / 100.0 * steps).round() / steps * 100.0
                }
                None => percent,
            }
        };
        question.iter().map(&mut percent).collect()
    }
}

/// For what a question speaks: needs, each with how far apart it can set two contacts.
pub type Question = Vec<(usize, f64)>;

pub struct Company {
    pub truth: Vec<f64>,
}

impl Company {
    /// The segment that its true needs fit best.
    pub fn segment(&self, profiles: &Profiles) -> usize {
        fits_best(profiles, &self.truth)
    }
}

pub fn profiles() -> Profiles {
    let weights: Vec<Vec<f64>> = PROFILES.iter().map(|profile| profile.to_vec()).collect();
    Profiles::new(&weights).expect("profiles that can be told apart")
}

pub fn fits_best(profiles: &Profiles, needs: &[f64]) -> usize {
    let fit = |segment: &usize| -> f64 { profiles.unit(*segment).iter().zip(needs).map(|(u, x)| u * x).sum() };
    (0..PROFILES.len())
        .max_by(|a, b| fit(a).total_cmp(&fit(b)))
        .unwrap_or(0)
}

/// A contact's sums by need, of the answers that it gave.
pub fn sums<'a>(given: impl IntoIterator<Item = (&'a Question, &'a Vec<f64>)>) -> Vec<Option<ContactSums>> {
    let mut by_need: Vec<Vec<Answer>> = vec![Vec::new(); NEEDS];
    for (question, percents) in given {
        for ((need, range), percent) in question.iter().zip(percents) {
            by_need[*need].push(Answer {
                percent: *percent,
                range: *range,
                day: 0.0,
            });
        }
    }
    by_need.iter().map(|answers| ContactSums::of(answers, None)).collect()
}

/// Contacts by role weight, each with its sums by need.
pub type Contacts = Vec<(f64, Vec<Option<ContactSums>>)>;

fn of_need(contacts: &Contacts, need: usize) -> Vec<(f64, ContactSums)> {
    contacts
        .iter()
        .filter_map(|(weight, sums)| Some((*weight, sums[need]?)))
        .collect()
}

/// The company's segment by the method, or none.
pub fn assigned(
    profiles: &Profiles,
    calibrations: &[Calibration],
    contacts: &Contacts,
    answers: usize,
) -> Option<Assigned> {
    let score = |need: usize| {
        let score = company_score(&of_need(contacts, need))?;
        Some((score.value, score.se(&calibrations[need])))
    };
    let scores: Vec<Option<(f64, f64)>> = (0..NEEDS).map(score).collect();
    match assign(profiles, &scores, calibrations, answers as u32, MIN_ANSWERS, None) {
        Assignment::Assigned(assigned) => Some(assigned),
        Assignment::Unassigned(_) => None,
    }
}

/// As the installation estimates it, over all companies.
pub fn calibrate(companies: &[Contacts]) -> Vec<Calibration> {
    let of = |need: usize| {
        let mut pool = Pool::default();
        for contacts in companies {
            let parts = of_need(contacts, need);
            if let Some(score) = company_score(&parts) {
                let sums: Vec<ContactSums> = parts.iter().map(|(_, sums)| *sums).collect();
                pool.add_company(&sums, &score);
            }
        }
        pool.calibrate()
    };
    (0..NEEDS).map(of).collect()
}

/// By Box and Muller.
pub fn normal(random: &mut StdRng) -> f64 {
    let (a, b): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
