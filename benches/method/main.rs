//! How good the method is on companies whose true needs are known, because they are made up. It
//! prints shares, not times; they hang on no machine, and are the same each time.
//!
//! `cargo bench --bench method`; `DRIPLINE_BENCH_RUNS` (1,000) and `DRIPLINE_BENCH_COMPANIES` (500)
//! change its size, and a name (`differences`, `segments`, `steps`, `sharing`, `confidence`) runs
//! that part alone. `docs/BENCHES.md` holds what it printed, and says where it does not hold.

/// METHOD.md section 5: how often a planted difference is called, and noise.
mod differences;
/// METHOD.md section 9: whether planted segments come back.
mod segments;
/// METHOD.md section 8: how few questions an adaptive step needs.
mod steps;
/// METHOD.md section 8: one battery shared out among colleagues.
mod sharing;
/// METHOD.md section 4: how often the confidence is right.
mod confidence;
/// Companies made up as the model says.
mod world;

fn main() {
    // Cargo adds words of its own, which begin with a dash.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let parts: [(&str, fn()); 5] = [
        ("differences", differences::show),
        ("segments", segments::show),
        ("steps", steps::show),
        ("sharing", sharing::show),
        ("confidence", confidence::show),
    ];
    for (name, show) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            show();
            println!();
        }
    }
}

fn setting(name: &str, usual: usize) -> usize {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn percent(n: usize, of: usize) -> f64 {
    100.0 * n as f64 / of.max(1) as f64
}
