//! METHOD.md section 9: segments found in the data, beside those of the framework.
//!
//! k-means (Lloyd 1982) from k-means++ starts (Arthur & Vassilvitskii 2007), judged by the mean
//! silhouette (Rousseeuw 1987) and by how far bootstrap refits agree with the fit (Hubert & Arabie's
//! adjusted Rand index, 1985). The same points and the same seed give the same segments.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The numbers of segments that are tried.
pub const LEAST_K: usize = 2;
pub const MOST_K: usize = 8;
/// Starts of each fit; the one with the least squares is kept.
const RESTARTS: usize = 20;
/// Bootstrap refits behind the stability.
const REFITS: usize = 20;
/// Silhouette and stability are worked out on so many companies at most.
const SAMPLE: usize = 5_000;
/// A fit that still moves after so many rounds is taken as it stands.
const ROUNDS: usize = 100;

/// What k segments would look like.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub k: usize,
    /// −1 to 1: how much nearer companies are to their own segment than to the next.
    pub silhouette: f64,
    /// How far refits on resampled companies agree: 1 wholly, 0 as chance would.
    pub stability: f64,
    /// Companies by segment, the largest first.
    pub sizes: Vec<usize>,
    /// By segment in that order: the mean of its companies' centred scores.
    pub centroids: Vec<Vec<f64>>,
}

impl Candidate {
    /// Which of its segments a company with these scores is in.
    pub fn segment_of(&self, scores: &[f64]) -> usize {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let centred: Vec<f64> = scores.iter().map(|score| score - mean).collect();
        nearest(&centred, &self.centroids).0
    }

    /// The part of all companies that its smallest segment holds.
    pub fn smallest_share(&self) -> f64 {
        let all: usize = self.sizes.iter().sum();
        self.sizes.last().map_or(0.0, |least| *least as f64 / all.max(1) as f64)
    }

    /// The centroids as profiles from 0 to 100: moving and stretching changes no fit.
    pub fn profiles(&self) -> Vec<Vec<f64>> {
        self.centroids.iter().map(|centroid| profile(centroid)).collect()
    }
}

/// All candidates, k rising; none where fewer than three companies can be told apart. Each row holds
/// one company's scores on the needs in play.
pub fn discover(scores: &[Vec<f64>], seed: u64) -> Vec<Candidate> {
    discover_telling(scores, seed, &|_| {})
}

/// As [`discover`]; `tell` hears from time to time which part of the work is done, from 0 to 1.
pub fn discover_telling(scores: &[Vec<f64>], seed: u64, tell: &dyn Fn(f64)) -> Vec<Candidate> {
    let points = centred(scores);
    let mut random = StdRng::seed_from_u64(seed);
    let sample = sample(&points, &mut random);
    let most = MOST_K.min(distinct(&sample).saturating_sub(1));
    let ks = LEAST_K..=most;
    // A fit of so many points, and refits of the sample for each k: work goes by points.
    let fitting = points.len() as f64;
    let refitting = (REFITS * sample.len()) as f64;
    let all = (fitting + refitting) * ks.clone().count() as f64;
    let fit_of = |(nth, k): (usize, usize)| {
        let fit = fit(&points, k, &mut random);
        tell(fitting * (nth + 1) as f64 / all);
        fit
    };
    let fits: Vec<Fit> = ks.enumerate().map(fit_of).collect();
    let labels: Vec<Vec<usize>> = fits.iter().map(|fit| fit.labels(&sample)).collect();
    let silhouettes = silhouettes(&sample, &labels);
    let mut candidates = Vec::new();
    let before = fitting * fits.len() as f64;
    for (nth, ((fit, labels), silhouette)) in fits.into_iter().zip(&labels).zip(silhouettes).enumerate() {
        let told = |refits: f64| tell((before + refitting * (nth as f64 + refits)) / all);
        let stability = stability(&sample, labels, fit.centroids.len(), &mut random, &told);
        candidates.push(fit.candidate(&points, silhouette, stability));
    }
    candidates
}

/// The candidate with the greatest silhouette; of equals the one with fewer segments.
pub fn suggested(candidates: &[Candidate]) -> Option<&Candidate> {
    candidates
        .iter()
        .reduce(|best, other| match other.silhouette > best.silhouette {
            true => other,
            false => best,
        })
}

/// Hubert and Arabie's adjusted Rand index of two divisions of the same things: 1 alike, 0 as
/// chance would have it.
pub fn adjusted_rand(a: &[usize], b: &[usize]) -> f64 {
    let rows = a.iter().max().map_or(0, |label| label + 1);
    let columns = b.iter().max().map_or(0, |label| label + 1);
    let mut table = vec![vec![0.0; columns]; rows];
    a.iter().zip(b).for_each(|(a, b)| table[*a][*b] += 1.0);
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let together: f64 = table.iter().flatten().map(|n| pairs(*n)).sum();
    let of_a: f64 = table.iter().map(|row| pairs(row.iter().sum())).sum();
    let of_b: f64 = (0..columns)
        .map(|column| pairs(table.iter().map(|row| row[column]).sum()))
        .sum();
    let all = pairs(a.len() as f64);
    let by_chance = if all > 0.0 { of_a * of_b / all } else { 0.0 };
    let greatest = (of_a + of_b) / 2.0;
    match (greatest - by_chance).abs() < 1e-12 {
        // Both put all together, or all apart.
        true => 1.0,
        false => (together - by_chance) / (greatest - by_chance),
    }
}

/// A company's level of agreement cancels, as in its segment.
fn centred(scores: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let centre = |scores: &Vec<f64>| {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        scores.iter().map(|score| score - mean).collect()
    };
    scores.iter().map(centre).collect()
}

fn profile(centroid: &[f64]) -> Vec<f64> {
    let least = centroid.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = centroid.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = greatest - least;
    let moved = |value: &f64| match range > 0.0 {
        true => 100.0 * (value - least) / range,
        false => 0.0,
    };
    centroid.iter().map(moved).collect()
}

/// So many points at most, each as likely as another.
fn sample(points: &[Vec<f64>], random: &mut StdRng) -> Vec<Vec<f64>> {
    if points.len() <= SAMPLE {
        return points.to_vec();
    }
    let mut places: Vec<usize> = (0..points.len()).collect();
    for at in 0..SAMPLE {
        places.swap(at, random.random_range(at..points.len()));
    }
    places[..SAMPLE].iter().map(|place| points[*place].clone()).collect()
}

fn distinct(points: &[Vec<f64>]) -> usize {
    let mut sorted: Vec<&Vec<f64>> = points.iter().collect();
    sorted.sort_by(|a, b| {
        a.iter()
            .zip(*b)
            .map(|(a, b)| a.total_cmp(b))
            .find(|o| o.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    sorted.dedup();
    sorted.len()
}

struct Fit {
    centroids: Vec<Vec<f64>>,
    /// Σ of the squared distances to the own centroid.
    squares: f64,
}

impl Fit {
    fn labels(&self, points: &[Vec<f64>]) -> Vec<usize> {
        points.iter().map(|point| nearest(point, &self.centroids).0).collect()
    }

    fn candidate(self, points: &[Vec<f64>], silhouette: f64, stability: f64) -> Candidate {
        let mut sizes = vec![0; self.centroids.len()];
        self.labels(points).into_iter().for_each(|label| sizes[label] += 1);
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by_key(|segment| (std::cmp::Reverse(sizes[*segment]), *segment));
        Candidate {
            k: sizes.len(),
            silhouette,
            stability,
            sizes: order.iter().map(|segment| sizes[*segment]).collect(),
            centroids: order.iter().map(|segment| self.centroids[*segment].clone()).collect(),
        }
    }
}

/// The best of many starts.
fn fit(points: &[Vec<f64>], k: usize, random: &mut StdRng) -> Fit {
    let mut best = improved(points, start(points, k, random));
    for _ in 1..RESTARTS {
        let other = improved(points, start(points, k, random));
        if other.squares < best.squares {
            best = other;
        }
    }
    best
}

/// k-means++: each further centre is a point drawn by its squared distance to those drawn before.
fn start(points: &[Vec<f64>], k: usize, random: &mut StdRng) -> Vec<Vec<f64>> {
    let mut centres = vec![points[random.random_range(0..points.len())].clone()];
    let mut squares: Vec<f64> = points.iter().map(|point| squared(point, &centres[0])).collect();
    while centres.len() < k {
        let total: f64 = squares.iter().sum();
        let mut left = random.random_range(0.0..1.0) * total;
        let drawn = squares.iter().position(|square| {
            left -= square;
            left < 0.0
        });
        // Rounding may leave a little over at the end; then all points are as good.
        let centre = points[drawn.unwrap_or_else(|| random.random_range(0..points.len()))].clone();
        for (square, point) in squares.iter_mut().zip(points) {
            *square = square.min(squared(point, &centre));
        }
        centres.push(centre);
    }
    centres
}

/// Lloyd's rounds until nothing moves any more.
fn improved(points: &[Vec<f64>], mut centroids: Vec<Vec<f64>>) -> Fit {
    let (k, needs) = (centroids.len(), points[0].len());
    let mut labels = vec![usize::MAX; points.len()];
    let mut squares = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (mut sums, mut counts) = (vec![vec![0.0; needs]; k], vec![0.0; k]);
        let mut moved = false;
        squares = 0.0;
        for (point, label) in points.iter().zip(&mut labels) {
            let (own, square) = nearest(point, &centroids);
            moved |= *label != own;
            *label = own;
            squares += square;
            counts[own] += 1.0;
            sums[own].iter_mut().zip(point).for_each(|(sum, value)| *sum += value);
        }
        if !moved {
            break;
        }
        for ((centroid, sum), count) in centroids.iter_mut().zip(&sums).zip(&counts) {
            // A centre that nobody is near to stays where it is.
            if *count > 0.0 {
                *centroid = sum.iter().map(|sum| sum / count).collect();
            }
        }
    }
    Fit { centroids, squares }
}

/// The nearest centre, and the squared distance to it.
fn nearest(point: &[f64], centroids: &[Vec<f64>]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (at, centroid) in centroids.iter().enumerate() {
        let square = squared(point, centroid);
        if square < best.1 {
            best = (at, square);
        }
    }
    best
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The mean silhouette of each division, all of them in one walk over the pairs.
fn silhouettes(points: &[Vec<f64>], divisions: &[Vec<usize>]) -> Vec<f64> {
    let counts: Vec<[f64; MOST_K]> = divisions
        .iter()
        .map(|labels| {
            let mut counts = [0.0; MOST_K];
            labels.iter().for_each(|label| counts[*label] += 1.0);
            counts
        })
        .collect();
    let mut totals = vec![0.0; divisions.len()];
    let mut sums = vec![[0.0; MOST_K]; divisions.len()];
    for (at, point) in points.iter().enumerate() {
        sums.iter_mut().for_each(|sums| *sums = [0.0; MOST_K]);
        for (other_at, other) in points.iter().enumerate() {
            let distance = squared(point, other).sqrt();
            for (sums, labels) in sums.iter_mut().zip(divisions) {
                sums[labels[other_at]] += distance;
            }
        }
        for (division, labels) in divisions.iter().enumerate() {
            totals[division] += silhouette(labels[at], &sums[division], &counts[division]);
        }
    }
    totals.into_iter().map(|total| total / points.len() as f64).collect()
}

/// Of one point, from the sums of its distances to the points of each segment.
fn silhouette(own: usize, sums: &[f64; MOST_K], counts: &[f64; MOST_K]) -> f64 {
    if counts[own] <= 1.0 {
        return 0.0;
    }
    let within = sums[own] / (counts[own] - 1.0);
    let others = (0..MOST_K).filter(|segment| *segment != own && counts[*segment] > 0.0);
    let next = others
        .map(|segment| sums[segment] / counts[segment])
        .fold(f64::INFINITY, f64::min);
    match within.max(next) {
        0.0 => 0.0,
        greater if greater.is_finite() => (next - within) / greater,
        // All are in one segment.
        _ => 0.0,
    }
}

fn stability(points: &[Vec<f64>], labels: &[usize], k: usize, random: &mut StdRng, tell: &dyn Fn(f64)) -> f64 {
    let mut total = 0.0;
    for refit in 0..REFITS {
        tell(refit as f64 / REFITS as f64);
        let drawn: Vec<Vec<f64>> = (0..points.len())
            .map(|_| points[random.random_range(0..points.len())].clone())
            .collect();
        total += adjusted_rand(labels, &fit(&drawn, k, random).labels(points));
    }
    total / REFITS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Companies about some profiles, so many about each, with noise of that spread.
    fn planted(profiles: &[&[f64]], each: usize, spread: f64) -> (Vec<Vec<f64>>, Vec<usize>) {
        let mut random = StdRng::seed_from_u64(7);
        let mut noise = || (0..12).map(|_| random.random_range(-0.5..0.5)).sum::<f64>() * spread;
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for (label, profile) in profiles.iter().enumerate() {
            for company in 0..each {
                // Some like all of it, some nothing: that must not make a segment.
                let level = (company % 3) as f64 * 15.0;
                scores.push(profile.iter().map(|value| value + level + noise()).collect());
                labels.push(label);
            }
        }
        (scores, labels)
    }

    #[test]
    fn four_planted_segments_come_back_as_four() {
        let profiles: [&[f64]; 4] = [
            &[70.0, 30.0, 30.0, 30.0],
            &[30.0, 70.0, 30.0, 30.0],
            &[30.0, 30.0, 70.0, 30.0],
            &[30.0, 30.0, 30.0, 70.0],
        ];
        let (scores, labels) = planted(&profiles, 250, 8.0);
        let heard = std::cell::RefCell::new(vec![]);
        let candidates = discover_telling(&scores, 1, &|done| heard.borrow_mut().push(done));
        let heard = heard.into_inner();
        assert!(
            heard.is_sorted() && heard.iter().all(|done| (0.0..=1.0).contains(done)),
            "{heard:?}"
        );
        assert_eq!(
            candidates.iter().map(|c| c.k).collect::<Vec<_>>(),
            [2, 3, 4, 5, 6, 7, 8]
        );
        let found = suggested(&candidates).unwrap();
        assert_eq!(found.k, 4);
        assert_eq!(found.sizes.iter().sum::<usize>(), 1000);
        assert!(found.smallest_share() > 0.2);
        assert!(found.stability > 0.9 && found.silhouette > 0.5, "{found:?}");
        let own: Vec<usize> = scores.iter().map(|scores| found.segment_of(scores)).collect();
        assert!(adjusted_rand(&own, &labels) >= 0.9);
        for profile in found.profiles() {
            assert!(profile.contains(&0.0) && profile.contains(&100.0), "{profile:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_segments() {
        let (scores, _) = planted(&[&[60.0, 40.0, 20.0], &[20.0, 40.0, 60.0]], 20, 10.0);
        assert_eq!(discover(&scores, 3), discover(&scores, 3));
    }

    #[test]
    fn too_few_companies_make_no_segments() {
        assert_eq!(discover(&[], 1), []);
        assert_eq!(discover(&[vec![1.0, 2.0], vec![2.0, 1.0]], 1), []);
        assert_eq!(
            discover(&vec![vec![5.0, 1.0]; 50], 1),
            [],
            "all alike but for their level"
        );
        let three = [vec![0.0, 9.0], vec![9.0, 0.0], vec![5.0, 5.0]];
        assert_eq!(discover(&three, 1).len(), 1);
    }

    #[test]
    fn divisions_agree_whatever_their_labels() {
        assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
        assert_eq!(adjusted_rand(&[0, 0, 0], &[0, 0, 0]), 1.0);
        // Hubert and Arabie by hand: 1 pair together of 2 and 2, 6 pairs in all.
        let found = adjusted_rand(&[0, 0, 1, 1], &[0, 0, 1, 2]);
        let (together, of_a, of_b, all) = (1.0, 2.0, 1.0, 6.0);
        let expected = (together - of_a * of_b / all) / ((of_a + of_b) / 2.0 - of_a * of_b / all);
        assert!((found - expected).abs() < 1e-12);
    }

    #[test]
    fn a_silhouette_follows_the_formula() {
        let points = [vec![0.0], vec![1.0], vec![10.0]];
        let found = silhouettes(&points, &[vec![0, 0, 1]])[0];
        let expected = ((10.0 - 1.0) / 10.0 + (9.0 - 1.0) / 9.0 + 0.0) / 3.0;
        assert!((found - expected).abs() < 1e-12);
    }
}
