//! Companies added up by tenure at many waves at once. Pure.

use super::super::queries::SegmentCount;
use super::super::rules::ScoreSums;
use super::super::{ByTenure, Sums};
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

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    companies: i64,
    revenue: f64,
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
    /// Companies with a scored answer.
    pub answered: i64,
    /// By need, then by tenure.
    scores: Vec<[Sums; 3]>,
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
        self.answered += i64::from(company.is_answered);
        if self.scores.len() < company.scores.len() {
            self.scores.resize(company.scores.len(), <[Sums; 3]>::default());
        }
        for (sums, score) in self.scores.iter_mut().zip(company.scores) {
            if let Some(score) = score {
                sums[tenure].add(*score);
            }
        }
    }

    /// By need in the framework's order, of which there are so many.
    pub fn score_sums(&self, needs: usize) -> ScoreSums {
        let of_need = |need: usize| {
            let sums = self.scores.get(need).copied().unwrap_or_default();
            ByTenure::of(|tenure| sums[place(tenure)])
        };
        (0..needs).map(of_need).collect()
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
                    });
                }
            }
        }
        rows
    }
}
