//! From scores to places on the map, and what its axes are called.

use super::queries::{CompanyRow, ScoreRow};
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

pub fn needs_map(design: &Design, companies: Vec<CompanyRow>, scores: &[ScoreRow]) -> NeedsMap {
    let needs = design.profiles.in_play().len();
    let (ids, flat) = complete(scores, needs);
    let (axes, places) = placed(&flat, needs);
    let asked = companies.len() as u64;
    let points = points(design, companies, &ids, &places);
    NeedsMap {
        needs: design
            .profiles
            .in_play()
            .iter()
            .map(|need| design.framework.needs[*need].name.clone())
            .collect(),
        left_out: asked.saturating_sub(ids.len() as u64),
        groups: groups(design, &points),
        axes,
        points,
    }
}

/// The companies that have a score on every need, and their scores, one company after the other.
fn complete(scores: &[ScoreRow], needs: usize) -> (Vec<i64>, Vec<f64>) {
    let (mut ids, mut flat) = (vec![], vec![]);
    let mut row = vec![f64::NAN; needs];
    for of_company in scores.chunk_by(|a, b| a.company == b.company) {
        row.fill(f64::NAN);
        for score in of_company {
            let place = usize::try_from(score.place).ok();
            if let Some(value) = place.and_then(|place| row.get_mut(place)) {
                *value = score.score;
            }
        }
        if needs > 0 && row.iter().all(|value| value.is_finite()) {
            ids.push(of_company[0].company);
            flat.extend_from_slice(&row);
        }
    }
    (ids, flat)
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
        let row = |company, place, score| ScoreRow { company, place, score };
        // A need that is not in play has no place.
        let rows = [
            row(1, 0, 10.0),
            row(1, 1, 20.0),
            row(2, 0, 30.0),
            row(3, 1, 50.0),
            row(3, -1, 7.0),
            row(3, 0, 60.0),
        ];
        let (ids, flat) = complete(&rows, 2);
        assert_eq!((ids, flat), (vec![1, 3], vec![10.0, 20.0, 60.0, 50.0]));
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
