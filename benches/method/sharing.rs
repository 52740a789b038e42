//! One battery of 12 questions, four contacts with three questions each, all mailed in one minute.

use dripline::method::adaptive::{Candidate, Evidence, Known, choose};
use dripline::method::calibrate::Calibration;

use crate::world::{NEEDS, Question};

const ITEMS: usize = 12;
const CONTACTS: usize = 4;
const ASK: usize = 3;

pub fn show() {
    let battery: Vec<Question> = (0..ITEMS).map(|n| vec![(n % NEEDS, 1.0)]).collect();
    let mut asked: Vec<Vec<usize>> = Vec::new();
    for _ in 0..CONTACTS {
        let next = ask(&battery, &asked);
        asked.push(next);
    }
    let times = |question: usize| asked.iter().flatten().filter(|asked| **asked == question).count();
    let complete = (0..ITEMS).all(|question| times(question) > 0);
    let repeats: usize = (0..ITEMS).map(|question| times(question).saturating_sub(1)).sum();
    println!("{ITEMS} items, {CONTACTS} contacts with {ASK} each: {asked:?}");
    println!(
        "complete: {}, repeats: {repeats} (0)",
        if complete { "yes" } else { "no" }
    );
}

/// What the next contact is asked: what colleagues were asked counts as answered.
fn ask(battery: &[Question], colleagues: &[Vec<usize>]) -> Vec<usize> {
    let known = |need: usize| {
        let weights = |asked: &Vec<usize>| -> Vec<f64> {
            let adds = asked.iter().flat_map(|question| &battery[*question]);
            adds.filter(|(of, _)| *of == need).map(|(_, range)| *range).collect()
        };
        let weights: Vec<Vec<f64>> = colleagues.iter().map(weights).collect();
        Known {
            direction: 1.0,
            calibration: Calibration::prior(),
            evidence: Evidence::of(&[], weights.iter().map(Vec::as_slice)),
        }
    };
    let known: Vec<Known> = (0..NEEDS).map(known).collect();
    let answered = |question: usize| colleagues.iter().filter(|asked| asked.contains(&question)).count() as u32;
    let pool: Vec<Candidate> = battery
        .iter()
        .enumerate()
        .map(|(question, adds)| Candidate {
            adds: adds.clone(),
            answered: answered(question),
        })
        .collect();
    choose(&known, 1.0, &pool, ASK)
}
