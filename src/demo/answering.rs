//! How a contact of the demo fills in a form: by what its company needs, with some noise.

use std::collections::BTreeMap;

use rand::{Rng, RngExt};

use crate::framework::{ChoiceOption, Code, Kind, Loads, Question};

/// How much each need counts for somebody: around 0 to 1.
pub type Taste = BTreeMap<Code, f64>;

/// The fields that the contact's browser would post for the question; none where it is left blank.
pub fn fields(question: &Question, taste: &Taste, rng: &mut impl Rng) -> Vec<(String, String)> {
    let code = &question.code;
    let field = |name: String, value: String| (name, value);
    match &question.kind {
        Kind::SingleChoice { options, .. } => {
            let chosen = by_liking(options, taste, rng);
            vec![field(code.clone(), chosen[0].clone())]
        }
        Kind::MultipleChoice { options, max_picks, .. } => {
            let picks = rng.random_range(1..=*max_picks as usize);
            by_liking(options, taste, rng)
                .into_iter()
                .take(picks)
                .map(|option| field(code.clone(), option))
                .collect()
        }
        Kind::Rating { min, max, loads, .. } => vec![field(code.clone(), on_scale(loads, taste, *min, *max, rng))],
        Kind::Nps { loads } => vec![field(code.clone(), on_scale(loads, taste, 0, 10, rng))],
        Kind::Matrix { min, max, rows, .. } => rows
            .iter()
            .map(|row| {
                field(
                    format!("{code}.{}", row.code),
                    on_scale(&row.loads, taste, *min, *max, rng),
                )
            })
            .collect(),
        Kind::Ranking { options, top, .. } => by_liking(options, taste, rng)
            .into_iter()
            .take(*top as usize)
            .zip(1..)
            .map(|(option, place)| field(format!("{code}.rank.{option}"), place.to_string()))
            .collect(),
        Kind::BestWorst { options, .. } => {
            let ranked = by_liking(options, taste, rng);
            vec![
                field(format!("{code}.best"), ranked[0].clone()),
                field(format!("{code}.worst"), ranked[ranked.len() - 1].clone()),
            ]
        }
        Kind::Allocation { options, total, .. } => share_out(options, *total, taste, rng)
            .into_iter()
            .map(|(option, points)| field(format!("{code}.points.{option}"), points.to_string()))
            .collect(),
        Kind::Text { .. } => {
            const WORDS: [&str; 6] = [
                "Please call in the afternoon, the line runs until noon.",
                "We decide about next year's budget in October.",
                "My colleague from production should be in the next meeting.",
                "Send the figures before you come.",
                "The last update went well, thank you.",
                "We are looking at two other suppliers.",
            ];
            let says_something = rng.random_bool(0.35);
            let words = WORDS[rng.random_range(0..WORDS.len())];
            says_something
                .then(|| field(code.clone(), words.to_owned()))
                .into_iter()
                .collect()
        }
    }
}

fn liking(loads: &Loads, taste: &Taste) -> f64 {
    loads
        .iter()
        .map(|(need, load)| load * taste.get(need).copied().unwrap_or(0.2))
        .sum()
}

/// The options' codes, dearest first: liking, and chance enough that nobody is a caricature.
fn by_liking(options: &[ChoiceOption], taste: &Taste, rng: &mut impl Rng) -> Vec<Code> {
    let mut ranked: Vec<(f64, &Code)> = options
        .iter()
        .filter(|option| !option.no_opinion && !option.free_text)
        .map(|option| (liking(&option.loads, taste) + rng.random_range(0.0..2.6), &option.code))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().map(|(_, code)| code.clone()).collect()
}

fn on_scale(loads: &Loads, taste: &Taste, min: i32, max: i32, rng: &mut impl Rng) -> String {
    let weight: f64 = loads.values().map(|load| load.abs()).sum::<f64>().max(1e-9);
    let negative = loads.values().any(|load| *load < 0.0);
    let level = liking(loads, taste) / weight + if negative { 1.0 } else { 0.0 };
    let noisy = (level + rng.random_range(-0.45..0.45)).clamp(0.0, 1.0);
    (min + (noisy * f64::from(max - min)).round() as i32).to_string()
}

fn share_out(options: &[ChoiceOption], total: u32, taste: &Taste, rng: &mut impl Rng) -> Vec<(Code, u32)> {
    let wish = |option: &ChoiceOption| (liking(&option.loads, taste) + rng.random_range(0.0..1.4)).max(0.05);
    let wishes: Vec<f64> = options.iter().map(wish).collect();
    let sum: f64 = wishes.iter().sum();
    let mut points: Vec<u32> = wishes
        .iter()
        .map(|wish| (wish / sum * f64::from(total) / 5.0).floor() as u32 * 5)
        .collect();
    let left = total - points.iter().sum::<u32>();
    // What rounding left over goes to the dearest.
    let dearest = (0..points.len())
        .max_by(|a, b| wishes[*a].total_cmp(&wishes[*b]))
        .unwrap_or(0);
    points[dearest] += left;
    options.iter().map(|option| option.code.clone()).zip(points).collect()
}
