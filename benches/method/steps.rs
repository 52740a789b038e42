//! How soon a company's segment is the one that it gets from all 36 questions, by the order in which
//! they are asked: as METHOD.md section 8 chooses, in a fixed order, and at random.

use dripline::method::adaptive::{Candidate, Evidence, Known, choose};
use dripline::method::calibrate::Calibration;
use dripline::method::segment::Profiles;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::world::{Contacts, NEEDS, Question, World, assigned, calibrate, profiles, sums};
use crate::{percent, setting};

pub const BATTERY: usize = 36;
const QUARTER: usize = BATTERY / 4;
const GOAL: f64 = 90.0;

pub type Battery = Vec<Question>;

/// Named, the one that the bars are about first. They stand in no helpful order.
pub fn batteries() -> Vec<(&'static str, Battery)> {
    let matrix = |range: f64| -> Question { (0..NEEDS).map(|need| (need, range)).collect() };
    let single = |n: usize, range: f64| -> Question { vec![(n % NEEDS, range)] };
    let pair = |n: usize, range: f64| -> Question { vec![(n % NEEDS, range), ((n + 1 + n / NEEDS) % NEEDS, range)] };
    let mut all: Vec<(&'static str, Battery)> = vec![
        (
            "6 matrices of all needs, 12 of two needs, 18 of one",
            (0..6)
                .map(|_| matrix(1.0))
                .chain((0..12).map(|n| pair(n, 1.0)))
                .chain((0..18).map(|n| single(n, 1.0)))
                .collect(),
        ),
        (
            "8 matrices of all needs, 28 ratings of one need",
            (0..8)
                .map(|_| matrix(1.0))
                .chain((0..28).map(|n| single(n, 1.0)))
                .collect(),
        ),
        (
            "8 matrices of all needs, 28 ratings of one need that weigh half",
            (0..8)
                .map(|_| matrix(1.0))
                .chain((0..28).map(|n| single(n, 0.5)))
                .collect(),
        ),
        (
            "36 ratings of one need, all alike",
            (0..BATTERY).map(|n| single(n, 1.0)).collect(),
        ),
        (
            "36 ratings of one need, weighing 3, 2, 1 and 0.5",
            (0..BATTERY)
                .map(|n| single(n, [3.0, 2.0, 1.0, 0.5, 0.5, 0.5][n / NEEDS]))
                .collect(),
        ),
    ];
    let mut random = StdRng::seed_from_u64(1);
    all.iter_mut().for_each(|(_, battery)| battery.shuffle(&mut random));
    all
}

pub fn show() {
    let companies = setting("DRIPLINE_BENCH_COMPANIES", 500);
    for (at, (what, battery)) in batteries().iter().enumerate() {
        let curves = Curves::of(&World::MODEL, battery, companies);
        println!("Agreement with all {BATTERY} questions, %, {companies} companies of one contact; {what}");
        if at == 0 {
            println!(
                "{:>9} {:>9} {:>11} {:>9}",
                "questions", "adaptive", "best fixed", "random"
            );
            for n in 0..BATTERY {
                println!(
                    "{:>9} {:>9.1} {:>11.1} {:>9.1}",
                    n + 1,
                    curves.adaptive[n],
                    curves.fixed[n],
                    curves.random[n]
                );
            }
        }
        let reached = |curve: &[f64]| {
            let first = curve.iter().position(|share| *share >= GOAL);
            first.map_or_else(|| "never".to_owned(), |n| format!("with {}", n + 1))
        };
        println!(
            "{GOAL} % are reached {} adaptive questions, {} in the best fixed order, {} at random; \
             with {QUARTER}: {:.1}, {:.1}, {:.1} %; adaptive is at most {:.1} points behind the best fixed order",
            reached(&curves.adaptive),
            reached(&curves.fixed),
            reached(&curves.random),
            curves.adaptive[QUARTER - 1],
            curves.fixed[QUARTER - 1],
            curves.random[QUARTER - 1],
            curves.behind()
        );
    }
}

/// Agreement in percent by the number of questions asked, from 1.
struct Curves {
    adaptive: Vec<f64>,
    /// At each length the best of all fixed orders tried.
    fixed: Vec<f64>,
    random: Vec<f64>,
}

/// One contact's answers to the whole battery, which is all that its company has.
struct Respondent<'a> {
    battery: &'a Battery,
    percents: Vec<Vec<f64>>,
}

/// What the method needs to know beside the answers.
struct Method {
    profiles: Profiles,
    calibrations: Vec<Calibration>,
}

impl Curves {
    fn of(world: &World, battery: &Battery, companies: usize) -> Curves {
        let mut random = StdRng::seed_from_u64(36);
        let method = Method {
            profiles: profiles(),
            calibrations: earlier(world, battery, &mut random),
        };
        let draw = |random: &mut StdRng| -> Vec<Respondent> {
            (0..companies)
                .map(|_| Respondent::new(world, battery, random))
                .collect()
        };
        let (companies, others) = (draw(&mut random), draw(&mut random));
        let adaptive = agreement(&method, &companies, |at| method.order(&companies[at]));
        let drawn: Vec<Vec<usize>> = companies.iter().map(|_| shuffled(&mut random)).collect();
        // Of fixed orders: what an analyst who knew the answers of as many other companies would make of
        // them, what the method's rule makes without a look at any answer, and many drawn ones.
        let mut fixed = vec![greedy(&method, &others), method.blind_order(battery)];
        fixed.extend((0..60).map(|_| shuffled(&mut random)));
        let fixed: Vec<Vec<f64>> = fixed
            .iter()
            .map(|order| agreement(&method, &companies, |_| order.clone()))
            .collect();
        Curves {
            adaptive,
            fixed: (0..BATTERY)
                .map(|n| fixed.iter().map(|curve| curve[n]).fold(0.0, f64::max))
                .collect(),
            random: agreement(&method, &companies, |at| drawn[at].clone()),
        }
    }

    fn behind(&self) -> f64 {
        let pairs = self.fixed.iter().zip(&self.adaptive);
        pairs.map(|(fixed, adaptive)| fixed - adaptive).fold(f64::MIN, f64::max)
    }
}

/// What an installation has learnt from those who answered before: some contacts each, all 36 questions.
fn earlier(world: &World, battery: &Battery, random: &mut StdRng) -> Vec<Calibration> {
    let mut company = || -> Contacts {
        let company = world.company(random);
        let people = random.random_range(1..=4);
        let contact = |_| {
            let person = world.contact(&company, random);
            let given: Vec<Vec<f64>> = battery
                .iter()
                .map(|question| world.answer(&person, question, random))
                .collect();
            (1.0, sums(battery.iter().zip(&given)))
        };
        (0..people).map(contact).collect()
    };
    let companies: Vec<Contacts> = (0..300).map(|_| company()).collect();
    calibrate(&companies)
}

fn shuffled(random: &mut StdRng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..BATTERY).collect();
    order.shuffle(random);
    order
}

impl<'a> Respondent<'a> {
    fn new(world: &World, battery: &'a Battery, random: &mut StdRng) -> Respondent<'a> {
        let company = world.company(random);
        let person = world.contact(&company, random);
        let percents = battery
            .iter()
            .map(|question| world.answer(&person, question, random))
            .collect();
        Respondent { battery, percents }
    }

    fn contacts(&self, asked: &[usize]) -> Contacts {
        let given = asked
            .iter()
            .map(|question| (&self.battery[*question], &self.percents[*question]));
        vec![(1.0, sums(given))]
    }
}

impl Method {
    /// The segment by the answers to these questions; none where the method gives none.
    fn segment(&self, company: &Respondent, asked: &[usize]) -> Option<usize> {
        let contacts = company.contacts(asked);
        assigned(&self.profiles, &self.calibrations, &contacts, asked.len()).map(|found| found.segment)
    }

    /// Each question chosen when the answers before it are in.
    fn order(&self, company: &Respondent) -> Vec<usize> {
        let mut asked = Vec::new();
        while asked.len() < BATTERY {
            let contacts = company.contacts(&asked);
            let now = assigned(&self.profiles, &self.calibrations, &contacts, asked.len());
            let pair = now.and_then(|now| Some((now.segment, now.runner_up?)));
            asked.push(self.next(company.battery, &asked, pair));
        }
        asked
    }

    /// As if no answer ever told anything.
    fn blind_order(&self, battery: &Battery) -> Vec<usize> {
        let mut asked = Vec::new();
        while asked.len() < BATTERY {
            asked.push(self.next(battery, &asked, None));
        }
        asked
    }

    fn next(&self, battery: &Battery, asked: &[usize], pair: Option<(usize, usize)>) -> usize {
        let direction =
            |need: usize| pair.map_or(1.0, |(a, b)| self.profiles.unit(a)[need] - self.profiles.unit(b)[need]);
        let known = |need: usize| {
            let adds = asked.iter().flat_map(|question| &battery[*question]);
            let own: Vec<f64> = adds.filter(|(of, _)| *of == need).map(|(_, range)| *range).collect();
            Known {
                direction: direction(need),
                calibration: self.calibrations[need],
                evidence: Evidence::of(&own, []),
            }
        };
        let known: Vec<Known> = (0..NEEDS).map(known).collect();
        let left: Vec<usize> = (0..BATTERY).filter(|question| !asked.contains(question)).collect();
        let candidate = |question: &usize| Candidate {
            adds: battery[*question].clone(),
            answered: 0,
        };
        let pool: Vec<Candidate> = left.iter().map(candidate).collect();
        left[choose(&known, 1.0, &pool, 1)[0]]
    }
}

fn agreement(method: &Method, companies: &[Respondent], order: impl Fn(usize) -> Vec<usize>) -> Vec<f64> {
    let mut agreeing = vec![0; BATTERY];
    for (at, company) in companies.iter().enumerate() {
        let order = order(at);
        let wanted = method.segment(company, &order);
        for n in 1..=BATTERY {
            agreeing[n - 1] += usize::from(method.segment(company, &order[..n]) == wanted);
        }
    }
    agreeing.into_iter().map(|n| percent(n, companies.len())).collect()
}

/// Always the question that makes the most companies agree at once; of those the one that most needs gain by.
fn greedy(method: &Method, companies: &[Respondent]) -> Vec<usize> {
    let whole: Vec<usize> = (0..BATTERY).collect();
    let wanted: Vec<Option<usize>> = companies
        .iter()
        .map(|company| method.segment(company, &whole))
        .collect();
    let mut order: Vec<usize> = Vec::new();
    while order.len() < BATTERY {
        let worth = |question: &usize| {
            let mut asked = order.clone();
            asked.push(*question);
            let agreeing = companies
                .iter()
                .zip(&wanted)
                .filter(|(company, wanted)| method.segment(company, &asked) == **wanted);
            let agreeing = agreeing.count();
            let battery = companies[0].battery;
            let mut needs: Vec<usize> = asked
                .iter()
                .flat_map(|asked| battery[*asked].iter().map(|(need, _)| *need))
                .collect();
            needs.sort_unstable();
            needs.dedup();
            (agreeing, needs.len())
        };
        let left = whole.iter().filter(|question| !order.contains(question));
        let best = left.map(|question| (worth(question), *question)).max();
        order.extend(best.map(|(_, question)| question));
    }
    order
}
