//! From scores to places on the map, and what its axes are called.

use super::queries::CompanyRow;
use super::{Axis, Group, NeedsMap, NoMap, Point};
use crate::design::Design;
use crate::insight::ByTenure;
use crate::method::components::{Component, components};

/// A need names an end of an axis where it counts at least so much of what the strongest one does.
const NAMED_FROM: f64 = 0.6;
/// More names than these say less.
const MOST_NAMES: usize = 2;
/// An axis that tells less than this tells nothing.
const NOTHING: f64 = 1e-9;

/// The companies that have a score on every need in play, and their scores, one company after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Complete {
    ids: Vec<i64>,
    flat: Vec<f64>,
}

impl Complete {
    /// Its scores by need in play; left out where one is missing.
    pub fn add(&mut self, company: i64, scores: impl Iterator<Item = Option<f64>>) {
        let before = self.flat.len();
        for score in scores {
            let Some(score) = score else {
                self.flat.truncate(before);
                return;
            };
            self.flat.push(score);
        }
        if self.flat.len() > before {
            self.ids.push(company);
        }
    }
}

/// Both run by the company's id.
pub fn needs_map(design: &Design, companies: Vec<CompanyRow>, complete: &Complete) -> NeedsMap {
    let needs = design.profiles.in_play().len();
    let (axes, places) = placed(&complete.flat, needs);
    let asked = companies.len() as u64;
    let points = points(design, companies, &complete.ids, &places);
    NeedsMap {
        needs: design
            .profiles
            .in_play()
            .iter()
            .map(|need| design.framework.needs[*need].name.clone())
            .collect(),
        left_out: asked.saturating_sub(complete.ids.len() as u64),
        groups: groups(design, &points),
        axes,
        points,
    }
}

/// The axes, and where each company stands along them.
fn placed(flat: &[f64], needs: usize) -> (Result<[Axis; 2], NoMap>, Vec<(f64, f64)>) {
    if needs < 2 {
        return (Err(NoMap::TooFewNeeds), vec![]);
    }
    if flat.len() / needs < 2 {
        return (Err(NoMap::TooFewCompanies), vec![]);
    }
    let Some(found) = components(flat, needs) else {
        return (Err(NoMap::AllAlike), vec![]);
    };
    let axes = [0, 1].map(|nth| found.components.get(nth).map(axis).unwrap_or_default());
    // What is left along an axis that tells nothing is rounding.
    let tells = [0, 1].map(|nth: usize| if axes[nth].share > NOTHING { 1.0 } else { 0.0 });
    let place = |scores: &[f64]| (found.place(scores, 0), tells[1] * found.place(scores, 1));
    let places = flat.chunks_exact(needs).map(place).collect();
    (Ok(axes), places)
}

fn axis(component: &Component) -> Axis {
    Axis {
        share: component.share,
        more: strongest(&component.loadings, 1.0),
        less: strongest(&component.loadings, -1.0),
        loadings: component.loadings.clone(),
    }
}

/// The needs that an end of an axis is called by: the strongest, and one that is nearly as strong.
fn strongest(loadings: &[f64], sign: f64) -> Vec<usize> {
    let mut towards: Vec<(usize, f64)> = loadings
        .iter()
        .map(|loading| loading * sign)
        .enumerate()
        .filter(|(_, loading)| *loading > NOTHING)
        .collect();
    towards.sort_by(|a, b| b.1.total_cmp(&a.1));
    let least = towards.first().map_or(0.0, |(_, greatest)| greatest * NAMED_FROM);
    let named = towards.into_iter().filter(|(_, loading)| *loading >= least);
    named.map(|(need, _)| need).take(MOST_NAMES).collect()
}

/// Both lists run by the company's id.
fn points(design: &Design, companies: Vec<CompanyRow>, ids: &[i64], places: &[(f64, f64)]) -> Vec<Point> {
    let mut placed = ids.iter().zip(places).peekable();
    let mut points = Vec::with_capacity(places.len());
    for company in companies {
        while placed.next_if(|(id, _)| **id < company.id).is_some() {}
        if let Some((_, (x, y))) = placed.next_if(|(id, _)| **id == company.id) {
            points.push(Point {
                company: company.id,
                x: *x,
                y: *y,
                segment: company.segment.and_then(|code| design.segment_index(&code)),
                tenure: company.tenure,
                revenue: company.revenue,
            });
        }
    }
    let revenue = |point: &Point| point.revenue.unwrap_or(f64::NEG_INFINITY);
    points.sort_by(|a, b| revenue(b).total_cmp(&revenue(a)).then(a.company.cmp(&b.company)));
    points
}

fn groups(design: &Design, points: &[Point]) -> Vec<Group> {
    let segments = design.framework.segments.len();
    let mut sums = vec![(ByTenure::<u64>::default(), 0.0, 0.0, 0.0); segments + 1];
    for point in points {
        let (companies, revenue, x, y) = &mut sums[point.segment.unwrap_or(segments)];
        *companies.get_mut(point.tenure) += 1;
        *revenue += point.revenue.unwrap_or(0.0);
        *x += point.x;
        *y += point.y;
    }
    let group = |(nth, (companies, revenue, x, y)): (usize, (ByTenure<u64>, f64, f64, f64))| {
        let n = companies.sum() as f64;
        Group {
            segment: (nth < segments).then_some(nth),
            middle: (n > 0.0).then(|| (x / n, y / n)),
            companies,
            revenue,
        }
    };
    sums.into_iter().enumerate().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_of_an_axis_is_called_by_the_needs_that_count_most_there() {
        let loadings = [0.7, 0.1, -0.5, -0.45, 0.2];
        assert_eq!(strongest(&loadings, 1.0), [0]);
        assert_eq!(strongest(&loadings, -1.0), [2, 3]);
        assert_eq!(strongest(&[0.0, 0.0], 1.0), [0usize; 0]);
        assert_eq!(strongest(&[0.4, 0.4, 0.4, -1.0], 1.0), [0, 1], "two names at most");
    }

    #[test]
    fn a_company_without_a_score_on_some_need_stands_nowhere() {
        let mut complete = Complete::default();
        complete.add(1, [Some(10.0), Some(20.0)].into_iter());
        complete.add(2, [Some(30.0), None].into_iter());
        complete.add(3, [Some(60.0), Some(50.0)].into_iter());
        complete.add(4, std::iter::empty());
        assert_eq!(
            (complete.ids, complete.flat),
            (vec![1, 3], vec![10.0, 20.0, 60.0, 50.0])
        );
    }

    #[test]
    fn two_needs_fill_one_axis_only() {
        let (axes, places) = placed(&[90.0, 10.0, 10.0, 90.0, 60.0, 40.0], 2);
        let [first, second] = axes.unwrap();
        assert!((first.share - 1.0).abs() < 1e-9 && second.share < NOTHING);
        assert_eq!((first.more, first.less), (vec![0], vec![1]));
        assert!(places.iter().all(|(_, y)| *y == 0.0) && places[0].0 > places[2].0 && places[2].0 > places[1].0);
    }

    #[test]
    fn what_cannot_be_drawn_has_a_reason() {
        assert_eq!(placed(&[1.0, 2.0], 1).0, Err(NoMap::TooFewNeeds));
        assert_eq!(placed(&[1.0, 2.0], 2).0, Err(NoMap::TooFewCompanies));
        assert_eq!(placed(&[1.0, 2.0, 3.0, 4.0], 2).0, Err(NoMap::AllAlike));
    }
}
