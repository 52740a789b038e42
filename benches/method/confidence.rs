//! A company's confidence against how often its segment is the one that its true needs fit best.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::setting;
use crate::steps::batteries;
use crate::world::{Contacts, Noise, Question, Truth, World, assigned, calibrate, profiles, sums};

/// A tenth with fewer companies says little.
const FEWEST: usize = 400;

pub fn show() {
    let companies = 40 * setting("DRIPLINE_BENCH_COMPANIES", 500);
    let model = World::MODEL;
    println!("Confidence against the share that is right, %, {companies} companies, 1 to 5 contacts each");
    let tenths = tenths(&model, companies);
    println!(
        "{:>9} {:>9} {:>7} {:>7} {:>7}",
        "tenth", "companies", "said", "right", "off"
    );
    for (at, tenth) in tenths.iter().enumerate().filter(|(_, tenth)| tenth.companies > 0) {
        let few = if tenth.companies < FEWEST { "  (few)" } else { "" };
        println!(
            "{:>9} {:>9} {:>7.1} {:>7.1} {:>7.1}{few}",
            format!("0.{at}–"),
            tenth.companies,
            tenth.said(),
            tenth.right(),
            tenth.off()
        );
    }
    println!("the farthest tenth is {:.1} points off", farthest(&tenths));
    println!("Where the world is not as the model says, the farthest tenth is off by");
    let others = [
        (
            "one contact for each company, so that ω stays at its prior",
            World { contacts: 1, ..model },
        ),
        (
            "answers on 5 marks",
            World {
                marks: Some(5),
                ..model
            },
        ),
        (
            "answers on 11 marks",
            World {
                marks: Some(11),
                ..model
            },
        ),
        (
            "errors common to all that a question says",
            World {
                noise: Noise::Common,
                ..model
            },
        ),
        (
            "companies in four heaps",
            World {
                truth: Truth::Planted,
                ..model
            },
        ),
        (
            "needs that are high or low",
            World {
                truth: Truth::Split,
                ..model
            },
        ),
        ("needs about 75, most answers near the end", World { mu: 75.0, ..model }),
        ("much noise, σ 30", World { sigma: 30.0, ..model }),
    ];
    for (what, world) in others {
        println!("{:>7.1} points: {what}", farthest(&self::tenths(&world, companies)));
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tenth {
    companies: usize,
    confidence: f64,
    right: usize,
}

impl Tenth {
    fn said(&self) -> f64 {
        100.0 * self.confidence / self.companies as f64
    }

    fn right(&self) -> f64 {
        100.0 * self.right as f64 / self.companies as f64
    }

    fn off(&self) -> f64 {
        self.said() - self.right()
    }
}

fn farthest(tenths: &[Tenth]) -> f64 {
    let many = tenths.iter().filter(|tenth| tenth.companies >= FEWEST);
    many.map(Tenth::off)
        .fold(0.0, |far: f64, off| if off.abs() > far.abs() { off } else { far })
}

/// Each company has some contacts of some roles, who answered some of the battery; all of them together calibrate.
fn tenths(world: &World, companies: usize) -> [Tenth; 10] {
    let mut random = StdRng::seed_from_u64(10);
    let (battery, profiles) = (batteries()[0].1.clone(), profiles());
    let mut truths = Vec::new();
    let mut all: Vec<(Contacts, usize)> = Vec::new();
    for _ in 0..companies {
        let company = world.company(&mut random);
        truths.push(company.segment(&profiles));
        let mut answers = 0;
        let mut contacts = Vec::new();
        for _ in 0..random.random_range(1..=world.contacts) {
            let person = world.contact(&company, &mut random);
            let mut asked: Vec<&Question> = battery.iter().collect();
            asked.shuffle(&mut random);
            asked.truncate(random.random_range(2..=12));
            let given: Vec<Vec<f64>> = asked
                .iter()
                .map(|question| world.answer(&person, question, &mut random))
                .collect();
            answers += asked.len();
            let weight = [0.5, 1.0, 1.5, 2.0][random.random_range(0..4)];
            contacts.push((weight, sums(asked.into_iter().zip(&given))));
        }
        all.push((contacts, answers));
    }
    let contacts: Vec<Contacts> = all.iter().map(|(contacts, _)| contacts.clone()).collect();
    let calibrations = calibrate(&contacts);
    let mut tenths = [Tenth::default(); 10];
    for ((contacts, answers), truth) in all.iter().zip(truths) {
        let Some(found) = assigned(&profiles, &calibrations, contacts, *answers) else {
            continue;
        };
        let Some(confidence) = found.confidence else { continue };
        let tenth = &mut tenths[((confidence * 10.0) as usize).min(9)];
        tenth.companies += 1;
        tenth.confidence += confidence;
        tenth.right += usize::from(found.segment == truth);
    }
    tenths
}
