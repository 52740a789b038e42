//! Companies as marks on a plane: one mark each, or where they are many one for each cell of a grid.
//!
//! Both axes have the same scale, or distances on the map would mean nothing.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Scale, Tick, ticks};
use crate::text::figures;

/// The drawing's own units; where it is shown smaller, it is moved sideways.
pub const WIDTH: f64 = 760.0;
pub const HEIGHT: f64 = 560.0;
/// Room for the names of the axes' ends around the plane.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 56.0;
/// Marks reach beyond their places.
const MARGIN: f64 = 18.0;

/// The sizes of marks: half their height.
pub const SMALLEST: f64 = 3.5;
pub const GREATEST: f64 = 14.0;

/// So far apart are the middles of a grid's cells.
const CELL: f64 = 26.0;

/// What segments are told apart by without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Plus,
    Wedge,
    Hexagon,
    Hourglass,
    /// For companies without a segment.
    Cross,
}

const SHAPES: [Shape; 8] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Plus,
    Shape::Wedge,
    Shape::Hexagon,
    Shape::Hourglass,
];

impl Shape {
    /// Of the segment at this place; they come again after the eighth, then in another colour.
    pub fn of(segment: Option<usize>) -> Shape {
        segment.map_or(Shape::Cross, |place| SHAPES[place % SHAPES.len()])
    }

    /// The path of a mark about a place, about as much ink for each shape of a size.
    pub fn path(self, x: f64, y: f64, size: f64) -> String {
        let corners: &[(f64, f64)] = match self {
            Shape::Circle => return circle(x, y, size),
            Shape::Square => &[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
            Shape::Triangle => &[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)],
            Shape::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
            Shape::Plus => &[
                (-0.4, -1.15),
                (0.4, -1.15),
                (0.4, -0.4),
                (1.15, -0.4),
                (1.15, 0.4),
                (0.4, 0.4),
                (0.4, 1.15),
                (-0.4, 1.15),
                (-0.4, 0.4),
                (-1.15, 0.4),
                (-1.15, -0.4),
                (-0.4, -0.4),
            ],
            Shape::Wedge => &[(0.0, 1.2), (1.15, -0.85), (-1.15, -0.85)],
            Shape::Hexagon => &[
                (-0.55, -0.95),
                (0.55, -0.95),
                (1.1, 0.0),
                (0.55, 0.95),
                (-0.55, 0.95),
                (-1.1, 0.0),
            ],
            Shape::Hourglass => &[
                (-1.0, -1.0),
                (1.0, -1.0),
                (0.2, 0.0),
                (1.0, 1.0),
                (-1.0, 1.0),
                (-0.2, 0.0),
            ],
            Shape::Cross => &[
                (-0.9, -0.6),
                (-0.6, -0.9),
                (0.0, -0.3),
                (0.6, -0.9),
                (0.9, -0.6),
                (0.3, 0.0),
                (0.9, 0.6),
                (0.6, 0.9),
                (0.0, 0.3),
                (-0.6, 0.9),
                (-0.9, 0.6),
                (-0.3, 0.0),
            ],
        };
        let mut path = String::with_capacity(12 * corners.len());
        for (nth, (dx, dy)) in corners.iter().enumerate() {
            let letter = if nth == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{} {}", short(x + dx * size), short(y + dy * size));
        }
        path.push('Z');
        path
    }
}

fn circle(x: f64, y: f64, size: f64) -> String {
    let (left, y, size, across) = (short(x - size), short(y), short(size), short(2.0 * size));
    format!("M{left} {y}a{size} {size} 0 1 0 {across} 0a{size} {size} 0 1 0 -{across} 0Z")
}

/// A tenth of a unit is less than a pixel on any screen.
fn short(value: f64) -> f64 {
    let short = (value * 10.0).round() / 10.0;
    // Nought has no sign.
    if short == 0.0 { 0.0 } else { short }
}

/// Where points of score stand in the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// In points of score: what stands in the middle of the drawing.
    middle: (f64, f64),
    /// Units of the drawing for a point of score.
    unit: f64,
}

impl Plane {
    /// Around all places; `None` without one.
    pub fn around(places: impl Iterator<Item = (f64, f64)>) -> Option<Plane> {
        let mut spans: Option<(Scale, Scale)> = None;
        for (x, y) in places {
            let (xs, ys) = spans.get_or_insert((Scale { low: x, high: x }, Scale { low: y, high: y }));
            *xs = Scale {
                low: xs.low.min(x),
                high: xs.high.max(x),
            };
            *ys = Scale {
                low: ys.low.min(y),
                high: ys.high.max(y),
            };
        }
        let (xs, ys) = spans?;
        // Companies that all stand together still have room around them.
        let span = |scale: Scale| (scale.high - scale.low).max(1.0);
        let room = (width() - 2.0 * MARGIN, height() - 2.0 * MARGIN);
        Some(Plane {
            middle: ((xs.low + xs.high) / 2.0, (ys.low + ys.high) / 2.0),
            unit: (room.0 / span(xs)).min(room.1 / span(ys)),
        })
    }

    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, top) = (LEFT + width() / 2.0, TOP + height() / 2.0);
        (
            short(left + (x - self.middle.0) * self.unit),
            short(top - (y - self.middle.1) * self.unit),
        )
    }

    /// What the drawing is made of besides its marks.
    pub fn ground(&self) -> Ground {
        let reach = |middle: f64, length: f64| Scale {
            low: middle - length / 2.0 / self.unit,
            high: middle + length / 2.0 / self.unit,
        };
        let (xs, ys) = (reach(self.middle.0, width()), reach(self.middle.1, height()));
        let (across, upward) = (ticks(xs, 8), ticks(ys, 6));
        let tick = |values: &[f64], value: f64, at: f64| {
            let apart = values
                .windows(2)
                .map(|pair| pair[1] - pair[0])
                .fold(f64::INFINITY, f64::min);
            let decimals = if apart < 1.0 { 1 } else { 0 };
            let label = figures::difference(value, decimals);
            Tick { x: at, label }
        };
        Ground {
            left: LEFT,
            right: LEFT + width(),
            top: TOP,
            bottom: TOP + height(),
            across: across.iter().map(|x| tick(&across, *x, self.at(*x, 0.0).0)).collect(),
            upward: upward.iter().map(|y| tick(&upward, *y, self.at(0.0, *y).1)).collect(),
        }
    }
}

fn width() -> f64 {
    WIDTH - LEFT - RIGHT
}

fn height() -> f64 {
    HEIGHT - TOP - BOTTOM
}

/// The plane's edges, and its marked values along and up; a tick's `x` is where it stands on its axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub across: Vec<Tick>,
    pub upward: Vec<Tick>,
}

/// The size of a mark whose area stands for a part of the greatest; all beyond that are as large.
pub fn size(part: f64, greatest: f64) -> f64 {
    if part.is_nan() || part <= 0.0 || greatest <= 0.0 {
        return SMALLEST;
    }
    short((GREATEST * (part / greatest).min(1.0).sqrt()).max(SMALLEST))
}

/// A cell of a grid over the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell<K> {
    /// In points of score.
    pub x: f64,
    pub y: f64,
    pub total: u64,
    /// The kind most frequent there, the first of equals, with its count.
    pub most: (K, u64),
    pub kinds: BTreeMap<K, u64>,
}

/// The places counted in the cells of a grid whose rows are set off by half a cell, row by row.
pub fn cells<K: Ord + Copy>(plane: &Plane, places: impl Iterator<Item = (f64, f64, K)>) -> Vec<Cell<K>> {
    let (along, up) = (CELL / plane.unit, CELL * 0.866 / plane.unit);
    let offset = |row: i64| if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
    let middle = |(row, column): (i64, i64)| ((column as f64 + offset(row)) * along, row as f64 * up);
    let mut counted: BTreeMap<(i64, i64), BTreeMap<K, u64>> = BTreeMap::new();
    for (x, y, kind) in places {
        // The nearest middle is in the row above or below.
        let below = (y / up).floor() as i64;
        let nearest = [below, below + 1].map(|row| (row, (x / along - offset(row)).round() as i64));
        let far = |cell: (i64, i64)| {
            let (cx, cy) = middle(cell);
            (cx - x).powi(2) + (cy - y).powi(2)
        };
        let cell = if far(nearest[1]) < far(nearest[0]) {
            nearest[1]
        } else {
            nearest[0]
        };
        *counted.entry(cell).or_default().entry(kind).or_default() += 1;
    }
    let cell = |(place, kinds): ((i64, i64), BTreeMap<K, u64>)| {
        let most = kinds.iter().map(|(kind, count)| (*kind, *count));
        let most = most.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
        let (x, y) = middle(place);
        Some(Cell {
            x,
            y,
            total: kinds.values().sum(),
            most,
            kinds,
        })
    };
    counted.into_iter().filter_map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_axes_have_one_scale_and_up_is_more() {
        let plane = Plane::around([(-40.0, -10.0), (40.0, 10.0)].into_iter()).unwrap();
        let (middle, right, up) = (plane.at(0.0, 0.0), plane.at(10.0, 0.0), plane.at(0.0, 10.0));
        assert!((right.0 - middle.0 - (middle.1 - up.1)).abs() < 0.2 && right.0 > middle.0 && up.1 < middle.1);
        assert_eq!(Plane::around(std::iter::empty()), None);
        let alone = Plane::around([(5.0, 5.0)].into_iter()).unwrap();
        assert_eq!(alone.at(5.0, 5.0), (LEFT + width() / 2.0, TOP + height() / 2.0));
    }

    #[test]
    fn segments_are_told_apart_by_shape() {
        let paths: Vec<String> = (0..8)
            .map(Some)
            .chain([None])
            .map(|s| Shape::of(s).path(0.0, 0.0, 10.0))
            .collect();
        let distinct: std::collections::BTreeSet<&String> = paths.iter().collect();
        assert_eq!(distinct.len(), 9);
        assert_eq!(Shape::of(Some(8)), Shape::of(Some(0)));
        assert_eq!(Shape::Diamond.path(0.0, 0.0, 4.0), "M0 -5L5 0L0 5L-5 0Z");
    }

    #[test]
    fn the_area_of_a_mark_is_its_revenue() {
        assert_eq!(
            (size(100.0, 100.0), size(25.0, 100.0), size(400.0, 100.0)),
            (14.0, 7.0, 14.0)
        );
        assert_eq!(
            (size(0.0, 100.0), size(f64::NAN, 100.0), size(1.0, 0.0)),
            (SMALLEST, SMALLEST, SMALLEST)
        );
    }

    #[test]
    fn a_cell_is_named_by_the_kind_most_frequent_in_it() {
        let plane = Plane::around([(-50.0, -50.0), (50.0, 50.0)].into_iter()).unwrap();
        let places = [(0.1, 0.0, 'b'), (0.0, 0.1, 'a'), (0.0, 0.0, 'b'), (40.0, 40.0, 'a')];
        let found = cells(&plane, places.into_iter());
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].total, found[0].most, found[0].kinds.len()), (3, ('b', 2), 2));
        assert_eq!(found[1].most, ('a', 1));
    }

    proptest! {
        #[test]
        fn nobody_is_lost_and_all_stand_within_the_edges(
            places in prop::collection::vec((-120.0..120.0f64, -120.0..120.0f64), 1..200),
        ) {
            let plane = Plane::around(places.iter().copied()).unwrap();
            let ground = plane.ground();
            for (x, y) in places.iter().map(|(x, y)| plane.at(*x, *y)) {
                prop_assert!(x >= ground.left && x <= ground.right && y >= ground.top && y <= ground.bottom);
            }
            let found = cells(&plane, places.iter().map(|(x, y)| (*x, *y, 0)));
            prop_assert_eq!(found.iter().map(|cell| cell.total).sum::<u64>(), places.len() as u64);
        }
    }
}
