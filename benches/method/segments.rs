//! Four planted segments in 1,000 companies, each company with a level of agreement of its own.

use dripline::method::discover::{Candidate, adjusted_rand, discover, suggested};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::world::{PROFILES, normal};

const COMPANIES: usize = 1_000;
const SEEDS: u64 = 5;

pub fn show() {
    println!(
        "{COMPANIES} companies in {} planted segments, {SEEDS} seeds",
        PROFILES.len()
    );
    let mut rands = Vec::new();
    for seed in 1..=SEEDS {
        let (scores, planted) = companies(seed);
        let candidates = discover(&scores, seed);
        let Some(found) = suggested(&candidates) else {
            println!("seed {seed}: none found");
            rands.push(0.0);
            continue;
        };
        let rand = adjusted_rand(&labels(found, &scores), &planted);
        println!(
            "seed {seed}: suggested k {}, silhouette {:.3}, stability {:.3}, sizes {:?}, adjusted Rand {rand:.3}",
            found.k, found.silhouette, found.stability, found.sizes
        );
        rands.push(rand);
    }
    rands.sort_by(f64::total_cmp);
    println!("median adjusted Rand {:.3} (at least 0.9)", rands[rands.len() / 2]);
}

fn companies(seed: u64) -> (Vec<Vec<f64>>, Vec<usize>) {
    let mut random = StdRng::seed_from_u64(seed);
    let planted: Vec<usize> = (0..COMPANIES).map(|company| company % PROFILES.len()).collect();
    let mut scores = |segment: &usize| -> Vec<f64> {
        let level = 10.0 * normal(&mut random);
        let score = |weight: &f64| (30.0 + 0.4 * weight + level + 8.0 * normal(&mut random)).clamp(0.0, 100.0);
        PROFILES[*segment].iter().map(score).collect()
    };
    (planted.iter().map(&mut scores).collect(), planted)
}

/// The nearest centroid of each company; both are centred.
fn labels(found: &Candidate, scores: &[Vec<f64>]) -> Vec<usize> {
    let nearest = |score: &Vec<f64>| {
        let mean = score.iter().sum::<f64>() / score.len() as f64;
        let far =
            |centroid: &Vec<f64>| -> f64 { centroid.iter().zip(score).map(|(c, x)| (c - x + mean).powi(2)).sum() };
        let segments = 0..found.centroids.len();
        segments
            .min_by(|a, b| far(&found.centroids[*a]).total_cmp(&far(&found.centroids[*b])))
            .unwrap_or(0)
    };
    scores.iter().map(nearest).collect()
}
