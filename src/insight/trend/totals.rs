//! Companies added up by tenure at many waves at once. Pure.

use super::super::queries::{ScoreSums, SegmentCount};
use crate::method::tenure::Tenure;

/// The names of segments as numbers, for hundreds of thousands of companies at each wave.
#[derive(Debug, Default)]
pub struct Segments(Vec<String>);

impl Segments {
    pub fn number(&mut self, code: &str) -> usize {
        if let Some(known) = self.0.iter().position(|known| known == code) {
            return known;
        }
        self.0.push(code.to_owned());
        self.0.len() - 1
    }

    pub fn code(&self, number: usize) -> &str {
        self.0.get(number).map_or("", String::as_str)
    }
}

#[derive(Debug, Clone, Copy)]
struct Sums {
    n: i64,
    sum: f64,
    squares: f64,
    least: f64,
    greatest: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    companies: i64,
    revenue: f64,
    answered: i64,
}

/// A company at a wave.
pub struct Standing<'a> {
    pub tenure: Tenure,
    pub revenue: f64,
    pub segment: Option<usize>,
    pub is_answered: bool,
    pub scores: &'a [Option<f64>],
}

/// The sums of one wave.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// By need, then by tenure.
    scores: Vec<[Option<Sums>; 3]>,
    /// First of the companies without a segment, then by segment's number; then by tenure.
    counts: Vec<[Counts; 3]>,
}

fn place(tenure: Tenure) -> usize {
    Tenure::ALL.iter().position(|known| *known == tenure).unwrap_or(0)
}

impl Totals {
    pub fn add(&mut self, company: &Standing) {
        let tenure = place(company.tenure);
        let segment = company.segment.map_or(0, |segment| segment + 1);
        if self.counts.len() <= segment {
            self.counts.resize(segment + 1, <[Counts; 3]>::default());
        }
        let counts = &mut self.counts[segment][tenure];
        counts.companies += 1;
        counts.revenue += company.revenue;
        counts.answered += i64::from(company.is_answered);
        if self.scores.len() < company.scores.len() {
            self.scores.resize(company.scores.len(), [None; 3]);
        }
        for (sums, score) in self.scores.iter_mut().zip(company.scores) {
            let Some(score) = score else { continue };
            let sums = sums[tenure].get_or_insert(Sums {
                n: 0,
                sum: 0.0,
                squares: 0.0,
                least: f64::INFINITY,
                greatest: f64::NEG_INFINITY,
            });
            sums.n += 1;
            sums.sum += score - 50.0;
            sums.squares += (score - 50.0).powi(2);
            sums.least = sums.least.min(*score);
            sums.greatest = sums.greatest.max(*score);
        }
    }

    /// As the database would give them; `needs` in the framework's order.
    pub fn score_sums(&self, needs: &[&str]) -> Vec<ScoreSums> {
        let mut rows = Vec::new();
        for (sums, need) in self.scores.iter().zip(needs) {
            for (tenure, sums) in Tenure::ALL.into_iter().zip(sums) {
                rows.extend(sums.map(|sums| ScoreSums {
                    need: (*need).to_owned(),
                    tenure,
                    n: sums.n,
                    sum: sums.sum,
                    squares: sums.squares,
                    least: sums.least,
                    greatest: sums.greatest,
                }));
            }
        }
        rows
    }

    pub fn segment_counts(&self, segments: &Segments) -> Vec<SegmentCount> {
        let mut rows = Vec::new();
        for (at, by_tenure) in self.counts.iter().enumerate() {
            let segment = at.checked_sub(1).map(|number| segments.code(number).to_owned());
            for (tenure, counts) in Tenure::ALL.into_iter().zip(by_tenure) {
                if counts.companies > 0 {
                    rows.push(SegmentCount {
                        segment: segment.clone(),
                        tenure,
                        companies: counts.companies,
                        revenue: counts.revenue,
                        answered: counts.answered,
                    });
                }
            }
        }
        rows
    }
}
