//! A gap of 18 points between new and long-standing companies on one need of eight, and none at all.

use dripline::method::compare::{Sample, benjamini_hochberg, welch};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::world::normal;
use crate::{percent, setting};

const NEEDS: usize = 8;
const COMPANIES: usize = 60;
const SPREAD: f64 = 25.0;

pub fn show() {
    let runs = setting("DRIPLINE_BENCH_RUNS", 1_000);
    println!(
        "{COMPANIES} new against {COMPANIES} long-standing companies, {NEEDS} needs, spread {SPREAD}, {runs} runs"
    );
    println!(
        "a gap of 18 points is called in {:.1} % (at least 80), pure noise on any need in {:.1} % (at most 7)",
        percent(called(runs, 18.0), runs),
        percent(called(runs, 0.0), runs)
    );
}

/// How many runs call the need with the gap; without a gap, any need.
fn called(runs: usize, gap: f64) -> usize {
    let mut random = StdRng::seed_from_u64(18);
    let mut group = |mean: f64| {
        let scores: Vec<f64> = (0..COMPANIES).map(|_| mean + SPREAD * normal(&mut random)).collect();
        Sample::of(&scores)
    };
    let mut run = || {
        let mut p = |need: usize| {
            let mean = if need == 0 { 50.0 + gap } else { 50.0 };
            welch(&group(mean)?, &group(50.0)?)?.p
        };
        let ps: Vec<Option<f64>> = (0..NEEDS).map(&mut p).collect();
        let looked_at = if gap > 0.0 { 1 } else { NEEDS };
        benjamini_hochberg(&ps)
            .iter()
            .take(looked_at)
            .flatten()
            .any(|p| *p < 0.05)
    };
    (0..runs).filter(|_| run()).count()
}
